"""Tells a stream that repeats one picture from a live one that shows a still scene, by the camera's own noise.

Two key frames of a live camera differ by its sensor noise even where nothing moves (measured: 0.45 to 0.9 grey levels on 320x180, also after
H.264 at crf 28 and at 500 kbit/s); two key frames of one repeated picture differ by rate control only (0.0 to 0.25, seldom 0.7).
Frames between key frames say nothing about noise: encoders skip it there. They only show that something moves.
"""

from collections import deque

import cv2
import numpy as np

from detection import types

_CELL_PX = 20
_MOVED_LEVELS = 16
_MOVED_PX = 12
"""This many pixels that change by this much are an object, however small the mean difference is."""
_LEAST_NOISE = 0.25
"""Grey levels; a camera below this is as good as noiseless, and a still scene cannot be told from a repeated picture."""
_EXACT = 0.05
_SETTLE = 0.2
_MOST_DIFFERENCES = 64


class Repeats:
    """Follows how long the newest picture has been repeating.

    Attributes:
        since_s: when the run of repeats began; None outside one.
        noise: grey levels by which key frames differ while the camera is live; None until seen.
    """

    def __init__(self, noise_kept: float) -> None:
        self._noise_kept = noise_kept
        self._last: types.Thumb | None = None
        self._key: types.Thumb | None = None
        self._differences: deque[float] = deque(maxlen=_MOST_DIFFERENCES)
        self._outliers = 0
        self.since_s: float | None = None
        self.noise: float | None = None

    @property
    def difference(self) -> float:
        """The median difference between key frames in this run, grey levels; 0 where there was none to compare."""
        return float(np.median(self._differences)) if self._differences else 0.0

    @property
    def compared(self) -> int:
        """How many pairs of key frames this run compared."""
        return len(self._differences)

    @property
    def allowed(self) -> float:
        """The most by which repeated key frames may differ, grey levels."""
        return max(_EXACT, self._noise_kept * (self.noise or 0.0))

    @property
    def is_noisy(self) -> bool:
        """The camera is known to be noisy enough for a repeated picture to stand out."""
        return self.noise is not None and self.noise >= _LEAST_NOISE

    def add(self, thumb: types.Thumb) -> None:
        """Take in the next picture."""
        if self._last is None:
            self._last = thumb
            self._key = thumb if thumb.is_key else None
            self.since_s = thumb.time_s
            return
        if _moved(self._last.luma, thumb.luma):
            self._restart(thumb)
        elif thumb.is_key and self._key is not None:
            self._compare(thumb, self._key)
        self._learn(thumb)
        self._last = thumb
        if thumb.is_key:
            self._key = thumb

    def forget(self) -> None:
        """Begin anew after an interruption; what is known of the noise stays."""
        self._last = self._key = None
        self._differences.clear()
        self._outliers, self.since_s = 0, None

    def _compare(self, thumb: types.Thumb, key: types.Thumb) -> None:
        difference = _still_difference(key.luma, thumb.luma)
        if difference <= self.allowed:
            self._differences.append(difference)
            self._outliers = 0
            return
        self._outliers += 1
        if self._outliers > 1:
            self._restart(thumb)

    def _learn(self, thumb: types.Thumb) -> None:
        """Take the noise from pairs of key frames outside a run of repeats."""
        if not thumb.is_key or self._key is None or (self._differences and not self._outliers):
            return
        difference = _still_difference(self._key.luma, thumb.luma)
        self.noise = difference if self.noise is None else self.noise + _SETTLE * (difference - self.noise)

    def _restart(self, thumb: types.Thumb) -> None:
        self._differences.clear()
        self._outliers, self.since_s = 0, thumb.time_s


def contrast(thumb: types.Thumb) -> float:
    """Return the picture's standard deviation in grey levels."""
    return float(cv2.meanStdDev(thumb.luma)[1][0, 0])


def _still_difference(a: types.Pixels, b: types.Pixels) -> float:
    """Return the median over cells of the mean absolute difference: moving objects fill the lesser part of the cells."""
    absolute = cv2.absdiff(a, b)
    height, width = absolute.shape
    cells = cv2.resize(
        absolute.astype(np.float32), (width // _CELL_PX, height // _CELL_PX), interpolation=cv2.INTER_AREA
    )
    return float(np.median(cells))


def _moved(a: types.Pixels, b: types.Pixels) -> bool:
    changed = cv2.threshold(cv2.absdiff(a, b), _MOVED_LEVELS - 1, 255, cv2.THRESH_BINARY)[1]
    return cv2.countNonZero(changed) >= _MOVED_PX
