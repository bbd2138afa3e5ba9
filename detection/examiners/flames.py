"""What pixels alone say of fire and smoke: colours of flames, and how a place changes between two looks.

Flames are bright, and red over green over blue; they change their outline from look to look but do not go out. A lamp keeps its outline, a beacon
goes out, a car leaves. Without colour (infrared) what glows is what is nearly white.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from detection import boxes, types

SIDE_PX = 64
"""A place is measured on a square of this side."""
_GLOW = 150
_WHITE = 215
_RED_OVER_BLUE = 40
_COLOUR = 6.0
"""A picture whose chroma spreads less than this (grey levels) has no colour."""
_CHANGED = 8.0
"""Smoothed luma that differs by this much changed."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Change:
    """How a place changed between two looks at it.

    Attributes:
        glowing: 0..1 of the place that glows as flames do, now.
        flicker: 0..1 of what glowed at one of the two looks that did not at the other.
        wander: 0..1, how far the box around what glows moved or changed its size (1 - overlap).
        stirred: 0..1 of the place whose brightness changed, as moving smoke changes it.
    """

    glowing: float
    flicker: float
    wander: float
    stirred: float

    def as_values(self) -> tuple[tuple[str, float], ...]:
        """Return the measurements by name."""
        return (
            ("glowing", self.glowing), ("flicker", self.flicker), ("wander", self.wander), ("stirred", self.stirred),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A place at one look: smoothed luma, float32 (64, 64), and what glows, bool (64, 64)."""

    luma: types.Float
    glow: Mask

    @classmethod
    def of(cls, frame: types.Frame, box: types.Box) -> "Sight":
        """Return the part of a frame under a box as it is measured."""
        part = cv2.resize(frame.bgr(box), (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
        luma = cv2.GaussianBlur(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), (0, 0), 2.0)
        return cls(luma.astype(np.float32), glow(np.asarray(part, np.uint8)))

    def compare(self, before: "Sight") -> Change:
        """Return how the place changed since `before`. A change of light over all of it is taken out."""
        difference = self.luma - before.luma
        difference -= np.median(difference)
        either, both = int((self.glow | before.glow).sum()), int((self.glow & before.glow).sum())
        return Change(
            float(self.glow.mean()),
            1 - both / either if either else 0.0,
            1 - _overlap(_extent(self.glow), _extent(before.glow)) if either else 0.0,
            float((np.abs(difference) >= _CHANGED).mean()),
        )


def glow(part: types.Pixels) -> Mask:
    """Return which pixels of a BGR picture are coloured as flames: bool (h, w)."""
    b, g, r = (part[..., i].astype(np.int16) for i in range(3))
    if float(np.abs(r - b).mean() + np.abs(r - g).mean()) < _COLOUR:
        return np.asarray(r >= _WHITE)
    return np.asarray((r >= _GLOW) & (r >= g) & (g >= b - 10) & (r - b >= _RED_OVER_BLUE))


def fiery_share(frame: types.Frame, box: types.Box) -> float:
    """Return the share of a part of a frame that is coloured as flames, from every other pixel of its chroma planes. Cheap."""
    x1, y1, x2, y2 = (int(v) for v in boxes.clip(box, frame.width_px, frame.height_px))
    red = frame.v[y1 // 2 : max(y1 // 2 + 1, y2 // 2) : 2, x1 // 2 : max(x1 // 2 + 1, x2 // 2) : 2]
    blue = frame.u[y1 // 2 : max(y1 // 2 + 1, y2 // 2) : 2, x1 // 2 : max(x1 // 2 + 1, x2 // 2) : 2]
    light = frame.y[2 * (y1 // 2) :: 4, 2 * (x1 // 2) :: 4][: red.shape[0], : red.shape[1]]
    return float(((red > 140) & (blue < 120) & (light > 130)).mean()) if red.size else 0.0


def _extent(mask: Mask) -> types.Box:
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return 0.0, 0.0, 0.0, 0.0
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)


def _overlap(a: types.Box, b: types.Box) -> float:
    return float(boxes.iou(boxes.as_array([a]), boxes.as_array([b]))[0, 0])
