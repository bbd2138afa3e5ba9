"""What ingest knows by heart, so that it need not read it for every event: the district's book in force, and where the cameras are.

Invariant: it is forgotten when it changes. The database tells of changes after their commit (`hear`), so an event in between may still be judged by
what stood before.
"""

import math
import threading
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import district, sight
from sharing_hub.services import book
from sharing_hub.store import tables

_CELL_DEG = 0.002
"""About 220 m from south to north: a circle of 100 m touches four cells at most."""
_CAMERAS = tables.core(tables.Camera)
_PLACES = select(_CAMERAS.c.camera_id, _CAMERAS.c.latitude, _CAMERAS.c.longitude)
_SOME = _PLACES.where(_CAMERAS.c.camera_id.in_(bindparam("ids", expanding=True)))
_Cell = tuple[int, int]


class Standing:
    """Used by whoever holds the writer's turn; told of changes from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stale: set[str] | None = None  # None: everything is to be read
        self._book: district.District | None = None
        self._places: dict[str, sight.Point] = {}
        self._cells: dict[_Cell, set[str]] = {}
        self._near: dict[str, tuple[str, ...]] = {}

    def hear(self, topic: str, key: str) -> None:
        """Forget what changed."""
        with self._lock:
            if topic == "book":
                self._book, self._near = None, {}
            elif topic == "camera" and self._stale is not None:
                self._stale.add(key)

    def book(self, session: Session) -> district.District | None:
        """Return the book in force; None where none was begun: nobody is told of anything then."""
        if self._book is None:
            try:
                self._book = book.in_force(session)[1]
            except errors.StoreError:
                return None
        return self._book

    def neighbours(self, session: Session, camera_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the cameras within the book's fold radius of each of these, the nearest first, without itself."""
        camera_ids = list(camera_ids)
        if not camera_ids:
            return {}
        self._refresh(session)
        found = self.book(session)
        limits = found.limits if found else district.Limits()
        return {camera_id: self._neighbours(camera_id, limits.fold_radius_m) for camera_id in camera_ids}

    def _neighbours(self, camera_id: str, radius_m: float) -> tuple[str, ...]:
        known = self._near.get(camera_id)
        if known is None:
            place = self._places.get(camera_id)
            known = self._near[camera_id] = () if place is None else self._search(camera_id, place, radius_m)
        return known

    def _search(self, camera_id: str, place: sight.Point, radius_m: float) -> tuple[str, ...]:
        near: list[tuple[float, str]] = []
        for cell in _cells_around(place, radius_m):
            for other in self._cells.get(cell, ()):
                distance_m = sight.distance_m(place, self._places[other])
                if other != camera_id and distance_m <= radius_m:
                    near.append((distance_m, other))
        return tuple(other for _, other in sorted(near))

    def _refresh(self, session: Session) -> None:
        with self._lock:
            stale, self._stale = self._stale, set()
        if stale is None:
            self._places, self._cells = {}, {}
            rows = session.connection().execute(_PLACES).all()
        elif stale:
            rows = session.connection().execute(_SOME, {"ids": list(stale)}).all()
        else:
            return
        self._near = {} if self._moved(rows) else self._near

    def _moved(self, rows: Iterable[tuple[str, float | None, float | None]]) -> bool:
        """Take places over; say whether any is another than before."""
        moved = False
        for camera_id, latitude, longitude in rows:
            place = None if latitude is None or longitude is None else sight.Point(latitude, longitude)
            before = self._places.pop(camera_id, None)
            moved = moved or before != place
            if before is not None:
                self._cells[_cell(before)].discard(camera_id)
            if place is not None:
                self._places[camera_id] = place
                self._cells.setdefault(_cell(place), set()).add(camera_id)
        return moved


def _cell(place: sight.Point) -> _Cell:
    return math.floor(place.latitude / _CELL_DEG), math.floor(place.longitude / _CELL_DEG)


def _cells_around(place: sight.Point, radius_m: float) -> Iterator[_Cell]:
    """Yield the cells that a circle can touch."""
    box = sight.box(place, radius_m)
    south, west = _cell(sight.Point(box.south, box.west))
    north, east = _cell(sight.Point(box.north, box.east))
    for row in range(south, north + 1):
        for column in range(west, east + 1):
            yield row, column
