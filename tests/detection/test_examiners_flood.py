"""From drawn pictures to flood events: examiner and trigger together, as the pipeline runs them."""

import numpy as np
import pytest

from detection import experts, profile, types
from detection.examiners import flood as examiner
from detection.triggers import flood as trigger
from detection.types import Kind
from tests.detection import waters

RULE = profile.ZoneRule("underpass", Kind.FLOOD, waters.ZONE)
PROFILE = profile.CameraProfile(frozenset({Kind.FLOOD}), (RULE,))


def watch(scene: waters.Scene, until_s: float, looks_per_s: float = 2.0) -> list[types.Raised | types.Ended]:
    looking, deciding = examiner.FloodExaminer(PROFILE), trigger.Flood(RULE, PROFILE.flood)
    said: list[types.Raised | types.Ended] = []
    for frame in waters.film(scene, until_s, looks_per_s):
        thumb = types.Thumb(frame.time_s, np.zeros((180, 320), np.uint8), 0.0, frame.is_key)
        evidence = looking.examine(types.Look(frame, thumb, False, (), ()), (), experts.nobody)
        said += deciding.update(types.Scene(frame.time_s, 640, 360, (), thumb, False, (), evidence))
    return said


@pytest.mark.parametrize("looks_per_s", [1.0, 4.0])
def test_rising_water_is_a_flood_explained_by_its_waterline(looks_per_s: float) -> None:
    (event,) = watch(waters.rising(4, 14), 18, looks_per_s)
    assert isinstance(event, types.Raised)
    assert 4 <= event.started_s <= 8
    assert event.raised_s <= 14
    waterline = next(c for c in event.conditions if c.name == "waterline")
    assert 0.15 <= waterline.value <= 1
    assert event.zone is not None


def test_water_that_runs_over_flat_ground_in_three_seconds_is_a_flood() -> None:
    (event,) = watch(waters.rising(4, 7.5, 0.7), 14)
    assert isinstance(event, types.Raised)
    assert 9 <= event.raised_s <= 13


def test_water_that_rises_among_passers_by_is_a_flood() -> None:
    assert len(watch(waters.both(waters.rising(4, 16), waters.walker), 22)) == 1


@pytest.mark.parametrize(
    "scene",
    [
        waters.dry, waters.shadow(4, 14), waters.rain(4, 14), waters.fog(4, 14), waters.night(5), waters.walker,
        waters.vehicle(4, 14, 150), waters.vehicle(4, 14, 50),
    ],
    ids=["dry", "shadow", "rain", "fog", "night", "walker", "bus", "slow bus"],
)  # fmt: skip
def test_what_is_no_water_stays_silent(scene: waters.Scene) -> None:
    assert watch(scene, 18) == []


def test_two_readings_a_second_are_enough() -> None:
    looking = examiner.FloodExaminer(PROFILE)
    frames = waters.film(waters.dry, 6, looks_per_s=10.0)
    thumb = types.Thumb(0.0, np.zeros((180, 320), np.uint8), 0.0, True)
    found = [looking.examine(types.Look(f, thumb, False, (), ()), (), experts.nobody) for f in frames]
    assert 6 <= sum(bool(evidence) for evidence in found) <= 9
