"""Whether a vehicle drove here and stands now: its place, since when, and how far it came."""

import math
from dataclasses import dataclass

from detection import types
from detection.triggers.sightings import Sighting
from detection.triggers.vacancy import Shown

_SETTLE_S = 0.8
"""A vehicle seen away from its place for this long has left it; a shorter step is a detector's jitter or a box cut by a passer-by."""
_LEAP_LENGTHS = 1.0
_ORIGIN_LOOKS = 3
_LIKE_SIZE = 1.6
_STOOD_S = 2.0
_DRIVEN_LOOKS = 4
"""A vehicle must be seen on its way this often to have moved: a track that slips onto a neighbour gets there in a leap or two."""


@dataclass(slots=True)
class Standing:
    """One vehicle.

    Attributes:
        last: its newest sighting.
        origin: where it was first seen, picture heights: the mean of its first looks.
        place: where it stands, since `since_s`; while it drives, where it was a moment ago.
        wander: how far it was seen from `place` since, lengths.
        moved: how far it ever was from `origin`, lengths.
        driven: sightings on its way since it last stood.
        looks: sightings at `place`.
        away_s: since when it is seen elsewhere; None while at its place.
        key: of the event it raised; "" before.
        shown: what its place shows with it there, kept while it is parked.
    """

    last: Sighting
    origin: types.Point
    place: types.Point
    since_s: float
    origin_looks: int = 1
    wander: float = 0.0
    moved: float = 0.0
    driven: int = 0
    looks: int = 1
    away_s: float | None = None
    key: str = ""
    shown: Shown | None = None

    @classmethod
    def begin(cls, now: Sighting, aspect: float) -> "Standing":
        """Return the state of a vehicle seen for the first time; its path tells where it came from before it was believed."""
        path = now.track.path
        origin = (path[0].x_norm * aspect, path[0].y_norm) if path else now.foot
        return cls(now, origin, now.foot, now.time_s, origin_looks=_ORIGIN_LOOKS if path else 1)

    def add(self, now: Sighting, drift_lengths: float) -> bool:
        """Take in a sighting; return whether the vehicle left its place with it."""
        self.last = now
        if self.origin_looks < _ORIGIN_LOOKS:
            n = self.origin_looks
            self.origin = tuple((o * n + f) / (n + 1) for o, f in zip(self.origin, now.foot, strict=True))  # type: ignore[assignment]
            self.origin_looks += 1
        distance = math.dist(now.foot, self.place) / now.length
        if distance <= drift_lengths:
            self.wander, self.away_s = max(self.wander, distance), None
            self.looks += 1
            if now.time_s - self.since_s <= _STOOD_S:  # it may still have rolled: where it came to rest is its place
                self.place, self.wander = now.foot, 0.0
            if self.driven >= _DRIVEN_LOOKS:
                self.moved = max(self.moved, math.dist(self.place, self.origin) / now.length)
            if now.time_s - self.since_s > _STOOD_S:
                self.driven = 0
            return False
        self.driven += 1
        self.away_s = now.time_s if self.away_s is None else self.away_s
        if distance < _LEAP_LENGTHS and now.time_s - self.away_s < _SETTLE_S:
            return False
        self.place, self.since_s, self.wander, self.looks, self.away_s = now.foot, now.time_s, 0.0, 1, None
        return True


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where a vehicle stood, last seen there at `time_s`; its size is `length`, what it showed with it there `shown`."""

    place: types.Point
    length: float
    time_s: float
    shown: Shown | None = None


def spot(vehicle: Standing) -> Spot:
    """Return where the vehicle stands."""
    return Spot(vehicle.place, vehicle.last.length, vehicle.last.time_s, vehicle.shown)


def same_place(a: Spot, b: Spot, drift_lengths: float) -> bool:
    """Say whether two vehicles of like size stand in one place: then they are one, met again under another track id."""
    long, short = max(a.length, b.length), min(a.length, b.length)
    return long <= _LIKE_SIZE * short and math.dist(a.place, b.place) <= max(drift_lengths, 0.5) * long
