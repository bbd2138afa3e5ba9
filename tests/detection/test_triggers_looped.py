"""A feed that is played again, and live ones that repeat themselves without being that."""

from collections.abc import Callable

import numpy as np
import pytest

from detection import thresholds, types
from detection.triggers import looped
from detection.types import Kind
from tests.detection import scenes

LIMITS = thresholds.HealthThresholds()
STREET = np.random.default_rng(5).uniform(40, 200, (180, 320))
Picture = Callable[[float], np.ndarray]


def noise(time_s: float, levels: float = 1.0) -> np.ndarray:
    """Return sensor noise that is the same for the same moment."""
    return np.random.default_rng(round(time_s * 1000)).normal(0, levels, STREET.shape)


def live(time_s: float) -> np.ndarray:
    picture = STREET + noise(time_s)
    picture[80:120, int(time_s * 12) % 300 :][:, :14] = 30
    return np.asarray(picture)


def still(time_s: float) -> np.ndarray:
    return np.asarray(STREET + noise(time_s))


def looping(from_s: float, length_s: float, of: Picture = live) -> Picture:
    """Return pictures that from `from_s` on are those of the `length_s` before, again and again."""
    return lambda t: of(t) if t < from_s else of(from_s - length_s + (t - from_s) % length_s)


def with_clock(of: Picture) -> Picture:
    """Draw a running clock over a corner: 4 % of the picture that is new in every frame."""

    def picture(t: float) -> np.ndarray:
        out = of(t).copy()
        out[4:26, 180:316] = np.random.default_rng(round(t * 1000) + 9).uniform(0, 255, (22, 136))
        return out

    return picture


def encoded_anew(of: Picture) -> Picture:
    """Change every tenth pixel a little, differently each time, as an encoder that codes a replay once more does."""

    def picture(t: float) -> np.ndarray:
        rng = np.random.default_rng(round(t * 1000) + 1)
        return np.floor(of(t)) + (rng.random(STREET.shape) < 0.1)

    return picture


def play(
    picture: Picture, until_s: float, trigger: looped.Looped | None = None, key_every_s: float = 1.0
) -> list[types.Raised | types.Ended]:
    trigger = trigger or looped.Looped(LIMITS)
    outcomes: list[types.Raised | types.Ended] = []
    for time_s in scenes.times(until_s, 1 / key_every_s):
        luma = np.clip(picture(time_s), 0, 255).astype(np.uint8)
        outcomes += trigger.update(
            types.Scene(time_s, 1280, 720, (), scenes.thumb(time_s, luma, is_key=True), detected=False)
        )
    return outcomes


@pytest.mark.parametrize("length_s", [5.0, 20.0, 90.0])
@pytest.mark.parametrize("over", [lambda p: p, with_clock, encoded_anew], ids=["exact", "clock", "encoded anew"])
def test_a_replayed_feed_is_raised_once_soon_after_it_begins(
    length_s: float, over: Callable[[Picture], Picture]
) -> None:
    outcomes = play(over(looping(100, length_s)), 160)
    (raised,) = outcomes
    assert isinstance(raised, types.Raised)
    assert raised.kind == Kind.LOOPED
    assert raised.started_s == pytest.approx(100, abs=1)
    assert 109 <= raised.raised_s <= 112
    values = {condition.name: condition.value for condition in raised.conditions}
    assert values["loop_length"] == pytest.approx(length_s, abs=0.5)


def test_a_replayed_still_scene_is_raised_too() -> None:
    (raised,) = play(looping(60, 12, still), 100)
    assert isinstance(raised, types.Raised)


@pytest.mark.parametrize("length_s", [7.3, 10.25])
def test_a_loop_that_is_no_multiple_of_the_key_frame_interval_is_known_once_it_comes_round(length_s: float) -> None:
    (raised,) = play(looping(60, length_s), 160)
    assert isinstance(raised, types.Raised)


def test_the_event_ends_when_the_live_picture_is_back_and_a_second_replay_raises_again() -> None:
    def picture(t: float) -> np.ndarray:
        return looping(60, 20)(t) if t < 120 else looping(180, 30)(t)

    outcomes = play(picture, 230)
    assert [type(one).__name__ for one in outcomes] == ["Raised", "Ended", "Raised"]
    assert outcomes[1].key == outcomes[0].key
    assert isinstance(outcomes[1], types.Ended)
    assert 120 <= outcomes[1].ended_s <= 122


def traffic_light(t: float) -> np.ndarray:
    """A still crossing whose light changes every ten seconds, and a car that waits at red each time."""
    picture = still(t)
    picture[20:30, 150:160] = 240 if t % 20 < 10 else 20
    if t % 20 < 10:
        picture[90:140, 100:200] = 60 + noise(t)[90:140, 100:200]
    return picture


def noiseless_advertisement(t: float) -> np.ndarray:
    """A rendered street with a screen over a fifth of the picture that repeats its film every ten seconds."""
    picture = STREET.copy()
    picture[20:110, 60:188] = np.random.default_rng(int(t) % 10).uniform(0, 255, (90, 128))
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        live,
        still,
        traffic_light,
        noiseless_advertisement,
        lambda t: STREET,
        lambda t: live(min(t, 40.0)),
        lambda t: live(abs(60 - t)),
        lambda t: np.full(STREET.shape, 20.0) + noise(t, 0.2),
        lambda t: STREET * (1 - t / 600),
    ],
    ids=[
        "a walker",
        "a still scene",
        "a traffic light",
        "a screen in a rendering",
        "a noiseless still scene",
        "a frozen picture",
        "time run backwards",
        "a covered lens",
        "dusk without noise",
    ],
)
def test_what_is_no_replay_raises_nothing(picture: Picture) -> None:
    assert play(picture, 240) == []


def test_a_loop_longer_than_what_is_remembered_is_not_known() -> None:
    short = looped.Looped(thresholds.HealthThresholds(loop_longest_s=30.0))
    assert play(looping(100, 40), 200, short) == []


def test_what_is_remembered_of_a_camera_is_bounded() -> None:
    trigger = looped.Looped(thresholds.HealthThresholds(loop_longest_s=3600.0))
    play(still, 400, trigger)
    assert trigger._replays._samples.nbytes < 200_000


def test_frames_between_key_frames_say_nothing() -> None:
    trigger = looped.Looped(LIMITS)
    picture = looping(60, 20)
    for time_s in scenes.times(100, 1.0):
        luma = np.clip(picture(time_s), 0, 255).astype(np.uint8)
        assert trigger.update(types.Scene(time_s, 1280, 720, (), scenes.thumb(time_s, luma, False), False)) == ()
