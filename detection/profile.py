"""What one camera is watched for: kinds, zones and thresholds. A profile that exists is valid; triggers trust it.

Every refusal names the zone, the field and what to write instead. The profile's hash goes into every event, so that a result can be traced
to the settings that gave it.
"""

import dataclasses
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import rfc8785

from detection import drawing, fire_thresholds, hours, settings, thresholds, weapon_thresholds, zones
from detection.calibration import Calibration
from detection.errors import ProfileError
from detection.kinds import (
    EXPERIMENTAL_KINDS,
    HEALTH_KINDS,
    LINE_KINDS,
    NEED_ZONE,
    PERSONS,
    PICTURE_KINDS,
    POLYGON_KINDS,
    RAISED_KINDS,
    WHEELED,
    WHOLE_PICTURE_KINDS,
    ZONE_KINDS,
    ZONELESS_KINDS,
)
from detection.rules import Direction, ZoneRule
from detection.types import Kind, ObjectClass

__all__ = [
    "EXPERIMENTAL_KINDS",
    "HEALTH_KINDS",
    "LINE_KINDS",
    "NEED_ZONE",
    "PERSONS",
    "PICTURE_KINDS",
    "POLYGON_KINDS",
    "RAISED_KINDS",
    "WHEELED",
    "WHOLE_PICTURE_KINDS",
    "ZONELESS_KINDS",
    "ZONE_KINDS",
    "CameraProfile",
    "Direction",
    "KindHours",
    "Part",
    "ProfileError",
    "ZoneRule",
    "as_json",
    "default_kinds",
    "default_profile",
    "evaluation_profile",
    "settings_sha256",
]

EVALUATION_DWELL_S = 10.0
EVALUATION_JAM_S = 5.0
"""The protocol gives congestion no dwell, so its alarm is due as it begins; a red light is no matter in files that hold none."""
MAX_ZONES = 64


@dataclass(frozen=True, slots=True)
class KindHours:
    """When in the week a kind is on, whatever its zones say."""

    kind: Kind
    week: hours.Week


