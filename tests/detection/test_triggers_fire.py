"""The fire and smoke triggers on scripted evidence: what burns raises and ends, what only looks like it stays silent."""

import dataclasses
from collections.abc import Callable

import pytest

from detection import fire_thresholds, types
from detection.profile import ZoneRule
from detection.triggers import fire
from detection.types import Kind
from tests.detection import scenes

LIMITS = fire_thresholds.FireThresholds()
BOX = (600.0, 300.0, 700.0, 420.0)
FLAMES = {"flicker": 0.35, "wander": 0.15, "glowing": 0.2, "stirred": 0.3, "share": 0.01}
SMOKE = {"flicker": 0.0, "wander": 0.0, "glowing": 0.0, "stirred": 0.2, "share": 0.05}
Script = Callable[[float], tuple[float, dict[str, float]] | None]
"""Score and measurements of the watched place at a time; None when it is not looked at."""


def play(
    kind: Kind, script: Script, until_s: float = 20.0, looks_per_s: float = 2.0, rule: ZoneRule | None = None
) -> tuple[list[types.Raised], list[types.Ended]]:
    """Show one watched place to the trigger of a kind."""
    trigger = fire.Burning(rule or ZoneRule("picture", kind), LIMITS)
    raised: list[types.Raised] = []
    ended: list[types.Ended] = []
    for time_s in scenes.times(until_s, looks_per_s):
        shown = script(time_s)
        found: tuple[types.Evidence, ...] = ()
        if shown is not None:
            values = (("spot", 1.0), *shown[1].items())
            found = (types.Evidence(kind, shown[0], BOX, values),)
        for said in trigger.update(dataclasses.replace(scenes.scene(time_s), evidence=found)):
            if isinstance(said, types.Raised):
                raised.append(said)
            else:
                ended.append(said)
    return raised, ended


@pytest.mark.parametrize("looks_per_s", [1.0, 2.0, 5.0])
def test_flames_in_one_place_raise_once_and_end_when_they_are_out(looks_per_s: float) -> None:
    raised, ended = play(Kind.FIRE, lambda t: (0.9, FLAMES) if t <= 15 else (0.05, FLAMES), 40.0, looks_per_s)
    (event,) = raised
    assert event.started_s == 0.0
    assert event.raised_s <= 4.0
    assert event.score == pytest.approx(0.9)
    assert event.box_norm == pytest.approx((600 / 1280, 300 / 720, 700 / 1280, 420 / 720))
    assert {c.name: c.value for c in event.conditions}["flicker"] == pytest.approx(0.35)
    assert [end.key for end in ended] == [event.key]
    assert ended[0].ended_s == pytest.approx(15.0, abs=1.0)


def test_flames_that_the_model_misses_now_and_then_still_raise() -> None:
    raised, _ = play(Kind.FIRE, lambda t: (0.3 if int(2 * t) % 5 == 0 else 0.9, FLAMES))
    assert len(raised) == 1


def test_one_look_raises_nothing() -> None:
    assert play(Kind.FIRE, lambda t: (0.99, FLAMES) if t == 0 else None) == ([], [])


def test_a_fire_whose_look_was_never_compared_raises_nothing() -> None:
    assert play(Kind.FIRE, lambda t: (0.99, {"share": 0.1})) == ([], [])


@pytest.mark.parametrize(
    ("what", "script"),
    [
        ("a red car that passes", lambda t: (0.9, FLAMES) if t < 1.5 else (0.1, FLAMES)),
        ("a red car that parks", lambda t: (0.9, FLAMES | {"flicker": 0.02, "wander": 0.01})),
        ("headlights that come and go", lambda t: (0.9 if t % 4 < 1 else 0.1, FLAMES)),
        ("headlights that stand", lambda t: (0.9, FLAMES | {"flicker": 0.05, "wander": 0.04})),
        ("a sunset", lambda t: (0.95, FLAMES | {"flicker": 0.01, "wander": 0.005})),
        ("a beacon", lambda t: (0.9, FLAMES | {"flicker": 0.9, "wander": 0.6, "glowing": 0.2 if int(2 * t) % 2 else 0.0})),
        ("a fire on a screen", lambda t: (0.95, FLAMES | {"wander": 0.01})),
        ("flicker that the model does not believe", lambda t: (0.8, FLAMES)),
    ],
)  # fmt: skip
def test_what_only_looks_like_fire_stays_silent(what: str, script: Script) -> None:
    assert play(Kind.FIRE, script, 30.0) == ([], []), what


@pytest.mark.parametrize("looks_per_s", [1.0, 2.0])
def test_smoke_that_stays_and_stirs_raises_and_ends(looks_per_s: float) -> None:
    raised, ended = play(Kind.SMOKE, lambda t: (0.8, SMOKE) if t <= 12 else (0.1, SMOKE), 40.0, looks_per_s)
    (event,) = raised
    assert event.raised_s <= 6.0
    assert ended[0].ended_s == pytest.approx(12.0, abs=1.0)


@pytest.mark.parametrize(
    ("what", "script"),
    [
        ("steam that is soon gone", lambda t: (0.9 if t % 6 < 2 else 0.1, SMOKE)),
        ("steam that thins out", lambda t: (0.9, SMOKE | {"share": 0.05 * 0.6**t})),
        ("fog and clouds", lambda t: (0.9, SMOKE | {"stirred": 0.002})),
        ("a breath of exhaust", lambda t: (0.9, SMOKE | {"share": 0.002})),
    ],
)
def test_what_only_looks_like_smoke_stays_silent(what: str, script: Script) -> None:
    assert play(Kind.SMOKE, script, 30.0) == ([], []), what


def test_a_fire_outside_the_drawn_zone_is_not_told() -> None:
    left = ZoneRule("left", Kind.FIRE, ((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0)))
    assert play(Kind.FIRE, lambda t: (0.9, FLAMES), rule=left) == ([], [])


def test_each_place_that_burns_is_an_event_of_its_own() -> None:
    trigger = fire.Burning(ZoneRule("picture", Kind.FIRE), LIMITS)
    raised: list[types.Raised] = []
    for time_s in scenes.times(10, 2):
        found = tuple(
            types.Evidence(Kind.FIRE, 0.9, (x, 300.0, x + 80, 400.0), (("spot", spot), *FLAMES.items()))
            for spot, x in ((1.0, 100.0), (2.0, 900.0))
        )
        raised += [
            said
            for said in trigger.update(dataclasses.replace(scenes.scene(time_s), evidence=found))
            if isinstance(said, types.Raised)
        ]
    assert len({event.key for event in raised}) == len(raised) == 2
