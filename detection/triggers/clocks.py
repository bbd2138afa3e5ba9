"""Clock drift: the camera's own clock, as its sender reports tell it, is off the clock of whoever receives it.

What the camera writes into its pictures and on its own card is then wrong, though events and recordings here keep the right time.
"""

from detection import types
from detection.thresholds import HealthThresholds
from detection.triggers import verdicts
from detection.types import Kind

_READINGS = 3
_END_SHARE = 0.75
"""A clock that hovers about the threshold raises once."""


class ClockDrift:
    """Raises when several readings in a row are off by the threshold; ends when as many are back."""

    def __init__(self, limits: HealthThresholds) -> None:
        self._limits = limits
        self._seen_s: float | None = None
        self._since_s: float | None = None
        self._readings = 0
        self._back_s: float | None = None
        self._back = 0
        self._number = 0
        self._key = ""

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look, or the passing of time; a reading counts once."""
        reading = scene.clock
        if reading is None or reading.camera_s == self._seen_s:
            return ()
        self._seen_s = reading.camera_s
        return self._end(scene.time_s, reading) if self._key else self._begin(scene.time_s, reading)

    def _begin(self, now_s: float, reading: types.ClockReading) -> tuple[types.Raised, ...]:
        off = verdicts.at_least("clock_off", abs(reading.ahead_s), self._limits.clock_off_s, "s")
        if not verdicts.hold((off,)):
            self._since_s, self._readings = None, 0
            return ()
        self._since_s = now_s if self._since_s is None else self._since_s
        self._readings += 1
        conditions = (
            off,
            verdicts.at_least("lasted", now_s - self._since_s, self._limits.clock_hold_s, "s"),
            verdicts.at_least("clock_readings", self._readings, _READINGS, "readings"),
        )
        if not verdicts.hold(conditions):
            return ()
        self._number += 1
        self._key = f"{Kind.CLOCK_DRIFT}/{self._number}"
        self._back_s, self._back = None, 0
        return (
            types.Raised(
                key=self._key, kind=Kind.CLOCK_DRIFT, trigger=str(Kind.CLOCK_DRIFT), started_s=self._since_s,
                raised_s=now_s, score=1.0, conditions=conditions,
            ),
        )  # fmt: skip

    def _end(self, now_s: float, reading: types.ClockReading) -> tuple[types.Ended, ...]:
        if abs(reading.ahead_s) > _END_SHARE * self._limits.clock_off_s:
            self._back_s, self._back = None, 0
            return ()
        self._back_s = now_s if self._back_s is None else self._back_s
        self._back += 1
        if self._back < _READINGS:
            return ()
        ended = types.Ended(self._key, self._back_s)
        self._key, self._since_s, self._readings = "", None, 0
        return (ended,)
