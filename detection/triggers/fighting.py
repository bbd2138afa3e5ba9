"""Fights: answers about a struggle that agree over some seconds. One answer alone raises nothing."""

from collections import deque

from detection import types, zones
from detection.profile import ZoneRule
from detection.thresholds import FightThresholds
from detection.triggers import verdicts
from detection.types import Kind

_MOST_ANSWERS = 32


class Fight:
    """Raises when enough of the newest answers speak for a fight and all of them do so on average; ends when none does for a while.

    What goes on in one zone at a time is one fight: those who take part move, part and come together again.
    """

    def __init__(self, rule: ZoneRule, limits: FightThresholds) -> None:
        self._rule = rule
        self._limits = limits
        self._numbers = verdicts.Numbers(rule)
        self._answers: deque[tuple[float, types.Evidence]] = deque(maxlen=_MOST_ANSWERS)
        self._key = ""
        self._last_s = 0.0  # when an answer last spoke for the fight that is on

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look."""
        new = [(scene.time_s, one) for one in scene.evidence if one.kind is Kind.FIGHT and self._is_here(scene, one)]
        self._answers.extend(new)
        while self._answers and scene.time_s - self._answers[0][0] > self._limits.within_s:
            self._answers.popleft()
        if any(one.score >= self._limits.speaking for _, one in new):
            self._last_s = scene.time_s
        if self._key:
            return self._end(scene.time_s)
        return self._begin(scene) if new else ()  # what has fallen out of memory convinces nobody more

    def _is_here(self, scene: types.Scene, one: types.Evidence) -> bool:
        if not self._rule.points or one.box is None:
            return True
        x1, _, x2, y2 = one.box
        return zones.contains(self._rule.points, ((x1 + x2) / 2 / scene.width_px, y2 / scene.height_px))

    def _begin(self, scene: types.Scene) -> tuple[types.Raised, ...]:
        speaking = [(at_s, one) for at_s, one in self._answers if one.score >= self._limits.speaking]
        mean = sum(one.score for _, one in self._answers) / len(self._answers)
        conditions = (
            verdicts.at_least("struggle", mean, self._limits.score, "score"),
            verdicts.at_least("answers_for_it", len(speaking), self._limits.answers, "answers"),
        )
        if not verdicts.hold(conditions):
            return ()
        self._key = self._numbers.key()
        started_s, _ = speaking[0]
        strongest = max((one for _, one in speaking), key=lambda one: one.score)
        return (
            types.Raised(
                key=self._key,
                kind=self._rule.kind,
                trigger=str(self._rule.kind),
                started_s=started_s,
                raised_s=scene.time_s,
                score=min(1.0, mean),
                conditions=conditions,
                zone=self._rule.zone(),
                box_norm=_box_norm(scene, strongest.box),
            ),
        )

    def _end(self, now_s: float) -> tuple[types.Ended, ...]:
        if now_s - self._last_s < self._limits.calm_s:
            return ()
        ended = types.Ended(self._key, self._last_s)
        self._key = ""
        self._answers.clear()
        return (ended,)


def _box_norm(scene: types.Scene, box: types.Box | None) -> types.Box | None:
    if box is None:
        return None
    x1, y1, x2, y2 = box
    w, h = scene.width_px, scene.height_px
    return max(0.0, x1 / w), max(0.0, y1 / h), min(1.0, x2 / w), min(1.0, y2 / h)
