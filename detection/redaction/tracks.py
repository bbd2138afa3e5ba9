"""Where one thing was over a clip: boxes at the looks, in between by interpolation, before the first and after the last for a while by its own movement.

Other than `detection.tracker`, which runs live and must tell who is who, this looks at a finished clip and errs towards hiding too much.
"""

import bisect
from dataclasses import dataclass, field

from detection import boxes, types
from detection.redaction import values

HOLD_S = 0.6
"""A thing is hidden this long before it was first and after it was last found."""
_FURTHER_SHARE_PER_S = 0.5
"""A box that is guessed grows by this share of its size for each second since it was found."""


@dataclass(slots=True)
class Track:
    """One thing over a clip.

    Attributes:
        looks: numbers of the looks it has a box at, rising; with `times_s` and `boxes`.
        seen: per box: a detector found it; False where it was followed by its looks (pixels) alone.
    """

    sort: values.Sort
    looks: list[int] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    boxes: list[types.Box] = field(default_factory=list)
    seen: list[bool] = field(default_factory=list)

    def append(self, look: int, time_s: float, box: types.Box, seen: bool) -> None:
        """Add a box after the last."""
        self.looks.append(look)
        self.times_s.append(time_s)
        self.boxes.append(box)
        self.seen.append(seen)

    def prepend(self, look: int, time_s: float, box: types.Box) -> None:
        """Add a box before the first, which was followed back to there."""
        self.looks.insert(0, look)
        self.times_s.insert(0, time_s)
        self.boxes.insert(0, box)
        self.seen.insert(0, False)

    @property
    def last_seen(self) -> int:
        """The index of the newest box that a detector found."""
        return len(self.seen) - 1 - self.seen[::-1].index(True)

    def expected(self, time_s: float) -> types.Box:
        """Return where the box would be at a time after the last, moving on as before."""
        return self._moved(len(self.boxes) - 1, max(0, len(self.boxes) - 2), time_s)

    def at(self, time_s: float) -> types.Box | None:
        """Return the box to hide at a time; None where the thing is not followed to."""
        if not self.times_s[0] - HOLD_S <= time_s <= self.times_s[-1] + HOLD_S:
            return None
        after = bisect.bisect_left(self.times_s, time_s)
        if after == 0:
            return self._guessed(0, min(1, len(self.boxes) - 1), time_s)
        if after == len(self.times_s):
            return self._guessed(after - 1, max(0, after - 2), time_s)
        before_s, after_s = self.times_s[after - 1], self.times_s[after]
        share = (time_s - before_s) / (after_s - before_s)
        a, b = self.boxes[after - 1], self.boxes[after]
        box = _mixed(a, b, share)
        apart = self.looks[after] - self.looks[after - 1]
        return box if apart <= 1 else _grown(box, min(time_s - before_s, after_s - time_s))

    def _guessed(self, nearest: int, next_to_it: int, time_s: float) -> types.Box:
        """Return a box that holds both a thing that stopped and one that went on as before."""
        moved = self._moved(nearest, next_to_it, time_s)
        return _grown(boxes.enclose(self.boxes[nearest], moved), abs(time_s - self.times_s[nearest]))

    def _moved(self, nearest: int, next_to_it: int, time_s: float) -> types.Box:
        box = self.boxes[nearest]
        if nearest == next_to_it:
            return box
        step = (time_s - self.times_s[nearest]) / (self.times_s[nearest] - self.times_s[next_to_it])
        other = self.boxes[next_to_it]
        by_x = step * ((box[0] + box[2]) - (other[0] + other[2])) / 2
        by_y = step * ((box[1] + box[3]) - (other[1] + other[3])) / 2
        return box[0] + by_x, box[1] + by_y, box[2] + by_x, box[3] + by_y


def _mixed(a: types.Box, b: types.Box, share: float) -> types.Box:
    x1, y1, x2, y2 = (p + share * (q - p) for p, q in zip(a, b, strict=True))
    return x1, y1, x2, y2


def _grown(box: types.Box, guessed_s: float) -> types.Box:
    by = _FURTHER_SHARE_PER_S * guessed_s
    return boxes.grow(box, by * boxes.width(box), by * boxes.height(box))
