"""The newest looks at a camera, small and few, and parts cut out of all of them: what a model that watches movement is shown."""

import itertools
from collections import deque
from collections.abc import Sequence

import cv2
import numpy as np

from detection import boxes, types

WIDTH_PX = 480
"""Pictures are kept at most this wide: six of them take 1.2 MB."""
APART_S = 0.17
"""Looks that follow sooner are not kept: pictures are about a fifth of a second apart at any rate of looking."""

CUT_SHARE = 0.5
"""More of the picture than this changes at once only where the scene or its light does."""


class Shots:
    """The newest pictures of one camera, at most `count` of them."""

    def __init__(self, count: int) -> None:
        self._kept: deque[types.Frame] = deque(maxlen=count)

    def keep(self, frame: types.Frame) -> bool:
        """Keep a frame, and say whether it was: one that follows too soon is not.

        Another picture size, and a change of most of the picture at once (a cut, a light switched on, a camera turned), begin anew.
        """
        small = _size_px(frame)
        if self._kept and (self._kept[-1].width_px, self._kept[-1].height_px) != small:
            self._kept.clear()
        if self._kept and 0 <= frame.time_s - self._kept[-1].time_s < APART_S:
            return False
        made = shrink(frame)
        if self._kept and changed_share((self._kept[-1], made), _whole(made)) > CUT_SHARE:
            self._kept.clear()
        self._kept.append(made)
        return True

    def newest(self, within_s: float) -> tuple[types.Frame, ...]:
        """Return all that are kept, oldest first; none while there are too few or they span more than `within_s`."""
        if len(self._kept) < (self._kept.maxlen or 0):
            return ()
        span_s = self._kept[-1].time_s - self._kept[0].time_s
        return tuple(self._kept) if 0 < span_s <= within_s else ()


def shrink(frame: types.Frame) -> types.Frame:
    """Return the frame at most `WIDTH_PX` wide, in its own shape."""
    width, height = _size_px(frame)
    if (width, height) == (frame.width_px, frame.height_px):
        return frame
    half = ((width + 1) // 2, (height + 1) // 2)
    luma, u, v = (
        np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)
        for plane, size in ((frame.y, (width, height)), (frame.u, half), (frame.v, half))
    )
    return types.Frame(frame.time_s, luma, u, v, frame.full_range)


def square(area: types.Box, width_px: float, height_px: float) -> types.Box:
    """Return the square around an area, moved into the picture; as much of it as the picture holds."""
    x1, y1, x2, y2 = boxes.clip(area, width_px, height_px)
    side = max(x2 - x1, y2 - y1)
    (left, right), (top, bottom) = _fit((x1 + x2) / 2, side, width_px), _fit((y1 + y2) / 2, side, height_px)
    return left, top, right, bottom


def cut(frames: Sequence[types.Frame], area: types.Box, side_px: int) -> types.Pixels:
    """Return one part of every frame: uint8 (n, side_px, side_px, 3) BGR."""
    parts = [cv2.resize(frame.bgr(area), (side_px, side_px), interpolation=cv2.INTER_LINEAR) for frame in frames]
    return np.asarray(np.stack(parts), np.uint8)


def changed_share(frames: Sequence[types.Frame], area: types.Box, step: int = 20) -> float:
    """Return the share of the area's pixels whose luma changes by more than `step` from one frame to the next, on average."""
    x1, y1, x2, y2 = (int(side) for side in area)
    parts = [frame.y[y1:y2:2, x1:x2:2] for frame in frames]
    if parts[0].size == 0:
        return 0.0
    shares = [float((cv2.absdiff(a, b) > step).mean()) for a, b in itertools.pairwise(parts)]
    return sum(shares) / len(shares)


def _whole(frame: types.Frame) -> types.Box:
    return 0.0, 0.0, float(frame.width_px), float(frame.height_px)


def _size_px(frame: types.Frame) -> tuple[int, int]:
    """Return the width and height at which a frame is kept, both even where it is made smaller."""
    if frame.width_px <= WIDTH_PX:
        return frame.width_px, frame.height_px
    return WIDTH_PX, max(2, round(frame.height_px * WIDTH_PX / frame.width_px / 2) * 2)


def _fit(middle: float, side: float, limit: float) -> tuple[float, float]:
    length = min(side, limit)
    low = min(max(middle - length / 2, 0.0), limit - length)
    return low, low + length
