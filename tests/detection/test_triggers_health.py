"""Camera health on made pictures: a textured scene with noise and passers-by, and what can befall its camera."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from detection import profile, thresholds, triggers, types
from detection.triggers import Trigger, health
from detection.types import Kind
from tests.detection import scenes

LIMITS = thresholds.HealthThresholds()
Picture = Callable[[float, np.random.Generator], np.ndarray]


def street(seed: int = 5) -> np.ndarray:
    """Return a scene with structure at all scales, float32 (180, 320)."""
    rng = np.random.default_rng(seed)
    layers = [cv2.resize(rng.normal(0, 1, (180 // n, 320 // n)).astype(np.float32), (320, 180)) for n in (4, 12, 45)]
    return np.asarray(np.clip(110 + 22 * layers[0] + 22 * layers[1] + 20 * layers[2], 0, 255), np.float32)


STREET = street()


def live(time_s: float, rng: np.random.Generator) -> np.ndarray:
    """Return the street with sensor noise and somebody walking through it."""
    picture = STREET + rng.normal(0, 1.0, STREET.shape).astype(np.float32)
    x = int(time_s * 12) % 300
    picture[80:120, x : x + 14] = 30
    return picture


def still(_: float, rng: np.random.Generator) -> np.ndarray:
    return STREET + rng.normal(0, 1.0, STREET.shape).astype(np.float32)


def changed_at(start_s: float, change: Callable[[np.ndarray, float], np.ndarray]) -> Picture:
    """Return the live picture, changed from `start_s` on; `change` gets the picture and the seconds since."""
    return lambda t, rng: live(t, rng) if t < start_s else change(live(t, rng), t - start_s)


def play(
    trigger: Trigger, picture: Picture, until_s: float, looks_per_s: float = 1.0, key_every_s: float = 1.0
) -> tuple[list[types.Raised], list[types.Ended]]:
    rng = np.random.default_rng(7)
    raised: list[types.Raised] = []
    ended: list[types.Ended] = []
    for time_s in scenes.times(until_s, looks_per_s):
        luma = np.clip(picture(time_s, rng), 0, 255).astype(np.uint8)
        is_key = round(time_s * 1000) % round(key_every_s * 1000) == 0
        scene = types.Scene(time_s, 1280, 720, (), scenes.thumb(time_s, luma, is_key), False)
        for outcome in trigger.update(scene):
            (raised if isinstance(outcome, types.Raised) else ended).append(outcome)  # type: ignore[arg-type]
    return raised, ended


def watcher() -> health.View:
    return health.View(health.VIEW_KINDS, LIMITS)


def dark(picture: np.ndarray, since_s: float) -> np.ndarray:
    return np.asarray(18 + (picture - 18) * max(0.0, 1 - since_s / 2), np.float32)


def glare(picture: np.ndarray, since_s: float) -> np.ndarray:
    return np.asarray(picture + 250, np.float32)


def covered(picture: np.ndarray, since_s: float) -> np.ndarray:
    """Opaque paint over most of the picture, the sky side left free."""
    out = picture.copy()
    out[30:, 20:] = 55
    return out


def sprayed(picture: np.ndarray, since_s: float) -> np.ndarray:
    """Blots of light paint that grow for two seconds and leave the corners free; what lies on the lens is out of focus."""
    paint = np.zeros_like(picture)
    for centre in ((90, 60), (160, 100), (230, 70), (120, 130), (210, 140)):
        cv2.circle(paint, centre, round(25 + 20 * min(since_s, 2)), 1.0, -1)
    paint = cv2.GaussianBlur(paint, (0, 0), 8.0)
    return np.asarray(picture * (1 - paint) + 170 * paint, np.float32)


def foamed(picture: np.ndarray, since_s: float) -> np.ndarray:
    """Foam over the whole lens."""
    return np.full_like(picture, 200)


def blurred(picture: np.ndarray, since_s: float) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 4.0), np.float32)


def turned(picture: np.ndarray, since_s: float) -> np.ndarray:
    return np.asarray(np.roll(picture, (12, 40), (0, 1)), np.float32)


def bus(picture: np.ndarray, since_s: float) -> np.ndarray:
    """A bus that fills most of the picture for two seconds."""
    out = picture.copy()
    if since_s < 2:
        out[20:, :] = 150
    return out


rates = pytest.mark.parametrize("looks_per_s", [1.0, 5.0])


@rates
@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (dark, Kind.BLINDED),
        (glare, Kind.BLINDED),
        (covered, Kind.SPRAYED),
        (sprayed, Kind.SPRAYED),
        (foamed, Kind.BLINDED),
        (blurred, Kind.DEFOCUSED),
        (turned, Kind.MOVED),
    ],
)
def test_a_lost_view_is_raised_once_as_what_it_is(
    change: Callable[[np.ndarray, float], np.ndarray], kind: Kind, looks_per_s: float
) -> None:
    raised, ended = play(watcher(), changed_at(20, change), 45, looks_per_s)
    assert [event.kind for event in raised] == [kind]
    assert 20 < raised[0].raised_s <= 30
    assert all(c.value >= c.threshold if c.comparison == ">=" else c.value <= c.threshold for c in raised[0].conditions)
    assert ended == []


@pytest.mark.parametrize("change", [dark, covered, blurred, turned])
def test_a_restored_view_ends_the_event(change: Callable[[np.ndarray, float], np.ndarray]) -> None:
    def picture(t: float, rng: np.random.Generator) -> np.ndarray:
        return change(live(t, rng), t - 20) if 20 <= t < 40 else live(t, rng)

    raised, ended = play(watcher(), picture, 60)
    assert [end.key for end in ended] == [event.key for event in raised]
    assert len(raised) == 1
    assert ended[0].ended_s == pytest.approx(42, abs=3)


@rates
@pytest.mark.parametrize(
    "change",
    [
        bus,
        lambda picture, since_s: picture * 0.55,
        lambda picture, since_s: np.clip(picture * 1.3 + 20, 0, 250),
        lambda picture, since_s: picture * (1 - min(since_s, 60) / 80),
    ],
    ids=["a passing bus", "a cloud", "the sun", "dusk"],
)
def test_what_is_no_fault_of_the_camera_raises_nothing(
    change: Callable[[np.ndarray, float], np.ndarray], looks_per_s: float
) -> None:
    assert play(watcher(), changed_at(20, change), 90, looks_per_s) == ([], [])


def test_a_slow_loss_of_focus_over_half_an_hour_is_noticed() -> None:
    def picture(t: float, rng: np.random.Generator) -> np.ndarray:
        return np.asarray(cv2.GaussianBlur(live(t, rng), (0, 0), 0.1 + 5 * t / 1800), np.float32)

    raised, _ = play(watcher(), picture, 1800)
    assert [event.kind for event in raised] == [Kind.DEFOCUSED]


def test_a_view_that_stays_moved_is_accepted_after_a_while() -> None:
    raised, ended = play(watcher(), changed_at(20, turned), 700)
    assert [event.kind for event in raised] == [Kind.MOVED]
    assert [end.key for end in ended] == [raised[0].key]
    assert ended[0].ended_s >= raised[0].raised_s + LIMITS.relearn_s


def test_a_lens_covered_since_the_start_is_raised_late() -> None:
    raised, _ = play(watcher(), lambda t, rng: 20 + rng.normal(0, 0.5, STREET.shape), 120)
    assert [event.kind for event in raised] == [Kind.BLINDED]
    assert raised[0].raised_s >= LIMITS.flat_hold_s


def test_cars_on_bare_ground_are_no_fault_of_the_camera() -> None:
    """Seen on a real clip: a road from above, of which a car at the start was most of the structure."""

    def road(t: float, rng: np.random.Generator) -> np.ndarray:
        picture = 120 + rng.normal(0, 1.0, STREET.shape)
        if t % 16 < 10:
            picture[50:130, 100:220] = STREET[50:130, 100:220]
        return picture

    assert play(watcher(), road, 60) == ([], [])


def test_a_kind_that_is_off_is_not_raised() -> None:
    trigger = health.View(frozenset({Kind.MOVED}), LIMITS)
    assert play(trigger, changed_at(20, dark), 60) == ([], [])


def repeated_from(start_s: float, reencode: float = 0.0) -> Picture:
    """Return the live picture, one of them repeated from `start_s` on; each key frame quantised a little differently."""
    frozen = live(start_s, np.random.default_rng(3))

    def picture(t: float, rng: np.random.Generator) -> np.ndarray:
        if t < start_s:
            return live(t, rng)
        return np.asarray(frozen + reencode * np.random.default_rng(int(t)).normal(0, 1, frozen.shape), np.float32)

    return picture


@rates
@pytest.mark.parametrize("reencode", [0.0, 0.2])
def test_a_frozen_picture_is_raised_once_and_soon(reencode: float, looks_per_s: float) -> None:
    raised, ended = play(health.Frozen(LIMITS), repeated_from(20, reencode), 60, looks_per_s)
    assert [event.kind for event in raised] == [Kind.FROZEN]
    assert 26 <= raised[0].raised_s <= 30
    assert ended == []


@rates
def test_a_still_scene_with_sensor_noise_is_not_frozen(looks_per_s: float) -> None:
    assert play(health.Frozen(LIMITS), still, 400, looks_per_s) == ([], [])


def test_pictures_that_an_encoder_repeats_between_key_frames_are_not_frozen() -> None:
    shown: dict[int, np.ndarray] = {}

    def skipped(t: float, rng: np.random.Generator) -> np.ndarray:
        return shown.setdefault(int(t / 4), still(t, rng))

    assert play(health.Frozen(LIMITS), skipped, 120, looks_per_s=5.0, key_every_s=4.0) == ([], [])


def test_a_noiseless_still_scene_of_a_camera_known_to_be_noiseless_is_given_long() -> None:
    def rendered(t: float, _: np.random.Generator) -> np.ndarray:
        picture = STREET.copy()
        if t % 60 < 20:
            picture[80:120, int(t * 12) % 300 :][:, :14] = 30
        return picture

    assert play(health.Frozen(LIMITS), rendered, 240) == ([], [])


def test_a_flat_picture_is_not_called_frozen() -> None:
    assert play(health.Frozen(LIMITS), changed_at(20, lambda p, s: np.full_like(p, 20)), 90) == ([], [])


def test_a_thawed_picture_ends_the_event_and_a_second_freeze_raises_again() -> None:
    def picture(t: float, rng: np.random.Generator) -> np.ndarray:
        frozen = 20 <= t < 40 or 60 <= t < 80
        return live(20.0, np.random.default_rng(3)) if frozen else live(t, rng)

    raised, ended = play(health.Frozen(LIMITS), picture, 90)
    assert len(raised) == 2
    assert [end.key for end in ended] == [event.key for event in raised]
    assert ended[0].ended_s == pytest.approx(40, abs=1)


def tick(time_s: float) -> types.Scene:
    return types.Scene(time_s, 1280, 720, (), None, False)


def test_a_camera_without_pictures_is_offline_until_the_next_one() -> None:
    trigger = health.Offline(LIMITS)
    outcomes = [*trigger.update(scenes.scene(0.0))]
    for time_s in scenes.times(60, 1.0, 1.0):
        outcomes += trigger.update(tick(time_s))
    outcomes += trigger.update(scenes.scene(61.0))
    raised, ended = outcomes
    assert isinstance(raised, types.Raised)
    assert (raised.kind, raised.started_s, raised.raised_s) == (Kind.OFFLINE, 0.0, 10.0)
    assert ended == types.Ended(raised.key, 61.0)


def test_a_camera_that_never_gave_a_picture_is_offline_from_the_first_tick() -> None:
    trigger = health.Offline(LIMITS)
    (raised,) = [outcome for time_s in scenes.times(130, 1.0, 100.0) for outcome in trigger.update(tick(time_s))]
    assert isinstance(raised, types.Raised)
    assert (raised.started_s, raised.raised_s) == (100.0, 110.0)


def test_ticks_between_looks_do_not_make_a_camera_offline() -> None:
    trigger = health.Offline(LIMITS)
    for time_s in scenes.times(60, 0.2):
        assert trigger.update(scenes.scene(time_s)) == ()
        assert trigger.update(tick(time_s + 4)) == ()


def test_the_view_and_the_frozen_trigger_wait_out_an_interruption() -> None:
    for trigger in (watcher(), health.Frozen(LIMITS)):
        rng = np.random.default_rng(1)
        for time_s in [*scenes.times(20, 1.0), *scenes.times(120, 1.0, 100.0)]:
            luma = np.clip(live(time_s, rng), 0, 255).astype(np.uint8)
            scene = types.Scene(time_s, 1280, 720, (), scenes.thumb(time_s, luma), False)
            assert trigger.update(scene) == ()
            assert trigger.update(tick(time_s + 0.5)) == ()


def test_a_profile_makes_the_triggers_of_its_kinds() -> None:
    names = [type(trigger).__name__ for trigger in triggers.make_triggers(profile.default_profile())]
    assert {"Shake", "Offline", "Frozen", "Looped", "ClockDrift", "View"} <= set(names)
    assert "Collapse" not in names
    (only,) = triggers.make_triggers(profile.CameraProfile(frozenset({Kind.SPRAYED})))
    assert isinstance(only, health.View)


def test_a_sprayed_lens_is_blinded_where_sprayed_is_off() -> None:
    raised, _ = play(health.View(health.VIEW_KINDS - {Kind.SPRAYED}, LIMITS), changed_at(20, covered), 45)
    assert [event.kind for event in raised] == [Kind.BLINDED]