@dataclass(frozen=True, slots=True)
class CameraProfile:
    """What one camera is watched for, and how.

    Attributes:
        kinds: what may be raised. A kind that needs a zone must have one, and no zone may be of a kind that is off.
        schedule, motion, regions: which frames and parts of them are looked at.
        detector, tracker: what is believed of what is found there.
        falls, objects: what falls, and what was left or taken, are compared with.
        budget: what questions to further models may cost.
        behaviour, health, traffic, flood, shake, collapse, fight, fire, weapon: what triggers compare with.
        calibration: what the picture measures on the ground; None where nobody measured it.
        active: kinds that are on at some hours of the week only; each at most once.
    """

    kinds: frozenset[Kind]
    zones: tuple[ZoneRule, ...] = ()
    schedule: settings.ScheduleSettings = field(default_factory=settings.ScheduleSettings)
    motion: settings.MotionSettings = field(default_factory=settings.MotionSettings)
    regions: settings.RegionSettings = field(default_factory=settings.RegionSettings)
    detector: settings.DetectorSettings = field(default_factory=settings.DetectorSettings)
    tracker: settings.TrackerSettings = field(default_factory=settings.TrackerSettings)
    behaviour: thresholds.BehaviourThresholds = field(default_factory=thresholds.BehaviourThresholds)
    falls: thresholds.FallThresholds = field(default_factory=thresholds.FallThresholds)
    objects: thresholds.ObjectThresholds = field(default_factory=thresholds.ObjectThresholds)
    health: thresholds.HealthThresholds = field(default_factory=thresholds.HealthThresholds)
    traffic: thresholds.TrafficThresholds = field(default_factory=thresholds.TrafficThresholds)
    flood: thresholds.FloodThresholds = field(default_factory=thresholds.FloodThresholds)
    shake: thresholds.ShakeThresholds = field(default_factory=thresholds.ShakeThresholds)
    collapse: thresholds.CollapseThresholds = field(default_factory=thresholds.CollapseThresholds)
    fight: thresholds.FightThresholds = field(default_factory=thresholds.FightThresholds)
    fire: fire_thresholds.FireThresholds = field(default_factory=fire_thresholds.FireThresholds)
    weapon: weapon_thresholds.WeaponThresholds = field(default_factory=weapon_thresholds.WeaponThresholds)
    budget: settings.BudgetSettings = field(default_factory=settings.BudgetSettings)
    calibration: Calibration | None = None
    active: tuple[KindHours, ...] = ()

    def __post_init__(self) -> None:
        if len(self.zones) > MAX_ZONES:
            raise ProfileError("zones", f"there are {len(self.zones)}", f"write at most {MAX_ZONES}")
        _check_names(self.zones)
        _check_kinds_have_zones(self)
        _check_overlaps(self.zones)
        _check_active(self)

    def rules(self, kind: Kind) -> tuple[ZoneRule, ...]:
        """Return the rules of `kind` if it is on: those drawn, else one for the whole picture where the kind allows that."""
        if kind not in self.kinds:
            return ()
        drawn = tuple(rule for rule in self.zones if rule.kind == kind)
        if not drawn and kind in ZONELESS_KINDS and kind in POLYGON_KINDS:
            return (ZoneRule("picture", kind),)
        return drawn

    def parts(self) -> "tuple[Part, ...]":
        """Return the profile split by hours and least size; first what is always on for objects of any size."""
        kind_weeks = {one.kind: one.week for one in self.active}
        found: dict[tuple[hours.Week | None, float], tuple[set[Kind], list[ZoneRule]]] = {(None, 0.0): (set(), [])}
        for kind in sorted(self.kinds):
            drawn = [rule for rule in self.zones if rule.kind == kind]
            for rule in (*drawn, *([] if drawn else [None])):
                week = _common(kind_weeks.get(kind), rule.active if rule else None)
                kinds, rules = found.setdefault((week, rule.min_height if rule else 0.0), (set(), []))
                kinds.add(kind)
                rules += [rule] if rule else []
        return tuple(
            Part(week, min_height, dataclasses.replace(self, kinds=frozenset(kinds), zones=tuple(rules), active=()))
            for (week, min_height), (kinds, rules) in found.items()
        )

    def is_on(self, kind: Kind, minute: int | None) -> bool:
        """Say whether anything of `kind` is watched for at that minute of the week; None: of no week."""
        if kind not in self.kinds or minute is None:
            return kind in self.kinds
        if not all(one.week.is_on(minute) for one in self.active if one.kind == kind):
            return False
        drawn = [rule for rule in self.zones if rule.kind == kind]
        return not drawn or any(rule.active is None or rule.active.is_on(minute) for rule in drawn)


@dataclass(frozen=True, slots=True)
class Part:
    """The kinds and zones of a profile that are on at the same hours, for objects from the same size on.

    Attributes:
        week: None for always.
        min_height: share of the picture's height.
        profile: of these kinds and zones alone.
    """

    week: hours.Week | None
    min_height: float
    profile: CameraProfile


def default_profile() -> CameraProfile:
    """Return what a camera is watched for when nobody drew a zone: everything that needs none."""
    return CameraProfile(default_kinds())


def default_kinds() -> frozenset[Kind]:
    """Return the kinds that are on where nobody said otherwise."""
    return (ZONELESS_KINDS & RAISED_KINDS) - EXPERIMENTAL_KINDS


