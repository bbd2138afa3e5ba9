"""The masking itself: under a masked area every block of pixels has one colour.

Blocks are so large, against the picture and against the area, that neither a face nor a plate keeps a readable part. Masking returns a new picture;
the clear one is evidence and stays as it is.
"""

from collections.abc import Iterable

import cv2
import numpy as np

from detection.types import Box, Pixels

_LEAST_BLOCK_PX = 8
_BLOCKS_PER_PICTURE = 24
_BLOCKS_PER_AREA = 5
_BLOCKS_WHOLE = 12


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


def _blocks(bgr: Pixels, block: int) -> Pixels:
    """Return the picture with each block replaced by its mean; blocks at the right and lower border may be smaller."""
    height, width = bgr.shape[:2]
    rows, columns = -(-height // block), -(-width // block)
    padded = cv2.copyMakeBorder(bgr, 0, rows * block - height, 0, columns * block - width, cv2.BORDER_REPLICATE)
    means = cv2.resize(padded, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(np.repeat(np.repeat(means, block, axis=0), block, axis=1)[:height, :width])
