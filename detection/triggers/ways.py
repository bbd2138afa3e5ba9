"""The last seconds of each vehicle's way: where it was, how large, how fast. Kept across a change of track id; bounded in time and number."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from detection import boxes, types
from detection.triggers import sightings
from detection.triggers.sightings import Sighting

MAX_MARKS = 96
STIR_LENGTHS = 0.5
"""A vehicle has moved when it is this far from where it last stood: more than a detector's boxes jump about."""
_HIDDEN_SHARE = 0.1
_STILL_THERE_S = 2.0
_EDGE = 0.005
"""A box this near to the picture's edge is cut by it: its foot and its shape are not the vehicle's."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A vehicle at one look.

    Attributes:
        foot: picture heights; length: its own size, picture heights.
        box_norm: 0..1 of the picture.
        within: no edge of the picture cuts the box; whole: nor does a nearer vehicle.
    """

    time_s: float
    foot: types.Point
    length: float
    box_norm: types.Box
    within: bool
    whole: bool


@dataclass(slots=True)
class Way:
    """One vehicle's way.

    Attributes:
        last: its newest sighting.
        anchor: where it last began to move from or came to.
        marks: oldest first.
        stirred_s: when it was last seen to move; None = never.
    """

    last: Sighting
    anchor: types.Point
    marks: deque[Mark] = field(default_factory=lambda: deque(maxlen=MAX_MARKS))
    stirred_s: float | None = None

    def add(self, now: Sighting, others: Iterable[types.Box], span_s: float) -> None:
        """Append a sighting among other vehicles' boxes and forget what is older than the span."""
        self.last = now
        self.marks.append(mark(now, others))
        while now.time_s - self.marks[0].time_s > span_s:
            self.marks.popleft()
        if math.dist(now.foot, self.anchor) >= STIR_LENGTHS * now.length:
            self.anchor, self.stirred_s = now.foot, now.time_s

    def speed(self, window_s: float) -> float | None:
        """Return lengths per second over the last `window_s`, as far as seen; None where less than half of that was."""
        newest = self.marks[-1]
        since = next(m for m in self.marks if newest.time_s - m.time_s <= window_s)
        lasted_s = newest.time_s - since.time_s
        if lasted_s < window_s / 2:
            return None
        return math.dist(newest.foot, since.foot) / newest.length / lasted_s


class Ways:
    """The ways of the vehicles of one camera."""

    def __init__(self, span_s: float, patience_s: float, marks_hidden: bool = False) -> None:
        """Remember `span_s` of each way, and a vehicle that is not seen for `patience_s`; with `marks_hidden`, who hides whom."""
        self._span_s = span_s
        self._patience_s = patience_s
        self._marks_hidden = marks_hidden
        self._ways: dict[int, Way] = {}

    def update(self, now: Sequence[Sighting], time_s: float, aspect: float) -> None:
        """Take in one look; `aspect` is the picture's width by its height."""
        seen_ids = {s.track.track_id for s in now}
        about = self._about(now, seen_ids, time_s) if self._marks_hidden else []
        for s in now:
            others = [box for box in about if box is not s.box_norm]
            way = self._ways.get(s.track.track_id) or self._inherited(s, seen_ids) or _begin(s, aspect)
            self._ways[s.track.track_id] = way
            way.add(s, others, self._span_s)
        self._ways = {k: way for k, way in self._ways.items() if time_s - way.last.time_s <= self._patience_s}

    def _about(self, now: Sequence[Sighting], seen_ids: set[int], time_s: float) -> list[types.Box]:
        """Return the boxes of vehicles seen at this look or a moment ago."""
        missed = [
            way.last.box_norm
            for id_, way in self._ways.items()
            if id_ not in seen_ids and time_s - way.last.time_s <= _STILL_THERE_S
        ]
        return [*missed, *(s.box_norm for s in now)]

    def __iter__(self) -> Iterator[Way]:
        return iter(self._ways.values())

    def of(self, track_id: int) -> Way | None:
        """Return the way of a track, if it is known."""
        return self._ways.get(track_id)

    def _inherited(self, now: Sighting, seen_ids: set[int]) -> Way | None:
        lost = [way.last for id_, way in self._ways.items() if id_ not in seen_ids]
        last = sightings.predecessor(now, lost)
        return self._ways.pop(last.track.track_id, None) if last is not None else None


def mark(now: Sighting, others: Iterable[types.Box] = ()) -> Mark:
    """Return the sighting as it is kept; a box of `others` that reaches further down belongs to a nearer vehicle."""
    x1, y1, x2, y2 = now.box_norm
    within = min(x1, y1) > _EDGE and max(x2, y2) < 1 - _EDGE
    nearer = [box for box in others if box[3] > y2 and box[1] < y2 and box[0] < x2 and box[2] > x1]
    hidden = any(boxes.share_inside(now.box_norm, box) > _HIDDEN_SHARE for box in nearer)
    return Mark(now.time_s, now.foot, now.length, now.box_norm, within, within and not hidden)


def _begin(now: Sighting, aspect: float) -> Way:
    path = now.track.path
    return Way(now, (path[0].x_norm * aspect, path[0].y_norm) if path else now.foot)
