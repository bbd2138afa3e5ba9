"""Geometry of axis-aligned boxes: xyxy in pixels, as float32 arrays (n, 4) or as single `types.Box` tuples."""

from collections.abc import Sequence

import numpy as np

from detection import types


def area(a: types.Float) -> types.Float:
    """Return the area of every box: float32 (n,), 0 for an empty one."""
    size = (a[:, 2:] - a[:, :2]).clip(min=0)
    return np.asarray(size[:, 0] * size[:, 1], np.float32)


def shared(a: types.Float, b: types.Float) -> types.Float:
    """Return the shared area of every box in `a` with every box in `b`: float32 (n, m)."""
    size = np.minimum(a[:, None, 2:], b[:, 2:]) - np.maximum(a[:, None, :2], b[:, :2])
    size = size.clip(min=0)
    return np.asarray(size[..., 0] * size[..., 1], np.float32)


def iou(a: types.Float, b: types.Float) -> types.Float:
    """Return the overlap of every box in `a` with every box in `b`.

    Args:
        a: float32 (n, 4), xyxy in pixels.
        b: float32 (m, 4), xyxy in pixels.

    Returns:
        float32 (n, m), 0 to 1, and 0 where both boxes are empty.

    Source: Everingham et al., IJCV 2010 (the PASCAL VOC overlap criterion).
    """
    common = shared(a, b)
    union = area(a)[:, None] + area(b) - common
    return np.asarray(np.divide(common, union, out=np.zeros_like(common), where=union > 0), np.float32)


def cover(a: types.Float, b: types.Float) -> types.Float:
    """Return the share of the smaller box that the two have in common: float32 (n, m), 0 to 1."""
    common = shared(a, b)
    smaller = np.minimum(area(a)[:, None], area(b))
    return np.asarray(np.divide(common, smaller, out=np.zeros_like(common), where=smaller > 0), np.float32)


def keep_best(
    xyxy: types.Float, score: types.Float, group: types.Ints, overlap: float, within: float = 1.1
) -> types.Ints:
    """Return the indexes of the boxes that no better box of their group hides, best first (greedy NMS).

    Args:
        group: int64 (n,); only boxes of one group hide each other.
        overlap: a box is hidden where its IoU with a better one is above this.
        within: or where this share of the smaller of the two is common (above 1: never).
    """
    order = np.argsort(-score, kind="stable")
    same = group[order][:, None] == group[order]
    boxes = xyxy[order]
    hides = same & ((iou(boxes, boxes) > overlap) | (cover(boxes, boxes) > within))
    alive = np.ones(len(order), bool)
    for i in range(len(order)):
        if alive[i]:
            alive[i + 1 :] &= ~hides[i, i + 1 :]
    return np.asarray(order[alive], np.int64)


def as_array(boxes: Sequence[types.Box]) -> types.Float:
    """Return boxes as float32 (n, 4), also for none."""
    return np.asarray(boxes, np.float32).reshape(-1, 4)


def as_box(row: types.Float) -> types.Box:
    x1, y1, x2, y2 = (float(value) for value in row)
    return x1, y1, x2, y2


def width(box: types.Box) -> float:
    return box[2] - box[0]


def height(box: types.Box) -> float:
    return box[3] - box[1]


def size(box: types.Box) -> float:
    """Return the area of one box, 0 for an empty one."""
    return max(0.0, width(box)) * max(0.0, height(box))


def grow(box: types.Box, by_x: float, by_y: float) -> types.Box:
    """Return the box with each side moved outwards."""
    return box[0] - by_x, box[1] - by_y, box[2] + by_x, box[3] + by_y


def clip(box: types.Box, width_px: float, height_px: float) -> types.Box:
    """Return the part of the box inside the picture (empty at its edge when there is none)."""
    x1, y1 = min(max(box[0], 0.0), width_px), min(max(box[1], 0.0), height_px)
    return x1, y1, min(max(box[2], x1), width_px), min(max(box[3], y1), height_px)


def enclose(a: types.Box, b: types.Box) -> types.Box:
    """Return the smallest box that holds both."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def touch(a: types.Box, b: types.Box) -> bool:
    """Say whether two boxes share any area."""
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])


def share_inside(inner: types.Box, outer: types.Box) -> float:
    """Return the share of `inner` that lies in `outer`; 0 for an empty one."""
    if not touch(inner, outer):
        return 0.0
    common = (min(outer[2], inner[2]) - max(outer[0], inner[0]), min(outer[3], inner[3]) - max(outer[1], inner[1]))
    return common[0] * common[1] / size(inner)


def contains(outer: types.Box, inner: types.Box, slack_px: float = 0.0) -> bool:
    """Say whether `inner` lies in `outer`, up to `slack_px` outside it."""
    return (
        inner[0] >= outer[0] - slack_px
        and inner[1] >= outer[1] - slack_px
        and inner[2] <= outer[2] + slack_px
        and inner[3] <= outer[3] + slack_px
    )
