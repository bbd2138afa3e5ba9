"""Who is inside a zone, since when: short steps outside, short losses and changes of track id do not interrupt a stay."""

from collections.abc import Callable
from dataclasses import dataclass

from detection import types, zones
from detection.profile import ZoneRule
from detection.thresholds import BehaviourThresholds
from detection.triggers import sightings
from detection.triggers.sightings import Sighting

_VEHICLE_SHARE = 0.5
"""A vehicle is inside when this share of the lower half of its box is: its foot point alone hangs on its wheels and shadow."""


@dataclass(slots=True)
class Stay:
    """One object's stay in a zone.

    Attributes:
        last: its newest sighting inside.
        since_s: when it was first seen inside.
        looks: how often it was seen inside.
        left_s: since when it is seen outside; None while inside.
        key: of the event it raised; "" before.
    """

    last: Sighting
    since_s: float
    looks: int
    left_s: float | None = None
    key: str = ""


class Presence:
    """Follows the stays in one zone; by track id, handed over where a track was lost and another begins."""

    def __init__(
        self, rule: ZoneRule, limits: BehaviourThresholds, counts: Callable[[Sighting], bool] | None = None
    ) -> None:
        """Follow who is in the rule's zone, or whoever `counts` says is."""
        self._rule = rule
        self._limits = limits
        self._by_zone = counts is None
        self._counts = counts or (lambda now: is_inside(rule.points, now))
        self._stays: dict[int, Stay] = {}

    def update(self, scene: types.Scene) -> tuple[list[Stay], list[tuple[Stay, float]]]:
        """Take in one look.

        Returns:
            The stays seen inside at this look, and those that ended, each with the time of its end.
        """
        now = sightings.seen(scene, self._rule.seen_classes)
        inside = [s for s in now if self._counts(s)]
        present = [self._stay(scene, s, now) for s in inside]
        for s in now:
            if s not in inside and s.track.track_id in self._stays:
                stay = self._stays[s.track.track_id]
                stay.left_s = s.time_s if stay.left_s is None else stay.left_s
        return present, self._take_ended(scene.time_s)

    def _stay(self, scene: types.Scene, now: Sighting, all_now: list[Sighting]) -> Stay:
        stay = self._stays.get(now.track.track_id) or self._inherited(now, all_now)
        if stay is None:
            stay = self._from_path(now) if self._by_zone else Stay(now, now.time_s, 0)
        self._stays[now.track.track_id] = stay
        stay.last, stay.left_s = now, None
        stay.looks += 1
        return stay

    def _inherited(self, now: Sighting, all_now: list[Sighting]) -> Stay | None:
        """Take over the stay of a track that was lost near where this one begins."""
        seen_ids = {s.track.track_id for s in all_now}
        lost = {
            id_: stay
            for id_, stay in self._stays.items()
            if id_ not in seen_ids and now.time_s - stay.last.time_s <= self._limits.handover_s
        }
        last = sightings.predecessor(now, (stay.last for stay in lost.values()))
        return self._stays.pop(last.track.track_id) if last is not None else None

    def _from_path(self, now: Sighting) -> Stay:
        """Begin a stay where the track's path came inside without a longer break: it was followed before it was believed."""
        stay = Stay(now, now.time_s, 0)
        for point in reversed(now.track.path):
            outside = not zones.contains(self._rule.points, (point.x_norm, point.y_norm))
            if outside or stay.since_s - point.time_s > self._limits.patience_s:
                break
            if point.time_s < now.time_s - sightings.SAME_LOOK_S:
                stay.since_s = point.time_s
                stay.looks += 1
        return stay

    def _take_ended(self, now_s: float) -> list[tuple[Stay, float]]:
        ended: list[tuple[Stay, float]] = []
        for id_, stay in list(self._stays.items()):
            left = stay.left_s is not None and now_s - stay.left_s >= self._limits.leave_s
            gone = now_s - stay.last.time_s > self._limits.patience_s
            if left or gone:
                del self._stays[id_]
                ended.append((stay, stay.left_s if stay.left_s is not None else stay.last.time_s))
        return ended


def is_inside(polygon: tuple[types.Point, ...], now: Sighting) -> bool:
    """Say whether the object stands in the polygon: a person's foot point, most of the lower half of a vehicle. No polygon: yes."""
    if not polygon:
        return True
    if now.track.label in types.VEHICLES:
        x1, y1, x2, y2 = now.box_norm
        return zones.overlap_share(polygon, (x1, (y1 + y2) / 2, x2, y2)) >= _VEHICLE_SHARE
    return zones.contains(polygon, now.foot_norm)
