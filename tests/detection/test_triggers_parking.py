"""Illegal parking on scripted tracks."""

import pytest

from detection import thresholds
from detection.profile import ZoneRule
from detection.triggers import parking
from detection.types import Kind, ObjectClass
from tests.detection import scenes

CAR = (0.1, 0.1)
KERB = ((0.4, 0.4), (0.8, 0.4), (0.8, 0.7), (0.4, 0.7))
ARRIVES = scenes.walk((0, 0.1, 0.6), (4, 0.6, 0.6), (80, 0.6, 0.6), (84, 0.95, 0.6))
rates = pytest.mark.parametrize("looks_per_s", [1.0, 5.0])


def car(place: scenes.Place, track_id: int = 1) -> scenes.Actor:
    return scenes.Actor(place, track_id, ObjectClass.CAR, CAR)


def no_parking(dwell_s: float = 30.0) -> parking.IllegalParking:
    rule = ZoneRule("kerb", Kind.ILLEGAL_PARKING, KERB, dwell_s=dwell_s)
    return parking.IllegalParking(rule, thresholds.BehaviourThresholds(), thresholds.TrafficThresholds())


@rates
def test_a_vehicle_that_stands_for_the_dwell_raises_once_and_ends_when_it_drives_off(looks_per_s: float) -> None:
    raised, ended = scenes.play(no_parking(), scenes.times(110, looks_per_s), car(ARRIVES))
    (event,) = raised
    assert event.raised_s == pytest.approx(34.0, abs=1.5)
    assert event.zone is not None
    assert {c.name for c in event.conditions} == {"standing", "wander", "looks_standing"}
    assert [end.key for end in ended] == [event.key]
    assert ended[0].ended_s == pytest.approx(80.5, abs=1.5)


@rates
def test_a_vehicle_parked_since_before_the_camera_looked_raises_too(looks_per_s: float) -> None:
    parked = car(scenes.walk((0, 0.6, 0.6), (60, 0.6, 0.6)))
    raised, _ = scenes.play(no_parking(), scenes.times(60, looks_per_s), parked)
    assert [event.raised_s for event in raised] == [pytest.approx(30.0, abs=1.0)]


@rates
@pytest.mark.parametrize(
    "place",
    [
        scenes.walk((0, 0.1, 0.6), (45, 0.95, 0.6)),
        scenes.walk((0, 0.1, 0.6), (4, 0.6, 0.6), (28, 0.6, 0.6), (32, 0.95, 0.6)),
        scenes.walk((0, 0.6, 0.95), (60, 0.6, 0.95)),
    ],
    ids=["drives slowly through", "leaves before the dwell", "parks beside the zone"],
)
def test_other_vehicles_raise_nothing(place: scenes.Place, looks_per_s: float) -> None:
    assert scenes.play(no_parking(), scenes.times(70, looks_per_s), car(place)) == ([], [])


@rates
def test_passers_by_and_a_new_track_id_do_not_interrupt_the_dwell(looks_per_s: float) -> None:
    hidden = scenes.unseen(ARRIVES, (8, 11), (16, 26))
    vehicle = scenes.Actor(hidden, lambda t: 1 if t < 12 else 2 if t < 20 else 3, ObjectClass.CAR, CAR)
    raised, ended = scenes.play(no_parking(), scenes.times(50, looks_per_s), vehicle)
    assert [event.raised_s for event in raised] == [pytest.approx(34.0, abs=1.5)]
    assert ended == []


def test_a_box_cut_by_a_passer_by_for_seconds_does_not_restart_the_dwell() -> None:
    def cut(time_s: float) -> tuple[float, float] | None:
        foot = ARRIVES(time_s)
        return None if foot is None else (foot[0] + (0.06 if 15 <= time_s < 19 else 0.0), foot[1])

    raised, _ = scenes.play(no_parking(), scenes.times(50), car(cut))
    assert [event.raised_s for event in raised] == [pytest.approx(34.0, abs=1.5)]


def test_a_track_that_a_passing_car_takes_along_leaves_the_dwell_to_the_next_track_in_the_place() -> None:
    def taken(time_s: float) -> tuple[float, float] | None:
        return ARRIVES(time_s) if time_s < 15 else (0.6 + 0.15 * (time_s - 15), 0.6) if time_s < 17.5 else None

    again = car(scenes.walk((16, 0.6, 0.6), (60, 0.6, 0.6)), 2)
    raised, _ = scenes.play(no_parking(), scenes.times(50), car(taken, 1), again)
    (event,) = raised
    assert event.track_id == 2
    assert event.raised_s == pytest.approx(34.0, abs=1.5)


def test_vehicles_of_a_queue_that_take_each_others_place_have_each_their_own_time() -> None:
    def nth(i: int) -> scenes.Actor:
        first = 12.0 * i
        return car(
            scenes.walk((first, 0.05, 0.6), (first + 3, 0.6, 0.6), (first + 12, 0.6, 0.6), (first + 15, 0.99, 0.6)), i
        )

    assert scenes.play(no_parking(), scenes.times(90), *(nth(i) for i in range(6))) == ([], [])


def test_two_vehicles_raise_two_events() -> None:
    other = car(scenes.walk((0, 0.45, 0.6), (60, 0.45, 0.6)), 2)
    raised, _ = scenes.play(no_parking(), scenes.times(50), car(ARRIVES, 1), other)
    assert {event.track_id for event in raised} == {1, 2}


def test_a_parked_vehicle_that_is_never_seen_again_ends() -> None:
    vanishes = car(scenes.walk((0, 0.6, 0.6), (40, 0.6, 0.6)))
    raised, ended = scenes.play(no_parking(), scenes.times(130, 1.0), vanishes)
    assert [end.key for end in ended] == [event.key for event in raised]
