"""Intrusion, line crossing and loitering on scripted tracks, at one and at five looks a second."""

import pytest

from detection import thresholds
from detection.profile import Direction, ZoneRule
from detection.triggers import crime
from detection.types import Kind, ObjectClass
from tests.detection import scenes

YARD = ((0.4, 0.4), (0.8, 0.4), (0.8, 0.95), (0.4, 0.95))
GATE = ((0.5, 0.3), (0.5, 0.9))
LIMITS = thresholds.BehaviourThresholds()
THROUGH = scenes.walk((0, 0.1, 0.7), (10, 0.6, 0.7), (20, 0.6, 0.7), (25, 0.95, 0.7), (40, 0.95, 0.7))
"""Enters the yard at 6 s, leaves it at about 22.9 s."""
rates = pytest.mark.parametrize("looks_per_s", [1.0, 5.0])


def intrusion(dwell_s: float | None = None, classes: frozenset[ObjectClass] | None = None) -> crime.Intrusion:
    return crime.Intrusion(ZoneRule("yard", Kind.INTRUSION, YARD, dwell_s=dwell_s, classes=classes), LIMITS)


def loitering(dwell_s: float = 10.0) -> crime.Loitering:
    return crime.Loitering(ZoneRule("yard", Kind.LOITERING, YARD, dwell_s=dwell_s), LIMITS)


def crossing(direction: Direction = Direction.BOTH) -> crime.LineCrossing:
    return crime.LineCrossing(ZoneRule("gate", Kind.LINE_CROSSING, GATE, direction=direction), LIMITS)


@rates
def test_a_person_who_enters_raises_one_intrusion_that_ends_on_leaving(looks_per_s: float) -> None:
    raised, ended = scenes.play(intrusion(), scenes.times(40, looks_per_s), scenes.Actor(THROUGH))
    (event,) = raised
    assert 6.0 <= event.started_s <= 7.0
    assert 0.6 <= event.raised_s - event.started_s <= 2.1 / min(looks_per_s, 2)
    assert [end.key for end in ended] == [event.key]
    assert ended[0].ended_s == pytest.approx(22.9, abs=1.1)


def test_an_intrusion_explains_itself() -> None:
    (event,), _ = scenes.play(intrusion(), scenes.times(10), scenes.Actor(THROUGH, track_id=17))
    assert {c.name for c in event.conditions} == {"inside", "looks_inside"}
    assert all(c.value >= c.threshold for c in event.conditions)
    assert event.zone is not None and event.zone.points == YARD
    assert (event.track_id, event.object_class, event.trigger) == (17, ObjectClass.PERSON, "intrusion")
    assert event.path[-1].time_s == event.raised_s
    assert event.box_norm is not None and 0 <= min(event.box_norm) <= max(event.box_norm) <= 1


def test_a_person_who_only_passes_by_raises_nothing() -> None:
    beside = scenes.walk((0, 0.1, 0.3), (10, 0.9, 0.3))
    assert scenes.play(intrusion(), scenes.times(10), scenes.Actor(beside)) == ([], [])


def test_one_look_inside_is_not_an_intrusion() -> None:
    flicker = scenes.Actor(lambda t: (0.6, 0.7) if t == 2.0 else (0.2, 0.7))
    assert scenes.play(intrusion(), scenes.times(10), flicker) == ([], [])


def test_a_person_already_inside_at_the_first_look_intrudes() -> None:
    raised, _ = scenes.play(intrusion(), scenes.times(5), scenes.Actor(lambda _: (0.6, 0.7)))
    assert len(raised) == 1


def test_a_vehicle_parked_inside_from_the_start_does_not_intrude_and_one_that_drives_in_does() -> None:
    parked = scenes.Actor(lambda _: (0.7, 0.8), 1, ObjectClass.CAR, (0.1, 0.1))
    arriving = scenes.Actor(scenes.walk((0, 0.1, 0.6), (6, 0.6, 0.6), (20, 0.6, 0.6)), 2, ObjectClass.CAR, (0.1, 0.1))
    raised, _ = scenes.play(intrusion(), scenes.times(20), parked, arriving)
    assert [event.track_id for event in raised] == [2]


def test_a_class_the_zone_is_not_about_is_ignored() -> None:
    rule = intrusion(classes=frozenset({ObjectClass.TRUCK}))
    assert scenes.play(rule, scenes.times(10), scenes.Actor(THROUGH)) == ([], [])


def test_short_steps_outside_do_not_end_an_intrusion() -> None:
    edge = scenes.Actor(lambda t: (0.41 if int(t * 5) % 4 else 0.39, 0.7))
    raised, ended = scenes.play(intrusion(), scenes.times(30), edge)
    assert (len(raised), ended) == (1, [])


def test_the_same_track_raises_again_only_after_the_rearm_time() -> None:
    back_soon = scenes.walk(
        (0, 0.6, 0.7), (3, 0.6, 0.7), (3.1, 0.1, 0.7), (6, 0.1, 0.7), (6.1, 0.6, 0.7), (30, 0.6, 0.7)
    )
    raised, ended = scenes.play(intrusion(), scenes.times(30), scenes.Actor(back_soon))
    assert len(raised) == 2
    assert raised[1].raised_s - ended[0].ended_s >= LIMITS.rearm_s
    assert raised[0].key != raised[1].key


def test_two_people_raise_two_intrusions() -> None:
    raised, _ = scenes.play(
        intrusion(), scenes.times(10), scenes.Actor(THROUGH, 1), scenes.Actor(lambda _: (0.75, 0.9), 2)
    )
    assert sorted(event.track_id or 0 for event in raised) == [1, 2]


