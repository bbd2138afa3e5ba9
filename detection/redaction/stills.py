"""What to mask in a still, from what was found in it: whole persons, the part of a vehicle that carries its plate."""

from collections.abc import Sequence

from detection import types
from detection.types import Box, ObjectClass

_MARGIN = 0.15
_PLATE_TOP = 0.4
"""The plate lies below this share of a vehicle's box, seen from the front, from behind and from above."""
_SMALL_SHARE = 0.15
"""A vehicle lower than this share of the picture is masked whole: its box is too coarse to tell where the plate is."""
_RIDDEN = frozenset({ObjectClass.BICYCLE, ObjectClass.MOTORCYCLE})
"""Masked whole: the rider is often found as one with what is ridden."""


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
    areas = (grown(_private_part(label, box, height_px), width_px, height_px) for label, box in found)
    return tuple(area for area in areas if area[2] > area[0] and area[3] > area[1])


def plate_part(box: Box, height_px: int) -> Box:
    """Return the part of a vehicle's box that carries its plate, in a picture of this height; all of a small one."""
    x1, y1, x2, y2 = box
    return box if y2 - y1 < _SMALL_SHARE * height_px else (x1, y1 + _PLATE_TOP * (y2 - y1), x2, y2)


def grown(box: Box, width_px: int, height_px: int, margin: float = _MARGIN) -> Box:
    """Return the box with this share of its size added on each side, cut to the picture."""
    x1, y1, x2, y2 = box
    dx, dy = margin * (x2 - x1), margin * (y2 - y1)
    return max(0.0, x1 - dx), max(0.0, y1 - dy), min(float(width_px), x2 + dx), min(float(height_px), y2 + dy)


def _private_part(label: ObjectClass, box: Box, height_px: int) -> Box:
    return box if label == ObjectClass.PERSON or label in _RIDDEN else plate_part(box, height_px)
