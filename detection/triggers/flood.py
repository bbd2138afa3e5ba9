"""Flood: water that rises over an area marked dry.

An examiner says how much of the area is covered; what tells water from all else is how that came about: over seconds at least, seldom
falling back, from one side, and leaving a smooth surface.
"""

from collections import deque

from detection import types
from detection.profile import ZoneRule
from detection.thresholds import FloodThresholds
from detection.triggers import verdicts

_STEP_S = 0.4
"""Readings closer to each other than this tell nothing new."""
_MOST_READINGS = 240
"""Of a longer history every second reading of its older half is let go."""
_JUMP_S = 1.0
_SLACK = 0.03
"""Differences in cover smaller than this are noise."""


class Flood:
    """Raises when the covered share of its zone has risen as water rises; ends when half of what is needed is dry again."""

    def __init__(self, rule: ZoneRule, limits: FloodThresholds) -> None:
        self._rule = rule
        self._limits = limits
        self._numbers = verdicts.Numbers(rule)
        self._past: deque[tuple[float, float]] = deque()  # when, what share was covered
        self._fall_s: float | None = None
        self._key = ""

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look."""
        values = self._reading(scene)
        if values is None:
            return ()
        covered = values["covered"]
        if self._key:
            return self._end(scene.time_s, covered)
        if not self._past or scene.time_s - self._past[-1][0] >= _STEP_S:
            self._past.append((scene.time_s, covered))
            self._thin()
        return self._begin(scene.time_s, values)

    def _reading(self, scene: types.Scene) -> dict[str, float] | None:
        """Return what the examiner read in this rule's zone at this look."""
        suffix = f"/{self._rule.name}"
        for found in scene.evidence:
            if found.kind == types.Kind.FLOOD and any(name.endswith(suffix) for name, _ in found.values):
                return {name.removesuffix(suffix): value for name, value in found.values}
        return None

    def _begin(self, now_s: float, values: dict[str, float]) -> tuple[types.Raised, ...]:
        limits, covered = self._limits, values["covered"]
        if covered < limits.covered_share:
            return ()
        began_s, base = self._foot()
        risen = max(covered - base, 1e-6)
        conditions = (
            verdicts.at_least("waterline", covered, limits.covered_share, "share"),
            verdicts.at_least("risen", risen, limits.risen_share, "share"),
            verdicts.at_least("lasted", now_s - began_s, self._rule.needed_s, "s"),
            verdicts.at_most("fell_back", self._fallen(began_s) / risen, limits.fallen_share, "share"),
            verdicts.at_most("risen_at_once", self._jump(began_s) / risen, limits.jump_share, "share"),
            verdicts.at_least("one_side", values["front"], limits.front, "share"),
            verdicts.at_most("structure", values["structure"], limits.structure, "of usual"),
        )
        if not verdicts.hold(conditions):
            return ()
        self._key, self._fall_s = self._numbers.key(), None
        return (
            types.Raised(
                key=self._key, kind=self._rule.kind, trigger=str(self._rule.kind), started_s=began_s, raised_s=now_s,
                score=min(1.0, 0.5 + covered / 2), conditions=conditions, zone=self._rule.zone(),
            ),
        )  # fmt: skip

    def _end(self, now_s: float, covered: float) -> tuple[types.Ended, ...]:
        if covered > self._limits.covered_share / 2:
            self._fall_s = None
            return ()
        self._fall_s = now_s if self._fall_s is None else self._fall_s
        if now_s - self._fall_s < self._limits.dry_s:
            return ()
        ended = types.Ended(self._key, self._fall_s)
        self._key = ""
        self._past.clear()
        return (ended,)

    def _thin(self) -> None:
        if len(self._past) > _MOST_READINGS:
            readings = list(self._past)
            half = len(readings) // 2
            self._past = deque(readings[:half:2] + readings[half:])

    def _foot(self) -> tuple[float, float]:
        """Return when the water was last as low as it ever was, within the noise, and how low that is."""
        base = min(share for _, share in self._past)
        began_s = max(time_s for time_s, share in self._past if share <= base + _SLACK)
        return began_s, base

    def _fallen(self, since_s: float) -> float:
        """Return how far the water fell below its own highest at the worst."""
        highest, worst = 0.0, 0.0
        for time_s, share in self._past:
            if time_s >= since_s:
                highest = max(highest, share)
                worst = max(worst, highest - share)
        return worst

    def _jump(self, since_s: float) -> float:
        """Return the greatest rise within one second."""
        window: deque[tuple[float, float]] = deque()
        most = 0.0
        for time_s, share in self._past:
            if time_s < since_s:
                continue
            while window and time_s - window[0][0] > _JUMP_S:
                window.popleft()
            most = max(most, share - min((low for _, low in window), default=share))
            window.append((time_s, share))
        return most
