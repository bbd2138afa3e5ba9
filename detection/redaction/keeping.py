"""Who stays clear: the track of a person whom somebody pointed at, for as long as it is certainly that person.

Invariant: nothing is guessed. A person stays clear from look to look only while a detector finds them at each, their box goes on smoothly, nobody
else's box touches theirs and at most one face is in it. At the first doubt, both ways from the moment of the pick, they are hidden for the rest.
"""

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detection import boxes, errors, types
from detection.redaction import tracks, values

_PEOPLE = (values.Sort.PERSON, values.Sort.RIDDEN)
_APART = 0.1
_LEAST_OVERLAP = 0.3
_MOST_GROWTH = 1.4


class PickError(errors.DetectionError):
    """Nobody, or more than one person, is at the point that was picked."""


@dataclass(frozen=True, slots=True, eq=False)
class Clear:
    """A person who stays clear from one look to another.

    Attributes:
        ended: why not before, and why not after.
    """

    track: tracks.Track
    from_s: float
    until_s: float
    ended: tuple[str, str]

    def box_at(self, time_s: float) -> types.Box | None:
        """Return the box that stays clear at a time."""
        return self.track.at(time_s) if self.from_s <= time_s <= self.until_s else None


def choose(every: Sequence[tracks.Track], pick: values.Pick, size_px: tuple[int, int]) -> Clear:
    """Return for how long the person at a point stays clear.

    Raises:
        PickError: there is nobody, or more than one.
    """
    x, y = pick.x_norm * size_px[0], pick.y_norm * size_px[1]
    there = [track for track in every if track.sort in _PEOPLE and _holds(_found_at(track, pick.time_s), x, y)]
    if len(there) != 1:
        who = "nobody" if not there else f"{len(there)} people"
        raise PickError(
            f"{who} were found at {pick.time_s:.2f} s, ({pick.x_norm:.3f}, {pick.y_norm:.3f}); pick another moment"
        )
    track = there[0]
    start = int(np.searchsorted(track.times_s, pick.time_s, side="right")) - 1
    start = max(0, min(start, len(track.looks) - 1))
    if doubt := _doubt(every, track, start):
        raise PickError(f"at {pick.time_s:.2f} s the person {doubt}; pick another moment")
    first, before = _reach(every, track, start, -1)
    last, after = _reach(every, track, start, 1)
    return Clear(track, track.times_s[first], track.times_s[last], (before, after))


def _reach(every: Sequence[tracks.Track], track: tracks.Track, start: int, step: int) -> tuple[int, str]:
    """Return the last look up to which it is certainly the same person, and what comes then."""
    at = start
    while True:
        following = at + step
        if not 0 <= following < len(track.looks) or abs(track.looks[following] - track.looks[at]) != 1:
            return at, "was not found any more"
        if not _smooth(track.boxes[at], track.boxes[following]):
            return at, "moved too far for one look"
        if doubt := _doubt(every, track, following):
            return at, doubt
        at = following


def _doubt(every: Sequence[tracks.Track], track: tracks.Track, index: int) -> str:
    """Return why it is not certain who this is at one of the track's looks; "" where it is."""
    if not track.seen[index]:
        return "was not found any more"
    time_s, box = track.times_s[index], track.boxes[index]
    around = boxes.grow(box, _APART * boxes.width(box), _APART * boxes.height(box))
    there = [(other, other.at(time_s)) for other in every if other is not track]
    if any(other.sort in _PEOPLE and at is not None and boxes.touch(around, at) for other, at in there):
        return "came close to somebody else"
    there_now = [_seen_at(other, track.looks[index]) for other in every if other.sort == values.Sort.FACE]
    within = [face for face in there_now if face is not None and is_within(face, box)]
    apart = any(not boxes.touch(a, b) for a, b in itertools.combinations(within, 2))
    return "has more than one face in the box" if apart else ""


def _seen_at(track: tracks.Track, look: int) -> types.Box | None:
    """Return the box that a detector found at a look."""
    at = bisect.bisect_left(track.looks, look)
    found = at < len(track.looks) and track.looks[at] == look and track.seen[at]
    return track.boxes[at] if found else None


def is_within(face: types.Box, box: types.Box) -> bool:
    """Say whether a face's centre lies in a person's box."""
    return _holds(box, (face[0] + face[2]) / 2, (face[1] + face[3]) / 2)


def _found_at(track: tracks.Track, time_s: float) -> types.Box | None:
    return track.at(time_s) if track.times_s[0] <= time_s <= track.times_s[-1] else None


def _holds(box: types.Box | None, x: float, y: float) -> bool:
    return box is not None and box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _smooth(a: types.Box, b: types.Box) -> bool:
    overlap = float(boxes.iou(boxes.as_array([a]), boxes.as_array([b]))[0, 0])
    growth = boxes.height(b) / max(1.0, boxes.height(a))
    return overlap >= _LEAST_OVERLAP and 1 / _MOST_GROWTH <= growth <= _MOST_GROWTH
