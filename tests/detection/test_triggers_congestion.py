"""Congestion on scripted tracks."""

import pytest

from detection import thresholds
from detection.profile import ZoneRule
from detection.triggers import congestion
from detection.types import Kind, ObjectClass
from tests.detection import scenes

CAR = (0.14, 0.14)
ROAD = ((0.0, 0.4), (1.0, 0.4), (1.0, 0.8), (0.0, 0.8))
rates = pytest.mark.parametrize("looks_per_s", [1.0, 5.0])
zones = pytest.mark.parametrize("points", [ROAD, ()], ids=["zone", "whole picture"])


def car(place: scenes.Place, track_id: int) -> scenes.Actor:
    return scenes.Actor(place, track_id, ObjectClass.CAR, CAR)


def jam(points: tuple[tuple[float, float], ...] = ROAD, dwell_s: float = 30.0) -> congestion.Congestion:
    rule = ZoneRule("road", Kind.CONGESTION, points, dwell_s=dwell_s, min_count=4)
    return congestion.Congestion(rule, thresholds.BehaviourThresholds(), thresholds.TrafficThresholds())


def queue(until_s: float, creep: float = 0.02, count: int = 6) -> list[scenes.Actor]:
    """Return vehicles that drive up at once, creep until a time (shares of the picture per 10 s) and drive off."""
    made = []
    for i in range(count):
        x, y = 0.2 + 0.15 * (i % 3) * 2, 0.55 if i < 3 else 0.75
        crept = x + creep * (until_s - 4) / 10
        made.append(
            car(scenes.walk((0, x - 0.19, y), (4, x, y), (until_s, crept, y), (until_s + 4, crept + 1.0, y)), i + 1)
        )
    return made


@rates
@zones
def test_traffic_that_is_held_up_raises_once_and_ends_when_it_flows(
    points: tuple[tuple[float, float], ...], looks_per_s: float
) -> None:
    raised, ended = scenes.play(jam(points), scenes.times(100, looks_per_s), *queue(until_s=60))
    (event,) = raised
    assert event.started_s == pytest.approx(6.0, abs=3.0)
    assert event.raised_s == pytest.approx(event.started_s + 30.0, abs=1.5)
    assert {c.name for c in event.conditions} >= {"held_up", "held_up_share", "occupied", "lasted"}
    assert [end.key for end in ended] == [event.key]
    assert ended[0].ended_s == pytest.approx(61.5, abs=3.0)


@rates
@zones
def test_a_red_light_shorter_than_the_dwell_raises_nothing(
    points: tuple[tuple[float, float], ...], looks_per_s: float
) -> None:
    assert scenes.play(jam(points), scenes.times(60, looks_per_s), *queue(until_s=28)) == ([], [])


@rates
def test_parked_vehicles_raise_nothing(looks_per_s: float) -> None:
    parked = [car(scenes.walk((0, 0.1 + 0.15 * i, 0.6), (120, 0.1 + 0.15 * i, 0.6)), i + 1) for i in range(6)]
    assert scenes.play(jam(), scenes.times(120, looks_per_s), *parked) == ([], [])
    assert scenes.play(jam(()), scenes.times(120, looks_per_s), *parked) == ([], [])


@rates
def test_flowing_traffic_beside_a_few_that_wait_raises_nothing(looks_per_s: float) -> None:
    def flows(i: int) -> scenes.Actor:
        def place(time_s: float) -> tuple[float, float] | None:
            t = (time_s + i * 0.8) % 4.8
            return (-0.1 + 0.25 * t, 0.45) if t < 4.4 else None

        return scenes.Actor(place, lambda t: 100 * i + 50 + int((t + i * 0.8) // 4.8), ObjectClass.CAR, CAR)

    flowing = [flows(i) for i in range(6)]
    assert scenes.play(jam(), scenes.times(60, looks_per_s), *flowing, *queue(until_s=200, count=4)) == ([], [])


def test_too_few_vehicles_are_no_congestion() -> None:
    assert scenes.play(jam(), scenes.times(80), *queue(until_s=70, count=3)) == ([], [])


def test_a_row_that_parked_for_good_ends_as_congestion() -> None:
    short = thresholds.TrafficThresholds(jam_memory_s=60.0)
    rule = ZoneRule("road", Kind.CONGESTION, ROAD, dwell_s=30.0, min_count=4)
    trigger = congestion.Congestion(rule, thresholds.BehaviourThresholds(), short)
    raised, ended = scenes.play(trigger, scenes.times(120), *queue(until_s=110, creep=0.0))
    assert [end.key for end in ended] == [event.key for event in raised]
    assert len(ended) == 1


def test_few_vehicles_in_a_corner_of_a_large_road_do_not_occupy_it() -> None:
    small = [scenes.Actor(a.place, a.track_id, ObjectClass.CAR, (0.04, 0.04)) for a in queue(until_s=60)]
    assert scenes.play(jam(), scenes.times(60), *small) == ([], [])
