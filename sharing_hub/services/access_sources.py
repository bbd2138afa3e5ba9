"""Where the facts of access questions come from: one question's from the store, many questions' read at once.

Facts are read as columns: a row of the ORM costs several times what the statement does, and a live view asks each second.
"""

import collections
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from sharing_hub.domain import grants, places, viewers
from sharing_hub.services import grants as grant_rows
from sharing_hub.store import sharing_tables, tables


class Incident(NamedTuple):
    """What the rules ask of an incident; its columns of these names."""

    incident_id: UUID
    camera_id: str | None
    kind: str
    state: str
    opened_at: datetime
    latitude: float | None
    longitude: float | None
    opened_by_agency: str | None
    decided_at: datetime | None
    closed_at: datetime | None


class Share(NamedTuple):
    """What the rules ask of how an incident was shared with an agency; its columns of these names."""

    how: str
    media: str
    purpose: str
    legal_basis: str
    withdrawn_at: datetime | None


Case = tuple[Incident | None, Share | None]
_CAMERAS, _INCIDENTS, _SHARES = (
    tables.core(table) for table in (tables.Camera, tables.Incident, sharing_tables.IncidentShare)
)
# Made once: building a statement costs more than running it.
_PLACE = select(_CAMERAS.c.latitude, _CAMERAS.c.longitude).where(_CAMERAS.c.camera_id == bindparam("camera_id"))
_PLACES = select(_CAMERAS.c.camera_id, _CAMERAS.c.latitude, _CAMERAS.c.longitude)
_WITH_SHARE = select(
    *(_INCIDENTS.c[name] for name in Incident._fields), *(_SHARES.c[name] for name in Share._fields)
).select_from(
    _INCIDENTS.outerjoin(
        _SHARES,
        and_(_SHARES.c.incident_id == _INCIDENTS.c.incident_id, _SHARES.c.agency_id == bindparam("agency_id")),
    )
)
_CASE = _WITH_SHARE.where(_INCIDENTS.c.incident_id == bindparam("incident_id"))
_CASES = _WITH_SHARE.where(_INCIDENTS.c.incident_id.in_(bindparam("incident_ids", expanding=True)))
_AT_ONCE = 500


class Sources(Protocol):
    """What is known."""

    def grants(self, viewer: viewers.Viewer, camera_id: str) -> Sequence[grants.Grant]:
        """Return the viewer's grants that name the camera, ended ones among them, the one that ends last first."""

    def case(self, incident_id: UUID, agency_id: str) -> Case:
        """Return an incident, and how it was shared with an agency, withdrawn or not; None for what is not there."""

    def place(self, camera_id: str) -> places.Place | None:
        """Return where a camera is."""


class Stored:
    """Reads each fact as it is asked for."""

    def __init__(self, session: Session) -> None:
        session.flush()  # what this session changed counts
        self._session = session

    def grants(self, viewer: viewers.Viewer, camera_id: str) -> Sequence[grants.Grant]:
        """Return the viewer's grants that name the camera."""
        return grant_rows.naming(self._session, viewer.agency_id, viewer.operator_id, camera_id)

    def case(self, incident_id: UUID, agency_id: str) -> Case:
        """Return an incident, and how it was shared with an agency."""
        who = {"incident_id": incident_id, "agency_id": agency_id}
        row = self._session.connection().execute(_CASE, who).one_or_none()
        return (None, None) if row is None else _case(row)

    def place(self, camera_id: str) -> places.Place | None:
        """Return where a camera is."""
        row = self._session.connection().execute(_PLACE, {"camera_id": camera_id}).one_or_none()
        return None if row is None or row[0] is None or row[1] is None else (row[0], row[1])


class ReadAhead:
    """All that the questions of one viewer about these incidents can need, read in few statements."""

    def __init__(self, session: Session, viewer: viewers.Viewer, incident_ids: Iterable[UUID], now: datetime) -> None:
        session.flush()  # what this session changed counts
        self._agency_id, connection, wanted = viewer.agency_id, session.connection(), sorted(set(incident_ids))
        self._cases: dict[UUID, Case] = {}
        for first in range(0, len(wanted), _AT_ONCE):
            asked = {"incident_ids": wanted[first : first + _AT_ONCE], "agency_id": viewer.agency_id}
            self._cases |= {row[0]: _case(row) for row in connection.execute(_CASES, asked)}
        self._places: dict[str, places.Place] = {
            name: (latitude, longitude)
            for name, latitude, longitude in connection.execute(_PLACES)
            if latitude is not None and longitude is not None
        }
        self._grants: dict[str, list[grants.Grant]] = collections.defaultdict(list)
        for grant in grant_rows.held(session, viewer.agency_id, viewer.operator_id, now):
            for camera_id in grant.camera_ids:
                self._grants[camera_id].append(grant)

    def grants(self, viewer: viewers.Viewer, camera_id: str) -> Sequence[grants.Grant]:
        """Return the viewer's grants in force that name the camera."""
        return self._grants.get(camera_id, ())

    def case(self, incident_id: UUID, agency_id: str) -> Case:
        """Return an incident, and how it was shared with the viewer's agency."""
        incident, share = self._cases.get(incident_id, (None, None))
        return incident, share if agency_id == self._agency_id else None

    def place(self, camera_id: str) -> places.Place | None:
        """Return where a camera is."""
        return self._places.get(camera_id)


def _case(row: Sequence[Any]) -> Case:
    incident, share = row[: len(Incident._fields)], row[len(Incident._fields) :]
    return Incident(*incident), None if share[0] is None else Share(*share)
