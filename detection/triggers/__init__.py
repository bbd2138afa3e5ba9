"""Triggers: small state machines that turn scenes into events. They know no clock but `Scene.time_s`, and keep bounded state.

What a trigger compares and what it writes into an event are the same `Condition` values, so that an explanation can't differ from the
decision.
"""

import functools
from typing import Protocol

from detection import types
from detection.profile import CameraProfile, Part
from detection.triggers import (
    accident,
    armed,
    clocks,
    collapse,
    congestion,
    crime,
    disaster,
    falling,
    fighting,
    fire,
    flood,
    health,
    looped,
    objects,
    parking,
    pedestrian,
    scheduled,
    shake,
    sized,
    speeding,
    traffic,
)
from detection.types import Kind

__all__ = ["Trigger", "make_triggers"]


class Trigger(Protocol):
    """What the pipeline asks of a trigger."""

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look, or the mere passing of time, and return what began and what ended. Times of scenes never fall."""
        ...


def make_triggers(profile: CameraProfile) -> tuple[Trigger, ...]:
    """Return the triggers that `profile` asks for, in a fixed order; those that are not always on, each at its hours."""
    made: list[Trigger] = []
    for part in profile.parts():
        make = functools.partial(_make_sized, part)
        made += make() if part.week is None else [scheduled.Scheduled(part.week, make)]
    return tuple(made)


def _make_sized(part: Part) -> tuple[Trigger, ...]:
    made = _make(part.profile)
    return tuple(sized.Sized(part.min_height, trigger) for trigger in made) if part.min_height else made


def _make(profile: CameraProfile) -> tuple[Trigger, ...]:
    behaviour = profile.behaviour
    made: list[Trigger] = []
    made += [crime.Intrusion(rule, behaviour) for rule in profile.rules(Kind.INTRUSION)]
    made += [crime.LineCrossing(rule, behaviour) for rule in profile.rules(Kind.LINE_CROSSING)]
    made += [crime.Loitering(rule, behaviour) for rule in profile.rules(Kind.LOITERING)]
    made += [falling.Fall(rule, profile.falls) for rule in profile.rules(Kind.FALL)]
    if things := (*profile.rules(Kind.ABANDONED_OBJECT), *profile.rules(Kind.REMOVED_OBJECT)):
        made.append(objects.Objects(things, profile.objects))
    made += _make_traffic(profile)
    made += [disaster.Crowd(rule, behaviour, profile.calibration) for rule in profile.rules(Kind.CROWD)]
    made += [flood.Flood(rule, profile.flood) for rule in profile.rules(Kind.FLOOD)]
    if Kind.SHAKE in profile.kinds:
        made.append(shake.Shake(profile.shake))
    if Kind.COLLAPSE in profile.kinds:
        made.append(collapse.Collapse(profile.collapse))
    made += [fighting.Fight(rule, profile.fight) for rule in profile.rules(Kind.FIGHT)]
    made += [armed.Armed(rule, profile.weapon) for rule in profile.rules(Kind.WEAPON)]
    made += [fire.Burning(rule, profile.fire) for kind in (Kind.FIRE, Kind.SMOKE) for rule in profile.rules(kind)]
    if Kind.OFFLINE in profile.kinds:
        made.append(health.Offline(profile.health))
    if Kind.FROZEN in profile.kinds:
        made.append(health.Frozen(profile.health))
    if Kind.LOOPED in profile.kinds:
        made.append(looped.Looped(profile.health))
    if Kind.CLOCK_DRIFT in profile.kinds:
        made.append(clocks.ClockDrift(profile.health))
    if profile.kinds & health.VIEW_KINDS:
        made.append(health.View(profile.kinds & health.VIEW_KINDS, profile.health))
    return tuple(made)


def _make_traffic(profile: CameraProfile) -> list[Trigger]:
    behaviour, limits, ground = profile.behaviour, profile.traffic, profile.calibration
    made: list[Trigger] = []
    made += [traffic.WrongWay(rule, behaviour) for rule in profile.rules(Kind.WRONG_WAY)]
    made += [traffic.StoppedVehicle(rule, behaviour) for rule in profile.rules(Kind.STOPPED_VEHICLE)]
    made += [accident.Accident(rule, behaviour, limits) for rule in profile.rules(Kind.ACCIDENT)]
    made += [parking.IllegalParking(rule, behaviour, limits) for rule in profile.rules(Kind.ILLEGAL_PARKING)]
    made += [congestion.Congestion(rule, behaviour, limits) for rule in profile.rules(Kind.CONGESTION)]
    made += [pedestrian.PedestrianOnRoad(rule, behaviour, limits) for rule in profile.rules(Kind.PEDESTRIAN_ON_ROAD)]
    if ground is not None:
        made += [speeding.Speeding(rule, behaviour, limits, ground) for rule in profile.rules(Kind.SPEEDING)]
    return made
