"""What to mask in a still, and the masking itself: whole persons, the part of a vehicle that carries its plate.

The invariant: under a masked area every block of pixels has one colour, and blocks are so large, against the picture and against the area,
that neither a face nor a plate keeps a readable part. Masking returns a new picture; the clear one is evidence and stays as it is.
"""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from detection import types
from detection.types import Box, ObjectClass, Pixels

_MARGIN = 0.15
_PLATE_TOP = 0.4
"""The plate lies below this share of a vehicle's box, seen from the front, from behind and from above."""
_SMALL_SHARE = 0.15
"""A vehicle lower than this share of the picture is masked whole: its box is too coarse to tell where the plate is."""
_RIDDEN = frozenset({ObjectClass.BICYCLE, ObjectClass.MOTORCYCLE})
"""Masked whole: the rider is often found as one with what is ridden."""
_LEAST_BLOCK_PX = 8
_BLOCKS_PER_PICTURE = 24
_BLOCKS_PER_AREA = 5
_BLOCKS_WHOLE = 12


def areas_to_mask(
    detections: types.Detections | None, tracks: Sequence[types.Track], width_px: int, height_px: int
) -> tuple[Box, ...]:
    """Return the boxes to mask, with margin, cut to the picture: everything detected, and every track still followed.

    Tracks count with their predicted boxes too: somebody missed at this look was there a moment ago.
    """
    found: list[tuple[ObjectClass, Box]] = [(track.label, track.box) for track in tracks]
    if detections is not None:
        boxes = (tuple(float(v) for v in row) for row in detections.xyxy)
        found += [
            (ObjectClass(int(label)), (b[0], b[1], b[2], b[3]))
            for label, b in zip(detections.label, boxes, strict=True)
        ]
    areas = (_grown(_private_part(label, box, height_px), width_px, height_px) for label, box in found)
    return tuple(area for area in areas if area[2] > area[0] and area[3] > area[1])


def pixelate(bgr: Pixels, areas: Iterable[Box]) -> Pixels:
    """Return the picture with each area turned into blocks of one colour.

    Args:
        bgr: uint8 (h, w, 3).
        areas: boxes in pixels; what lies outside the picture is cut off.
    """
    out = bgr.copy()
    height, width = bgr.shape[:2]
    for x1, y1, x2, y2 in areas:
        left, top = max(0, int(np.floor(x1))), max(0, int(np.floor(y1)))
        right, bottom = min(width, int(np.ceil(x2))), min(height, int(np.ceil(y2)))
        if right > left and bottom > top:
            block = block_px(width, height, right - left, bottom - top)
            out[top:bottom, left:right] = _blocks(out[top:bottom, left:right], block)
    return out


def pixelate_whole(bgr: Pixels) -> Pixels:
    """Return the whole picture in blocks: for a still on which no detector ran, where people may be anywhere."""
    height, width = bgr.shape[:2]
    return _blocks(bgr, max(_LEAST_BLOCK_PX, min(width, height) // _BLOCKS_WHOLE))


def block_px(width_px: int, height_px: int, area_width_px: int, area_height_px: int) -> int:
    """Return the side of the blocks for an area: a 24th of the picture's shorter side, or a fifth of the area's where that is more."""
    of_picture = min(width_px, height_px) // _BLOCKS_PER_PICTURE
    of_area = -(-min(area_width_px, area_height_px) // _BLOCKS_PER_AREA)
    return max(_LEAST_BLOCK_PX, of_picture, of_area)


def _private_part(label: ObjectClass, box: Box, height_px: int) -> Box:
    x1, y1, x2, y2 = box
    if label == ObjectClass.PERSON or label in _RIDDEN or y2 - y1 < _SMALL_SHARE * height_px:
        return box
    return x1, y1 + _PLATE_TOP * (y2 - y1), x2, y2


def _grown(box: Box, width_px: int, height_px: int) -> Box:
    x1, y1, x2, y2 = box
    dx, dy = _MARGIN * (x2 - x1), _MARGIN * (y2 - y1)
    return max(0.0, x1 - dx), max(0.0, y1 - dy), min(float(width_px), x2 + dx), min(float(height_px), y2 + dy)


def _blocks(bgr: Pixels, block: int) -> Pixels:
    """Return the picture with each block replaced by its mean; blocks at the right and lower border may be smaller."""
    height, width = bgr.shape[:2]
    rows, columns = -(-height // block), -(-width // block)
    padded = cv2.copyMakeBorder(bgr, 0, rows * block - height, 0, columns * block - width, cv2.BORDER_REPLICATE)
    means = cv2.resize(padded, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(np.repeat(np.repeat(means, block, axis=0), block, axis=1)[:height, :width])
