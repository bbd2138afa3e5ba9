"""Speeding on scripted tracks over the ground of the rendered street, whose camera is known."""

import itertools
import random

import pytest

from detection import thresholds
from detection.calibration import Calibration
from detection.profile import CameraProfile, ProfileError, ZoneRule
from detection.triggers import make_triggers, speeding
from detection.types import Kind, ObjectClass
from tests.detection import ground, scenes

LANE = tuple(ground.project(x, y) for x, y in ((-1.65, 16.0), (1.65, 16.0), (1.65, 36.0), (-1.65, 36.0)))
STREET = tuple(ground.project(x, y) for x, y in ((-5.0, 13.0), (5.0, 13.0), (5.0, 50.0), (-5.0, 50.0)))
GROUND = Calibration(LANE, 3.3, 20.0)
rates = pytest.mark.parametrize("looks_per_s", [2.0, 5.0])


def driver(kmh: float, x_m: float = 0.0, jitter: float = 0.0, track_id: int = 1) -> scenes.Actor:
    """Return a vehicle that comes towards the camera from 60 m."""
    chance = random.Random(3)

    def place(time_s: float) -> tuple[float, float] | None:
        y_m = 60.0 - kmh / 3.6 * time_s
        if y_m < 11.0:
            return None
        x, y = ground.project(x_m, y_m)
        return x + chance.gauss(0, jitter), y + chance.gauss(0, jitter)

    return scenes.Actor(place, track_id, ObjectClass.CAR, (0.07, 0.1))


def limit(kmh: float = 50.0) -> speeding.Speeding:
    rule = ZoneRule("street", Kind.SPEEDING, STREET, limit_kmh=kmh)
    return speeding.Speeding(rule, thresholds.BehaviourThresholds(), thresholds.TrafficThresholds(), GROUND)


@rates
@pytest.mark.parametrize("x_m", [-3.3, 0.0, 3.3])
def test_a_vehicle_well_over_the_limit_raises_once_with_its_speed_and_uncertainty(
    x_m: float, looks_per_s: float
) -> None:
    raised, ended = scenes.play(limit(), scenes.times(20, looks_per_s), driver(80.0, x_m))
    (event,) = raised
    values = {c.name: c.value for c in event.conditions}
    assert values["speed"] == pytest.approx(80.0, rel=0.04)
    assert 0 < values["uncertainty"] < 24.0
    assert values["speed_at_least"] == pytest.approx(values["speed"] - values["uncertainty"])
    assert values["measured"] >= 1.0
    assert [end.key for end in ended] == [event.key]


@rates
@pytest.mark.parametrize("kmh", [20.0, 45.0, 51.0])
def test_a_vehicle_within_the_limit_or_within_the_uncertainty_raises_nothing(kmh: float, looks_per_s: float) -> None:
    assert scenes.play(limit(), scenes.times(20, looks_per_s), driver(kmh)) == ([], [])


def test_the_uncertainty_covers_the_jitter_of_boxes() -> None:
    told = []
    for seed_kmh in (70.0, 75.0, 80.0, 85.0, 90.0):
        raised, _ = scenes.play(limit(), scenes.times(20), driver(seed_kmh, jitter=0.003))
        told += [(seed_kmh, {c.name: c.value for c in event.conditions}) for event in raised]
    assert len(told) == 5
    assert all(abs(values["speed"] - kmh) <= values["uncertainty"] for kmh, values in told)


def test_a_track_that_jumps_to_another_vehicle_raises_nothing() -> None:
    def jumps(time_s: float) -> tuple[float, float]:
        return ground.project(0.0, 45.0 if time_s < 5 else 20.0)

    actor = scenes.Actor(jumps, 1, ObjectClass.CAR, (0.07, 0.1))
    assert scenes.play(limit(), scenes.times(15), actor) == ([], [])


def test_one_look_a_second_is_too_few_to_tell_a_fast_vehicles_speed() -> None:
    assert scenes.play(limit(), scenes.times(20, 0.5), driver(80.0)) == ([], [])


def test_without_a_calibration_nothing_measures_speed() -> None:
    made = make_triggers(CameraProfile(frozenset({Kind.STOPPED_VEHICLE})))
    assert not any(isinstance(trigger, speeding.Speeding) for trigger in made)
    rule = ZoneRule("street", Kind.SPEEDING, STREET, limit_kmh=50.0)
    with pytest.raises(ProfileError, match="without a calibration"):
        CameraProfile(frozenset({Kind.SPEEDING}), (rule,))
    calibrated = make_triggers(CameraProfile(frozenset({Kind.SPEEDING}), (rule,), calibration=GROUND))
    assert any(isinstance(trigger, speeding.Speeding) for trigger in calibrated)


@pytest.mark.parametrize("kmh", [None, 0.0, 900.0])
def test_a_speed_zone_needs_a_limit_that_can_be_meant(kmh: float | None) -> None:
    with pytest.raises(ProfileError, match="limit_kmh"):
        ZoneRule("street", Kind.SPEEDING, STREET, limit_kmh=kmh)


def test_two_fast_vehicles_raise_two_events() -> None:
    late = driver(80.0, 3.3, track_id=2)
    first = driver(85.0, -3.3)
    raised, _ = scenes.play(limit(), scenes.times(20), first, late)
    assert {event.track_id for event in raised} == {1, 2}
    assert all(a.key != b.key for a, b in itertools.pairwise(raised))
