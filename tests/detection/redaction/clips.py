"""A drawn street for masking: textured figures on a plain ground, and a finder that knows where they are."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from detection import types
from detection.redaction import finding, values

WIDTH, HEIGHT = 320, 240
FPS = 15
Where = Callable[[float], types.Box | None]


def frame(time_s: float, figures: Sequence[Where]) -> types.Frame:
    """Return a picture with each figure as a patch of its own texture."""
    luma = np.full((HEIGHT, WIDTH), 90, np.uint8)
    for number, where in enumerate(figures):
        box = where(time_s)
        if box is not None:
            x1, y1, x2, y2 = (int(side) for side in box)
            texture = np.random.default_rng(number).integers(30, 226, (y2 - y1, x2 - x1), dtype=np.uint8)
            luma[y1:y2, x1:x2] = texture
    grey = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    return types.Frame(time_s, luma, grey, grey)


def walker(x: float, y: float, speed_px_s: float = 20.0, size: tuple[int, int] = (24, 60)) -> Where:
    """Return where somebody is who goes sideways."""
    return lambda time_s: (
        x + speed_px_s * time_s,
        y,
        x + speed_px_s * time_s + size[0],
        y + size[1],
    )


class Told:
    """A finder that finds figures at the looks it is told to; no model."""

    models_used = (types.ModelUsed("told", "0" * 64),)

    def __init__(
        self, figures: Sequence[tuple[values.Sort, Where]], missing: Mapping[int, Sequence[int]] | None = None
    ) -> None:
        """`missing` names for a figure's number the looks at which it is not found."""
        self._figures = figures
        self._missing = missing or {}

    def begin(self, frame: types.Frame, look: int) -> finding.Found:
        found = tuple(
            values.Sighting(sort, box, 0.9)
            for number, (sort, where) in enumerate(self._figures)
            if look not in self._missing.get(number, ()) and (box := where(frame.time_s)) is not None
        )
        return lambda: found
