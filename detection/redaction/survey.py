"""The first pass over a clip: looks at its frames, joins what they found into tracks, and follows each track back to before it was found.

Invariant: everything a detector found at a look is in a track with its box at that look. Looks are begun ahead, and joined in their order. Held in
memory: the tracks, the last few small pictures, and the frames of the looks that are not over.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detection import boxes, types
from detection.redaction import finding, pursuit, tracks, values

LOOK_EVERY_S = 0.2
LOOK_EVERY_FRAMES = 3
LONGEST_GAP_S = 1.0
LONGEST_TEXT_GAP_S = 2.6
"""A track is not taken up again after this long without a detection; writing is looked for less often."""
BEGUN_LOOKS = 4
"""So many looks are not over at most: as many as it takes that who looks for faces need not wait for who looks for writing at one of them."""
_BACK_LOOKS = 6
_LEAST_OVERLAP = 0.1
_REACH = 1.0
"""What does not overlap may still be the same thing where its centre is within this many of its own widths and heights."""
_SAME_SORTS = (frozenset({values.Sort.PERSON, values.Sort.RIDDEN}),)


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    look: int
    time_s: float
    luma: types.Pixels


@dataclass(frozen=True, slots=True, eq=False)
class _Begun:
    kept: _Kept
    scale: float
    found: finding.Found


class Survey:
    """The looks at one clip. Give frames in order to `wants`, and those that it wants to `take`; then `finish`."""

    def __init__(self, finder: finding.Finder) -> None:
        self.looks = 0
        self._finder = finder
        self._open: list[tracks.Track] = []
        self._closed: list[tracks.Track] = []
        self._kept: deque[_Kept] = deque(maxlen=_BACK_LOOKS + 1)
        self._begun: deque[_Begun] = deque()
        self._frames_since = 0
        self.times_s: list[float] = []

    def wants(self, time_s: float) -> bool:
        """Say whether the next frame is to be looked at: every third one, and sooner where frames are far apart."""
        self._frames_since += 1
        first = not self.times_s
        due = first or self._frames_since >= LOOK_EVERY_FRAMES or time_s - self.times_s[-1] >= LOOK_EVERY_S - 1e-3
        if due:
            self._frames_since = 0
        return due

    def take(self, frame: types.Frame) -> None:
        """Look at a frame, by and by."""
        while len(self._begun) >= BEGUN_LOOKS:
            self._end(self._begun.popleft())
        luma = pursuit.shrink(frame.y)
        kept = _Kept(self.looks, frame.time_s, luma)
        self._begun.append(_Begun(kept, luma.shape[1] / frame.width_px, self._finder.begin(frame, self.looks)))
        self.looks += 1
        self.times_s.append(frame.time_s)

    def finish(self) -> tuple[tracks.Track, ...]:
        """Return all tracks, those that begin first first."""
        while self._begun:
            self._end(self._begun.popleft())
        every = sorted([*self._closed, *self._open], key=lambda track: track.times_s[0])
        self._open, self._closed = [], []
        return tuple(every)

    def _end(self, begun: _Begun) -> None:
        """Wait for a look, and put what it found into tracks."""
        look, time_s = begun.kept.look, begun.kept.time_s
        found = begun.found()
        self._kept.append(begun.kept)
        left = self._join(found, look, time_s)
        self._pursue(look, time_s, begun.scale)
        self._begin(left, look, time_s, begun.scale)

    def _join(self, found: Sequence[values.Sighting], look: int, time_s: float) -> list[values.Sighting]:
        """Give sightings to open tracks, best pairs first; return those that nobody took."""
        self._closed += [track for track in self._open if not _is_open(track, time_s)]
        self._open = [track for track in self._open if _is_open(track, time_s)]
        worth = _worth([track.expected(time_s) for track in self._open], [one.box for one in found])
        taken: set[int] = set()
        given: set[int] = set()
        for flat in np.argsort(-worth, axis=None, kind="stable"):
            row, column = divmod(int(flat), max(1, len(found)))
            if worth[row, column] <= 0:
                break
            if row in taken or column in given or not _same(self._open[row].sort, found[column].sort):
                continue
            self._open[row].append(look, time_s, found[column].box, seen=True)
            taken.add(row)
            given.add(column)
        return [one for column, one in enumerate(found) if column not in given]

    def _pursue(self, look: int, time_s: float, scale: float) -> None:
        """Follow by their pixels the tracks that were not seen at this look but at the last."""
        if len(self._kept) < 2:
            return
        here, there = self._kept[-2], self._kept[-1]
        for track in self._open:
            if track.looks[-1] == here.look:
                box = pursuit.follow(track.boxes[-1], here.luma, there.luma, scale)
                if box is not None:
                    track.append(look, time_s, box, seen=False)

    def _begin(self, left: Sequence[values.Sighting], look: int, time_s: float, scale: float) -> None:
        """Begin a track for each sighting left, and follow it back as far as its pixels can be found."""
        for one in left:
            track = tracks.Track(one.sort)
            track.append(look, time_s, one.box, seen=True)
            for here, there in zip(reversed(self._kept), list(reversed(self._kept))[1:], strict=False):
                box = pursuit.follow(track.boxes[0], here.luma, there.luma, scale)
                if box is None:
                    break
                track.prepend(there.look, there.time_s, box)
            self._open.append(track)


def _is_open(track: tracks.Track, time_s: float) -> bool:
    longest_s = LONGEST_TEXT_GAP_S if track.sort == values.Sort.TEXT else LONGEST_GAP_S
    return time_s - track.times_s[track.last_seen] <= longest_s


def _same(a: values.Sort, b: values.Sort) -> bool:
    return a == b or any(a in sorts and b in sorts for sorts in _SAME_SORTS)


def _worth(ours: Sequence[types.Box], theirs: Sequence[types.Box]) -> types.Float:
    """Return how well each pair fits, float32 (n, m): 1 + overlap where they overlap, below 1 where they are near, else 0."""
    a, b = boxes.as_array(ours), boxes.as_array(theirs)
    overlap = boxes.iou(a, b)
    size = ((a[:, None, 2:] - a[:, None, :2]) + (b[:, 2:] - b[:, :2])) / 2
    apart = np.abs((a[:, None, :2] + a[:, None, 2:]) - (b[:, :2] + b[:, 2:])) / 2
    share = (apart / size.clip(min=1)).max(axis=2, initial=0)
    area = np.minimum(boxes.area(a)[:, None], boxes.area(b)) / np.maximum(boxes.area(a)[:, None], boxes.area(b)).clip(
        min=1
    )
    near = np.where((share < _REACH) & (area > 0.3), 1 - share / _REACH, 0)
    return np.asarray(np.where(overlap >= _LEAST_OVERLAP, 1 + overlap, near), np.float32)
