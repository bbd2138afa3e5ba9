"""Compares what a camera shows with what it used to show: is the structure still there, is its detail, is there any.

Edges are compared as gradients, which do not change with brightness; a short average of pictures leaves out what moves; cells without
structure of their own (sky, a bare wall) have no say.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from detection import types
from detection.types import Float

CELL_PX = 20
_SHORT_S = 1.0
"""Time constant of the average that leaves out passers-by."""
_LEARN_S = 300.0
LEAST_CELLS = 36
"""A quarter of the cells must have structure to judge by: on bare ground a few passing cars are most of what there is to see."""
STRUCTURED = 12.0
"""Gradient energy (squared grey levels per pixel) from which a cell has structure: sensor noise of 2 levels stays below 2."""
_LIKENESS = 0.35
_GONE = 0.08
"""A cell with less than this of its energy is gone, however alike what is left: the average still holds a ghost of it."""
_COARSE = 4
_FIRST_LOOKS = 12
_SHARPEST_S = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Change:
    """How the view differs from the reference.

    Attributes:
        lost_share: 0..1 of the structured cells that no longer show their structure.
        structure: edge energy of the cells that lost theirs, 1 = as much as in the reference: there is something else now.
        left: edge energy of the cells that kept theirs, in proportion to that of all cells of the reference.
        coarse_likeness: -1..1, correlation of the cells' brightness with the reference's.
        detail: fine detail in proportion to coarse structure, 1 = as sharp as ever.
        contrast: standard deviation of the picture, grey levels.
        structured_cells: cells of the reference with structure to compare with.
    """

    lost_share: float
    structure: float
    left: float
    coarse_likeness: float
    detail: float
    contrast: float
    structured_cells: int

    @property
    def judged(self) -> bool:
        """The reference has enough structure to compare with."""
        return self.structured_cells >= LEAST_CELLS


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """What is compared of one picture, in 9 rows of 16 cells.

    Attributes:
        gx, gy: gradient at the fine scale, grey levels per pixel.
        energy: float32 (9, 16), mean squared gradient of each cell.
        brightness: float32 (9, 16), mean of each cell.
        detail: energy at the fine scale in proportion to that at a coarse one: blur lowers it, brightness does not.
    """

    gx: Float
    gy: Float
    energy: Float
    brightness: Float
    detail: float


class Reference:
    """What a camera shows when all is well, learned slowly and only while all is well."""

    def __init__(self) -> None:
        self._short: Float | None = None
        self._at_s = 0.0
        self._looks = 0
        self._now: Measure | None = None
        self._usual: Measure | None = None

    def compare(self, thumb: types.Thumb) -> Change:
        """Take in the next picture and return how the short average differs from the reference (the first one makes it)."""
        luma = thumb.luma.astype(np.float32)
        if self._short is None:
            self._short = luma
        else:
            share = 1 - math.exp(-max(thumb.time_s - self._at_s, 0.0) / _SHORT_S)
            self._short += np.float32(share) * (luma - self._short)
        self._at_s = thumb.time_s
        self._now = measure(self._short)
        self._usual = self._usual or self._now
        return _change(self._now, self._usual, float(cv2.meanStdDev(self._short)[1][0, 0]))

    def learn(self, passed_s: float) -> None:
        """Move the reference towards the present view; quickly at first, so that one odd first picture does no harm."""
        now, usual = self._now, self._usual
        if now is None or usual is None:
            return
        self._looks += 1
        share = max(1 / (self._looks + 1), 1 - math.exp(-passed_s / _LEARN_S))
        part = np.float32(share)
        gx, gy = usual.gx + part * (now.gx - usual.gx), usual.gy + part * (now.gy - usual.gy)
        fading = now.detail < usual.detail and self._looks > _FIRST_LOOKS
        detail_share = min(share, passed_s / _SHARPEST_S) if fading else share
        self._usual = Measure(
            gx, gy, _cell_means(gx * gx + gy * gy), usual.brightness + part * (now.brightness - usual.brightness),
            usual.detail + detail_share * (now.detail - usual.detail),
        )  # fmt: skip

    def relearn(self) -> None:
        """Take the present view as the reference."""
        self._usual, self._looks = self._now, 0


def measure(luma: Float) -> Measure:
    """Return what is compared of a picture.

    Args:
        luma: float32 (180, 320), grey levels.
    """
    gx, gy = _gradient(luma)
    energy = _cell_means(gx * gx + gy * gy)
    height, width = luma.shape
    small = cv2.resize(luma, (width // _COARSE, height // _COARSE), interpolation=cv2.INTER_AREA)
    sx, sy = _gradient(np.asarray(small, np.float32))
    coarse = float(np.mean(sx * sx + sy * sy)) / _COARSE**2
    return Measure(gx, gy, energy, _cell_means(luma), float(energy.mean()) / max(coarse, 1e-3))


def lost_cells(now: Measure, usual: Measure) -> npt.NDArray[np.bool_]:
    """Return bool (9, 16): the cells with structure in `usual` that show something else now, or nothing."""
    common = _cell_means(now.gx * usual.gx + now.gy * usual.gy)
    likeness = common / np.sqrt(np.maximum(now.energy * usual.energy, 1e-6))
    lost = (likeness < _LIKENESS) | (now.energy < _GONE * usual.energy)
    return np.asarray(lost & (usual.energy >= STRUCTURED), np.bool_)


def _change(now: Measure, usual: Measure, contrast: float) -> Change:
    structured = usual.energy >= STRUCTURED
    cells = int(structured.sum())
    lost = lost_cells(now, usual)
    kept = structured & ~lost
    return Change(
        lost_share=float(lost.sum() / cells) if cells >= LEAST_CELLS else 0.0,
        structure=float(now.energy[lost].sum() / usual.energy[lost].sum()) if lost.any() else 1.0,
        left=float(now.energy[kept].sum() / usual.energy[structured].sum()) if cells else 1.0,
        coarse_likeness=_correlation(now.brightness, usual.brightness),
        detail=now.detail / max(usual.detail, 1e-6),
        contrast=contrast,
        structured_cells=cells,
    )


def _gradient(luma: Float) -> tuple[Float, Float]:
    smooth = cv2.GaussianBlur(luma, (5, 5), 1.0)
    gx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=0.25)
    gy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3, scale=0.25)
    return np.asarray(gx, np.float32), np.asarray(gy, np.float32)


def _cell_means(values: Float) -> Float:
    height, width = values.shape
    return np.asarray(
        cv2.resize(values, (width // CELL_PX, height // CELL_PX), interpolation=cv2.INTER_AREA), np.float32
    )


def _correlation(a: Float, b: Float) -> float:
    da, db = a - a.mean(), b - b.mean()
    size = math.sqrt(float((da * da).sum()) * float((db * db).sum()))
    return float((da * db).sum()) / size if size > 1e-6 else 0.0
