"""A camera's clock against the one that receives it."""

import dataclasses
from collections.abc import Callable

import pytest

from detection import profile, thresholds, types
from detection.pipeline import CameraPipeline
from detection.triggers import clocks
from detection.types import Kind
from tests.detection import scenes

LIMITS = thresholds.HealthThresholds()


def play(ahead_s: Callable[[float], float | None], until_s: float) -> list[types.Raised | types.Ended]:
    """Look every second at a camera whose sender reports come every two."""
    trigger = clocks.ClockDrift(LIMITS)
    outcomes: list[types.Raised | types.Ended] = []
    reading: types.ClockReading | None = None
    for time_s in scenes.times(until_s, 1.0):
        ahead = ahead_s(time_s)
        if ahead is None:
            reading = None
        elif time_s % 2 == 0:
            reading = types.ClockReading(time_s + ahead, ahead)
        outcomes += trigger.update(dataclasses.replace(scenes.scene(time_s), clock=reading))
    return outcomes


@pytest.mark.parametrize("jump_s", [3.0, -3.0, 7200.0, -1.7e9])
def test_a_clock_that_stays_off_is_raised_once_and_ends_when_it_is_right_again(jump_s: float) -> None:
    raised, ended = play(lambda t: jump_s if 20 <= t < 60 else 0.1, 90)
    assert isinstance(raised, types.Raised)
    assert (raised.kind, raised.started_s, raised.raised_s) == (Kind.CLOCK_DRIFT, 20.0, 30.0)
    assert raised.conditions[0].value == abs(jump_s)
    assert ended == types.Ended(raised.key, 60.0)


@pytest.mark.parametrize(
    "ahead_s",
    [
        lambda t: None,
        lambda t: 0.4,
        lambda t: -1.9,
        lambda t: 5.0 if t == 20 else 0.0,
        lambda t: 5.0 if t % 8 == 0 else 0.0,
    ],
    ids=["no reports", "a little ahead", "just within", "one odd report", "odd reports now and then"],
)
def test_a_clock_that_is_right_or_unknown_raises_nothing(ahead_s: Callable[[float], float | None]) -> None:
    assert play(ahead_s, 120) == []


def test_one_report_heard_again_and_again_is_one_reading() -> None:
    trigger = clocks.ClockDrift(LIMITS)
    for time_s in scenes.times(60, 1.0):
        scene = dataclasses.replace(scenes.scene(time_s), clock=types.ClockReading(5.0, 9.0))
        assert trigger.update(scene) == ()


def test_a_clock_that_hovers_about_the_threshold_raises_once() -> None:
    outcomes = play(lambda t: 2.1 if t < 40 or t % 4 else 1.8, 120)
    assert [type(one).__name__ for one in outcomes] == ["Raised"]


def test_the_pipeline_hands_readings_on_also_where_no_picture_comes() -> None:
    watched = CameraPipeline(profile.CameraProfile(frozenset({Kind.CLOCK_DRIFT})), None)
    raised: list[types.Raised] = []
    for time_s in scenes.times(160, 0.5, 100.0):
        watched.note_clock(types.ClockReading(time_s, 4.0))
        raised += watched.tick(time_s).raised
    assert [event.kind for event in raised] == [Kind.CLOCK_DRIFT]
