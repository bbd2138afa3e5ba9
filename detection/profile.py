"""What one camera is watched for: kinds, zones and thresholds. A profile that exists is valid; triggers trust it.

Every refusal names the zone, the field and what to write instead. The profile's hash goes into every event, so that a result can be traced
to the settings that gave it.
"""

import dataclasses
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

import rfc8785

from detection import drawing, fire_thresholds, hours, settings, thresholds, types, zones
from detection.calibration import Calibration
from detection.errors import ProfileError
from detection.types import Kind, ObjectClass

__all__ = [
    "CameraProfile",
    "Direction",
    "KindHours",
    "ProfileError",
    "ZoneRule",
    "as_json",
    "default_profile",
    "evaluation_profile",
    "settings_sha256",
]

PERSONS = frozenset({ObjectClass.PERSON})
WHEELED = types.VEHICLES | {ObjectClass.BICYCLE}
HEALTH_KINDS = frozenset(
    {Kind.OFFLINE, Kind.FROZEN, Kind.LOOPED, Kind.BLINDED, Kind.SPRAYED, Kind.DEFOCUSED, Kind.MOVED, Kind.CLOCK_DRIFT}
)
WHOLE_PICTURE_KINDS = HEALTH_KINDS | {Kind.SHAKE, Kind.COLLAPSE}
"""Kinds that are told from the small picture alone: no model has a part in them."""
LINE_KINDS = frozenset({Kind.LINE_CROSSING, Kind.WRONG_WAY})
POLYGON_KINDS = frozenset(Kind) - LINE_KINDS - WHOLE_PICTURE_KINDS
NEED_ZONE = LINE_KINDS | {Kind.INTRUSION, Kind.LOITERING, Kind.ILLEGAL_PARKING, Kind.FLOOD, Kind.SPEEDING}
ZONELESS_KINDS = frozenset(Kind) - NEED_ZONE
"""Kinds that work on the whole picture where no zone is drawn."""
RAISED_KINDS = frozenset(
    {
        Kind.INTRUSION,
        Kind.LINE_CROSSING,
        Kind.WRONG_WAY,
        Kind.LOITERING,
        Kind.FALL,
        Kind.ABANDONED_OBJECT,
        Kind.REMOVED_OBJECT,
        Kind.STOPPED_VEHICLE,
        Kind.ACCIDENT,
        Kind.ILLEGAL_PARKING,
        Kind.CONGESTION,
        Kind.PEDESTRIAN_ON_ROAD,
        Kind.SPEEDING,
        Kind.CROWD,
        Kind.FLOOD,
        Kind.SHAKE,
        Kind.COLLAPSE,
        Kind.FIGHT,
        Kind.FIRE,
        Kind.SMOKE,
        Kind.OFFLINE,
        Kind.FROZEN,
        Kind.LOOPED,
        Kind.BLINDED,
        Kind.SPRAYED,
        Kind.DEFOCUSED,
        Kind.MOVED,
        Kind.CLOCK_DRIFT,
    }
)
"""Kinds that this version can raise."""
ZONE_KINDS = (LINE_KINDS | POLYGON_KINDS) & RAISED_KINDS
"""Kinds for which zones may be drawn."""
PICTURE_KINDS: frozenset[Kind] = frozenset(
    {
        Kind.FIRE,
        Kind.SMOKE,
    }
)
"""Kinds that one picture can show, by the evidence of an examiner."""
EXPERIMENTAL_KINDS = frozenset({Kind.WEAPON, Kind.COLLAPSE})
"""Kinds that are off unless a profile names them: they have not earned an operator's attention."""
EVALUATION_DWELL_S = 10.0
EVALUATION_JAM_S = 5.0
"""The protocol gives congestion no dwell, so its alarm is due as it begins; a red light is no matter in files that hold none."""
MAX_ZONES = 64
MAX_NAME = 60

_CLASSES: dict[Kind, frozenset[ObjectClass]] = {
    Kind.INTRUSION: PERSONS | WHEELED,
    Kind.LINE_CROSSING: PERSONS | WHEELED,
    Kind.LOITERING: PERSONS,
    Kind.FALL: PERSONS,
    Kind.WRONG_WAY: WHEELED,
    Kind.STOPPED_VEHICLE: types.VEHICLES,
    Kind.ILLEGAL_PARKING: types.VEHICLES,
    Kind.CONGESTION: types.VEHICLES,
    Kind.PEDESTRIAN_ON_ROAD: PERSONS,
    Kind.SPEEDING: types.VEHICLES,
    Kind.ACCIDENT: types.VEHICLES,
    Kind.CROWD: PERSONS,
    Kind.FIGHT: PERSONS,
}
_DWELL_S: dict[Kind, float] = {
    Kind.INTRUSION: 0.6,
    Kind.LINE_CROSSING: 0.0,
    Kind.LOITERING: 60.0,
    Kind.ABANDONED_OBJECT: 30.0,
    Kind.REMOVED_OBJECT: 3.0,
    Kind.WRONG_WAY: 1.0,
    Kind.STOPPED_VEHICLE: 30.0,
    Kind.ACCIDENT: 3.0,
    Kind.ILLEGAL_PARKING: 300.0,
    Kind.CONGESTION: 180.0,
    Kind.PEDESTRIAN_ON_ROAD: 1.5,
    Kind.SPEEDING: 1.0,
    Kind.CROWD: 5.0,
    Kind.FLOOD: 5.0,
}
_MIN_COUNT: dict[Kind, int] = {Kind.CROWD: 15, Kind.CONGESTION: 5}


