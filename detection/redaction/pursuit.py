"""A thing followed by its looks alone, from one picture to the next or the one before: where a detector missed it, or had not found it yet.

Normalised cross-correlation of luma in a window around where it was. What has no texture, or is found nowhere well, is given up.

Source: Lewis, "Fast Normalized Cross-Correlation", 1995 (as in OpenCV's matchTemplate).
"""

import cv2
import numpy as np

from detection import boxes, types

LEAST_LIKENESS = 0.6
LONGEST_SIDE_PX = 640
"""Pictures are kept this small for following."""
_REACH = 0.75
_LEAST_PX = 6
_MOST_PX = 96
"""A larger thing is followed by the middle of its box."""
_LEAST_CONTRAST = 4.0


def shrink(luma: types.Pixels) -> types.Pixels:
    """Return a picture as it is kept for following."""
    scale = LONGEST_SIDE_PX / max(luma.shape)
    if scale >= 1:
        return luma.copy()
    size = (max(1, round(luma.shape[1] * scale)), max(1, round(luma.shape[0] * scale)))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


def follow(box: types.Box, here: types.Pixels, there: types.Pixels, scale: float) -> types.Box | None:
    """Return where a thing that is at `box` here is in the other picture; None where it is not found.

    Args:
        box: pixels of the frame.
        here, there: luma as `shrink` returns it.
        scale: pixels of these per pixel of the frame.
    """
    core = _core(tuple(side * scale for side in box), here.shape)
    if core is None:
        return None
    x1, y1, x2, y2 = core
    patch = here[y1:y2, x1:x2]
    if float(patch.std()) < _LEAST_CONTRAST:
        return None
    reach_x, reach_y = int(_REACH * (x2 - x1)) + 2, int(_REACH * (y2 - y1)) + 2
    left, top = max(0, x1 - reach_x), max(0, y1 - reach_y)
    window = there[top : y2 + reach_y, left : x2 + reach_x]
    likeness = cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED)
    _, best, _, place = cv2.minMaxLoc(likeness)
    if best < LEAST_LIKENESS:
        return None
    by_x, by_y = (left + place[0] - x1) / scale, (top + place[1] - y1) / scale
    return box[0] + by_x, box[1] + by_y, box[2] + by_x, box[3] + by_y


def _core(box: tuple[float, ...], shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    x1, y1, x2, y2 = boxes.clip((box[0], box[1], box[2], box[3]), shape[1], shape[0])
    cut_x, cut_y = max(0.0, (x2 - x1 - _MOST_PX) / 2), max(0.0, (y2 - y1 - _MOST_PX) / 2)
    found = round(x1 + cut_x), round(y1 + cut_y), round(x2 - cut_x), round(y2 - cut_y)
    return found if min(found[2] - found[0], found[3] - found[1]) >= _LEAST_PX else None
