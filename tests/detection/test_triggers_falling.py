"""Falls from scripted postures, at one and at five looks a second."""

import pytest

from tests.detection import bodies, scenes
from tests.detection.bodies import BENT, LYING, SITTING, SQUATTING, STANDING, Person, change

FALLING = change((5.0, STANDING), (5.7, LYING))
rates = pytest.mark.parametrize("looks_per_s", [1.0, 5.0])


@rates
def test_a_body_that_comes_down_fast_and_stays_down_raises_one_fall(looks_per_s: float) -> None:
    (event,), ended = bodies.play([Person(FALLING)], scenes.times(15, looks_per_s))
    assert 4.0 <= event.started_s <= 5.6
    assert 5.7 <= event.raised_s <= 9.0
    assert ended == []


def test_a_fall_explains_itself() -> None:
    (event,), _ = bodies.play([Person(FALLING)], scenes.times(10))
    assert {c.name for c in event.conditions} >= {"collapse", "drop", "shoulders", "hips", "down", "looks_down"}
    assert event.box_norm is not None and 0 <= min(event.box_norm) <= max(event.box_norm) <= 1


@rates
@pytest.mark.parametrize("end", [SITTING, SQUATTING, BENT])
def test_who_sits_squats_or_bends_as_fast_does_not_fall(end: bodies.Shape, looks_per_s: float) -> None:
    assert bodies.play([Person(change((5.0, STANDING), (5.7, end)))], scenes.times(15, looks_per_s)) == ([], [])


@rates
def test_who_lies_down_slowly_does_not_fall(looks_per_s: float) -> None:
    slowly = change((5.0, STANDING), (7.0, SITTING), (9.0, LYING))
    assert bodies.play([Person(slowly)], scenes.times(15, looks_per_s)) == ([], [])


def test_who_gets_up_at_once_has_not_fallen() -> None:
    stumble = change((5.0, STANDING), (5.6, LYING), (5.9, LYING), (6.4, STANDING))
    assert bodies.play([Person(stumble)], scenes.times(15)) == ([], [])


def test_who_lies_there_from_the_first_look_is_not_seen_to_fall() -> None:
    assert bodies.play([Person(lambda _: LYING)], scenes.times(15)) == ([], [])


def test_a_fall_within_the_first_second_is_seen() -> None:
    raised, _ = bodies.play([Person(change((0.0, STANDING), (0.7, LYING)))], scenes.times(5))
    assert len(raised) == 1


def test_a_fall_ends_when_the_person_stands_again_and_the_next_is_another() -> None:
    twice = change((5.0, STANDING), (5.6, LYING), (9.0, LYING), (10.0, STANDING), (14.0, STANDING), (14.6, LYING))
    raised, ended = bodies.play([Person(twice)], scenes.times(20))
    assert len({event.key for event in raised}) == 2
    assert [end.key for end in ended] == [raised[0].key]


def test_a_fall_ends_when_nobody_is_seen_there_for_long() -> None:
    carried_off = Person(lambda t: FALLING(t) if t < 12 else None)
    (event,), (end,) = bodies.play([carried_off], scenes.times(40))
    assert end.key == event.key and end.ended_s == pytest.approx(11.8)


def test_gaps_in_which_the_model_misses_the_body_do_not_hide_a_fall() -> None:
    gappy = Person(lambda t: FALLING(t) if not 5.1 <= t < 5.9 else None)
    raised, _ = bodies.play([gappy], scenes.times(12))
    assert len(raised) == 1


def test_a_lying_shape_elsewhere_does_not_make_a_standing_person_fall() -> None:
    standing = Person(lambda _: STANDING)
    furniture = Person(lambda t: LYING if t > 5 else None, lambda _: (1.5, 0.6), certainty=0.2)
    assert bodies.play([standing, furniture], scenes.times(15)) == ([], [])


def test_a_body_that_is_taken_for_another_by_a_leap_does_not_fall() -> None:
    leaps = Person(FALLING, lambda t: (0.4, 0.6) if t < 5.75 else (1.4, 0.6))
    assert bodies.play([leaps], scenes.times(15)) == ([], [])


def test_whom_the_detector_sees_upright_has_not_fallen() -> None:
    upright = scenes.Actor(lambda _: (0.9 * 9 / 16, 0.75), size=(0.08, 0.4))
    assert bodies.play([Person(FALLING)], scenes.times(15), upright) == ([], [])


def test_a_low_box_of_the_detector_does_not_contradict_a_fall() -> None:
    lying = scenes.Actor(lambda _: (0.9 * 9 / 16, 0.7), size=(0.2, 0.15))
    raised, _ = bodies.play([Person(FALLING)], scenes.times(15), lying)
    assert len(raised) == 1


def test_stillness_raises_the_score_and_is_not_needed() -> None:
    still = bodies.play([Person(FALLING)], scenes.times(12))[0][0]
    writhing = Person(FALLING, lambda t: (0.9 + (0.05 if t > 5.7 and int(t * 5) % 2 else 0.0), 0.6))
    moving = bodies.play([writhing], scenes.times(12))[0][0]
    assert 0.6 <= moving.score < still.score <= 1.0


def test_a_zone_limits_where_falls_are_told() -> None:
    left = ((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0))
    right = ((0.4, 0.0), (1.0, 0.0), (1.0, 1.0), (0.4, 1.0))
    assert bodies.play([Person(FALLING)], scenes.times(12), zone=left) == ([], [])
    raised, _ = bodies.play([Person(FALLING)], scenes.times(12), zone=right)
    assert len(raised) == 1
