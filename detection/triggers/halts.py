"""How a vehicle came to a stand: from what speed, how abruptly, and whether its box changed shape. Braking takes longer than a collision."""

import bisect
import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from detection import types
from detection.triggers.ways import Mark

STAND_LENGTHS = 0.2
"""A vehicle stands while its foot point stays this near to where it is now."""
_APPROACH_S = 4.0
_FAST_SHARE = 0.7
_CRUISE_RANK = 0.8
_LEAST_STEPS = 2
_WHOLE_SHARE = 0.6
_ABRUPT_S = 0.3
_STRAIGHT = 0.8
_SHAPE_S = 1.5
_SAME_TIME_S = 0.3


@dataclass(frozen=True, slots=True)
class Halt:
    """A vehicle's coming to a stand.

    Attributes:
        fast_s: when it was last seen near its speed of before; stood_s: from when it stands; look_s: time since the look before that.
        cruise: its speed of before, lengths per second.
        turned: change of its box's shape, |ln| of width to height after against before.
        heading: unit vector of its way before; place: where it stands, picture heights.
    """

    fast_s: float
    stood_s: float
    look_s: float
    cruise: float
    turned: float
    heading: types.Point
    place: types.Point

    @property
    def lasted_s(self) -> float:
        """From near its speed of before to a stand."""
        return self.stood_s - self.fast_s

    @property
    def is_abrupt(self) -> bool:
        """Whether there was hardly time to brake, as far as looks that far apart can tell."""
        return self.lasted_s - self.look_s <= _ABRUPT_S


def stands_since(marks: Sequence[Mark]) -> int:
    """Return the number of the mark from which on the vehicle stands where it is now."""
    newest = marks[-1]
    reach = STAND_LENGTHS * newest.length
    first = len(marks) - 1
    while first > 0 and math.dist(marks[first - 1].foot, newest.foot) <= reach:
        first -= 1
    return first


def find(marks: Sequence[Mark]) -> Halt | None:
    """Return how the vehicle came to stand where it is now; None where its way before was not seen whole and straight enough.

    A vehicle that comes out from behind another one seems to move as its box grows: only looks that saw it whole tell its speed.
    """
    first = stands_since(marks)
    stood = marks[first]
    way = [m for m in marks[: first + 1] if stood.time_s - m.time_s <= _APPROACH_S]
    steps = [
        (b.time_s, math.dist(a.foot, b.foot) / b.length / (b.time_s - a.time_s))
        for a, b in itertools.pairwise(way)
        if b.time_s > a.time_s and a.whole
    ]
    went = math.dist(way[0].foot, stood.foot)
    every = sum(math.dist(a.foot, b.foot) for a, b in itertools.pairwise(way))
    if len(steps) < max(_LEAST_STEPS, _WHOLE_SHARE * (len(way) - 1)) or went < max(stood.length, _STRAIGHT * every):
        return None
    speeds = sorted(speed for _, speed in steps)
    cruise = speeds[min(len(speeds) - 1, int(_CRUISE_RANK * len(speeds)))]
    fast_s = max(time_s for time_s, speed in steps if speed >= _FAST_SHARE * cruise)
    heading = ((stood.foot[0] - way[0].foot[0]) / went, (stood.foot[1] - way[0].foot[1]) / went)
    return Halt(
        fast_s,
        stood.time_s,
        stood.time_s - way[-2].time_s,
        cruise,
        _turned(marks, first, fast_s),
        heading,
        marks[-1].foot,
    )


def gap_lengths(a: Mark, b: Mark, aspect: float) -> float:
    """Return the gap between the lower halves of two boxes, in lengths of their mean; 0 where they overlap."""
    ax1, ay1, ax2, ay2 = _lower_half(a.box_norm)
    bx1, by1, bx2, by2 = _lower_half(b.box_norm)
    aside = max(0.0, max(ax1, bx1) - min(ax2, bx2)) * aspect
    apart = max(0.0, max(ay1, by1) - min(ay2, by2))
    return math.hypot(aside, apart) / ((a.length + b.length) / 2)


def pairs(a: Sequence[Mark], b: Sequence[Mark], from_s: float, to_s: float) -> list[tuple[Mark, Mark]]:
    """Return what each look in a span of time that saw both vehicles showed of them."""
    span = [m for m in a if from_s <= m.time_s <= to_s]
    return [(m, other) for m in span if (other := place_at(b, m.time_s, _SAME_TIME_S)) is not None]


def place_at(marks: Sequence[Mark], time_s: float, slack_s: float) -> Mark | None:
    """Return the mark nearest to a time, if it is near enough."""
    after = bisect.bisect_left(marks, time_s, key=lambda m: m.time_s)
    near = [marks[i] for i in (after - 1, after) if 0 <= i < len(marks) and abs(marks[i].time_s - time_s) <= slack_s]
    return min(near, key=lambda m: abs(m.time_s - time_s), default=None)


def _turned(marks: Sequence[Mark], first: int, fast_s: float) -> float:
    before = [_shape(m) for m in marks[:first] if m.whole and 0 <= fast_s - m.time_s <= _SHAPE_S]
    after = [_shape(m) for m in marks[first:] if m.whole]
    if not before or not after:
        return 0.0
    return abs(statistics.median(after) - statistics.median(before))


def _shape(mark: Mark) -> float:
    x1, y1, x2, y2 = mark.box_norm
    return math.log(max(x2 - x1, 1e-4) / max(y2 - y1, 1e-4))


def _lower_half(box: types.Box) -> types.Box:
    return box[0], (box[1] + box[3]) / 2, box[2], box[3]