def test_an_intruder_not_seen_any_more_ends_at_the_last_sighting() -> None:
    gone = scenes.walk((0, 0.6, 0.7), (5, 0.6, 0.7))
    raised, ended = scenes.play(intrusion(), scenes.times(20), scenes.Actor(gone))
    assert [end.key for end in ended] == [event.key for event in raised]
    assert ended[0].ended_s == pytest.approx(5.0)


@rates
def test_loitering_is_raised_at_the_dwell_time(looks_per_s: float) -> None:
    raised, ended = scenes.play(loitering(), scenes.times(40, looks_per_s), scenes.Actor(THROUGH))
    (event,) = raised
    assert event.raised_s - event.started_s == pytest.approx(10.0, abs=1.0)
    assert len(ended) == 1


def test_somebody_who_crosses_the_zone_sooner_does_not_loiter() -> None:
    quick = scenes.walk((0, 0.1, 0.7), (12, 0.95, 0.7))
    assert scenes.play(loitering(), scenes.times(20), scenes.Actor(quick)) == ([], [])


def test_a_dwell_survives_misses() -> None:
    place = scenes.unseen(lambda _: (0.6, 0.7), (2, 5), (6, 8))
    raised, _ = scenes.play(loitering(), scenes.times(15), scenes.Actor(place))
    assert [event.raised_s for event in raised] == [pytest.approx(10.0, abs=0.3)]


def test_a_dwell_is_handed_over_to_the_track_that_begins_where_one_was_lost() -> None:
    place = scenes.unseen(lambda _: (0.6, 0.7), (5, 7))
    raised, _ = scenes.play(loitering(), scenes.times(15), scenes.Actor(place, track_id=lambda t: 1 if t < 6 else 2))
    (event,) = raised
    assert event.raised_s == pytest.approx(10.0, abs=0.3)
    assert event.track_id == 2


def test_a_dwell_is_not_handed_over_across_the_zone() -> None:
    first = scenes.Actor(scenes.walk((0, 0.45, 0.5), (5, 0.45, 0.5)), 1)
    second = scenes.Actor(scenes.walk((6, 0.75, 0.95), (13, 0.75, 0.95)), 2, size=(0.03, 0.1))
    assert scenes.play(loitering(), scenes.times(13), first, second) == ([], [])


def test_a_dwell_is_not_handed_over_from_a_person_still_seen() -> None:
    stays = scenes.Actor(scenes.walk((0, 0.6, 0.7), (12, 0.6, 0.7)), 1)
    joins = scenes.Actor(scenes.walk((8, 0.62, 0.7), (12, 0.62, 0.7)), 2)
    raised, _ = scenes.play(loitering(), scenes.times(12), stays, joins)
    assert [event.track_id for event in raised] == [1]


def test_leaving_and_coming_back_begins_a_new_dwell() -> None:
    twice = scenes.walk((0, 0.6, 0.7), (7, 0.6, 0.7), (7.2, 0.1, 0.7), (12, 0.1, 0.7), (12.2, 0.6, 0.7), (20, 0.6, 0.7))
    assert scenes.play(loitering(), scenes.times(20), scenes.Actor(twice)) == ([], [])


@rates
def test_a_crossing_raises_once_and_ends_at_once(looks_per_s: float) -> None:
    across = scenes.walk((0, 0.2, 0.6), (6, 0.8, 0.6))
    raised, ended = scenes.play(crossing(), scenes.times(8, looks_per_s), scenes.Actor(across))
    assert [event.raised_s for event in raised] == [pytest.approx(3.2, abs=0.9)]
    assert [end.key for end in ended] == [raised[0].key]


@pytest.mark.parametrize(
    ("direction", "expected"), [(Direction.LEFT_TO_RIGHT, 0), (Direction.RIGHT_TO_LEFT, 1), (Direction.BOTH, 1)]
)
def test_a_crossing_counts_in_its_direction_only(direction: Direction, expected: int) -> None:
    from_the_left_of_the_picture = scenes.walk((0, 0.2, 0.6), (6, 0.8, 0.6))
    raised, _ = scenes.play(crossing(direction), scenes.times(8), scenes.Actor(from_the_left_of_the_picture))
    # The line is drawn downwards: its left hand is the right side of the picture.
    assert len(raised) == expected


def test_standing_on_the_line_raises_nothing() -> None:
    jitter = scenes.Actor(lambda t: (0.5 + (0.008 if int(t * 5) % 2 else -0.008), 0.6))
    assert scenes.play(crossing(), scenes.times(20), jitter) == ([], [])


def test_turning_round_before_the_line_raises_nothing() -> None:
    turn = scenes.walk((0, 0.2, 0.6), (3, 0.49, 0.6), (6, 0.2, 0.6))
    assert scenes.play(crossing(), scenes.times(8), scenes.Actor(turn)) == ([], [])


def test_passing_beyond_the_end_of_the_line_raises_nothing() -> None:
    around = scenes.walk((0, 0.2, 0.97), (6, 0.8, 0.97))
    assert scenes.play(crossing(), scenes.times(8), scenes.Actor(around)) == ([], [])


def test_crossing_back_raises_again() -> None:
    both = scenes.walk((0, 0.2, 0.6), (5, 0.8, 0.6), (10, 0.2, 0.6))
    raised, _ = scenes.play(crossing(), scenes.times(12), scenes.Actor(both))
    assert [event.conditions[0].name for event in raised] == ["crossed_right_to_left", "crossed_left_to_right"]
