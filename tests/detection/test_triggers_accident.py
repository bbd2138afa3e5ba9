"""Accidents on scripted tracks: collisions of several forms, and the ordinary halts that are none."""

from collections.abc import Callable

import pytest

from detection import thresholds
from detection.profile import ZoneRule
from detection.triggers import accident
from detection.types import Kind, ObjectClass
from tests.detection import scenes

CAR = (0.14, 0.12)
rates = pytest.mark.parametrize("looks_per_s", [1.0, 5.0])
Shape = Callable[[float], tuple[float, float]]


class Vehicle(scenes.Actor):
    """A vehicle whose box changes."""

    shape: Shape | None = None

    def tracks(self, time_s: float, patience_s: float = 3.0) -> list:  # type: ignore[type-arg]
        if self.shape is not None:
            self.size = self.shape(time_s)
        return super().tracks(time_s, patience_s)


def car(place: scenes.Place, track_id: int, shape: Shape | None = None) -> Vehicle:
    made = Vehicle(place, track_id, ObjectClass.CAR, CAR)
    made.shape = shape
    return made


def collision() -> accident.Accident:
    rule = ZoneRule("picture", Kind.ACCIDENT)
    return accident.Accident(rule, thresholds.BehaviourThresholds(), thresholds.TrafficThresholds())


def brakes(
    from_s: float, x0: float, stop: float, y: float, speed: float = 0.12, share_per_s: float = 0.25
) -> scenes.Place:
    """Return a way that brakes evenly to a stand at x = `stop`; it loses this share of its speed each second."""
    brake_s = 1 / share_per_s
    brake_x = speed * brake_s / 2
    roll_s = (stop - x0 - brake_x) / speed

    def place(time_s: float) -> tuple[float, float] | None:
        t = time_s - from_s
        if t < 0:
            return None
        if t <= roll_s:
            return x0 + speed * t, y
        b = min(t - roll_s, brake_s)
        return stop - brake_x + speed * b - speed * share_per_s * b * b / 2, y

    return place


RAMS = scenes.walk((0, 0.05, 0.6), (4.1, 0.52, 0.6), (40, 0.52, 0.6))
CUTS_IN = scenes.walk((0, 0.92, 0.45), (4.1, 0.62, 0.6), (40, 0.62, 0.6))


@rates
def test_two_vehicles_that_stop_dead_as_they_meet_raise_once(looks_per_s: float) -> None:
    raised, ended = scenes.play(collision(), scenes.times(38, looks_per_s), car(RAMS, 1), car(CUTS_IN, 2))
    (event,) = raised
    assert event.raised_s == pytest.approx(4.1 + 3.0, abs=1.5)
    names = {c.name for c in event.conditions}
    assert names >= {"speed_before", "halted_within", "standing_after", "halted_together", "closing", "gap"}
    assert ended == []


@rates
def test_a_vehicle_that_pushes_a_standing_one_from_its_place_raises(looks_per_s: float) -> None:
    struck = scenes.walk((0, 0.62, 0.6), (4.0, 0.62, 0.6), (4.4, 0.67, 0.6), (40, 0.67, 0.6))
    raised, _ = scenes.play(collision(), scenes.times(20, looks_per_s), car(RAMS, 1), car(struck, 2))
    assert [event.track_id for event in raised] == [1]
    assert "other_pushed" in {c.name for c in raised[0].conditions}


@rates
def test_a_vehicle_that_turns_over_raises(looks_per_s: float) -> None:
    fallen = car(RAMS, 1, lambda t: CAR if t < 4.0 else (0.09, 0.16))
    raised, _ = scenes.play(collision(), scenes.times(20, looks_per_s), fallen)
    assert [event.track_id for event in raised] == [1]
    assert "turned" in {c.name for c in raised[0].conditions}


