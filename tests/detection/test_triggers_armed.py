"""The weapon trigger on scripted answers about people who are followed."""

from collections.abc import Mapping

import pytest

from detection import counterfactuals, types, weapon_thresholds
from detection.profile import ZoneRule
from detection.triggers import armed
from detection.types import Kind, ObjectClass
from tests.detection import scenes

LIMITS = weapon_thresholds.WeaponThresholds()
PLACE = (("x1", 640.0), ("y1", 360.0), ("x2", 704.0), ("y2", 396.0))
Answers = Mapping[int, Mapping[float, float]]
"""For each track, the scores by time."""


def person(number: int, time_s: float) -> types.Track:
    """Return somebody whose feet are in the left half for odd numbers, in the right for even ones."""
    left = 300.0 if number % 2 else 900.0
    return types.Track(number, ObjectClass.PERSON, (left, 200.0, left + 100, 500.0), 0.8, 0.0, time_s, ())


def play(
    answers: Answers, until_s: float = 20.0, rule: ZoneRule | None = None
) -> tuple[list[types.Raised], list[types.Ended]]:
    """Show a trigger five looks a second with everybody in view, and the answers at their times."""
    trigger = armed.Armed(rule or ZoneRule("picture", Kind.WEAPON), LIMITS)
    raised: list[types.Raised] = []
    ended: list[types.Ended] = []
    for time_s in scenes.times(until_s):
        people = tuple(person(number, time_s) for number in answers)
        evidence = tuple(
            types.Evidence(Kind.WEAPON, by_time[time_s], one.box, (("track", float(one.track_id)), *PLACE))
            for one, by_time in zip(people, answers.values(), strict=True)
            if time_s in by_time
        )
        scene = types.Scene(time_s, 1280, 720, people, scenes.thumb(time_s), True, (), evidence)
        for said in trigger.update(scene):
            if isinstance(said, types.Raised):
                raised.append(said)
            else:
                ended.append(said)
    return raised, ended


def test_three_answers_over_two_seconds_raise_with_the_place_of_the_gun_and_end_when_none_follows() -> None:
    raised, ended = play({1: {2.0: 0.9, 3.0: 0.95, 4.0: 0.85}})
    (event,) = raised
    assert (event.kind, event.started_s, event.raised_s, event.track_id) == (Kind.WEAPON, 2.0, 4.0, 1)
    assert event.object_class is ObjectClass.PERSON
    assert event.box_norm == pytest.approx((0.5, 0.5, 0.55, 0.55))
    assert event.score == pytest.approx(0.9)
    (end,) = ended
    assert (end.key, end.ended_s) == (event.key, 4.0)


def test_the_explanation_tells_what_would_have_kept_it_silent() -> None:
    ((event,), _) = play({1: {2.0: 0.9, 3.0: 0.95, 4.0: 0.86}})
    silent = {c.name: counterfactuals.silent_threshold(c) for c in event.conditions}
    assert silent == {"answers_believed": 4.0, "believed_share": None, "lasted": 2.5, "weapon_score": 0.9}


def test_a_threshold_above_the_deciding_answer_keeps_silent_though_others_are_surer() -> None:
    ((event,), _) = play({1: {2.0: 0.99, 3.0: 0.81, 4.0: 0.97}})
    assert {c.name: c.value for c in event.conditions}["weapon_score"] == pytest.approx(0.81)


@pytest.mark.parametrize(
    "answers",
    [
        {2.0: 0.99, 3.0: 0.99},
        {2.0: 0.99, 2.2: 0.99, 2.4: 0.99},
        {2.0: 0.9, 3.0: 0.1, 4.0: 0.9, 5.0: 0.1, 6.0: 0.2, 7.0: 0.9},
        {float(t): 0.45 for t in range(20)},
        {1.0: 0.9, 8.0: 0.9, 15.0: 0.9},
    ],
    ids=["two answers", "all at once", "outvoted", "suspicious, never believed", "too far apart"],
)
def test_what_does_not_agree_long_enough_is_silent(answers: dict[float, float]) -> None:
    assert play({1: answers}) == ([], [])


def test_answers_about_different_people_do_not_add_up_and_two_who_are_armed_are_two_events() -> None:
    assert play({1: {2.0: 0.9, 4.0: 0.9}, 3: {3.0: 0.9, 5.0: 0.9}})[0] == []
    raised, _ = play({1: {2.0: 0.9, 3.0: 0.9, 4.0: 0.9}, 3: {2.0: 0.9, 3.0: 0.9, 4.0: 0.9}})
    assert [event.track_id for event in raised] == [1, 3]
    assert len({event.key for event in raised}) == 2


def test_one_who_stays_armed_is_one_event_and_raises_again_only_after_it_ended() -> None:
    on = {float(t): 0.9 for t in range(1, 9)}
    raised, ended = play({1: on | {25.0: 0.9, 26.0: 0.9, 27.0: 0.9}}, until_s=40.0)
    assert [event.raised_s for event in raised] == [3.0, 27.0]
    assert [end.ended_s for end in ended] == [8.0, 27.0]


def test_a_gun_in_a_single_picture_is_about_nobody_and_raises_nothing() -> None:
    trigger = armed.Armed(ZoneRule("picture", Kind.WEAPON), LIMITS)
    for time_s in scenes.times(5.0):
        evidence = (types.Evidence(Kind.WEAPON, 0.99, (10.0, 10.0, 60.0, 60.0)),)
        scene = types.Scene(time_s, 1280, 720, (person(1, time_s),), scenes.thumb(time_s), True, (), evidence)
        assert trigger.update(scene) == ()


def test_only_people_who_stand_in_the_zone_count() -> None:
    right = ZoneRule("yard", Kind.WEAPON, ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
    answers = {2.0: 0.9, 3.0: 0.9, 4.0: 0.9}
    raised, _ = play({1: answers, 2: answers}, rule=right)
    assert [(event.track_id, event.zone) for event in raised] == [(2, types.Zone("yard", right.points))]


def test_people_who_are_not_asked_about_any_more_are_forgotten() -> None:
    trigger = armed.Armed(ZoneRule("picture", Kind.WEAPON), LIMITS)
    for number in range(200):
        one = person(number, float(number))
        evidence = (types.Evidence(Kind.WEAPON, 0.2, one.box, (("track", float(number)), *PLACE)),)
        scene = types.Scene(float(number), 1280, 720, (one,), scenes.thumb(float(number)), True, (), evidence)
        trigger.update(scene)
    assert len(trigger._people) <= LIMITS.within_s + 1
