"""Cameras near a place: those that see it first, then the nearest; and which of them may be opened for a purpose without asking anybody.

Invariant: a sensitive camera (school, clinic, shelter, ...), one that was not installed for the purpose, and one without a place are never opened of
themselves.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from sharing_hub.domain import district, sight
from sharing_hub.store import tables

_CAMERAS = tables.core(tables.Camera)
_OUT = ("stopped", "offline")
MAX_ON_REQUEST = 5
"""Cameras named beside those that are opened."""


@dataclass(frozen=True, slots=True)
class Near:
    """A camera near a place.

    Attributes:
        sees: the place lies in its sector, as the book has it.
        opens: it may be opened without asking; False: on request.
    """

    camera_id: str
    name: str
    place: sight.Point
    distance_m: float
    sees: bool
    opens: bool


def cameras(
    session: Session, found: district.District, point: sight.Point, kind: str, purpose: district.Purpose
) -> list[Near]:
    """Return the cameras for an incident of this kind: at most the book's number that open, then a few that need a request."""
    radius_m = found.limits.wide_radius_m if kind in found.limits.wide_kinds else found.limits.live_radius_m
    facts = {one.camera_id: one for one in found.cameras}
    names: dict[str, tuple[str, sight.Point]] = {}
    opening: list[sight.Lookout] = []
    asking: list[sight.Lookout] = []
    for camera_id, name, latitude, longitude in session.connection().execute(_within(point, radius_m)):
        known = facts.get(camera_id) or district.CameraFacts(camera_id)
        place = sight.Point(latitude, longitude)
        names[camera_id] = (name, place)
        lookout = sight.Lookout(camera_id, place, known.heading_deg, known.view_angle_deg, known.view_range_m)
        (opening if _opens(known, purpose) else asking).append(lookout)
    opened = sight.ranked(point, opening, radius_m, found.limits.nearest_cameras)
    others = [one for one in sight.ranked(point, asking, radius_m, MAX_ON_REQUEST) if one.sees]
    return [
        Near(one.camera_id, *names[one.camera_id], round(one.distance_m, 1), one.sees, opens)
        for opens, some in ((True, opened), (False, others))
        for one in some
    ]


def place_of(session: Session, incident: tables.Incident) -> sight.Point | None:
    """Return where an incident is: as its opener said, or where its camera is; None where nobody knows."""
    if incident.latitude is not None and incident.longitude is not None:
        return sight.Point(incident.latitude, incident.longitude)
    camera = session.get(tables.Camera, incident.camera_id) if incident.camera_id else None
    if camera is None or camera.latitude is None or camera.longitude is None:
        return None
    return sight.Point(camera.latitude, camera.longitude)


def _opens(facts: district.CameraFacts, purpose: district.Purpose) -> bool:
    installed_for_it = not purpose.camera_purposes or bool(set(facts.purposes) & set(purpose.camera_purposes))
    return not facts.sensitivity and installed_for_it


def _within(point: sight.Point, radius_m: float) -> Select[Any]:
    box, column = sight.box(point, radius_m), _CAMERAS.c
    return (
        select(column.camera_id, column.name, column.latitude, column.longitude)
        .where(column.latitude.between(box.south, box.north), column.longitude.between(box.west, box.east))
        .where(column.state.not_in(_OUT))
    )