@rates
def test_people_who_gather_at_a_dead_stop_bear_it_out_and_passers_by_do_not(looks_per_s: float) -> None:
    def onlooker(i: int) -> scenes.Actor:
        return scenes.Actor(
            scenes.walk((9 + i, 0.9, 0.9), (14 + i, 0.56 + 0.03 * i, 0.66), (40, 0.56 + 0.03 * i, 0.66)), 50 + i
        )

    def passer(i: int) -> scenes.Actor:
        return scenes.Actor(scenes.walk((9 + i, 0.9, 0.66), (14 + i, 0.1, 0.66)), 70 + i)

    raised, _ = scenes.play(collision(), scenes.times(38, looks_per_s), car(RAMS, 1), *(onlooker(i) for i in range(3)))
    assert ["people_gathered" in {c.name for c in event.conditions} for event in raised] == [True]
    assert scenes.play(collision(), scenes.times(38, looks_per_s), car(RAMS, 1), *(passer(i) for i in range(3))) == (
        [],
        [],
    )


@rates
def test_a_dead_stop_alone_raises_nothing(looks_per_s: float) -> None:
    assert scenes.play(collision(), scenes.times(30, looks_per_s), car(RAMS, 1)) == ([], [])


@rates
@pytest.mark.parametrize("share_per_s", [0.2, 0.3])
def test_a_queue_that_brakes_one_behind_the_other_raises_nothing(share_per_s: float, looks_per_s: float) -> None:
    queue = [car(brakes(1.8 * i, 0.03, 0.8 - 0.17 * i, 0.6, share_per_s=share_per_s), i + 1) for i in range(4)]
    assert scenes.play(collision(), scenes.times(30, looks_per_s), *queue) == ([], [])


@rates
def test_vehicles_that_stop_abreast_at_a_line_raise_nothing(looks_per_s: float) -> None:
    abreast = [car(brakes(0.2 * i, 0.03, 0.7, 0.6 - 0.08 * i, share_per_s=0.6), i + 1) for i in range(3)]
    assert scenes.play(collision(), scenes.times(30, looks_per_s), *abreast) == ([], [])


@rates
def test_parking_behind_a_parked_vehicle_raises_nothing(looks_per_s: float) -> None:
    parked = car(scenes.walk((0, 0.75, 0.6), (60, 0.75, 0.6)), 1)
    parks = car(brakes(3, 0.05, 0.58, 0.6, speed=0.06, share_per_s=0.35), 2)
    assert scenes.play(collision(), scenes.times(40, looks_per_s), parked, parks) == ([], [])


@rates
def test_a_passing_track_that_slips_onto_a_parked_vehicle_raises_nothing(looks_per_s: float) -> None:
    def slips(time_s: float) -> tuple[float, float]:
        return (0.05 + 0.12 * time_s, 0.62) if time_s < 4.4 else (0.6, 0.6)

    parked = car(scenes.walk((0, 0.6, 0.6), (4.2, 0.6, 0.6)), 1)
    onward = car(scenes.walk((5.2, 0.68, 0.62), (8, 0.98, 0.62)), 3)
    taken = car(slips, 2, lambda t: CAR if t < 4.4 else (0.1, 0.15))
    assert scenes.play(collision(), scenes.times(30, looks_per_s), parked, taken, onward) == ([], [])


def test_a_place_where_many_halted_before_is_a_stop() -> None:
    earlier = [
        car(
            scenes.walk(
                (20 * i, 0.05, 0.6), (20 * i + 4, 0.52, 0.6), (20 * i + 12, 0.52, 0.6), (20 * i + 15, 0.98, 0.6)
            ),
            i,
        )
        for i in range(4)
    ]
    late = [car(lambda t, w=w: w(t - 100), 10 + i) for i, w in enumerate((RAMS, CUTS_IN))]  # type: ignore[misc]
    raised, _ = scenes.play(collision(), scenes.times(130), *earlier, *late)
    assert [event for event in raised if event.track_id == 10] == []


def test_an_accident_ends_when_the_vehicle_is_taken_away() -> None:
    towed = scenes.walk((0, 0.05, 0.6), (4.1, 0.52, 0.6), (20, 0.52, 0.6), (26, 0.52, 0.9))
    raised, ended = scenes.play(collision(), scenes.times(60), car(towed, 1), car(CUTS_IN, 2))
    assert {end.key for end in ended} == {event.key for event in raised}
