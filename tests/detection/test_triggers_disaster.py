"""The crowd trigger on scripted people."""

import dataclasses
from collections.abc import Callable

import pytest

from detection import crowds, thresholds, types
from detection.calibration import Calibration
from detection.profile import ZoneRule
from detection.triggers import disaster
from detection.types import Kind
from tests.detection import scenes

PLAZA = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
LIMITS = thresholds.BehaviourThresholds()


def crowd(points: tuple[tuple[float, float], ...] = PLAZA) -> disaster.Crowd:
    return disaster.Crowd(ZoneRule("plaza", Kind.CROWD, points, min_count=4, dwell_s=4.0), LIMITS)


def people(n: int, y: float) -> list[scenes.Actor]:
    return [scenes.Actor(scenes.walk((0, 0.1 + i / 20, y), (20, 0.1 + i / 20, y)), i + 1) for i in range(n)]


@pytest.mark.parametrize("looks_per_s", [1.0, 5.0])
def test_enough_people_for_long_enough_are_a_crowd_until_they_leave(looks_per_s: float) -> None:
    raised, ended = scenes.play(crowd(), scenes.times(40, looks_per_s), *people(5, 0.8))
    (event,) = raised
    assert event.raised_s == pytest.approx(4.0, abs=1.0)
    assert event.score == pytest.approx(5 / 8)
    assert {c.name: c.value for c in event.conditions}["people"] == 5
    assert [end.key for end in ended] == [event.key]
    assert ended[0].ended_s == pytest.approx(22.0, abs=1.2)


def test_too_few_people_are_no_crowd() -> None:
    assert scenes.play(crowd(), scenes.times(30), *people(3, 0.8)) == ([], [])


def test_people_outside_the_zone_do_not_count_and_without_a_zone_everybody_does() -> None:
    assert scenes.play(crowd(), scenes.times(19), *people(5, 0.4)) == ([], [])
    raised, _ = scenes.play(crowd(()), scenes.times(19), *people(5, 0.4))
    assert len(raised) == 1
    assert raised[0].zone is None


def test_a_short_gathering_is_no_crowd() -> None:
    short = [scenes.Actor(scenes.walk((5, 0.1 + i / 20, 0.8), (6, 0.1 + i / 20, 0.8)), i + 1) for i in range(6)]
    assert scenes.play(crowd(), scenes.times(30), *short) == ([], [])


def test_one_person_coming_and_going_does_not_make_the_crowd_flap() -> None:
    steady = people(3, 0.8)
    restless = scenes.Actor(lambda t: (0.7, 0.8) if t < 8 or (t < 20 and int(t / 3) % 2) else None, 9)
    raised, ended = scenes.play(crowd(), scenes.times(19), *steady, restless)
    assert (len(raised), ended) == (1, [])


def density(
    until_s: float, number: Callable[[float], float | None], looks_per_s: float = 2.0, found: int = 15
) -> list[types.Scene]:
    """Scenes in which some people are followed and the density model counts in the plaza every second look."""
    made = []
    followed = [
        scenes.Actor(scenes.walk((0, 0.3 + i / 50, 0.8), (200, 0.3 + i / 50, 0.8)), i + 1) for i in range(found)
    ]
    for i, time_s in enumerate(scenes.times(until_s, looks_per_s)):
        people = number(time_s)
        evidence: tuple[types.Evidence, ...] = ()
        if people is not None and i % 2 == 0:
            evidence = (types.Evidence(Kind.CROWD, 0.5, values=(("people", 500.0), ("people/plaza", people))),)
        made.append(dataclasses.replace(scenes.scene(time_s, followed), evidence=evidence))
    return made


def test_a_crowd_of_which_few_are_followed_is_raised_by_density_and_ends_with_it() -> None:
    trigger = disaster.Crowd(ZoneRule("plaza", Kind.CROWD, PLAZA, min_count=40, dwell_s=4.0), LIMITS)
    said = [one for scene in density(60, lambda t: 60.0 if 10 <= t < 30 else 2.0) for one in trigger.update(scene)]
    raised, ended = said
    assert isinstance(raised, types.Raised)
    assert isinstance(ended, types.Ended)
    assert raised.raised_s == pytest.approx(14, abs=1.5)
    values = {c.name: c.value for c in raised.conditions}
    assert (values["people"], values["people_by_density"], values["people_followed"]) == (60, 60, 15)
    assert ended.ended_s == pytest.approx(30, abs=1.5)


def test_a_little_density_raises_nothing_and_an_old_answer_is_forgotten() -> None:
    few = crowd()
    assert [one for scene in density(30, lambda t: crowds.FEW, found=3) for one in few.update(scene)] == []
    alone = crowd()
    assert [one for scene in density(30, lambda t: 200.0, found=0) for one in alone.update(scene)] == []
    old = crowd()
    said = [one for scene in density(60, lambda t: 60.0 if t < 8 else None, found=3) for one in old.update(scene)]
    assert [type(one) for one in said] == [types.Raised, types.Ended]


def test_a_crowd_that_grows_fast_is_more_severe_and_says_so() -> None:
    def first(number: Callable[[float], float]) -> types.Raised:
        trigger = disaster.Crowd(ZoneRule("plaza", Kind.CROWD, PLAZA, min_count=80, dwell_s=4.0), LIMITS)
        said = [one for scene in density(90, number) for one in trigger.update(scene)]
        assert isinstance(said[0], types.Raised)
        return said[0]

    sudden, steady = first(lambda t: 40 + 2 * t), first(lambda t: 85.0)
    rising = {c.name: c.value for c in sudden.conditions}["rising"]
    assert rising == pytest.approx(120, rel=0.1)
    assert sudden.score > steady.score


SQUARE = ((0.25, 0.5), (0.75, 0.5), (0.75, 1.0), (0.25, 1.0))
GROUND = Calibration(SQUARE, width_m=6.0, length_m=5.0)


def test_in_a_zone_of_known_size_it_takes_three_people_to_the_square_metre() -> None:
    trigger = disaster.Crowd(ZoneRule("plaza", Kind.CROWD, SQUARE, dwell_s=4.0), LIMITS, GROUND)
    said = [one for scene in density(60, lambda t: 80.0 if t < 30 else 100.0) for one in trigger.update(scene)]
    (event,) = said
    assert isinstance(event, types.Raised)
    assert event.raised_s >= 30
    dense = next(c for c in event.conditions if c.name == "people_per_m2")
    assert [dense.value, dense.threshold] == pytest.approx([100 / 30, 3.0])


def test_a_number_of_its_own_holds_in_a_zone_of_known_size() -> None:
    rule = ZoneRule("plaza", Kind.CROWD, SQUARE, min_count=40)
    assert list(disaster.enough(rule, LIMITS, GROUND)) == pytest.approx([40, 30])
    assert disaster.enough(ZoneRule("all", Kind.CROWD), LIMITS, GROUND) == (15, None)
