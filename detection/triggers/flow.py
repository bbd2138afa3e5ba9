"""How a crowd moves: cheap signs that come before a crush, from tracks alone. They explain; they decide nothing.

Source: Helbing, Johansson and Al-Abideen, Physical Review E 75, 2007 (stop-and-go before turbulence); counter-flow as in Feliciani and Nishinari, 2016.
"""

import math
from collections import deque
from collections.abc import Sequence
from itertools import pairwise

from detection import types
from detection.triggers.sightings import Sighting

_BACK_S = 2.0
_STEP_S = 0.5
_WALKS = 0.25
"""Lengths (body heights) per second from which a person walks."""
_FEWEST = 4
_RISE_S = 60.0
_LEAST_RISE_S = 10.0


class Rise:
    """How fast the number of people grows."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, float]] = deque()

    def note(self, time_s: float, people: float) -> None:
        """Take in the number of people at a time."""
        if self._counts and time_s - self._counts[-1][0] < 1.0:
            return
        self._counts.append((time_s, people))
        while time_s - self._counts[0][0] > _RISE_S:
            self._counts.popleft()

    @property
    def per_min(self) -> float:
        """People per minute over the last minute, by least squares; 0 before ten seconds are known."""
        span_s = self._counts[-1][0] - self._counts[0][0] if self._counts else 0.0
        if span_s < _LEAST_RISE_S:
            return 0.0
        n = len(self._counts)
        time_mean = sum(t for t, _ in self._counts) / n
        count_mean = sum(c for _, c in self._counts) / n
        spread = sum((t - time_mean) ** 2 for t, _ in self._counts)
        return 60.0 * sum((t - time_mean) * (c - count_mean) for t, c in self._counts) / spread


def counter_flow(people: Sequence[Sighting], aspect: float) -> float:
    """Return the share of walkers who go against the others, 0 to 0.5; 0 where fewer than four walk."""
    ways = [
        way for one in people if (way := _way(one, aspect, 0.0, _BACK_S)) is not None and math.hypot(*way) >= _WALKS
    ]
    if len(ways) < _FEWEST:
        return 0.0
    doubled = [2 * math.atan2(y, x) for x, y in ways]  # an axis has no sign: angles count twice
    axis = math.atan2(sum(map(math.sin, doubled)), sum(map(math.cos, doubled))) / 2
    along = [x * math.cos(axis) + y * math.sin(axis) for x, y in ways]
    forth = sum(speed > _WALKS / 2 for speed in along)
    back = sum(speed < -_WALKS / 2 for speed in along)
    return min(forth, back) / len(ways)


def stop_and_go(people: Sequence[Sighting], aspect: float) -> float:
    """Return the share of people who stood and walked in turn within the last six seconds; 0 where fewer than four are known so long."""
    turns: list[bool] = []
    for one in people:
        ways = [_way(one, aspect, back_s, back_s + _BACK_S) for back_s in (0.0, _BACK_S, 2 * _BACK_S)]
        known = [math.hypot(*way) >= _WALKS for way in ways if way is not None]
        if len(known) == len(ways):
            turns.append(any(a != b for a, b in pairwise(known)))
    return sum(turns) / len(turns) if len(turns) >= _FEWEST else 0.0


def _way(one: Sighting, aspect: float, to_s: float, from_s: float) -> types.Point | None:
    """Return the velocity (lengths per second) between two times before now; None where the path does not know both."""
    old, new = _point(one, from_s), _point(one, to_s)
    if old is None or new is None or new.time_s - old.time_s < _STEP_S:
        return None
    seconds = (new.time_s - old.time_s) * one.length
    return (new.x_norm - old.x_norm) * aspect / seconds, (new.y_norm - old.y_norm) / seconds


def _point(one: Sighting, back_s: float) -> types.PathPoint | None:
    """Return the point of the path nearest to a time before the newest one; None where it is more than a second off."""
    if not one.track.path:
        return None
    at_s = one.track.path[-1].time_s - back_s
    nearest = min(one.track.path, key=lambda point: abs(point.time_s - at_s))
    return nearest if abs(nearest.time_s - at_s) <= 1.0 else None
