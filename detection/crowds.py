"""How many people there are: what the density model is shown, its answer summed over places, and which of two estimates is believed.

Where few people are, each is found on their own, and counting them is right; where many hide each other, an object detector loses count
and density is right. Neither is good at the other's work.
"""

import cv2
import numpy as np
import numpy.typing as npt

from detection import grids, types

TASK = "crowd"
LONG_PX = 1024
"""The longer side of the picture as the model was trained to see it."""
STEP_PX = 16
"""Both sides are multiples of this."""
HIDDEN = 8.0
"""For each person found on their own, and one more, density may tell so many."""
FEW, MANY = 8.0, 20.0
"""Up to FEW by density, only who was found on their own counts; from MANY on, density alone; between, a mixture."""


def prepare(frame: types.Frame) -> npt.NDArray[np.float32]:
    """Return what the model is shown: float32 (1, 3, h, w), BGR 0..255, LONG_PX on its longer side."""
    width, height = frame.width_px, frame.height_px
    scale = LONG_PX / max(width, height)
    size = tuple(max(STEP_PX, round(side * scale / STEP_PX) * STEP_PX) for side in (width, height))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown = cv2.resize(frame.bgr(), size, interpolation=way)
    return np.ascontiguousarray(shown.transpose(2, 0, 1)[None], np.float32)


def people_in(density: types.Float, polygon: tuple[types.Point, ...]) -> float:
    """Return how many people the density (float32 (h, w), people per cell) puts into a polygon, 0..1 of the picture; none = everywhere.

    A density cell lies where a head is, so that people at a zone's far edge count a head's height further in.
    """
    if not polygon:
        return float(density.sum())
    return float((density * grids.cover(polygon, *density.shape)).sum())


def believed(found: float, density: float | None, glimpsed: float = 0.0) -> float:
    """Return the number of people, given how many were found on their own and how many density says; None = not asked.

    Density alone makes no crowd: leaves, lamps and goods on shelves can look like heads, so that it counts for so many only for each
    person found.

    Args:
        glimpsed: how many were found with little certainty; too uncertain to count, they tell that people are there.
    """
    if density is None:
        return found
    density = min(density, HIDDEN * (max(found, glimpsed) + 1))
    trust = min(1.0, max(0.0, (density - FEW) / (MANY - FEW)))
    return (1 - trust) * found + trust * density
