"""Shake: the whole picture jolts to and fro for longer than a knock lasts and further than wind moves this camera."""

import itertools
import math
from collections import deque
from dataclasses import dataclass

from detection import types
from detection.thresholds import ShakeThresholds
from detection.triggers import jolts, verdicts
from detection.types import Kind

_WINDOW_S = 3.0
_LONGEST_STEP_S = 0.6
"""Looks further apart say nothing about jolts; while the picture moves there are several a second."""
_USUAL_S = 600.0
_JOLTS = 5
_REVERSALS = 3


@dataclass(frozen=True, slots=True)
class _Step:
    """One look's shift against the look before, in picture widths."""

    time_s: float
    x: float
    y: float

    @property
    def length(self) -> float:
        return math.hypot(self.x, self.y)


class Shake:
    """Raises while the camera itself is shaken, as by an earthquake or a blow to its pole that goes on."""

    def __init__(self, limits: ShakeThresholds) -> None:
        self._limits = limits
        self._before: types.Thumb | None = None
        self._steps: deque[_Step] = deque(maxlen=64)
        self._usual = 0.0  # mean length of a jolt that this camera makes anyway, picture widths
        self._jolted_s = -math.inf
        self._number = 0
        self._key = ""

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look, or the passing of time."""
        if scene.thumb is None:
            return self._end(scene.time_s)
        before, self._before = self._before, scene.thumb
        if before is None or not 0 < scene.thumb.time_s - before.time_s <= _LONGEST_STEP_S:
            self._steps.clear()
            return self._end(scene.time_s)
        self._take(scene, before, scene.thumb)
        return self._end(scene.time_s) if self._key else self._begin(scene.time_s)

    def _take(self, scene: types.Scene, before: types.Thumb, now: types.Thumb) -> None:
        found = jolts.shift(before.luma, now.luma) if jolts.is_possible(before.luma, now.luma) else None
        width = now.luma.shape[1]
        step = _Step(scene.time_s, found[0] / width, found[1] / width) if found else _Step(scene.time_s, 0.0, 0.0)
        while self._steps and scene.time_s - self._steps[0].time_s > _WINDOW_S:
            self._steps.popleft()
        self._steps.append(step)
        if step.length >= self._limits.jolt_share:
            self._jolted_s = scene.time_s
        share = 1 - math.exp(-(now.time_s - before.time_s) / _USUAL_S)
        self._usual += share * (step.length - self._usual)

    def _begin(self, now_s: float) -> tuple[types.Raised, ...]:
        hard = [step for step in self._steps if step.length >= self._limits.jolt_share]
        if len(hard) < 2:
            return ()
        path = sum(step.length for step in hard)
        net = math.hypot(sum(step.x for step in hard), sum(step.y for step in hard))
        turns = sum(a.x * b.x + a.y * b.y < 0 for a, b in itertools.pairwise(hard))
        conditions = (
            verdicts.at_least("jolt", path / len(hard), self._limits.jolt_share, "of the width"),
            verdicts.at_least(
                "jolt_against_usual", path / len(hard), self._limits.wind_factor * self._usual, "of the width"
            ),
            verdicts.at_least("jolts", len(hard), _JOLTS, "jolts"),
            verdicts.at_least("to_and_fro", turns, _REVERSALS, "turns"),
            verdicts.at_most("carried_off", net / path, self._limits.carried_share, "share"),
            verdicts.at_least("lasted", hard[-1].time_s - hard[0].time_s, self._limits.shake_s, "s"),
        )
        if not verdicts.hold(conditions):
            return ()
        self._number += 1
        self._key = f"{Kind.SHAKE}/{self._number}"
        score = min(1.0, 0.5 * path / len(hard) / self._limits.jolt_share)
        return (
            types.Raised(
                key=self._key, kind=Kind.SHAKE, trigger=str(Kind.SHAKE), started_s=hard[0].time_s, raised_s=now_s,
                score=score, conditions=conditions,
            ),
        )  # fmt: skip

    def _end(self, now_s: float) -> tuple[types.Ended, ...]:
        if not self._key or now_s - self._jolted_s < self._limits.calm_s:
            return ()
        ended = types.Ended(self._key, self._jolted_s)
        self._key = ""
        return (ended,)
