"""Tiles: parts of a picture as a small classifier takes them, and from its cells back to where in the picture they are."""

import itertools

import cv2
import numpy as np
import numpy.typing as npt

from detection import boxes, types

SIDE_PX = 224


def level(parts: int, share: float) -> tuple[types.Box, ...]:
    """Return `parts` x `parts` tiles of this share of the picture's sides, evenly spread over it: 0..1 of the picture, row by row."""
    starts = [i * (1 - share) / (parts - 1) for i in range(parts)]
    return tuple((x, y, x + share, y + share) for y, x in itertools.product(starts, starts))


def as_tile(part: types.Pixels) -> types.Pixels:
    """Return a part of a picture as the model takes it: uint8 (224, 224, 3) BGR, stretched."""
    how = cv2.INTER_AREA if min(part.shape[:2]) > SIDE_PX else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(part, (SIDE_PX, SIDE_PX), interpolation=how), np.uint8)


def surest(tile: types.Box, cells: types.Float) -> types.Box:
    """Return the box around those of a tile's cells that are nearly as sure as its surest and hang together with it.

    Args:
        tile: pixels of the picture.
        cells: float32 (rows, columns), 0 to 1.
    """
    sure = np.asarray(cells >= 0.7 * float(cells.max()), np.uint8)
    _, parts = cv2.connectedComponents(sure, connectivity=8)
    return around(tile, np.asarray(parts == parts.flat[int(cells.argmax())], np.bool_))


def around(tile: types.Box, chosen: npt.NDArray[np.bool_]) -> types.Box:
    """Return the box around some of a tile's cells.

    Args:
        tile: pixels of the picture.
        chosen: bool (rows, columns), at least one of them True.
    """
    rows, columns = np.nonzero(chosen)
    step_x, step_y = boxes.width(tile) / chosen.shape[1], boxes.height(tile) / chosen.shape[0]
    return (
        tile[0] + step_x * int(columns.min()), tile[1] + step_y * int(rows.min()),
        tile[0] + step_x * (int(columns.max()) + 1), tile[1] + step_y * (int(rows.max()) + 1),
    )  # fmt: skip
