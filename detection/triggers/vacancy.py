"""Whether a vehicle that is no longer seen still stands where it stood: its place is compared in the small picture with what it showed.

A detector that misses a parked vehicle for a while leaves its place as it was; a vehicle that drove off, or was never there again after a
cut, leaves other pixels. A place under another vehicle's box tells nothing.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from detection import boxes, types

SIDE_PX = 16
"""A place is compared at this size, whatever its own."""
_LEAST_PX = 4
_FLAT = 2.0
"""Grey levels of contrast below which a place shows nothing to compare."""
_LIKE = 0.5
_COVERED = 0.05
_EVERY_S = 1.0
_LONGEST_STEP_S = 1.5
_GONE_S = 2.0
_GONE_LOOKS = 3


@dataclass(slots=True, eq=False)
class Shown:
    """What a place shows while a vehicle stands there.

    Attributes:
        box_norm: 0..1 of the picture.
        picture: float32 (SIDE_PX, SIDE_PX), mean 0, length 1.
        at_s: when it was taken.
        bare_at_s: the last look in a row at which it showed something else; None after one at which it did not.
        bare_s: how long these looks span; bare_looks: how many they are.
    """

    box_norm: types.Box
    picture: types.Float
    at_s: float
    bare_at_s: float | None = None
    bare_s: float = 0.0
    bare_looks: int = 0

    def is_bare(self, scene: types.Scene, others: Iterable[types.Box]) -> bool:
        """Take in a look at which the vehicle is not seen; return whether its place has been seen without it for long enough.

        Args:
            others: boxes of all vehicles, 0..1 of the picture.
        """
        if scene.thumb is None:
            return False
        if _is_covered(self.box_norm, others):
            self.bare_at_s = None
            return False
        now = _picture(scene.thumb, self.box_norm)
        if now is not None and float((now * self.picture).sum()) >= _LIKE:
            self.bare_at_s, self.bare_s, self.bare_looks = None, 0.0, 0
            return False
        if self.bare_at_s is not None:
            self.bare_s += min(_LONGEST_STEP_S, scene.time_s - self.bare_at_s)
        self.bare_at_s = scene.time_s
        self.bare_looks += 1
        return self.bare_s >= _GONE_S and self.bare_looks >= _GONE_LOOKS


def remember(
    scene: types.Scene, box_norm: types.Box, others: Iterable[types.Box], before: Shown | None = None
) -> Shown | None:
    """Return what a place shows with the vehicle that is seen there now; `before` where nothing new can or need be told.

    Args:
        others: boxes of all other vehicles, 0..1 of the picture.
        before: what was remembered of it.
    """
    if before is not None and scene.time_s - before.at_s < _EVERY_S:
        return before
    if scene.thumb is None or _is_covered(box_norm, others):
        return before
    picture = _picture(scene.thumb, box_norm)
    return before if picture is None else Shown(box_norm, picture, scene.time_s)


def _is_covered(box: types.Box, others: Iterable[types.Box]) -> bool:
    return any(boxes.share_inside(box, other) > _COVERED for other in others)


def _picture(thumb: types.Thumb, box_norm: types.Box) -> types.Float | None:
    """Return the place as it is compared; None where it is too small or too even to tell anything."""
    height, width = thumb.luma.shape
    x1, y1 = int(box_norm[0] * width), int(box_norm[1] * height)
    x2, y2 = math.ceil(box_norm[2] * width), math.ceil(box_norm[3] * height)
    part = thumb.luma[y1:y2, x1:x2]
    if min(part.shape) < _LEAST_PX:
        return None
    small = cv2.resize(part, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    small -= small.mean()
    if float(small.std()) < _FLAT:
        return None
    return np.asarray(small / np.linalg.norm(small), np.float32)