def evaluation_profile(rules: Iterable[ZoneRule] = ()) -> CameraProfile:
    """Return the profile of the evaluation protocol: every kind on, 10 s of dwell, kinds that need a zone silent without one.

    The direction of a wrong_way zone holds for people too: the protocol's zones do not say for whom they are.
    """
    drawn = [_with_evaluation_defaults(rule) for rule in rules]
    for kind, dwell_s in (
        (Kind.STOPPED_VEHICLE, EVALUATION_DWELL_S),
        (Kind.ABANDONED_OBJECT, EVALUATION_DWELL_S),
        (Kind.CONGESTION, EVALUATION_JAM_S),
    ):
        if not any(rule.kind == kind for rule in drawn):
            drawn.append(ZoneRule(f"picture {kind}", kind, dwell_s=dwell_s))
    return CameraProfile((ZONELESS_KINDS & RAISED_KINDS) | {rule.kind for rule in drawn}, tuple(drawn))


def settings_sha256(profile: CameraProfile) -> str:
    """Return the SHA-256 of the profile as canonical JSON (RFC 8785): equal settings hash equally, in any order of writing."""
    return hashlib.sha256(rfc8785.dumps(as_json(profile))).hexdigest()


def as_json(value: Any) -> Any:
    """Return a settings value as plain JSON values: sets sorted, enumerations by their values, dataclasses by field."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, ObjectClass):
        return value.name.lower()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(as_json(item) for item in value)
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    return value


def _with_evaluation_defaults(rule: ZoneRule) -> ZoneRule:
    if rule.kind in (Kind.LOITERING, Kind.STOPPED_VEHICLE, Kind.ABANDONED_OBJECT) and rule.dwell_s is None:
        return dataclasses.replace(rule, dwell_s=EVALUATION_DWELL_S)
    if rule.kind == Kind.CONGESTION and rule.dwell_s is None:
        return dataclasses.replace(rule, dwell_s=EVALUATION_JAM_S)
    if rule.kind == Kind.WRONG_WAY and rule.classes is None:
        return dataclasses.replace(rule, classes=PERSONS | WHEELED)
    return rule


def _check_names(rules: tuple[ZoneRule, ...]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.name in seen:
            raise ProfileError("name", "is used twice", "give each zone a name of its own", rule.name)
        seen.add(rule.name)


def _check_kinds_have_zones(profile: CameraProfile) -> None:
    drawn = {rule.kind: rule.name for rule in profile.zones}
    if missing := sorted(profile.kinds - RAISED_KINDS):
        raise ProfileError("kinds", f"{missing[0]} is not raised by this version", f"take {missing[0]} out")
    for kind in sorted(profile.kinds - ZONELESS_KINDS - drawn.keys()):
        raise ProfileError("kinds", f"{kind} needs a zone and has none", f"draw one or take {kind} out")
    if Kind.SPEEDING in drawn and profile.calibration is None:
        remedy = "measure four points of the ground and write [camera.calibration]"
        raise ProfileError("kind", "speed cannot be told without a calibration", remedy, drawn[Kind.SPEEDING])
    for kind in sorted(drawn.keys() - profile.kinds):
        raise ProfileError("kind", f"{kind} is off", f"add {kind} to kinds or take the zone out", drawn[kind])


def _check_active(profile: CameraProfile) -> None:
    named = [one.kind for one in profile.active]
    for kind in sorted(set(named)):
        if kind not in profile.kinds:
            raise ProfileError(f"active.{kind}", f"{kind} is off", f"add {kind} to kinds or take its hours out")
        if named.count(kind) > 1:
            raise ProfileError(f"active.{kind}", "is given twice", "write all its hours in one list")


def _common(a: hours.Week | None, b: hours.Week | None) -> hours.Week | None:
    if a is None or b is None:
        return a or b
    return a.both(b)


def _check_overlaps(rules: tuple[ZoneRule, ...]) -> None:
    for i, a in enumerate(rules):
        for b in rules[i + 1 :]:
            if a.kind != b.kind or a.kind not in POLYGON_KINDS:
                continue
            if not a.points or not b.points or zones.intersection_area(a.points, b.points) > drawing.LEAST_AREA:
                remedy = f"one object would raise {a.kind} twice: draw them side by side or join them"
                raise ProfileError("points", f"overlaps zone {b.name!r} of the same kind", remedy, a.name)
