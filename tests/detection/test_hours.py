"""Hours of the week as they are written, and the rules that are on then."""

import pytest

from detection import hours, profile, types
from detection.errors import ProfileError
from detection.profile import CameraProfile, KindHours, ZoneRule
from detection.types import Kind

SQUARE = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4), (0.1, 0.4))
BESIDE = ((0.5, 0.1), (0.9, 0.1), (0.9, 0.4), (0.5, 0.4))
NIGHTS = hours.parse(["mon-fri 22:00-06:00"], "active")
WEEKEND = hours.parse(["sat-sun 00:00-24:00"], "active")


def minute(day: str, hour: int, past: int = 0) -> int:
    return (hours.DAYS.index(day) * 24 + hour) * 60 + past


@pytest.mark.parametrize(
    ("text", "on", "off"),
    [
        ("mon-fri 22:00-06:00", [("mon", 22, 0), ("sat", 5, 59)], [("mon", 5, 0), ("sat", 6, 0), ("sun", 23, 0)]),
        ("sat,sun 00:00-24:00", [("sat", 0, 0), ("sun", 23, 59)], [("fri", 23, 59), ("mon", 0, 0)]),
        ("sun 23:00-01:00", [("sun", 23, 30), ("mon", 0, 59)], [("mon", 1, 0), ("sat", 23, 30)]),
        ("fri-mon 9:00-10:00", [("fri", 9, 0), ("sun", 9, 0), ("mon", 9, 59)], [("tue", 9, 0), ("thu", 9, 0)]),
        ("12:15-12:30", [("wed", 12, 15)], [("wed", 12, 30), ("wed", 12, 14)]),
        (" MON-SUN 00:00-24:00 ", [("mon", 0, 0), ("sun", 23, 59)], []),
    ],
)
def test_a_span_covers_the_minutes_it_says(
    text: str, on: list[tuple[str, int, int]], off: list[tuple[str, int, int]]
) -> None:
    week = hours.parse([text], "active")
    assert all(week.is_on(minute(*at)) for at in on)
    assert not any(week.is_on(minute(*at)) for at in off)


def test_spans_together_are_one_week_in_any_order_and_overlap() -> None:
    parts = ["mon 08:00-12:00", "mon 10:00-14:00", "sun 20:00-22:00"]
    assert hours.parse(parts, "active") == hours.parse(parts[::-1], "active")
    assert hours.parse(parts, "active").spans == ((480, 840), (minute("sun", 20), minute("sun", 22)))


def test_all_168_hours_can_be_on() -> None:
    assert hours.parse(["00:00-24:00"], "active").spans == ((0, 168 * 60),)


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (["mon-fri"], "is no span of the week"),
        (["22-6"], "is no span of the week"),
        (["mon 22:00-25:00"], "has an hour that no day has"),
        (["mon 22:70-23:00"], "has an hour that no day has"),
        (["mon 24:00-06:00"], "has an hour that no day has"),
        (["mon 06:00-06:00"], "is empty"),
        (["mno 06:00-07:00"], "names no day"),
        ([], "has 0 spans"),
        (["mon 01:00-02:00"] * 65, "has 65 spans"),
    ],
)
def test_a_span_that_cannot_be_meant_is_refused_with_what_to_write(texts: list[str], problem: str) -> None:
    with pytest.raises(ProfileError, match=problem) as caught:
        hours.parse(texts, "active", "yard")
    assert caught.value.zone == "yard"
    assert caught.value.remedy


def test_two_weeks_together_are_on_when_both_are() -> None:
    evening = hours.parse(["20:00-23:00"], "active")
    assert NIGHTS.both(evening).spans[0] == (minute("mon", 22), minute("mon", 23))
    assert NIGHTS.both(WEEKEND) == hours.parse(["sat 00:00-06:00"], "active")


def zoned(**changed: object) -> CameraProfile:
    return CameraProfile(
        frozenset({Kind.INTRUSION, Kind.OFFLINE, Kind.BLINDED}),
        (ZoneRule("yard", Kind.INTRUSION, SQUARE, active=NIGHTS), ZoneRule("gate", Kind.INTRUSION, BESIDE)),
        **changed,  # type: ignore[arg-type]
    )


def test_a_profile_falls_into_parts_of_equal_hours() -> None:
    parts = zoned(active=(KindHours(Kind.BLINDED, WEEKEND),)).parts()
    assert [(one.week, sorted(one.profile.kinds), [rule.name for rule in one.profile.zones]) for one in parts] == [
        (None, [Kind.INTRUSION, Kind.OFFLINE], ["gate"]),
        (WEEKEND, [Kind.BLINDED], []),
        (NIGHTS, [Kind.INTRUSION], ["yard"]),
    ]


def test_a_kind_is_on_when_its_own_hours_and_those_of_a_zone_are() -> None:
    watched = zoned(active=(KindHours(Kind.INTRUSION, WEEKEND),))
    assert watched.is_on(Kind.INTRUSION, minute("sat", 12))
    assert not watched.is_on(Kind.INTRUSION, minute("mon", 23))
    assert watched.is_on(Kind.INTRUSION, None)
    assert watched.is_on(Kind.OFFLINE, minute("mon", 12))
    assert not watched.is_on(Kind.CROWD, None)


def test_hours_of_a_kind_that_is_off_or_given_twice_are_refused() -> None:
    for active in ((KindHours(Kind.CROWD, WEEKEND),), (KindHours(Kind.BLINDED, WEEKEND),) * 2):
        with pytest.raises(ProfileError, match="active"):
            zoned(active=active)


def test_hours_change_the_settings_hash() -> None:
    assert profile.settings_sha256(zoned()) != profile.settings_sha256(zoned(active=(KindHours(Kind.OFFLINE, NIGHTS),)))


def test_a_kind_without_zones_keeps_its_rule_for_the_whole_picture() -> None:
    watched = CameraProfile(frozenset({Kind.CROWD}), active=(KindHours(Kind.CROWD, NIGHTS),))
    (_, part) = watched.parts()
    assert part.week == NIGHTS
    assert [rule.name for rule in part.profile.rules(Kind.CROWD)] == ["picture"]
    assert types.Kind.CROWD in part.profile.kinds
