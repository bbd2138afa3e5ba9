"""Writing, plates among it, by a text detector with differentiable binarisation: a map of how likely each pixel is text, cut into regions.

Nothing is read: only where writing stands is found.

Source: Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020; thresholds as in PyPI `rapidocr` (Apache-2.0).
"""

import cv2
import numpy as np

from detection import boxes, types
from detection.redaction import faces, values

TASK = "texts"
STRIDE_PX = 32
LONGEST_PX = 1280
PIXEL_SCORE, REGION_SCORE = 0.3, 0.4
_GROWN = 1.6
"""The map shows the core of a line of text; the line reaches this many times area over circumference beyond it."""
_LEAST_PX = 3
_MOST_REGIONS = 200


def find(bgr: types.Pixels, answer: faces.Answer) -> tuple[values.Sighting, ...]:
    """Return upright boxes around the writing in a picture.

    Args:
        bgr: uint8 (h, w, 3).
        answer: the model's outputs for float32 (1, 3, H, W), BGR -1..1, H and W multiples of 32.
    """
    height, width = bgr.shape[:2]
    scale = min(1.0, LONGEST_PX / max(height, width))
    sides = tuple(max(1, round(side * scale / STRIDE_PX)) * STRIDE_PX for side in (width, height))
    shown = cv2.resize(bgr, sides, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    blob = np.ascontiguousarray(shown.transpose(2, 0, 1)[None], np.float32) / np.float32(127.5) - np.float32(1)
    back = (width / sides[0], height / sides[1])
    found = decode(answer(blob)[0][0, 0])
    return tuple(
        values.Sighting(
            values.Sort.TEXT,
            boxes.clip((x1 * back[0], y1 * back[1], x2 * back[0], y2 * back[1]), width, height),
            score,
        )
        for (x1, y1, x2, y2), score in found
    )


def decode(likely: types.Float) -> list[tuple[types.Box, float]]:
    """Return boxes in pixels of the map, with scores.

    Args:
        likely: float32 (h, w), 0 to 1.
    """
    lit = np.asarray(likely > PIXEL_SCORE, np.uint8)
    count, numbered, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(lit, np.ones((2, 2), np.uint8)))
    found = []
    for number in range(1, min(count, _MOST_REGIONS + 1)):
        x, y, wide, high, area = (int(value) for value in stats[number])
        if min(wide, high) < _LEAST_PX:
            continue
        part = (slice(y, y + high), slice(x, x + wide))
        score = float(likely[part][numbered[part] == number].mean())
        if score >= REGION_SCORE:
            by = _GROWN * area / (2 * (wide + high))
            found.append(((x - by, y - by, x + wide + by, y + high + by), score))
    return found
