"""Triggers at their hours: silent outside them, what is open ended at the last minute, begun anew at the next first one."""

import dataclasses
from collections.abc import Iterator

from detection import hours, profile, triggers, types
from detection.profile import CameraProfile, ZoneRule
from detection.triggers import Trigger
from detection.types import Kind
from tests.detection import scenes

SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
RULE = ZoneRule("yard", Kind.INTRUSION, SQUARE, active=hours.parse(["mon 00:01-00:02", "mon 00:03-00:04"], "active"))
STANDS = scenes.Actor(lambda time_s: (0.5, 0.5))


def watched() -> Trigger:
    (trigger,) = triggers.make_triggers(CameraProfile(frozenset({Kind.INTRUSION}), (RULE,)))
    return trigger


def play(trigger: Trigger, until_s: float, calendar: bool = True) -> Iterator[types.Raised | types.Ended]:
    for time_s in scenes.times(until_s, 2.0):
        scene = scenes.scene(time_s, [STANDS])
        yield from trigger.update(dataclasses.replace(scene, week_minute=int(time_s / 60) if calendar else None))


def test_who_stays_is_raised_at_the_hours_that_are_on_and_ended_with_them() -> None:
    outcomes = list(play(watched(), 300))
    raised = [one for one in outcomes if isinstance(one, types.Raised)]
    ended = [one for one in outcomes if isinstance(one, types.Ended)]
    assert [int(one.raised_s // 60) for one in raised] == [1, 3]
    assert [one.ended_s for one in ended] == [120.0, 240.0]
    assert [one.key for one in ended] == [one.key for one in raised]
    assert len({one.key for one in raised}) == 2


def test_times_that_are_no_calendars_leave_every_rule_on() -> None:
    (raised,) = list(play(watched(), 300, calendar=False))
    assert isinstance(raised, types.Raised)
    assert raised.raised_s < 60


def test_a_profile_without_hours_makes_no_scheduled_trigger() -> None:
    made = triggers.make_triggers(profile.default_profile())
    assert "Scheduled" not in {type(trigger).__name__ for trigger in made}
