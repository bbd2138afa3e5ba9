"""Sets of kinds and of object classes: which need a zone, which tell of the camera itself, which this version can raise."""

from detection import types
from detection.types import Kind, ObjectClass

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
        Kind.WEAPON,
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
        Kind.WEAPON,
    }
)
"""Kinds that one picture can show, by the evidence of an examiner."""
EXPERIMENTAL_KINDS = frozenset({Kind.WEAPON, Kind.COLLAPSE})
"""Kinds that are off unless a profile names them: they have not earned an operator's attention."""
