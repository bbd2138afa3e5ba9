"""How much of an area that is marked dry lies under water: the ground's texture, learned while dry, is gone, and nothing has come in its place.

A shadow and rain darken the ground and leave its texture; fog and a lens out of focus take it everywhere at once; people and vehicles bring
edges of their own, and cells under a followed object are not judged. Only cells that had texture, or whose colour changed, are judged.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from detection import grids, types

_CELLS = 16
"""Along the longer side of the area."""
_LEAST_CELL_PX, _MOST_CELL_PX = 4, 10
_LEARN_S = 2.0
_NOW_S = 1.2
"""The picture compared is an average over about this time: ripples vanish in it, walls stay."""
_DRY_S, _WET_S = 300.0, 6 * 3600.0
"""How slowly the reference follows where it is still seen, and where it is not."""
_TEXTURE = 1.0
"""Least mean squared gradient (grey levels per pixel) of a cell that can be judged by its texture."""
_KEPT = 0.3
"""Less of a cell's texture than this share is left: it is covered."""
_COLOUR = 6.0
"""A cell without texture whose colour moved this far (levels of Cb and Cr) is covered."""
_FEWEST_CELLS = 6
_GAP_S = 30.0
_AT_ONCE_S, _AT_ONCE_FROM, _AT_ONCE_TO = 1.2, 0.2, 0.7
"""An area covered this fast is no water: light, the camera or a vehicle. The reference is learned anew."""
_WAYS = tuple((math.cos(i * math.pi / 4), math.sin(i * math.pi / 4)) for i in range(8))


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the area.

    Attributes:
        covered: 0..1 of the cells that can be judged, whose reference is gone.
        front: 0..1, how well the covered cells are what lies on one side of a straight line.
        structure: mean squared gradient in the covered cells, as a share of the dry reference's: water is smooth.
        judged: 0..1 of the area's cells that can be judged.
    """

    covered: float
    front: float
    structure: float
    judged: float


@dataclass(slots=True, eq=False)
class _Picture:
    """The area as it is seen: luma float32 (rows * cell, columns * cell), Cb and Cr float32 (rows, columns, 2)."""

    luma: types.Float
    colour: types.Float

    def follow(
        self, other: "_Picture", luma_share: npt.NDArray[np.floating] | float, colour_share: types.Float | float
    ) -> None:
        self.luma += luma_share * (other.luma - self.luma)
        self.colour += colour_share * (other.colour - self.colour)


class Waterline:
    """Watches one area of one camera. Times never fall."""

    def __init__(self, polygon: tuple[types.Point, ...]) -> None:
        xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
        self._box_norm = (min(xs), min(ys), max(xs), max(ys))
        self._polygon = polygon
        self._size_px = (0, 0)
        self._begun_s = self._time_s = -math.inf
        self._past: deque[tuple[float, float]] = deque()

    def look(self, frame: types.Frame, hidden: Sequence[types.Box] = ()) -> Reading | None:
        """Take in a frame; None while the reference is learned, or where too little can be judged.

        Args:
            hidden: pixels; what is known to stand there.
        """
        self._lay_out(frame)
        seen, step_s = self._sample(frame), frame.time_s - self._time_s
        self._time_s = frame.time_s
        if not 0 <= step_s <= _GAP_S:
            self._begin(seen)
            return None
        if frame.time_s - self._begun_s < _LEARN_S:
            share = max(1 - math.exp(-step_s / _NOW_S), 0.2)
            self._now.follow(seen, share, share)
            self._reference.follow(seen, share, share)
            return None
        share = 1 - math.exp(-step_s / _NOW_S)
        self._now.follow(seen, share, share)
        return self._compare(self._visible(hidden), step_s)

    def _lay_out(self, frame: types.Frame) -> None:
        """Choose the cells for pictures of this size."""
        size_px = (frame.width_px, frame.height_px)
        if size_px == self._size_px:
            return
        self._size_px, self._time_s = size_px, -math.inf
        x1, y1, x2, y2 = self._box_norm
        left, top = int(x1 * size_px[0]) & ~1, int(y1 * size_px[1]) & ~1
        right, bottom = min(size_px[0], math.ceil(x2 * size_px[0])), min(size_px[1], math.ceil(y2 * size_px[1]))
        width, height = max(2, right - left), max(2, bottom - top)
        self._box = (left, top, left + width, top + height)
        side = max(_LEAST_CELL_PX, max(width, height) / _CELLS)
        self._columns, self._rows = max(1, round(width / side)), max(1, round(height / side))
        self._cell_px = min(_MOST_CELL_PX, int(side))
        own = tuple(((x * size_px[0] - left) / width, (y * size_px[1] - top) / height) for x, y in self._polygon)
        self._inside = grids.cover(own, self._rows, self._columns) >= 0.5

    def _sample(self, frame: types.Frame) -> _Picture:
        left, top, right, bottom = self._box
        size = (self._columns * self._cell_px, self._rows * self._cell_px)
        luma = cv2.resize(frame.y[top:bottom, left:right], size, interpolation=cv2.INTER_AREA).astype(np.float32)
        planes = (plane[top // 2 : (bottom + 1) // 2, left // 2 : (right + 1) // 2] for plane in (frame.u, frame.v))
        colour = [cv2.resize(p, (self._columns, self._rows), interpolation=cv2.INTER_AREA) for p in planes]
        return _Picture(luma, np.stack(colour, axis=2).astype(np.float32))

    def _begin(self, seen: _Picture) -> None:
        self._begun_s = self._time_s
        self._now, self._reference = (_Picture(seen.luma.copy(), seen.colour.copy()) for _ in range(2))
        self._past.clear()

    def _visible(self, hidden: Sequence[types.Box]) -> npt.NDArray[np.bool_]:
        """Return which cells of the area no object covers."""
        left, top, right, bottom = self._box
        visible = self._inside.copy()
        for x1, y1, x2, y2 in hidden:
            columns = [int((x - left) / (right - left) * self._columns) for x in (x1, x2)]
            rows = [int((y - top) / (bottom - top) * self._rows) for y in (y1, y2)]
            visible[max(0, rows[0]) : max(0, rows[1] + 1), max(0, columns[0]) : max(0, columns[1] + 1)] = False
        return visible

    def _compare(self, visible: npt.NDArray[np.bool_], step_s: float) -> Reading | None:
        old_x, old_y = _gradients(self._reference.luma)
        new_x, new_y = _gradients(self._now.luma)
        before, after = self._per_cell(old_x**2 + old_y**2), self._per_cell(new_x**2 + new_y**2)
        kept = self._per_cell(old_x * new_x + old_y * new_y) / np.maximum(before, 1e-3)
        moved = np.hypot(*np.moveaxis(self._now.colour - self._reference.colour, 2, 0))
        textured = before >= _TEXTURE
        gone = np.where(textured, kept < _KEPT, moved >= _COLOUR)
        judged = visible & (textured | gone)
        self._follow(gone, step_s)
        if judged.sum() < _FEWEST_CELLS:
            return None
        covered = float(gone[judged].mean())
        if self._is_at_once(covered):
            self._time_s = -math.inf  # the next look begins anew
            return None
        wet = gone & judged
        dry_energy = max(float(before[judged].mean()), _TEXTURE)
        structure = float(after[wet].mean()) / dry_energy if wet.any() else 0.0
        return Reading(covered, _front(wet, judged), structure, float(judged.sum() / max(1, self._inside.sum())))

    def _per_cell(self, values: types.Float) -> types.Float:
        side = self._cell_px
        return np.asarray(values.reshape(self._rows, side, self._columns, side).mean((1, 3)), np.float32)

    def _follow(self, gone: npt.NDArray[np.bool_], step_s: float) -> None:
        """Let the reference follow slowly: dirt, seasons, what was put there for good."""
        share = np.where(gone, 1 - math.exp(-step_s / _WET_S), 1 - math.exp(-step_s / _DRY_S)).astype(np.float32)
        wide = share.repeat(self._cell_px, 0).repeat(self._cell_px, 1)
        self._reference.follow(self._now, wide, share[..., None])

    def _is_at_once(self, covered: float) -> bool:
        self._past.append((self._time_s, covered))
        while self._time_s - self._past[0][0] > _AT_ONCE_S:
            self._past.popleft()
        return covered >= _AT_ONCE_TO and min(share for _, share in self._past) <= _AT_ONCE_FROM


def _gradients(luma: types.Float) -> tuple[types.Float, types.Float]:
    """Return the gradient in grey levels per pixel."""
    smooth = cv2.GaussianBlur(luma, (3, 3), 0)
    x, y = (cv2.Sobel(smooth, cv2.CV_32F, *way, ksize=3, scale=1 / 8) for way in ((1, 0), (0, 1)))
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def _front(wet: npt.NDArray[np.bool_], judged: npt.NDArray[np.bool_]) -> float:
    """Return the greatest overlap (intersection over union) of the wet cells with all judged cells on one side of a line."""
    if not wet.any():
        return 0.0
    rows, columns = np.nonzero(judged)
    is_wet, best = wet[rows, columns], 0.0
    for x, y in _WAYS:
        ordered = is_wet[np.argsort(columns * x + rows * y, kind="stable")]
        inside = np.cumsum(ordered)
        union = np.arange(1, len(ordered) + 1) + (is_wet.sum() - inside)
        best = max(best, float((inside / union).max()))
    return best
