"""Parts of a picture laid side by side on canvases for a detector, and the way back to the picture's pixels.

Several small regions share one canvas, so that one inference looks at all of them; a canvas is only as large as it must be.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from detection import boxes, types

GAP_PX = 8
"""Between neighbours, so that one region's edge does not look like part of the next."""
FILL = 114
TALL_PX = 160.0
"""A region is shown about this tall on the canvas."""
WHOLE_PX = 416.0
"""The longer side of the whole picture on a canvas."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One region's place on a canvas: `scale` canvas pixels per picture pixel, upper left corner at (left_px, top_px)."""

    region: types.Box
    scale: float
    left_px: int
    top_px: int

    @property
    def width_px(self) -> int:
        return max(1, round(boxes.width(self.region) * self.scale))

    @property
    def height_px(self) -> int:
        return max(1, round(boxes.height(self.region) * self.scale))

    def restore(self, xyxy: types.Float) -> types.Float:
        """Return boxes of the canvas as boxes of the picture, cut to the region."""
        origin = np.array([self.left_px, self.top_px] * 2, np.float32)
        start = np.array([self.region[0], self.region[1]] * 2, np.float32)
        low, high = np.array(self.region[:2] * 2, np.float32), np.array(self.region[2:] * 2, np.float32)
        return np.asarray(np.clip((xyxy - origin) / np.float32(self.scale) + start, low, high), np.float32)

    def holds(self, xyxy: types.Float) -> types.Ints:
        """Return the indexes of the canvas boxes whose centre lies on this region."""
        x, y = (xyxy[:, 0] + xyxy[:, 2]) / 2 - self.left_px, (xyxy[:, 1] + xyxy[:, 3]) / 2 - self.top_px
        return np.flatnonzero((x >= 0) & (x < self.width_px) & (y >= 0) & (y < self.height_px))


@dataclass(frozen=True, slots=True)
class Canvas:
    """What one inference sees."""

    width_px: int
    height_px: int
    placements: tuple[Placement, ...]

    def paint(self, frame: types.Frame) -> types.Pixels:
        """Return the canvas as uint8 (height_px, width_px, 3) BGR."""
        picture = np.full((self.height_px, self.width_px, 3), FILL, np.uint8)
        for place in self.placements:
            part = frame.bgr(place.region)
            if part.size:
                how = cv2.INTER_AREA if place.scale < 0.6 else cv2.INTER_LINEAR
                part = np.asarray(cv2.resize(part, (place.width_px, place.height_px), interpolation=how), np.uint8)
                rows = slice(place.top_px, place.top_px + place.height_px)
                picture[rows, place.left_px : place.left_px + place.width_px] = part
        return picture


@dataclass(frozen=True, slots=True)
class Sheet:
    """The canvases a detector takes: at most this large, and smaller in steps of `step_px` where it is flexible."""

    width_px: int
    height_px: int
    step_px: int
    flexible: bool

    def cut(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Return the width and height of the smallest canvas for this much."""
        if not self.flexible:
            return self.width_px, self.height_px
        step = self.step_px
        return max(2, -(-width_px // step)) * step, max(2, -(-height_px // step)) * step


def lay_out(regions: Sequence[types.Box], scales: Sequence[float], sheet: Sheet) -> tuple[Canvas, ...]:
    """Lay regions on as few canvases as they need.

    Args:
        scales: wanted canvas pixels per picture pixel of each region; lowered for a region that would not fit a canvas.
    """
    sized = [_fit(region, scale, sheet) for region, scale in zip(regions, scales, strict=True)]
    waiting = sorted(sized, key=lambda place: (-place.height_px, place.region))
    canvases = []
    while waiting:
        best = min(
            _try_widths(waiting, sheet), key=lambda tried: (len(tried[1]), tried[0].width_px * tried[0].height_px)
        )
        canvases.append(best[0])
        waiting = best[1]
    return tuple(canvases)


def _fit(region: types.Box, scale: float, sheet: Sheet) -> Placement:
    most = min(sheet.width_px / max(1.0, boxes.width(region)), sheet.height_px / max(1.0, boxes.height(region)))
    return Placement(region, min(scale, most), 0, 0)


def _try_widths(waiting: Sequence[Placement], sheet: Sheet) -> Iterator[tuple[Canvas, list[Placement]]]:
    """Fill a canvas of every width the detector takes."""
    widest = max(place.width_px for place in waiting)
    first = sheet.cut(widest, sheet.step_px)[0]
    for width_px in range(min(first, sheet.width_px), sheet.width_px + 1, sheet.step_px):
        yield _fill(waiting, width_px, sheet)


def _fill(waiting: Sequence[Placement], width_px: int, sheet: Sheet) -> tuple[Canvas, list[Placement]]:
    """Set regions in rows, tallest first; return the canvas and what had no place on it."""
    placed: list[Placement] = []
    left: list[Placement] = []
    x = y = row_px = 0
    for place in waiting:
        if x and x + place.width_px > width_px:
            x, y, row_px = 0, y + row_px + GAP_PX, 0
        if y + place.height_px > sheet.height_px or x + place.width_px > width_px:
            left.append(place)
            continue
        placed.append(Placement(place.region, place.scale, x, y))
        x, row_px = x + place.width_px + GAP_PX, max(row_px, place.height_px)
    used_w = max(place.left_px + place.width_px for place in placed)
    used_h = max(place.top_px + place.height_px for place in placed)
    return Canvas(*sheet.cut(used_w, used_h), tuple(placed)), left


def choose_scale(region: types.Box, size_px: tuple[int, int]) -> float:
    """Return how many canvas pixels a region's pixel should get, in a picture of this width and height.

    A region is about as tall as what moves in it, and a detector needs no more than a certain height to know it. It is never
    shown smaller than it would be with the whole picture on one canvas.
    """
    floor = WHOLE_PX / max(size_px)
    return min(1.0, max(floor, TALL_PX / max(1.0, boxes.height(region))))
