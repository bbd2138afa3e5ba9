"""Illegal parking: a vehicle that stands in a zone for the dwell time, whether it was seen to arrive or not.

What counts is the place: it stays taken while passers-by hide the vehicle, and passes to a new track that begins there. A track that drove
up takes no place over: the next vehicle of a queue begins its own time.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from detection import types
from detection.profile import ZoneRule
from detection.thresholds import BehaviourThresholds, TrafficThresholds
from detection.triggers import presence, sightings, standing, verdicts
from detection.triggers.sightings import Sighting

Outcome = tuple[types.Raised | types.Ended, ...]

_LOOKS = 4
_FIRST_PATIENCE_S = 3.0
_BORN_HERE_LENGTHS = 0.5
_ROLL_S = 2.0
"""A vehicle may still roll when it first seems to stand: where it is a moment later is its place."""


@dataclass(slots=True)
class Bay:
    """A place where a vehicle stands.

    Attributes:
        last: the newest sighting there.
        place: picture heights.
        since_s: when a vehicle was first seen there.
        looks: how often; wander: how far from the place at most, lengths.
        away_s: since when the vehicle's track is seen elsewhere; None while it is not.
        key: of the event it raised; "" before.
    """

    last: Sighting
    place: types.Point
    since_s: float
    looks: int = 1
    wander: float = 0.0
    away_s: float | None = None
    key: str = ""

    def add(self, now: Sighting) -> None:
        """Take in a sighting of the vehicle in its place."""
        self.last, self.away_s = now, None
        self.looks += 1
        if now.time_s - self.since_s <= _ROLL_S:
            self.place = now.foot
        self.wander = max(self.wander, math.dist(now.foot, self.place) / now.length)

    def holds(self, now: Sighting, drift_lengths: float) -> bool:
        """Say whether a vehicle seen now stands in this place and is of like size."""
        here = standing.Spot(now.foot, now.length, now.time_s)
        near = math.dist(now.foot, self.place) <= drift_lengths * now.length
        return near and standing.same_place(
            here, standing.Spot(self.place, self.last.length, now.time_s), drift_lengths
        )


class IllegalParking:
    """Raises when a vehicle stands in the zone for the dwell time; ends when it has left."""

    def __init__(self, rule: ZoneRule, behaviour: BehaviourThresholds, traffic: TrafficThresholds) -> None:
        self._rule = rule
        self._behaviour = behaviour
        self._traffic = traffic
        self._numbers = verdicts.Numbers(rule)
        self._bays: list[Bay] = []

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look."""
        return tuple(self._outcomes(scene))

    def _outcomes(self, scene: types.Scene) -> Iterator[types.Raised | types.Ended]:
        now = sightings.seen(scene, self._rule.seen_classes)
        seen_ids = {s.track.track_id for s in now}
        for s in now:
            self._note_away(s)
        for s in now:
            if presence.is_inside(self._rule.points, s):
                yield from self._raised(self._bay(scene, s, seen_ids))
        yield from self._take_ended(scene.time_s)

    def _note_away(self, now: Sighting) -> None:
        """A track that is seen elsewhere has left its place, if only it does not come back soon."""
        for bay in self._bays:
            if bay.last.track.track_id == now.track.track_id and not bay.holds(now, self._behaviour.drift_lengths):
                bay.away_s = now.time_s if bay.away_s is None else bay.away_s

    def _bay(self, scene: types.Scene, now: Sighting, seen_ids: set[int]) -> Bay:
        """Return the place that the vehicle is in: its own, one whose vehicle is out of sight, or a new one."""
        held = [bay for bay in self._bays if bay.holds(now, self._behaviour.drift_lengths)]
        own = [bay for bay in held if bay.last.track.track_id == now.track.track_id]
        free = [bay for bay in held if bay.away_s is not None or bay.last.track.track_id not in seen_ids]
        born_here = sightings.moved_lengths(scene, now) < _BORN_HERE_LENGTHS
        for bay in own or (free if born_here else []):
            bay.add(now)
            return bay
        self._bays.append(Bay(now, now.foot, now.time_s))
        return self._bays[-1]

    def _raised(self, bay: Bay) -> Iterator[types.Raised]:
        conditions = (
            verdicts.at_least("standing", bay.last.time_s - bay.since_s, self._rule.needed_s, "s"),
            verdicts.at_most("wander", bay.wander, self._behaviour.drift_lengths, "lengths"),
            verdicts.at_least("looks_standing", bay.looks, _LOOKS, "looks"),
        )
        if not bay.key and verdicts.hold(conditions):
            bay.key = self._numbers.key(bay.last.track.track_id)
            yield verdicts.by_object(self._rule, bay.key, bay.since_s, bay.last, conditions)

    def _take_ended(self, now_s: float) -> Iterator[types.Ended]:
        kept: list[Bay] = []
        for bay in self._bays:
            left = bay.away_s is not None and now_s - bay.away_s > self._traffic.parking_return_s
            if left or now_s - bay.last.time_s > self._patience_s(bay):
                if bay.key:
                    yield types.Ended(bay.key, bay.last.time_s)
            else:
                kept.append(bay)
        self._bays = kept

    def _patience_s(self, bay: Bay) -> float:
        """A place is kept for as long as somebody was seen to stand there, within bounds: a passing vehicle takes none."""
        stood_s = bay.last.time_s - bay.since_s
        return min(self._traffic.parking_patience_s, _FIRST_PATIENCE_S + stood_s)
