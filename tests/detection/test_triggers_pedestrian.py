"""Pedestrians on the carriageway, on scripted tracks: in a drawn zone and where traffic taught the carriageway."""

import pytest

from detection import thresholds, types
from detection.profile import ZoneRule
from detection.triggers import pedestrian
from detection.types import Kind, ObjectClass
from tests.detection import scenes

ROAD = ((0.0, 0.45), (1.0, 0.45), (1.0, 0.75), (0.0, 0.75))
CROSSES = scenes.walk((20, 0.5, 0.9), (30, 0.5, 0.35))
PAVEMENT = scenes.walk((20, 0.1, 0.85), (40, 0.9, 0.85))
LIMITS = thresholds.BehaviourThresholds()
TRAFFIC = thresholds.TrafficThresholds()
rates = pytest.mark.parametrize("looks_per_s", [1.0, 5.0])


def on_road(
    points: tuple[types.Point, ...] = (), crossing: tuple[types.Point, ...] = ()
) -> pedestrian.PedestrianOnRoad:
    rule = ZoneRule("road", Kind.PEDESTRIAN_ON_ROAD, points, crossing=crossing)
    return pedestrian.PedestrianOnRoad(rule, LIMITS, TRAFFIC)


def person(place: scenes.Place, track_id: int = 100) -> scenes.Actor:
    return scenes.Actor(place, track_id, size=(0.03, 0.12))


def traffic(count: int = 3) -> list[scenes.Actor]:
    """Return vehicles that have driven through on two lanes before anybody walks."""
    return [
        scenes.Actor(
            scenes.walk((i * 4, 0.02, y), (i * 4 + 6, 0.98, y)), 1 + 2 * i + lane, ObjectClass.CAR, (0.12, 0.12)
        )
        for i in range(count)
        for lane, y in enumerate((0.58, 0.72))
    ]


@rates
def test_a_person_in_the_drawn_carriageway_raises_once_and_ends_when_off_it(looks_per_s: float) -> None:
    raised, ended = scenes.play(on_road(ROAD), scenes.times(45, looks_per_s), person(CROSSES))
    (event,) = raised
    assert event.raised_s == pytest.approx(20 + 2.7 + 1.5, abs=1.2)
    assert {c.name for c in event.conditions} == {"on_road", "looks_on_road", "speed"}
    assert [end.key for end in ended] == [event.key]
    assert ended[0].ended_s == pytest.approx(28.2, abs=1.2)


@rates
def test_without_a_zone_the_carriageway_is_where_vehicles_drove(looks_per_s: float) -> None:
    raised, _ = scenes.play(on_road(), scenes.times(45, looks_per_s), *traffic(), person(CROSSES))
    (event,) = raised
    assert event.track_id == 100
    assert event.zone is None
    assert {c.name for c in event.conditions} >= {"vehicles_drove_here", "people_walked_here"}


@rates
@pytest.mark.parametrize("points", [ROAD, ()], ids=["zone", "learnt"])
@pytest.mark.parametrize(
    "place",
    [PAVEMENT, scenes.walk((20, 0.5, 0.9), (21, 0.5, 0.73), (22, 0.5, 0.9), (40, 0.5, 0.9))],
    ids=["beside the road", "one step onto it"],
)
def test_a_person_beside_the_carriageway_raises_nothing(
    points: tuple[types.Point, ...], place: scenes.Place, looks_per_s: float
) -> None:
    assert scenes.play(on_road(points), scenes.times(45, looks_per_s), *traffic(), person(place)) == ([], [])


def test_where_no_vehicle_was_seen_to_drive_nothing_is_carriageway() -> None:
    parked = scenes.Actor(scenes.walk((0, 0.3, 0.6), (60, 0.3, 0.6)), 1, ObjectClass.CAR, (0.12, 0.12))
    assert scenes.play(on_road(), scenes.times(45), parked, person(CROSSES)) == ([], [])
    assert scenes.play(on_road(), scenes.times(45), *traffic(count=1), person(CROSSES)) == ([], [])


@rates
@pytest.mark.parametrize("points", [ROAD, ()], ids=["zone", "learnt"])
def test_riders_and_people_in_vehicles_raise_nothing(points: tuple[types.Point, ...], looks_per_s: float) -> None:
    way = scenes.walk((20, 0.1, 0.6), (30, 0.9, 0.6))
    bicycle = scenes.Actor(way, 50, ObjectClass.BICYCLE, (0.06, 0.08))
    rider = person(lambda t: None if way(t) is None else (way(t)[0], 0.595), 51)  # type: ignore[index]
    van = scenes.Actor(scenes.walk((20, 0.2, 0.7), (40, 0.7, 0.7)), 52, ObjectClass.TRUCK, (0.2, 0.25))
    driver = person(scenes.walk((20, 0.22, 0.62), (40, 0.72, 0.62)), 53)
    assert scenes.play(on_road(points), scenes.times(45, looks_per_s), *traffic(), bicycle, rider, van, driver) == (
        [],
        [],
    )


def test_a_rider_whose_vehicle_is_not_recognised_is_too_fast_to_be_on_foot() -> None:
    fast = person(scenes.walk((20, 0.1, 0.6), (22.5, 0.95, 0.6)))
    assert scenes.play(on_road(ROAD), scenes.times(45), fast) == ([], [])


def test_a_person_in_front_of_a_vehicle_is_on_foot() -> None:
    van = scenes.Actor(scenes.walk((0, 0.5, 0.6), (40, 0.5, 0.6)), 52, ObjectClass.TRUCK, (0.3, 0.3))
    raised, _ = scenes.play(on_road(ROAD), scenes.times(30), van, person(scenes.walk((10, 0.4, 0.65), (20, 0.6, 0.65))))
    assert [event.track_id for event in raised] == [100]


def test_a_drawn_crossing_is_for_people() -> None:
    crossing = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.8), (0.4, 0.8))
    assert scenes.play(on_road(ROAD, crossing), scenes.times(45), person(CROSSES)) == ([], [])
    raised, _ = scenes.play(
        on_road(ROAD, crossing), scenes.times(45), person(scenes.walk((20, 0.8, 0.9), (30, 0.8, 0.35)))
    )
    assert len(raised) == 1


def test_a_place_where_people_keep_crossing_becomes_theirs() -> None:
    walkers = [person(scenes.walk((20 + 30 * i, 0.5, 0.9), (30 + 30 * i, 0.5, 0.35)), 100 + i) for i in range(5)]
    raised, _ = scenes.play(on_road(), scenes.times(180), *traffic(), *walkers)
    assert [event.track_id for event in raised] == [100]
