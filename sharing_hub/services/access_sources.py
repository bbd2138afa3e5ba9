"""Where the facts of access questions come from: one question's from the store, many questions' read at once."""

import collections
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sharing_hub.domain import grants, places, viewers
from sharing_hub.services import grants as grant_rows
from sharing_hub.store import sharing_tables, tables

_CAMERAS = tables.core(tables.Camera).c
# Made once: building a statement costs more than running it.
_PLACE = select(_CAMERAS.latitude, _CAMERAS.longitude).where(_CAMERAS.camera_id == bindparam("camera_id"))


class Sources(Protocol):
    """What is known."""

    def grants(self, viewer: viewers.Viewer, camera_id: str) -> Sequence[grants.Grant]:
        """Return the viewer's grants that name the camera, ended ones among them, the one that ends last first."""

    def incident(self, incident_id: UUID) -> tables.Incident | None:
        """Return an incident."""

    def share(self, incident_id: UUID, agency_id: str) -> sharing_tables.IncidentShare | None:
        """Return how an incident was shared with an agency, withdrawn or not."""

    def place(self, camera_id: str) -> places.Place | None:
        """Return where a camera is."""


class Stored:
    """Reads each fact as it is asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def grants(self, viewer: viewers.Viewer, camera_id: str) -> Sequence[grants.Grant]:
        """Return the viewer's grants that name the camera."""
        return grant_rows.naming(self._session, viewer.agency_id, viewer.operator_id, camera_id)

    def incident(self, incident_id: UUID) -> tables.Incident | None:
        """Return an incident."""
        return self._session.get(tables.Incident, incident_id)

    def share(self, incident_id: UUID, agency_id: str) -> sharing_tables.IncidentShare | None:
        """Return how an incident was shared with an agency."""
        return self._session.get(sharing_tables.IncidentShare, (incident_id, agency_id))

    def place(self, camera_id: str) -> places.Place | None:
        """Return where a camera is."""
        row = self._session.connection().execute(_PLACE, {"camera_id": camera_id}).one_or_none()
        return None if row is None or row[0] is None or row[1] is None else (row[0], row[1])


class ReadAhead:
    """All that the questions of one viewer about these incidents can need, read in four statements."""

    def __init__(self, session: Session, viewer: viewers.Viewer, incident_ids: Iterable[UUID], now: datetime) -> None:
        incident, share, camera = tables.Incident, sharing_tables.IncidentShare, tables.Camera
        wanted = list(set(incident_ids))
        self._incidents = {
            row.incident_id: row for row in session.scalars(select(incident).where(incident.incident_id.in_(wanted)))
        }
        of_agency = select(share).where(share.agency_id == viewer.agency_id, share.incident_id.in_(wanted))
        self._shares = {row.incident_id: row for row in session.scalars(of_agency)}
        located = session.execute(select(camera.camera_id, camera.latitude, camera.longitude))
        self._places: dict[str, places.Place] = {
            name: (latitude, longitude)
            for name, latitude, longitude in located
            if latitude is not None and longitude is not None
        }
        self._grants: dict[str, list[grants.Grant]] = collections.defaultdict(list)
        for grant in grant_rows.held(session, viewer.agency_id, viewer.operator_id, now):
            for camera_id in grant.camera_ids:
                self._grants[camera_id].append(grant)

    def grants(self, viewer: viewers.Viewer, camera_id: str) -> Sequence[grants.Grant]:
        """Return the viewer's grants in force that name the camera."""
        return self._grants.get(camera_id, ())

    def incident(self, incident_id: UUID) -> tables.Incident | None:
        """Return an incident."""
        return self._incidents.get(incident_id)

    def share(self, incident_id: UUID, agency_id: str) -> sharing_tables.IncidentShare | None:
        """Return how an incident was shared with the viewer's agency."""
        found = self._shares.get(incident_id)
        return found if found is not None and found.agency_id == agency_id else None

    def place(self, camera_id: str) -> places.Place | None:
        """Return where a camera is."""
        return self._places.get(camera_id)