class Direction(StrEnum):
    """Which crossings of a line count, seen by someone who walks from its first point to its second."""

    LEFT_TO_RIGHT = "left_to_right"
    RIGHT_TO_LEFT = "right_to_left"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """One zone or line and what to watch for in it. Fields left at None take the kind's default.

    Attributes:
        name: unique in the profile.
        points: 0..1 of the picture. A polygon of >= 3 points; a line of 2 for line_crossing; for wrong_way 2 points, from the first to the
            second being the allowed direction; none at all = the whole picture (stopped_vehicle, congestion, crowd) or the carriageway that
            traffic teaches (pedestrian_on_road).
        classes: the objects it is about.
        dwell_s: how long it must last: inside (intrusion, loitering, pedestrian_on_road), against the direction, standing (accident: after it), held up, measured
            (speeding), water rising, or crowded.
        direction: line_crossing only.
        min_count: people from which it is a crowd; vehicles held up from which it is congestion.
        area: wrong_way only: the polygon in which the direction holds; empty = everywhere.
        parked_counts: stopped_vehicle only: also raise for vehicles that were never seen to move.
        active: when in the week it is on; None = always.
        min_height: objects less tall than this share of the picture's height are not looked at.
        crossing: pedestrian_on_road only: the polygon in which people may cross.
        limit_kmh: speeding only, which needs it: the speed that may be driven.
    """

    name: str
    kind: Kind
    points: tuple[types.Point, ...] = ()
    classes: frozenset[ObjectClass] | None = None
    dwell_s: float | None = None
    direction: Direction | None = None
    min_count: int | None = None
    area: tuple[types.Point, ...] = ()
    parked_counts: bool = False
    active: hours.Week | None = None
    min_height: float = 0.0
    crossing: tuple[types.Point, ...] = ()
    limit_kmh: float | None = None

    def __post_init__(self) -> None:
        if not self.name or len(self.name) > MAX_NAME:
            raise ProfileError("name", f"has {len(self.name)} characters", f"write 1 to {MAX_NAME}", self.name)
        _check_kind(self)
        _check_points(self)
        _check_own_fields(self)

    @property
    def seen_classes(self) -> frozenset[ObjectClass]:
        """The classes it is about, the kind's default filled in."""
        return _CLASSES.get(self.kind, frozenset(ObjectClass)) if self.classes is None else self.classes

    @property
    def needed_s(self) -> float:
        """`dwell_s`, the kind's default filled in."""
        return _DWELL_S.get(self.kind, 0.0) if self.dwell_s is None else self.dwell_s

    @property
    def needed_count(self) -> int:
        """`min_count`, the default filled in."""
        return _MIN_COUNT.get(self.kind, 1) if self.min_count is None else self.min_count

    @property
    def counted_direction(self) -> Direction:
        """`direction`, the default filled in."""
        return Direction.BOTH if self.direction is None else self.direction

    def zone(self) -> types.Zone | None:
        """Return the zone as events carry it; None for the whole picture."""
        return types.Zone(self.name, self.points) if self.points else None


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
        behaviour, health, traffic, flood, shake, collapse, fight, fire: what triggers compare with.
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


def _check_kind(rule: ZoneRule) -> None:
    if rule.kind not in ZONE_KINDS:
        choice = ", ".join(sorted(ZONE_KINDS))
        raise ProfileError("kind", f"{str(rule.kind)!r} takes no zone", f"write one of {choice}", rule.name)
    if rule.classes is not None and not rule.classes:
        raise ProfileError("classes", "is empty", "name at least one class or leave it out", rule.name)


def _check_points(rule: ZoneRule) -> None:
    if rule.kind in LINE_KINDS:
        drawing.check_line(rule.name, "points", rule.points)
    elif rule.points or rule.kind not in ZONELESS_KINDS:
        drawing.check_polygon(rule.name, "points", rule.points)
    for name in ("area", "crossing"):
        if points := getattr(rule, name):
            drawing.check_polygon(rule.name, name, points)


def _check_own_fields(rule: ZoneRule) -> None:
    owners: dict[str, tuple[bool, tuple[Kind, ...]]] = {
        "direction": (rule.direction is not None, (Kind.LINE_CROSSING,)),
        "min_count": (rule.min_count is not None, (Kind.CROWD, Kind.CONGESTION)),
        "area": (bool(rule.area), (Kind.WRONG_WAY,)),
        "parked_counts": (rule.parked_counts, (Kind.STOPPED_VEHICLE,)),
        "crossing": (bool(rule.crossing), (Kind.PEDESTRIAN_ON_ROAD,)),
        "limit_kmh": (rule.limit_kmh is not None, (Kind.SPEEDING,)),
    }
    for name, (given, kinds) in owners.items():
        if given and rule.kind not in kinds:
            remedy = f"it is for {' and '.join(kinds)} only: take it out"
            raise ProfileError(name, f"means nothing for {rule.kind}", remedy, rule.name)
    _check_numbers(rule)


def _check_numbers(rule: ZoneRule) -> None:
    if rule.kind == Kind.SPEEDING and (rule.limit_kmh is None or not 5.0 <= rule.limit_kmh <= 200.0):
        problem = "is missing" if rule.limit_kmh is None else f"is {rule.limit_kmh:g}"
        raise ProfileError("limit_kmh", problem, "write the speed limit in km/h, 5 to 200", rule.name)
    if rule.dwell_s is not None and not 0.0 <= rule.dwell_s <= 86_400.0:
        raise ProfileError("dwell_s", f"is {rule.dwell_s:g}", "write seconds from 0 to 86400", rule.name)
    if not 0.0 <= rule.min_height <= 0.9:
        raise ProfileError(
            "min_height", f"is {rule.min_height:g}", "write a share of the picture from 0 to 0.9", rule.name
        )
    if rule.min_count is not None and not 1 <= rule.min_count <= 10_000:
        raise ProfileError("min_count", f"is {rule.min_count}", "write a number from 1 to 10000", rule.name)


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
