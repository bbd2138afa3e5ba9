"""People's postures: what the pose model needs, and what its answer says of one body.

Model: MoveNet MultiPose (task "pose"). Input uint8 (1, h, w, 3) RGB, sides multiples of 32; answer float32 (1, 6, 56): 17 points as (y, x,
score), a box and a score, all 0..1 of the input. The order of the points is COCO's.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from detection import experts, types

TASK = "pose"
LONGEST_PX = 256
STEP_PX = 32
MOST_ENLARGED = 2.0
LEAST_SCORE = 0.14
"""A lying person's pose scores .15 to .4, an upright one's .35 to .65; below this most answers are furniture."""
LEAST_POINT = 0.1
SHOULDERS, HIPS, KNEES, ANKLES = (5, 6), (11, 12), (13, 14), (15, 16)


@dataclass(frozen=True, slots=True)
class Posture:
    """One body, in picture heights.

    Attributes:
        score: 0..1.
        box: pixels of the picture.
        hips: where the middle of the hips is.
        shoulders_up, hips_up: how far they are above the lowest of hips, knees and ankles; negative when below.
        body: from the shoulders over hips and knees to the ankles, as it appears.
    """

    score: float
    box: types.Box
    hips: types.Point
    shoulders_up: float
    hips_up: float
    body: float


def ask(frame: types.Frame, region: types.Box, ask: experts.Ask) -> tuple[Posture, ...] | None:
    """Return the bodies that the model finds in a part of the picture, None when the question was shed."""
    canvas, scale = _draw(frame.bgr(region))
    if not scale:
        return ()
    answer = ask(TASK, canvas)
    if answer is None:
        return None
    origin = (float(max(0, int(region[0])) & ~1), float(max(0, int(region[1])) & ~1))
    return read(answer[0], canvas.shape[1:3], scale, origin, frame.height_px)


def read(
    answer: types.Float, canvas_px: Sequence[int], scale: float, origin: types.Point, height_px: int
) -> tuple[Posture, ...]:
    """Return the bodies in an answer, the surest first.

    Args:
        answer: float32 (1, 6, 56).
        canvas_px: height and width of the model's input; scale: its pixels per pixel of the picture.
        origin: the region's top left corner; height_px: of the picture.
    """
    found: list[Posture] = []
    for row in answer[0]:
        if row[55] < LEAST_SCORE:
            continue
        points = row[:51].reshape(17, 3).astype(np.float64)
        points[:, 0] = (points[:, 0] * canvas_px[0] / scale + origin[1]) / height_px
        points[:, 1] = (points[:, 1] * canvas_px[1] / scale + origin[0]) / height_px
        parts = [_middle(points, part) for part in (SHOULDERS, HIPS, KNEES, ANKLES)]
        shoulders, hips, knees, ankles = parts
        if shoulders is None or hips is None:
            continue
        legs = [part for part in (knees, ankles) if part is not None]
        chain = [shoulders, hips, *legs]
        low = max(part[1] for part in (hips, *legs))
        y1, x1, y2, x2 = (float(side) for side in row[51:55])
        box = (
            x1 * canvas_px[1] / scale + origin[0], y1 * canvas_px[0] / scale + origin[1],
            x2 * canvas_px[1] / scale + origin[0], y2 * canvas_px[0] / scale + origin[1],
        )  # fmt: skip
        body = sum(math.dist(a, b) for a, b in itertools.pairwise(chain))
        found.append(Posture(float(row[55]), box, hips, low - shoulders[1], low - hips[1], max(body, 1e-3)))
    found.sort(key=lambda one: -one.score)
    return tuple(_distinct(found))


def _distinct(found: Sequence[Posture]) -> list[Posture]:
    """Leave out what the model found twice."""
    kept: list[Posture] = []
    for one in found:
        if all(math.dist(one.hips, other.hips) > 0.25 * other.body for other in kept):
            kept.append(one)
    return kept


def _middle(points: np.ndarray, part: tuple[int, int]) -> types.Point | None:
    """Return the middle of a left and a right point, each counted as far as it is sure."""
    weight = points[list(part), 2]
    if weight.max() < LEAST_POINT:
        return None
    y, x = (points[list(part), :2] * weight[:, None]).sum(axis=0) / weight.sum()
    return float(x), float(y)


def _draw(picture: types.Pixels) -> tuple[types.Pixels, float]:
    """Return a part of the picture as the model's input, with its scale; 0 where there is nothing."""
    height, width = picture.shape[:2]
    if min(height, width) < 8:
        return np.zeros((1, STEP_PX, STEP_PX, 3), np.uint8), 0.0
    scale = min(LONGEST_PX / max(height, width), MOST_ENLARGED)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.cvtColor(cv2.resize(picture, size, interpolation=how), cv2.COLOR_BGR2RGB)
    canvas = np.zeros((1, _up(size[1]), _up(size[0]), 3), np.uint8)
    canvas[0, : size[1], : size[0]] = small
    return canvas, scale


def _up(side: int) -> int:
    return -(-side // STEP_PX) * STEP_PX
