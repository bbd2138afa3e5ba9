"""Crowd: more people in a zone, or in the picture, than it should hold."""

from detection import types
from detection.profile import ZoneRule
from detection.thresholds import BehaviourThresholds
from detection.triggers import presence, sightings, verdicts

_SEEN_WITHIN_S = 2.0
"""People seen this recently count: a look that misses some must not end a crowd."""
_DIP_S = 2.0
_END_SHARE = 0.8
_LOOKS = 2


class Crowd:
    """Raises while at least `min_count` people are there; ends when fewer than 80 % of that are."""

    def __init__(self, rule: ZoneRule, limits: BehaviourThresholds) -> None:
        self._rule = rule
        self._limits = limits
        self._numbers = verdicts.Numbers(rule)
        self._since_s: float | None = None
        self._enough_s = 0.0
        self._looks = 0
        self._few_s: float | None = None
        self._key = ""

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look."""
        count = self._count(scene)
        if self._key:
            return self._end(scene.time_s, count)
        if scene.thumb is None:
            return ()
        return self._begin(scene.time_s, count)

    def _count(self, scene: types.Scene) -> int:
        recent = [
            sightings.sighting(scene, track)
            for track in scene.tracks
            if track.label in self._rule.seen_classes and scene.time_s - track.last_seen_s <= _SEEN_WITHIN_S
        ]
        return sum(presence.is_inside(self._rule.points, person) for person in recent)

    def _begin(self, now_s: float, count: int) -> tuple[types.Raised, ...]:
        if count >= self._rule.needed_count:
            self._since_s = now_s if self._since_s is None else self._since_s
            self._enough_s = now_s
            self._looks += 1
        elif now_s - self._enough_s > _DIP_S:
            self._since_s, self._looks = None, 0
        if self._since_s is None:
            return ()
        conditions = (
            verdicts.at_least("people", count, self._rule.needed_count, "people"),
            verdicts.at_least("lasted", now_s - self._since_s, self._rule.needed_s, "s"),
            verdicts.at_least("looks_crowded", self._looks, _LOOKS, "looks"),
        )
        if not verdicts.hold(conditions):
            return ()
        self._key, self._few_s = self._numbers.key(), None
        score = min(1.0, count / (2 * self._rule.needed_count))
        return (
            types.Raised(
                key=self._key, kind=self._rule.kind, trigger=str(self._rule.kind), started_s=self._since_s,
                raised_s=now_s, score=score, conditions=conditions, zone=self._rule.zone(),
            ),
        )  # fmt: skip

    def _end(self, now_s: float, count: int) -> tuple[types.Ended, ...]:
        if count >= _END_SHARE * self._rule.needed_count:
            self._few_s = None
            return ()
        self._few_s = now_s if self._few_s is None else self._few_s
        if now_s - self._few_s < self._limits.patience_s:
            return ()
        ended = types.Ended(self._key, self._few_s)
        self._key, self._since_s, self._looks = "", None, 0
        return (ended,)
