"""Turns a stream's own time stamps into the agent's UTC, pure and driven by its arguments.

Invariant: within one anchor the UTC given to a picture rises with its time stamp, and never runs ahead of its arrival.
A picture can only arrive late, so the smallest delay seen is nearest to the truth: it is followed at once (but never so fast that time
would stand still) and forgotten slowly, which follows the drift between the camera's crystal and ours. A step of more than a second that
the arrival times do not explain is a jump: counted, and the stream is anchored anew.
"""

from dataclasses import dataclass

TICKS_PER_S = 90_000
_JUMP_S = 1.0
_DRIFT_PER_S = 5e-4  # worst crystals are 100 to 200 ppm; the rest is for the camera's own clock discipline
_SLEW = 0.5  # while the estimate falls, time still advances at half speed
_LATE_S = 3.0  # so long must a delay last before it is taken for a stopped clock
_WRAPS = (1 << 32, 1 << 33)


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a packet came: the agent's UTC and its monotonic clock, both in seconds."""

    utc_s: float
    monotonic_s: float


@dataclass(slots=True)
class Jumps:
    """How often a clock stepped, by which clock and way."""

    forwards: int = 0
    backwards: int = 0
    agent_steps: int = 0

    @property
    def total(self) -> int:
        """Every step of either clock."""
        return self.forwards + self.backwards + self.agent_steps


class StreamClock:
    """The clock of one connection. Make a new one for each connection; it keeps nothing that must outlive it."""

    def __init__(self, jumps: Jumps) -> None:
        self._jumps = jumps
        self._anchored = False
        self._wrapped = 0
        self._newest_pts = 0
        self._newest_us = 0
        self._arrived_s = 0.0
        self._delay_s = 0.0  # monotonic time of arrival minus stream time, at its smallest
        self._utc_ahead_s = 0.0  # agent's UTC minus its monotonic clock
        self._late_since_s: float | None = None

    def utc_us(self, pts: int, arrival: Arrival) -> tuple[int, int]:
        """Return (unwrapped time stamp, UTC in microseconds) of a picture whose time stamp is `pts` (1/90000 s)."""
        pts = self._unwrap(pts)
        if not self._anchored:
            self._anchor(pts, arrival)
        step_s = (pts - self._newest_pts) / TICKS_PER_S
        waited_s = arrival.monotonic_s - self._arrived_s
        if step_s < -_JUMP_S or step_s - waited_s > _JUMP_S:
            self._jumps.forwards += step_s > 0
            self._jumps.backwards += step_s < 0
            self._anchor(pts, arrival)
            step_s = 0.0
        self._follow_agent(arrival)
        self._follow_delay(pts, step_s, waited_s, arrival)
        return pts, self._place(pts, step_s, arrival)

    def _unwrap(self, pts: int) -> int:
        if self._anchored:
            for size in _WRAPS:
                away = pts + self._wrapped - self._newest_pts
                if abs(abs(away) - size) < 60 * TICKS_PER_S:
                    self._wrapped += size if away < 0 else -size
        return pts + self._wrapped

    def _anchor(self, pts: int, arrival: Arrival) -> None:
        self._anchored = True
        self._newest_pts = pts
        self._arrived_s = arrival.monotonic_s
        self._delay_s = arrival.monotonic_s - pts / TICKS_PER_S
        self._utc_ahead_s = arrival.utc_s - arrival.monotonic_s
        self._newest_us = max(self._newest_us, _us(arrival.utc_s))
        self._late_since_s = None

    def _follow_agent(self, arrival: Arrival) -> None:
        ahead_s = arrival.utc_s - arrival.monotonic_s
        if abs(ahead_s - self._utc_ahead_s) > _JUMP_S:
            self._jumps.agent_steps += 1
            self._newest_us = _us(arrival.utc_s)
        self._utc_ahead_s = ahead_s

    def _follow_delay(self, pts: int, step_s: float, waited_s: float, arrival: Arrival) -> None:
        delay_s = arrival.monotonic_s - pts / TICKS_PER_S
        late_s = delay_s - self._delay_s
        if late_s <= 0:
            self._delay_s -= min(-late_s, _SLEW * max(step_s, 0.0))
        else:
            self._delay_s += min(late_s, _DRIFT_PER_S * max(waited_s, 0.0))
        if late_s <= _JUMP_S:
            self._late_since_s = None
        elif self._late_since_s is None:
            self._late_since_s = arrival.monotonic_s
        elif arrival.monotonic_s - self._late_since_s > _LATE_S:
            self._jumps.backwards += 1
            self._anchor(pts, arrival)

    def _place(self, pts: int, step_s: float, arrival: Arrival) -> int:
        utc_us = _us(min(pts / TICKS_PER_S + self._delay_s + self._utc_ahead_s, arrival.utc_s))
        if step_s > 0:
            utc_us = max(utc_us, self._newest_us + 1)
        if pts >= self._newest_pts:
            self._newest_pts, self._newest_us = pts, utc_us
        self._arrived_s = arrival.monotonic_s
        return utc_us


def _us(seconds: float) -> int:
    return round(seconds * 1e6)
