"""Collapse (experimental): a part of the view is hidden by dust at once, and what the dust leaves behind is not what was there.

No footage of real collapses was at hand: it is proved on made pictures and a rendered clip only, and off unless a profile names it.
"""

import collections
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from detection import types
from detection.thresholds import CollapseThresholds
from detection.triggers import verdicts, view
from detection.types import Kind

_Cells = npt.NDArray[np.bool_]
_INTERVAL_S = 0.45
_MOST_STEP_S = 2.0
_WARM_UP_LOOKS = 10
_LEARN_SHARE = 0.02
_HIDDEN = 0.35
"""A cell is hidden when less than this of its edge energy is left."""
_CALM_SHARE = 0.08
_SUDDEN_S = 4.0
_LONGEST_DUST_S = 120.0


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """When a look was, and bool (9, 16): the cells that were hidden or changed at it."""

    time_s: float
    unusual: _Cells


@dataclass(slots=True)
class _Dust:
    """A part of the view that is, or was, hidden.

    Attributes:
        since_s: when it began.
        before: bool (9, 16), cells that were hidden or changed already: a parked lorry is no part of it.
        hidden_s: float32 (9, 16), for how long each other cell was hidden.
        changed_s: since when the same part stays changed with the dust gone; None before.
    """

    since_s: float
    before: _Cells
    hidden_s: types.Float
    changed_s: float | None = None


class Collapse:
    """Raises once the dust has settled and a connected part of the view stays changed; ends when the new view is taken for usual."""

    def __init__(self, limits: CollapseThresholds) -> None:
        self._limits = limits
        self._usual: view.Measure | None = None
        self._looks = 0
        self._looked_s = float("-inf")
        self._passed_s = 0.0  # between the two newest looks
        self._calm_s = float("-inf")
        self._recent: collections.deque[_Look] = collections.deque()  # of the last `_SUDDEN_S`
        self._dust: _Dust | None = None
        self._opened: types.Raised | None = None
        self._number = 0

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look."""
        if scene.thumb is None or scene.time_s - self._looked_s < _INTERVAL_S:
            return ()
        self._passed_s = min(scene.time_s - self._looked_s, _MOST_STEP_S)
        self._looked_s = scene.time_s
        now = view.measure(scene.thumb.luma.astype(np.float32))
        if self._usual is None or self._looks < _WARM_UP_LOOKS:
            self._learn(now)
            self._calm_s = scene.time_s
            self._recent.append(_Look(scene.time_s, np.zeros(now.energy.shape, np.bool_)))
            return ()
        if self._opened is not None:
            return self._end(scene.time_s, now, self._opened)
        structured = self._usual.energy >= view.STRUCTURED
        hidden = structured & (now.energy < _HIDDEN * self._usual.energy)
        lost = view.lost_cells(now, self._usual)
        if self._dust is None:
            self._watch(scene.time_s, now, hidden, lost)
            return ()
        return self._judge(scene.time_s, now, self._dust, hidden, lost)

    def _watch(self, now_s: float, now: view.Measure, hidden: _Cells, lost: _Cells) -> None:
        """Learn while all is well; a part that is hidden within seconds may be dust, whatever else had changed before."""
        unusual = hidden | lost
        while self._recent and now_s - self._recent[0].time_s > _SUDDEN_S:
            self._recent.popleft()
        quiet = min(self._recent, key=lambda look: (int(look.unusual.sum()), -look.time_s), default=None)
        self._recent.append(_Look(now_s, unusual))
        if unusual.mean() < _CALM_SHARE:
            self._learn(now)
            self._calm_s = now_s
        elif quiet is not None and (hidden & ~quiet.unusual).mean() >= self._limits.dust_share:
            fresh = hidden & ~quiet.unusual
            self._dust = _Dust(quiet.time_s, quiet.unusual, fresh.astype(np.float32) * np.float32(_INTERVAL_S))
        elif now_s - self._calm_s > _LONGEST_DUST_S:
            self._forget(now)

    def _judge(
        self, now_s: float, now: view.Measure, dust: _Dust, hidden: _Cells, lost: _Cells
    ) -> tuple[types.Raised, ...]:
        dust.hidden_s += (hidden & ~dust.before) * np.float32(self._passed_s)
        if now_s - dust.since_s > _LONGEST_DUST_S:
            self._forget(now)
            return ()
        veiled = dust.hidden_s >= self._limits.dust_s
        changed = lost & ~dust.before
        part = _largest(changed)
        cleared = veiled & ~lost & ~hidden
        if part.mean() < self._limits.changed_share or not cleared.any():
            dust.changed_s = None
            if changed.mean() < _CALM_SHARE:
                self._dust = None  # smoke, fog or a lorry: it went and everything is there
            return ()
        dust.changed_s = now_s if dust.changed_s is None else dust.changed_s
        conditions = (
            verdicts.at_least("changed_part", float(part.mean()), self._limits.changed_share, "share"),
            verdicts.at_most("changed_in_all", float(lost.mean()), self._limits.most_changed_share, "share"),
            verdicts.at_least("dust", float(veiled.mean()), self._limits.dust_share, "share"),
            verdicts.at_least(
                "dust_cleared", float(cleared.sum() / part.sum()), self._limits.cleared_share, "of the part"
            ),
            verdicts.at_least("lasted", now_s - dust.changed_s, self._limits.settled_s, "s"),
        )
        if not verdicts.hold(conditions):
            return ()
        self._number += 1
        self._opened = types.Raised(
            key=f"{Kind.COLLAPSE}/{self._number}", kind=Kind.COLLAPSE, trigger=str(Kind.COLLAPSE),
            started_s=dust.since_s, raised_s=now_s, score=0.5, conditions=conditions, box_norm=_box(part),
        )  # fmt: skip
        return (self._opened,)

    def _end(self, now_s: float, now: view.Measure, opened: types.Raised) -> tuple[types.Ended, ...]:
        if now_s - opened.raised_s < self._limits.accepted_s:
            return ()
        self._opened = None
        self._forget(now)
        return (types.Ended(opened.key, now_s),)

    def _forget(self, now: view.Measure) -> None:
        """Take the present view for usual."""
        self._usual, self._looks, self._dust = now, 0, None
        self._recent.clear()

    def _learn(self, now: view.Measure) -> None:
        self._looks += 1
        if self._usual is None:
            self._usual = now
            return
        share = np.float32(max(1 / (self._looks + 1), _LEARN_SHARE))
        usual = self._usual
        gx, gy = usual.gx + share * (now.gx - usual.gx), usual.gy + share * (now.gy - usual.gy)
        energy = usual.energy + share * (now.energy - usual.energy)
        self._usual = view.Measure(gx, gy, energy, usual.brightness, usual.detail)


def _largest(cells: _Cells) -> _Cells:
    """Return the largest connected part of the cells."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8), connectivity=8)
    if count < 2:
        return np.zeros_like(cells)
    return np.asarray(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])), np.bool_)


def _box(cells: _Cells) -> types.Box:
    """Return the box around the cells, 0..1 of the picture."""
    rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    height, width = cells.shape
    return (
        float(columns[0] / width), float(rows[0] / height), float((columns[-1] + 1) / width), float((rows[-1] + 1) / height)
    )  # fmt: skip
