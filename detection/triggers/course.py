"""How far, how fast and how steadily an object moved against a direction lately."""

import itertools
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from detection import types
from detection.triggers.sightings import Sighting

WINDOW_S = 8.0
MAX_POINTS = 64


@dataclass(frozen=True, slots=True)
class Retreat:
    """A run against the direction: from where the object was furthest along it to where it is now.

    Attributes:
        started_s: when the run began.
        lengths: how far it went, along the direction only.
        lasted_s: for how long.
        looks: sightings in it, both ends counted.
        steadiness: 0..1, share of its steps along the direction, by length, that went against it.
        alignment: cosine of the angle between its displacement and the forbidden direction.
        largest_step: 0..1, share of the run made in one step: a jump to another object makes it near 1.
    """

    started_s: float
    lengths: float
    lasted_s: float
    looks: int
    steadiness: float
    alignment: float
    largest_step: float

    @property
    def speed(self) -> float:
        """Lengths per second."""
        return self.lengths / self.lasted_s if self.lasted_s > 0 else 0.0


@dataclass(slots=True)
class Course:
    """One object's way through the picture.

    Attributes:
        last: its newest sighting.
        points: time, foot point in picture heights; the last seconds only.
        key: of the event it raised; "" before.
        low: furthest against the direction since it raised.
    """

    last: Sighting
    points: deque[tuple[float, types.Point]] = field(default_factory=lambda: deque(maxlen=MAX_POINTS))
    key: str = ""
    low: float = 0.0

    def add(self, now: Sighting) -> None:
        """Append a sighting and forget what is too old."""
        self.last = now
        self.points.append((now.time_s, now.foot))
        while now.time_s - self.points[0][0] > WINDOW_S:
            self.points.popleft()


def retreat(points: Sequence[tuple[float, types.Point]], direction: types.Point, length: float) -> Retreat | None:
    """Return the run against `direction` (a unit vector) that ends at the last point; None if there is none.

    Args:
        points: time and foot point, oldest first.
        length: the object's own size, in the unit of the points.
    """
    along = [x * direction[0] + y * direction[1] for _, (x, y) in points]
    if len(along) < 2:
        return None
    top = max(along)
    start = len(along) - 1 - along[::-1].index(top)
    if start == len(along) - 1:
        return None
    run = along[start:]
    steps = [b - a for a, b in itertools.pairwise(run)]
    went = top - along[-1]
    back = -sum(step for step in steps if step < 0)
    every = sum(abs(step) for step in steps)
    (t0, p0), (t1, p1) = points[start], points[-1]
    displacement = math.dist(p0, p1)
    return Retreat(
        started_s=t0,
        lengths=went / length,
        lasted_s=t1 - t0,
        looks=len(run),
        steadiness=back / every if every > 0 else 0.0,
        alignment=went / displacement if displacement > 0 else 0.0,
        largest_step=max(-step for step in steps) / went if went > 0 else 1.0,
    )
