"""Whether a change of the scene added something or took something away, from the pictures before and after alone.

Something that stands before its background makes a contrast along its outline. The picture that has this contrast is the one that holds the
object; in the other the background goes on through the place. A shadow or a light keeps the texture that it falls on.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from detection import types

MARGIN_PX = 4
"""How far around the patch is compared with, thumb pixels."""
REACH = 5
"""Pixels on both sides of the outline are averaged over windows of this side, so that texture counts little."""
FLAT = 1.5
"""Grey levels of deviation below which a patch has no texture to compare."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of a patch tells.

    Attributes:
        contour: 0..1, share of the contrast along the outline that the new picture has: 1 added, 0 removed, 0.5 cannot be told.
        texture_kept: -1..1, correlation of the texture inside, 0 where there is none.
    """

    contour: float
    texture_kept: float


def compare(before: types.Float, now: types.Float, box: types.Box, mask: types.Pixels) -> Change:
    """Return what changed in a patch.

    Args:
        before, now: the settled pictures, thumb size.
        box: the patch, thumb pixels; mask: uint8 (h, w) of it, 1 inside.
    """
    x1, y1, x2, y2 = (int(side) for side in box)
    height, width = now.shape
    left, top = min(MARGIN_PX, x1), min(MARGIN_PX, y1)
    right, bottom = min(MARGIN_PX, width - x2), min(MARGIN_PX, height - y2)
    inside = np.asarray(cv2.copyMakeBorder(mask, top, bottom, left, right, cv2.BORDER_CONSTANT, value=0), np.uint8)
    part = np.s_[y1 - top : y2 + bottom, x1 - left : x2 + right]
    contrast_before, contrast_now = (_contrast(picture[part], inside) for picture in (before, now))
    total = contrast_before + contrast_now
    return Change(contrast_now / total if total > 0 else 0.5, _likeness(before[part], now[part], inside))


def _contrast(picture: types.Float, inside: types.Pixels) -> float:
    """Return how much the two sides of the outline differ, grey levels, mean along it."""
    outline = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    within = inside.astype(np.float32)
    means = [_mean(picture, side) for side in (within, 1 - within)]
    (inner, some_inner), (outer, some_outer) = means
    told = outline & some_inner & some_outer
    return float(np.abs(inner - outer)[told].mean()) if told.any() else 0.0


def _mean(picture: types.Float, weight: types.Float) -> tuple[types.Float, types.Pixels]:
    """Return the weighted mean around every pixel, and where there is anything to take it of."""
    size = (REACH, REACH)
    amount = cv2.boxFilter(weight, -1, size, normalize=False, borderType=cv2.BORDER_CONSTANT)
    total = cv2.boxFilter(picture * weight, -1, size, normalize=False, borderType=cv2.BORDER_CONSTANT)
    some = np.asarray(amount > 0.5)
    return np.asarray(total / np.maximum(amount, 1e-6), np.float32), some  # type: ignore[return-value]


def _likeness(before: types.Float, now: types.Float, inside: types.Pixels) -> float:
    core = cv2.erode(inside, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    chosen = (core if cv2.countNonZero(core) >= 9 else inside) > 0
    a, b = before[chosen], now[chosen]
    a, b = a - a.mean(), b - b.mean()
    if min(float(a.std()), float(b.std())) < FLAT:
        return 0.0
    return float((a * b).mean() / (a.std() * b.std()))
