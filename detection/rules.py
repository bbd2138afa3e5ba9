"""One zone or line and what is watched for in it. A rule that exists is valid.

Every refusal names the zone, the field and what to write instead.
"""

from dataclasses import dataclass
from enum import StrEnum

from detection import drawing, hours, types
from detection.errors import ProfileError
from detection.kinds import (
    LINE_KINDS,
    PERSONS,
    WHEELED,
    ZONE_KINDS,
    ZONELESS_KINDS,
)
from detection.types import Kind, ObjectClass

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
    Kind.WEAPON: PERSONS,
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
