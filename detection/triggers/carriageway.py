"""Where vehicles drive and where people walk, learnt as counts on a coarse grid of the picture and slowly forgotten.

A place is carriageway when enough vehicles drove over it, not few against the busiest place, and people seldom walked there: crossings and
alleys that everybody shares teach themselves.
"""

import math
from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from detection import types, zones
from detection.triggers.ways import Way

COLUMNS, ROWS = 64, 36
_LOWER_SHARE = 0.3
_MIDDLE_SHARE = 0.8
"""A vehicle stands on the ground under the lower third of its box, less at the sides."""
_MOST_PARTS = 6
_BRIDGED = 5
"""Cells by which places where vehicles drove may lie apart, less one, for what lies between to count as well."""
_DRIVING_S, _DRIVING_LENGTHS_PER_S = 1.5, 0.1
_BUSY_SHARE = 0.05
_FORGET_EVERY_S = 60.0
_MOST_WALKERS = 256
_BRIDGE = np.ones((_BRIDGED, _BRIDGED), np.uint8)
Counts = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class Carriageway:
    """What traffic taught about one picture. Counts halve in `half_life_s`."""

    def __init__(self, half_life_s: float) -> None:
        self._half_life_s = half_life_s
        self._driven: Counts = np.zeros((ROWS, COLUMNS))
        self._walked: Counts = np.zeros((ROWS, COLUMNS))
        self._driver = np.zeros((ROWS, COLUMNS), np.int64)
        self._walkers: dict[int, tuple[float, set[tuple[int, int]]]] = {}
        self._forgot_s: float | None = None

    def drive_along(self, way: Way, now_s: float) -> None:
        """Note the newest step of a vehicle that was seen to drive now; a place counts once for each vehicle."""
        if way.last.time_s != now_s or way.stirred_s is None or len(way.marks) < 2:
            return
        speed = way.speed(_DRIVING_S)
        if speed is None or speed < _DRIVING_LENGTHS_PER_S:
            return
        before, now = way.marks[-2], way.marks[-1]
        parts = min(_MOST_PARTS, 1 + int(math.dist(before.foot, now.foot) / (_LOWER_SHARE * now.length)))
        for i in range(1, parts + 1):
            share = i / parts
            box = tuple(a + share * (b - a) for a, b in zip(before.box_norm, now.box_norm, strict=True))
            cells = _strip(box)
            self._driven[cells] += self._driver[cells] != way.last.track.track_id
            self._driver[cells] = way.last.track.track_id

    def walk(self, track_id: int, foot_norm: types.Point, time_s: float) -> None:
        """Note where a person walks; it is learnt when the person has gone, so that nobody excuses himself."""
        row, column = _cell(foot_norm)
        cells = self._walkers.get(track_id, (0.0, set[tuple[int, int]]()))[1]
        cells.update((r, c) for r in range(row - 1, row + 2) for c in range(column - 1, column + 2))
        if track_id in self._walkers or len(self._walkers) < _MOST_WALKERS:
            self._walkers[track_id] = (time_s, cells)

    def pass_time(self, time_s: float, patience_s: float) -> None:
        """Learn the ways of people who have gone, and forget a little."""
        for id_, (seen_s, cells) in list(self._walkers.items()):
            if time_s - seen_s > patience_s:
                del self._walkers[id_]
                for row, column in cells:
                    if 0 <= row < ROWS and 0 <= column < COLUMNS:
                        self._walked[row, column] += 1
        since_s = time_s - (time_s if self._forgot_s is None else self._forgot_s)
        if self._forgot_s is None or since_s >= _FORGET_EVERY_S:
            self._driven *= 0.5 ** (since_s / self._half_life_s)
            self._walked *= 0.5 ** (since_s / self._half_life_s)
            self._forgot_s = time_s

    def passages(self, point: types.Point) -> float:
        """Return how many vehicles drove over a point (0..1 of the picture), or on both sides of it: lanes lie close together."""
        row, column = _cell(point)
        reach = 2 * (_BRIDGED // 2)
        top, left = max(0, row - reach), max(0, column - reach)
        about = self._driven[top : row + reach + 1, left : column + reach + 1]
        closed = cv2.morphologyEx(about, cv2.MORPH_CLOSE, _BRIDGE)
        return float(closed[row - top, column - left])

    def needed(self, least: float) -> float:
        """Return how many passages make a place carriageway: `least`, more where the busiest place has many."""
        return max(least, _BUSY_SHARE * float(self._driven.max()))

    def walks(self, point: types.Point) -> float:
        """Return how many people walked past a point before."""
        return float(self._walked[_cell(point)])

    def driven(self) -> Mask:
        """Return the cells that a vehicle drove over."""
        return self._driven >= max(0.5, self.needed(0.5))


def mask(polygon: tuple[types.Point, ...]) -> Mask:
    """Return the cells whose middle lies in a polygon."""
    cells = [
        [zones.contains(polygon, ((c + 0.5) / COLUMNS, (r + 0.5) / ROWS)) for c in range(COLUMNS)] for r in range(ROWS)
    ]
    return np.array(cells)


def covered_share(road: Mask, boxes: Iterable[types.Box]) -> float:
    """Return the share of the road's cells that lie under boxes (0..1 of the picture); 0 without a road."""
    under: Mask = np.zeros((ROWS, COLUMNS), np.bool_)
    for box in boxes:
        under[_cells(box)] = True
    whole = int(np.count_nonzero(road))
    return float(np.count_nonzero(under & road)) / whole if whole else 0.0


def _strip(box: tuple[float, ...]) -> tuple[slice, slice]:
    x1, y1, x2, y2 = box
    aside = (x2 - x1) * (1 - _MIDDLE_SHARE) / 2
    return _cells((x1 + aside, y2 - _LOWER_SHARE * (y2 - y1), x2 - aside, y2))


def _cells(box: types.Box) -> tuple[slice, slice]:
    top, left = _cell((box[0], box[1]))
    bottom, right = _cell((box[2], box[3]))
    return slice(top, bottom + 1), slice(left, right + 1)


def _cell(point: types.Point) -> tuple[int, int]:
    return min(ROWS - 1, max(0, int(point[1] * ROWS))), min(COLUMNS - 1, max(0, int(point[0] * COLUMNS)))
