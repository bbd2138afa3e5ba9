"""Builders of scripted scenes: walkers and vehicles with boxes given in shares of the picture, looked at when the script says."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from detection import types
from detection.triggers import Trigger
from detection.types import ObjectClass

WIDTH_PX = 1280
HEIGHT_PX = 720
Place = Callable[[float], types.Point | None]
"""Foot point at a time, 0..1 of the picture; None while nobody sees it."""


@dataclass(slots=True)
class Actor:
    """One object of a script.

    Attributes:
        place: where its foot point is, and when it is seen.
        track_id: its track's id, or a function of time where the tracker confuses it.
        size: width and height of its box, 0..1 of the picture.
    """

    place: Place
    track_id: int | Callable[[float], int] = 1
    label: ObjectClass = ObjectClass.PERSON
    size: tuple[float, float] = (0.05, 0.2)
    score: float = 0.8
    _seen: dict[int, list[types.PathPoint]] = field(default_factory=dict)
    _last: dict[int, types.Track] = field(default_factory=dict)

    def tracks(self, time_s: float, patience_s: float = 3.0) -> list[types.Track]:
        """Return its tracks at a look: seen now, or still waited for."""
        foot = self.place(time_s)
        if foot is not None:
            id_ = self.track_id if isinstance(self.track_id, int) else self.track_id(time_s)
            path = self._seen.setdefault(id_, [])
            path.append(types.PathPoint(time_s, *foot))
            width, height = self.size
            box = (
                (foot[0] - width / 2) * WIDTH_PX, (foot[1] - height) * HEIGHT_PX,
                (foot[0] + width / 2) * WIDTH_PX, foot[1] * HEIGHT_PX,
            )  # fmt: skip
            self._last[id_] = types.Track(id_, self.label, box, self.score, path[0].time_s, time_s, tuple(path[-128:]))
        return [track for track in self._last.values() if time_s - track.last_seen_s <= patience_s]


def thumb(time_s: float, luma: types.Pixels | None = None, is_key: bool = True) -> types.Thumb:
    """Return a thumb, grey unless a picture is given."""
    return types.Thumb(time_s, np.full((180, 320), 90, np.uint8) if luma is None else luma, 0.0, is_key)


def scene(time_s: float, actors: Sequence[Actor] = ()) -> types.Scene:
    """Return the scene of one look."""
    tracks = tuple(track for actor in actors for track in actor.tracks(time_s))
    return types.Scene(time_s, WIDTH_PX, HEIGHT_PX, tracks, thumb(time_s), True)


def times(until_s: float, looks_per_s: float = 5.0, from_s: float = 0.0) -> list[float]:
    """Return the times of regular looks."""
    return [from_s + i / looks_per_s for i in range(round((until_s - from_s) * looks_per_s) + 1)]


def play(trigger: Trigger, at: Iterable[float], *actors: Actor) -> tuple[list[types.Raised], list[types.Ended]]:
    """Run a script through a trigger and return what it raised and what it ended."""
    raised: list[types.Raised] = []
    ended: list[types.Ended] = []
    for time_s in at:
        for outcome in trigger.update(scene(time_s, actors)):
            if isinstance(outcome, types.Raised):
                raised.append(outcome)
            else:
                ended.append(outcome)
    return raised, ended


def walk(*stops: tuple[float, float, float]) -> Place:
    """Return a way through (time_s, x, y) points in straight lines; unseen before the first and after the last."""

    def place(time_s: float) -> types.Point | None:
        for (t0, x0, y0), (t1, x1, y1) in itertools.pairwise(stops):
            if t0 <= time_s <= t1:
                share = (time_s - t0) / (t1 - t0) if t1 > t0 else 0.0
                return x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        return None

    return place


def unseen(place: Place, *spans: tuple[float, float]) -> Place:
    """Return the same way with spans in which the detector misses the object."""
    return lambda time_s: None if any(a <= time_s < b for a, b in spans) else place(time_s)
