"""Intrusion, line crossing and loitering: where people and vehicles are, and for how long."""

from collections.abc import Iterator
from dataclasses import dataclass

from detection import types, zones
from detection.profile import Direction, ZoneRule
from detection.thresholds import BehaviourThresholds
from detection.triggers import presence, sightings, verdicts
from detection.triggers.sightings import Sighting

Outcome = tuple[types.Raised | types.Ended, ...]

_INTRUSION_LOOKS = 2
_LOITERING_LOOKS = 3
_VEHICLE_MOVED_LENGTHS = 0.5


class Intrusion:
    """Raises when an object is inside a zone for long enough, whether it was seen to enter or not.

    A vehicle must also have been seen to move: one that was parked there before the camera looked is not intruding.
    """

    def __init__(self, rule: ZoneRule, limits: BehaviourThresholds) -> None:
        self._rule = rule
        self._limits = limits
        self._presence = presence.Presence(rule, limits)
        self._numbers = verdicts.Numbers(rule)
        self._left_s: dict[int, float] = {}
        """When tracks that raised left, so that they raise again only after a while."""

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look."""
        return tuple(self._outcomes(scene))

    def _outcomes(self, scene: types.Scene) -> Iterator[types.Raised | types.Ended]:
        present, gone = self._presence.update(scene)
        for stay, ended_s in gone:
            if stay.key:
                self._left_s[stay.last.track.track_id] = ended_s
                yield types.Ended(stay.key, ended_s)
        self._left_s = {k: t for k, t in self._left_s.items() if scene.time_s - t < self._limits.rearm_s}
        for stay in present:
            conditions = self._conditions(scene, stay)
            if stay.key or stay.last.track.track_id in self._left_s or not verdicts.hold(conditions):
                continue
            stay.key = self._numbers.key(stay.last.track.track_id)
            yield verdicts.by_object(self._rule, stay.key, stay.since_s, stay.last, conditions)

    def _conditions(self, scene: types.Scene, stay: presence.Stay) -> list[types.Condition]:
        made = [
            verdicts.at_least("inside", scene.time_s - stay.since_s, self._rule.needed_s, "s"),
            verdicts.at_least("looks_inside", stay.looks, _INTRUSION_LOOKS, "looks"),
        ]
        if stay.last.track.label in types.VEHICLES:
            moved = sightings.moved_lengths(scene, stay.last)
            made.append(verdicts.at_least("moved", moved, _VEHICLE_MOVED_LENGTHS, "lengths"))
        return made


class Loitering:
    """Raises when a person stays in a zone for the dwell time; the dwell survives short losses and changes of track id."""

    def __init__(self, rule: ZoneRule, limits: BehaviourThresholds) -> None:
        self._rule = rule
        self._presence = presence.Presence(rule, limits)
        self._numbers = verdicts.Numbers(rule)

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look."""
        present, gone = self._presence.update(scene)
        ended = [types.Ended(stay.key, ended_s) for stay, ended_s in gone if stay.key]
        raised = [self._raised(scene, stay) for stay in present if not stay.key]
        return (*ended, *(event for event in raised if event is not None))

    def _raised(self, scene: types.Scene, stay: presence.Stay) -> types.Raised | None:
        conditions = (
            verdicts.at_least("dwell", scene.time_s - stay.since_s, self._rule.needed_s, "s"),
            verdicts.at_least("looks_inside", stay.looks, _LOITERING_LOOKS, "looks"),
        )
        if not verdicts.hold(conditions):
            return None
        stay.key = self._numbers.key(stay.last.track.track_id)
        return verdicts.by_object(self._rule, stay.key, stay.since_s, stay.last, conditions)


@dataclass(slots=True)
class _Side:
    """On which side of the line an object last stood clearly.

    Attributes:
        left: it stood on the left.
        foot: where, picture heights.
        at_s: when; seen_s: when it was last seen at all.
    """

    left: bool
    foot: types.Point
    at_s: float
    seen_s: float


class LineCrossing:
    """Raises when an object passes a line. It counts as on a side only beyond a margin, so standing on the line raises nothing."""

    def __init__(self, rule: ZoneRule, limits: BehaviourThresholds) -> None:
        self._rule = rule
        self._limits = limits
        self._numbers = verdicts.Numbers(rule)
        self._sides: dict[int, _Side] = {}
        self._open: list[types.Ended] = []

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look. A crossing is over when it is seen; its end follows at the next look."""
        ended, self._open = self._open, []
        raised = [self._follow(scene, now) for now in sightings.seen(scene, self._rule.seen_classes)]
        patience_s = self._limits.patience_s
        self._sides = {k: side for k, side in self._sides.items() if scene.time_s - side.seen_s <= patience_s}
        return (*ended, *(event for event in raised if event is not None))

    def _follow(self, scene: types.Scene, now: Sighting) -> types.Raised | None:
        aspect = scene.width_px / scene.height_px
        a, b = ((x * aspect, y) for x, y in self._rule.points)
        beyond = zones.left_of(a, b, now.foot) / now.length
        before = self._sides.get(now.track.track_id) or self._first_side(now, a, b, aspect)
        if before is not None:
            before.seen_s = now.time_s
        if abs(beyond) < self._limits.line_margin_lengths:
            return None
        self._sides[now.track.track_id] = _Side(beyond > 0, now.foot, now.time_s, now.time_s)
        if before is None or before.left == (beyond > 0) or not zones.segments_cross(before.foot, now.foot, a, b):
            return None
        return self._raised(now, before, abs(beyond))

    def _first_side(self, now: Sighting, a: types.Point, b: types.Point, aspect: float) -> _Side | None:
        """Return the newest clear side on the track's path: it began before the track was believed."""
        for point in reversed(now.track.path):
            foot = (point.x_norm * aspect, point.y_norm)
            beyond = zones.left_of(a, b, foot) / now.length
            if abs(beyond) >= self._limits.line_margin_lengths and point.time_s < now.time_s:
                return _Side(beyond > 0, foot, point.time_s, now.time_s)
        return None

    def _raised(self, now: Sighting, before: _Side, beyond: float) -> types.Raised | None:
        wanted = self._rule.counted_direction
        direction = Direction.LEFT_TO_RIGHT if before.left else Direction.RIGHT_TO_LEFT
        if wanted not in (direction, Direction.BOTH):
            return None
        key = self._numbers.key(now.track.track_id)
        self._open.append(types.Ended(key, now.time_s))
        conditions = (verdicts.at_least(f"crossed_{direction}", beyond, self._limits.line_margin_lengths, "lengths"),)
        return verdicts.by_object(self._rule, key, before.at_s, now, conditions)
