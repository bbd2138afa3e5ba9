"""A polygon on a grid of cells."""

import cv2
import numpy as np

from detection import types

_FINE = 4
"""A cell that an edge cuts is counted by so many parts each way."""


def cover(polygon: tuple[types.Point, ...], rows: int, columns: int) -> types.Float:
    """Return how much of each cell of a grid over the picture the polygon (0..1 of the picture) covers: float32 (rows, columns), 0..1."""
    mask = np.zeros((rows * _FINE, columns * _FINE), np.uint8)
    corners = np.array(polygon, np.float64) * [columns * _FINE, rows * _FINE] - 0.5
    cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 1)
    return np.asarray(mask.reshape(rows, _FINE, columns, _FINE).mean((1, 3)), np.float32)
