"""The fight trigger on scripted answers of the model."""

from collections.abc import Iterable

import pytest

from detection import thresholds, types
from detection.profile import ZoneRule
from detection.triggers import fighting
from detection.types import Kind
from tests.detection import scenes

LIMITS = thresholds.FightThresholds(score=0.5, speaking=0.4, answers=2, within_s=2.5, calm_s=6.0)
PAIR = (512.0, 216.0, 640.0, 432.0)
"""A pair of people in the middle of the scripted picture, pixels."""


def fight(points: tuple[tuple[float, float], ...] = ()) -> fighting.Fight:
    return fighting.Fight(ZoneRule("yard", Kind.FIGHT, points), LIMITS)


def play(
    trigger: fighting.Fight, answers: Iterable[tuple[float, float]], until_s: float = 30.0, box: types.Box = PAIR
) -> tuple[list[types.Raised], list[types.Ended]]:
    """Run answers, given as (time_s, score), through a trigger that is shown five looks per second."""
    due = {round(time_s * 5): score for time_s, score in answers}
    raised: list[types.Raised] = []
    ended: list[types.Ended] = []
    for i in range(round(until_s * 5)):
        evidence = (types.Evidence(Kind.FIGHT, due[i], box),) if i in due else ()
        scene = types.Scene(i / 5, 1280, 720, (), scenes.thumb(i / 5), True, (), evidence)
        for said in trigger.update(scene):
            if isinstance(said, types.Raised):
                raised.append(said)
            else:
                ended.append(said)
    return raised, ended


def test_two_answers_that_agree_raise_a_fight_which_ends_when_it_is_calm() -> None:
    raised, ended = play(fight(), [(5.0, 0.8), (5.4, 0.9)])
    (event,) = raised
    assert (event.started_s, event.raised_s) == (5.0, 5.4)
    assert event.score == pytest.approx(0.85)
    assert event.box_norm == pytest.approx((0.4, 0.3, 0.5, 0.6))
    assert {c.name: c.value for c in event.conditions} == {"struggle": pytest.approx(0.85), "answers_for_it": 2}
    assert [end.key for end in ended] == [event.key]
    assert ended[0].ended_s == 5.4


def test_a_pair_that_hugs_or_walks_together_with_low_answers_stays_silent() -> None:
    assert play(fight(), [(t, 0.1 + 0.3 * (t % 2)) for t in range(1, 25)]) == ([], [])


def test_one_spike_is_silent_with_and_without_calm_answers_around_it() -> None:
    assert play(fight(), [(5.0, 0.99)]) == ([], [])
    assert play(fight(), [(4.0, 0.1), (5.0, 0.99), (5.4, 0.2), (6.4, 0.1)]) == ([], [])


def test_two_spikes_among_calm_answers_do_not_outvote_them() -> None:
    assert play(fight(), [(5.0, 0.6), (5.4, 0.1), (5.8, 0.1), (6.2, 0.6)]) == ([], [])


def test_a_strong_answer_and_one_that_wavers_raise_where_their_mean_is_enough() -> None:
    raised, _ = play(fight(), [(5.0, 0.7), (5.4, 0.42)])
    assert [event.raised_s for event in raised] == [5.4]
    assert play(fight(), [(5.0, 0.5), (5.4, 0.42)]) == ([], [])


def test_answers_too_far_apart_do_not_add_up() -> None:
    assert play(fight(), [(2.0, 0.9), (6.0, 0.9), (10.0, 0.9)]) == ([], [])


def test_a_fight_that_goes_on_is_one_event_and_a_later_one_another() -> None:
    on = [(t / 5, 0.9) for t in range(10, 60, 2)]
    later = [(20.0, 0.9), (20.4, 0.9)]
    raised, ended = play(fight(), on + later, until_s=40.0)
    assert [event.raised_s for event in raised] == [2.4, 20.4]
    assert len({event.key for event in raised}) == 2
    assert [end.ended_s for end in ended] == [pytest.approx(11.6), 20.4]


def test_only_what_happens_in_the_zone_counts() -> None:
    answers = [(5.0, 0.9), (5.4, 0.9)]
    left = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    right = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    assert play(fight(right), answers)[0] == []
    (event,) = play(fight(left), answers)[0]
    assert event.zone == types.Zone("yard", left)


def test_time_that_passes_without_a_picture_ends_what_was_raised() -> None:
    trigger = fight()
    raised, ended = play(trigger, [(1.0, 0.9), (1.4, 0.9)], until_s=2.0)
    assert (len(raised), ended) == (1, [])
    (end,) = trigger.update(types.Scene(12.0, 1280, 720, (), None, False))
    assert isinstance(end, types.Ended)
    assert end.key == raised[0].key
