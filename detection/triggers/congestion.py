"""Congestion: enough vehicles held up at once, most of those under way, over enough of the road, for the dwell time.

A vehicle counts as under way only when it was seen to move, and lately: rows of parked vehicles are no congestion. A queue at a red light is
shorter than the dwell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from detection import types
from detection.profile import ZoneRule
from detection.thresholds import BehaviourThresholds, TrafficThresholds
from detection.triggers import carriageway, presence, sightings, verdicts, ways

_SPAN_S = 6.0
_SPEED_S = 4.0
_SEEN_WITHIN_S = 6.0
"""Vehicles that stand are looked at seldom: one seen this recently is still there."""
_LOOKS = 3
_END_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Flow:
    """Traffic at one look.

    Attributes:
        slow: boxes (0..1 of the picture) of the vehicles held up.
        under_way: how many vehicles are under way, those included.
        occupied: 0..1, share of the road under the vehicles held up.
    """

    slow: tuple[types.Box, ...]
    under_way: int
    occupied: float

    @property
    def slow_share(self) -> float:
        """Share of the vehicles under way that are held up; 0 on an empty road."""
        return len(self.slow) / self.under_way if self.under_way else 0.0


class Congestion:
    """Raises while traffic is held up; ends when it flows or has gone."""

    def __init__(self, rule: ZoneRule, behaviour: BehaviourThresholds, traffic: TrafficThresholds) -> None:
        self._rule = rule
        self._traffic = traffic
        self._numbers = verdicts.Numbers(rule)
        self._ways = ways.Ways(_SPAN_S, 2 * behaviour.patience_s)
        self._zone = carriageway.mask(rule.points) if rule.points else None
        self._road = carriageway.Carriageway(traffic.road_memory_s)
        self._since_s: float | None = None
        self._held_s = 0.0
        self._looks = 0
        self._key = ""

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look."""
        flow = self._flow(scene)
        if self._key:
            return self._end(scene.time_s, flow)
        return self._begin(scene.time_s, flow) if scene.thumb is not None else ()

    def _flow(self, scene: types.Scene) -> Flow:
        now = [s for s in sightings.seen(scene, self._rule.seen_classes) if presence.is_inside(self._rule.points, s)]
        self._ways.update(now, scene.time_s, scene.width_px / scene.height_px)
        if self._zone is None:
            self._learn(scene.time_s)
        slow: list[types.Box] = []
        under_way = 0
        for way in self._ways:
            speed = way.speed(_SPEED_S)
            if speed is None or not self._is_under_way(way, scene.time_s):
                continue
            under_way += 1
            if speed < self._traffic.slow_lengths_per_s:
                slow.append(way.last.box_norm)
        road = self._road.driven() if self._zone is None else self._zone
        return Flow(tuple(slow), under_way, carriageway.covered_share(road, slow))

    def _learn(self, now_s: float) -> None:
        for way in self._ways:
            self._road.drive_along(way, now_s)
        self._road.pass_time(now_s, _SEEN_WITHIN_S)

    def _is_under_way(self, way: ways.Way, now_s: float) -> bool:
        lately = way.stirred_s is not None and now_s - way.stirred_s <= self._traffic.jam_memory_s
        return lately and now_s - way.last.time_s <= _SEEN_WITHIN_S

    def _begin(self, now_s: float, flow: Flow) -> tuple[types.Raised, ...]:
        held_up = (
            verdicts.at_least("held_up", len(flow.slow), self._rule.needed_count, "vehicles"),
            verdicts.at_least("held_up_share", flow.slow_share, self._traffic.slow_share, "share"),
            verdicts.at_least("occupied", flow.occupied, self._traffic.occupied_share, "share"),
        )
        relief_s = min(self._traffic.jam_relief_s, self._rule.needed_s / 2)
        if verdicts.hold(held_up):
            self._since_s = now_s if self._since_s is None else self._since_s
            self._held_s = now_s
            self._looks += 1
        elif now_s - self._held_s > relief_s:
            self._since_s, self._looks = None, 0
        if self._since_s is None:
            return ()
        lasted = verdicts.at_least("lasted", now_s - self._since_s, self._rule.needed_s, "s")
        looks = verdicts.at_least("looks_held_up", self._looks, _LOOKS, "looks")
        return self._raise(now_s, (*held_up, lasted, looks), flow)

    def _raise(self, now_s: float, conditions: Sequence[types.Condition], flow: Flow) -> tuple[types.Raised, ...]:
        if self._since_s is None or not verdicts.hold(conditions):
            return ()
        self._key = self._numbers.key()
        return (
            types.Raised(
                key=self._key, kind=self._rule.kind, trigger=str(self._rule.kind), started_s=self._since_s,
                raised_s=now_s, score=flow.slow_share, conditions=tuple(conditions), zone=self._rule.zone(),
            ),
        )  # fmt: skip

    def _end(self, now_s: float, flow: Flow) -> tuple[types.Ended, ...]:
        """End once traffic flowed for a while: fewer held up than began it, or a smaller share of all."""
        enough = len(flow.slow) >= _END_SHARE * self._rule.needed_count
        if enough and flow.slow_share >= _END_SHARE * self._traffic.slow_share:
            self._held_s = now_s
        if now_s - self._held_s < self._traffic.jam_relief_s:
            return ()
        ended = types.Ended(self._key, self._held_s)
        self._key, self._since_s, self._looks = "", None, 0
        return (ended,)
