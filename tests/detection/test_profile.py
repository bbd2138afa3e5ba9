"""Profiles: valid where they exist, refused with the zone, the field and the remedy, hashed by content."""

import dataclasses
import math

import pytest

from detection import profile, thresholds
from detection.profile import CameraProfile, Direction, ProfileError, ZoneRule
from detection.types import Kind, ObjectClass

YARD = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5), (0.1, 0.5))
LOBBY = ((0.5, 0.1), (0.9, 0.1), (0.9, 0.5), (0.5, 0.5))
ARROW = ((0.2, 0.5), (0.8, 0.5))


def refused(zone: str, field: str, *words: str) -> "pytest.RaisesExc[ProfileError]":
    def check(error: ProfileError) -> bool:
        return error.zone == zone and error.field == field and all(word in str(error) for word in words)

    return pytest.raises(ProfileError, check=check)


def test_a_self_crossing_zone_is_refused_with_both_edges_named() -> None:
    with refused("yard", "points", "from point 1 (0.1,0.1) to point 2 (0.5,0.5)", "from point 3 (0.5,0.1)", "in order"):
        ZoneRule("yard", Kind.INTRUSION, ((0.1, 0.1), (0.5, 0.5), (0.5, 0.1), (0.1, 0.5)))


def test_a_point_outside_the_picture_is_named() -> None:
    with refused("yard", "points", "point 3 (960,0.5)", "0 to 1"):
        ZoneRule("yard", Kind.INTRUSION, ((0.1, 0.1), (0.5, 0.1), (960, 0.5)))


def test_a_point_that_is_not_a_number_is_refused() -> None:
    with refused("yard", "points", "point 2"):
        ZoneRule("yard", Kind.INTRUSION, ((0.1, 0.1), (math.nan, 0.1), (0.5, 0.5)))


@pytest.mark.parametrize("points", [(), YARD[:2], tuple((i / 100, (i % 2) / 2) for i in range(65))])
def test_a_zone_with_the_wrong_number_of_points_is_refused(points: tuple[tuple[float, float], ...]) -> None:
    with refused("yard", "points", f"has {len(points)} points", "3 to 64"):
        ZoneRule("yard", Kind.LOITERING, points)


@pytest.mark.parametrize("points", [YARD, YARD[:1], (YARD[0], YARD[0])])
def test_a_line_takes_two_different_points(points: tuple[tuple[float, float], ...]) -> None:
    with refused("gate", "points"):
        ZoneRule("gate", Kind.LINE_CROSSING, points)


def test_a_flat_zone_is_refused() -> None:
    with refused("yard", "points"):
        ZoneRule("yard", Kind.INTRUSION, ((0.1, 0.1), (0.5, 0.1), (0.9, 0.1)))


def test_a_health_kind_takes_no_zone() -> None:
    with refused("yard", "kind", "takes no zone", "intrusion"):
        ZoneRule("yard", Kind.FROZEN, YARD)


