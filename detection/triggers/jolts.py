"""How far the whole picture jumped between two looks: the shift on which its quarters agree.

What moves in the scene shifts some quarters, each its own way; the camera's own movement shifts all of them alike.
"""

import math

import cv2
import numpy as np

from detection import types
from detection.types import Float

_QUARTER = (90, 160)
_CONTRAST = 8.0
"""Grey levels; a quarter with less (sky, night) has no say."""
_LEAST_QUARTERS = 3
_AGREE_PX = 0.6
"""Quarters agree within this, and a tenth of the shift: a camera that tilts shifts its corners a little differently."""
_STILL_PX = 0.7
"""One quarter that stayed where it was tells that the camera did: no further one is compared."""
_PEAK = 0.12
"""Least response of the correlation: below, the two pictures do not show the same."""
_STEP_PX = 4
_CHANGED = 10
_CHANGED_SHARE = 0.08
_WINDOW = cv2.createHanningWindow((_QUARTER[1], _QUARTER[0]), cv2.CV_32F)


def shift(before: types.Pixels, now: types.Pixels) -> types.Point | None:
    """Return by how many thumb pixels (x, y) the whole picture is shifted against the one before; None where it is not, as a whole.

    Source: phase correlation (Kuglin and Hines, 1975), OpenCV's `phaseCorrelate`.
    """
    shifts: list[types.Point] = []
    for a, b in zip(_quarters(before), _quarters(now), strict=True):
        found = _shift(a, b)
        if found is not None and math.hypot(*found) < _STILL_PX:
            return None
        shifts += [found] if found is not None else []
    if len(shifts) < _LEAST_QUARTERS:
        return None
    x, y = (float(np.median([one[axis] for one in shifts])) for axis in (0, 1))
    near = _AGREE_PX + 0.1 * math.hypot(x, y)
    if sum(math.dist(one, (x, y)) <= near for one in shifts) < _LEAST_QUARTERS:
        return None
    return x, y


def is_possible(before: types.Pixels, now: types.Pixels) -> bool:
    """Say whether enough changed, in enough quarters, for the camera to have moved: 20 us that spare the milliseconds of `shift`."""
    apart = cv2.absdiff(before[::_STEP_PX, ::_STEP_PX], now[::_STEP_PX, ::_STEP_PX]) >= _CHANGED
    height, width = (size // _STEP_PX for size in _QUARTER)
    shares = apart[: 2 * height, : 2 * width].reshape(2, height, 2, width).mean(axis=(1, 3))
    return int((shares >= _CHANGED_SHARE).sum()) >= _LEAST_QUARTERS


def _quarters(luma: types.Pixels) -> list[Float]:
    height, width = _QUARTER
    return [
        luma[top : top + height, left : left + width].astype(np.float32) for top in (0, height) for left in (0, width)
    ]


def _shift(a: Float, b: Float) -> types.Point | None:
    if float(a.std()) < _CONTRAST or float(b.std()) < _CONTRAST:
        return None
    (x, y), peak = cv2.phaseCorrelate(a, b, _WINDOW)
    return (float(x), float(y)) if peak >= _PEAK else None
