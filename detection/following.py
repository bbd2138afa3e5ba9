"""One object as the tracker follows it: where it is, what it is, whether it is believed, and the path it took."""

from collections.abc import Sequence
from dataclasses import dataclass

from detection import boxes, kalman, settings, types

MOVED = 0.5
"""An object of moderate score is believed once it moved by this share of its height."""
STIRRED = 0.25
"""A vehicle stands where it is until it moved by this share of its height."""
SETTLED_HITS = 5
"""Detections after which an object's speed is known well enough to leave out a look."""
COVERED = 0.6
"""A track was looked for when a region holds this share of where it is expected."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One detection, as a plain value."""

    box: types.Box
    score: float
    label: types.ObjectClass


@dataclass(frozen=True, slots=True)
class Expected:
    """Where an object is expected, when it was last looked for, and whether its next places are well known: it is believed, was
    seen for certain at the last look, and often enough for its speed to be known. `parked_s` is how long a vehicle has been seen in one place."""

    box: types.Box
    looked_s: float
    believed: bool
    settled: bool = False
    parked_s: float = 0.0


class Followed:
    """One object."""

    def __init__(
        self, track_id: int, seen: Seen, time_s: float, size_px: tuple[int, int], wanted: settings.TrackerSettings
    ) -> None:
        self.track_id = track_id
        self.believed = False
        self.missed_s = 0.0
        self.last_seen_s = self.looked_s = self.first_seen_s = time_s
        self._wanted = wanted
        self._filter = kalman.BoxFilter(seen.box)
        self._score = 0.0
        self._best_score = 0.0
        self._hits = 0
        self._votes: dict[types.ObjectClass, float] = {}
        self._path: list[types.PathPoint] = []
        self._born = self._filter.position[:2].copy()
        self.certain_s = time_s
        self._place, self._place_s = self._born, time_s
        self._note(seen, time_s, size_px)

    @property
    def box(self) -> types.Box:
        return self._filter.box

    @property
    def label(self) -> types.ObjectClass:
        """The class most of its detections had, weighted by score; the lower number of equals."""
        return max(sorted(self._votes), key=lambda label: self._votes[label])

    @property
    def group(self) -> int:
        return GROUP_OF[self.label]

    def expect(self, time_s: float) -> Expected:
        """Say where it should be at `time_s`, without moving it there."""
        ahead_s = max(0.0, time_s - max(self.last_seen_s, self.looked_s))
        x, y = (float(speed) * min(ahead_s, kalman.COAST_S) for speed in self._filter.speed[:2])
        x1, y1, x2, y2 = self._filter.box
        return Expected(
            (x1 + x, y1 + y, x2 + x, y2 + y), self.looked_s, self.believed, self._is_settled(), self._parked_s()
        )

    def advance(self, step_s: float) -> None:
        self._filter.predict(step_s, coasting=self.missed_s > 0)

    def take(self, seen: Seen, time_s: float, size_px: tuple[int, int]) -> None:
        """Take in a detection of it."""
        self._filter.correct(seen.box)
        self._note(seen, time_s, size_px)

    def note_look(self, looked: Sequence[types.Box], time_s: float) -> None:
        """Count the time since the last look as missed, if this one covered it and did not see it."""
        covered = self.last_seen_s == time_s or any(
            boxes.share_inside(self.box, region) >= COVERED for region in looked
        )
        if not covered:
            return
        if self.last_seen_s != time_s:
            self.missed_s += max(0.0, time_s - self.looked_s)
        self.looked_s = time_s

    def track(self) -> types.Track:
        return types.Track(
            self.track_id,
            self.label,
            self.box,
            self._score,
            self.first_seen_s,
            self.last_seen_s,
            tuple(self._path),
        )

    def _note(self, seen: Seen, time_s: float, size_px: tuple[int, int]) -> None:
        self._hits += 1
        self._score, self._best_score = seen.score, max(self._best_score, seen.score)
        self._votes[seen.label] = self._votes.get(seen.label, 0.0) + seen.score
        self.missed_s = 0.0
        self.last_seen_s = self.looked_s = time_s
        if self._is_off(self._place, STIRRED):
            self._place, self._place_s = self._filter.position[:2].copy(), time_s
        x1, _, x2, y2 = self._filter.box
        self._path.append(types.PathPoint(time_s, _share((x1 + x2) / 2, size_px[0]), _share(y2, size_px[1])))
        if len(self._path) > self._wanted.max_path_points:
            self._path = thin(self._path)
        if seen.score >= self._wanted.high_score:
            self.certain_s = time_s
        sure = self._best_score >= self._wanted.sure_score
        self.believed = self.believed or (self._hits >= (2 if sure else 3) and (sure or self._has_moved()))

    def _is_settled(self) -> bool:
        certain = self.certain_s == self.last_seen_s == self.looked_s
        return self.believed and certain and self._hits >= SETTLED_HITS

    def _has_moved(self) -> bool:
        """Say whether it left where it began by a good part of its size: signs and cones that look like people do not."""
        return self._is_off(self._born, MOVED)

    def _is_off(self, place: kalman.State, heights: float) -> bool:
        """Say whether it is this many of its heights away from a place."""
        x, y = self._filter.position[:2] - place
        return bool(max(abs(float(x)), abs(float(y))) >= heights * max(4.0, boxes.height(self.box)))

    def _parked_s(self) -> float:
        return self.last_seen_s - self._place_s if self.group == GROUP_OF[types.ObjectClass.CAR] else 0.0


def thin(path: Sequence[types.PathPoint]) -> list[types.PathPoint]:
    """Return a path with every second point of its older half left out; first and newest points stay."""
    half = len(path) // 2
    return [*path[:half:2], *path[half:]]


GROUP_OF = {
    types.ObjectClass.PERSON: 0,
    types.ObjectClass.BICYCLE: 1,
    types.ObjectClass.MOTORCYCLE: 1,
    types.ObjectClass.CAR: 2,
    types.ObjectClass.BUS: 2,
    types.ObjectClass.TRUCK: 2,
}


def _share(value_px: float, whole_px: int) -> float:
    return min(1.0, max(0.0, value_px / whole_px))
