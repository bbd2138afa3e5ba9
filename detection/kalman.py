"""Where a box was, is and will be: a constant-velocity Kalman filter per coordinate, in seconds.

The four coordinates (centre x, centre y, width, height) are filtered independently, which needs no matrix algebra: the
noise of a detector's box is nearly uncorrelated between them. All noise scales with the box's height, so that a near and a
far person are treated alike.

Source: Bar-Shalom et al., "Estimation with Applications to Tracking and Navigation", 2001, 6.2.2 (white-noise acceleration).
"""

import numpy as np
import numpy.typing as npt

from detection import types

State = npt.NDArray[np.float64]

MEASURED = np.array([0.05, 0.05, 0.08, 0.06])
"""Standard deviation of a detection's coordinate, in box heights."""
DRIVEN = np.array([0.9, 0.6, 0.0, 0.0])
"""Spectral density of acceleration, its root, in box heights per second^1.5."""
CHANGED = np.array([0.0, 0.0, 0.25, 0.15])
"""How a size wanders, in box heights per second^0.5."""
FIRST_SPEED = np.array([1.5, 1.0, 0.0, 0.0])
"""Standard deviation of the unknown speed of a new box, in box heights per second."""
COAST_S = 1.5
"""An unseen box's speed fades with this time constant, so that it waits near where it was lost."""


class BoxFilter:
    """One box over time. Its size has no speed: a box half hidden would shrink to nothing while it is unseen."""

    def __init__(self, box: types.Box) -> None:
        self.position: State = _as_state(box)
        self.speed: State = np.zeros(4)
        scale = self._scale()
        self._pp: State = (MEASURED * scale) ** 2
        self._pv: State = np.zeros(4)
        self._vv: State = (FIRST_SPEED * scale) ** 2

    @property
    def box(self) -> types.Box:
        return _as_box(self.position)

    def predict(self, step_s: float, coasting: bool) -> None:
        """Move on by `step_s` seconds."""
        if step_s <= 0:
            return
        # A fading speed moves the box by its integral over the step.
        reach_s = COAST_S * (1 - np.exp(-step_s / COAST_S)) if coasting else step_s
        self.position = self.position + self.speed * reach_s
        if coasting:
            self.speed = self.speed * np.exp(-step_s / COAST_S)
        driven = (DRIVEN * self._scale()) ** 2
        self._pp = self._pp + (CHANGED * self._scale()) ** 2 * step_s
        self._pp = self._pp + 2 * step_s * self._pv + step_s**2 * self._vv + driven * step_s**3 / 3
        self._pv = self._pv + step_s * self._vv + driven * step_s**2 / 2
        self._vv = self._vv + driven * step_s

    def correct(self, box: types.Box) -> None:
        """Take in where the box was seen."""
        wrong = _as_state(box) - self.position
        noise = (MEASURED * self._scale()) ** 2
        gain_p, gain_v = self._pp / (self._pp + noise), self._pv / (self._pp + noise)
        self.position = self.position + gain_p * wrong
        self.position[2:] = np.maximum(self.position[2:], 2.0)
        self.speed = self.speed + gain_v * wrong
        self._vv = self._vv - gain_v * self._pv
        self._pv = (1 - gain_p) * self._pv
        self._pp = (1 - gain_p) * self._pp

    def _scale(self) -> float:
        return float(max(self.position[3], self.position[2] * 0.5, 4.0))


def _as_state(box: types.Box) -> State:
    x1, y1, x2, y2 = box
    return np.array([(x1 + x2) / 2, (y1 + y2) / 2, max(x2 - x1, 2.0), max(y2 - y1, 2.0)])


def _as_box(state: State) -> types.Box:
    x, y, w, h = (float(value) for value in state)
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2
