"""Leases: two operators do not work on one incident. Doing something to it is working on it; taking it over is possible, seen by all, and on record."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import incidents, viewers
from sharing_hub.services import incident_steps
from sharing_hub.store import database, tables


def take(session: Session, incident_id: UUID, viewer: viewers.Viewer, over: bool, now: datetime) -> tables.Incident:
    """Work on an incident from now on; who works on it already lets it last (that is no step and no row).

    Args:
        over: take it from whoever works on it.

    Raises:
        NotFound: no such incident for this viewer.
        Refused: the viewer's role does not decide incidents.
        IncidentConflict: somebody else works on it and it was not to be taken over; or it is finished.
    """
    row = incident_steps.found(session, incident_id, viewer)
    if not viewers.decides_incidents(viewer):
        raise errors.Refused(f"the role {viewer.role} does not decide incidents")
    if row.state in incidents.FINISHED_STATES:
        raise errors.IncidentConflict(f"it is {row.state}; reopen it first")
    another = row.lease_holder if incident_steps.is_leased_to_another(row, viewer, now) else None
    if another is not None and not over:
        raise errors.IncidentConflict(f"{another} works on it; take it over if you must")
    mine = row.lease_holder_id == viewer.operator_id and row.lease_until is not None and now < row.lease_until
    incident_steps.lease(session, row, viewer, now)
    if not mine:
        step: incidents.SideStep = "take_over" if another else "take"
        note = f"from {another}" if another else None
        incident_steps.record(session, row, incident_steps.by_of(viewer), step, row.state, now, None, note)
    return row


def release(session: Session, incident_id: UUID, viewer: viewers.Viewer, now: datetime) -> tables.Incident:
    """Work on an incident no longer, so that another may. Where the viewer did not, nothing changes.

    Raises:
        NotFound: no such incident for this viewer.
    """
    row = incident_steps.found(session, incident_id, viewer)
    if row.lease_holder_id == viewer.operator_id:
        row.lease_holder_id = row.lease_holder = row.lease_until = None
        incident_steps.record(session, row, incident_steps.by_of(viewer), "release", row.state, now)
        database.note(session, "incident", row.incident_id)
    return row