@pytest.mark.parametrize(
    ("field", "value", "owner"),
    [
        ("direction", Direction.BOTH, "line_crossing"),
        ("min_count", 5, "crowd"),
        ("area", YARD, "wrong_way"),
        ("parked_counts", True, "stopped_vehicle"),
        ("crossing", YARD, "pedestrian_on_road"),
        ("limit_kmh", 50.0, "speeding"),
    ],
)
def test_a_field_of_another_kind_is_refused(field: str, value: object, owner: str) -> None:
    with refused("yard", field, "means nothing for intrusion", owner):
        ZoneRule("yard", Kind.INTRUSION, YARD, **{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("dwell_s", [-1.0, math.nan, math.inf, 1e6])
def test_a_dwell_out_of_range_is_refused(dwell_s: float) -> None:
    with refused("yard", "dwell_s", "0 to 86400"):
        ZoneRule("yard", Kind.LOITERING, YARD, dwell_s=dwell_s)


def test_empty_classes_are_refused() -> None:
    with refused("yard", "classes"):
        ZoneRule("yard", Kind.INTRUSION, YARD, classes=frozenset())


def test_overlapping_zones_of_one_kind_are_refused_and_touching_ones_are_not() -> None:
    kinds = frozenset({Kind.INTRUSION})
    CameraProfile(kinds, (ZoneRule("yard", Kind.INTRUSION, YARD), ZoneRule("lobby", Kind.INTRUSION, LOBBY)))
    with refused("yard", "points", "overlaps zone 'inner'", "side by side"):
        inner = ((0.2, 0.2), (0.3, 0.2), (0.3, 0.3))
        CameraProfile(kinds, (ZoneRule("yard", Kind.INTRUSION, YARD), ZoneRule("inner", Kind.INTRUSION, inner)))


def test_zones_of_different_kinds_may_overlap() -> None:
    kinds = frozenset({Kind.INTRUSION, Kind.LOITERING})
    made = CameraProfile(kinds, (ZoneRule("a", Kind.INTRUSION, YARD), ZoneRule("b", Kind.LOITERING, YARD)))
    assert [rule.name for rule in made.rules(Kind.LOITERING)] == ["b"]


def test_a_name_used_twice_is_refused() -> None:
    with refused("a", "name", "used twice"):
        CameraProfile(
            frozenset({Kind.INTRUSION}), (ZoneRule("a", Kind.INTRUSION, YARD), ZoneRule("a", Kind.INTRUSION, LOBBY))
        )


def test_a_kind_that_needs_a_zone_and_has_none_is_refused() -> None:
    with refused("", "kinds", "loitering needs a zone"):
        CameraProfile(frozenset({Kind.LOITERING}))


def test_a_zone_of_a_kind_that_is_off_is_refused() -> None:
    with refused("yard", "kind", "intrusion is off"):
        CameraProfile(frozenset({Kind.CROWD}), (ZoneRule("yard", Kind.INTRUSION, YARD),))


def test_the_default_profile_watches_the_whole_picture_without_zones() -> None:
    made = profile.default_profile()
    (rule,) = made.rules(Kind.STOPPED_VEHICLE)
    assert rule.zone() is None
    assert made.kinds >= profile.HEALTH_KINDS & profile.RAISED_KINDS
    assert made.rules(Kind.INTRUSION) == ()


@pytest.mark.parametrize("kind", sorted(profile.EXPERIMENTAL_KINDS))
def test_an_experimental_kind_is_off_unless_it_is_named_and_on_in_evaluation(kind: Kind) -> None:
    assert kind not in profile.default_profile().kinds
    assert kind in CameraProfile(frozenset({kind})).kinds
    assert kind in profile.evaluation_profile().kinds


def test_the_evaluation_profile_follows_the_protocol() -> None:
    made = profile.evaluation_profile((ZoneRule("z1", Kind.LOITERING, YARD), ZoneRule("z2", Kind.WRONG_WAY, ARROW)))
    assert [rule.needed_s for rule in made.rules(Kind.LOITERING)] == [10.0]
    assert [rule.needed_s for rule in made.rules(Kind.STOPPED_VEHICLE)] == [10.0]
    assert [rule.needed_s for rule in made.rules(Kind.CONGESTION)] == [5.0]
    assert Kind.SPEEDING not in made.kinds
    assert ObjectClass.PERSON in made.rules(Kind.WRONG_WAY)[0].seen_classes
    assert made.kinds >= profile.ZONELESS_KINDS & profile.RAISED_KINDS


def test_the_hash_depends_on_what_the_settings_say_and_not_on_their_order() -> None:
    one = CameraProfile(frozenset({Kind.CROWD, Kind.FROZEN}))
    same = CameraProfile(frozenset([Kind.FROZEN, Kind.CROWD]))
    other = dataclasses.replace(one, health=thresholds.HealthThresholds(offline_after_s=11.0))
    assert profile.settings_sha256(one) == profile.settings_sha256(same)
    assert profile.settings_sha256(one) != profile.settings_sha256(other)
    assert len(profile.settings_sha256(one)) == 64


@pytest.mark.parametrize("value", [-0.1, math.nan, 2.0])
def test_a_threshold_out_of_range_is_refused_by_name(value: float) -> None:
    with refused("", "health.lost_share", "from 0.0 to 1.0"):
        thresholds.HealthThresholds(lost_share=value)


def test_a_view_cannot_be_restored_before_it_is_lost() -> None:
    with refused("", "health.restored_share", "below lost_share"):
        thresholds.HealthThresholds(lost_share=0.3, restored_share=0.4)
