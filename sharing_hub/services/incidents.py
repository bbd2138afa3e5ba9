"""Incidents: what operators decide about them. How a change is checked and recorded stands in `incident_steps`; shelving, leases and merging beside it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import incidents, viewers
from sharing_hub.services import book, grants, incident_steps, sharing
from sharing_hub.store import tables

MAX_NOTE_CHARACTERS = incident_steps.MAX_NOTE_CHARACTERS


def acknowledge(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, now: datetime, version: int | None = None
) -> tables.Incident:
    """Say that somebody looks at it: it stops sounding.

    Args:
        version: what the caller saw; None takes the incident as it is.

    Raises:
        NotFound: no such incident for this viewer.
        Refused: the viewer's role does not decide incidents.
        IncidentConflict: the state table forbids it, `version` is old, or somebody else works on it.
    """
    return _looked_at(session, incident_id, viewer, "acknowledge", now, version)


def verify(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, now: datetime, version: int | None = None
) -> tables.Incident:
    """Say that it is being found out whether it is real. Raises as `acknowledge`."""
    return _looked_at(session, incident_id, viewer, "verify", now, version)


def confirm(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, note: str, now: datetime, version: int | None = None
) -> tables.Incident:
    """Say that it is real; whom the matrix names is told in the same transaction. Raises as `acknowledge`."""
    row = _decide(session, incident_id, viewer, "confirm", (None, note), now, version)
    actor = incident_steps.by_of(viewer).actor()
    sharing.share_by_matrix(session, book.in_force(session)[1], row, "confirmed", actor, now)
    return row


def mark_false(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, reason: str, note: str, now: datetime,
    version: int | None = None,
) -> tables.Incident:  # fmt: skip
    """Say that it is a false alarm, and why. Raises as `acknowledge`, and Unprocessable for an unknown reason."""
    if not incidents.is_reason(reason):
        known = ", ".join(known.code for known in incidents.FALSE_REASONS)
        raise errors.Unprocessable(f"unknown reason for a false alarm; known: {known}")
    row = _decide(session, incident_id, viewer, "mark_false", (reason, note), now, version)
    sharing.tell(session, row, "cancel", now)
    _end_grants(session, row, viewer, now)
    return row


def resolve(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, note: str, now: datetime, version: int | None = None
) -> tables.Incident:
    """Say that it is over on the spot. Raises as `acknowledge`."""
    row = incident_steps.to_decide(session, incident_id, viewer, now, version)
    before = incident_steps.move(row, "resolve")
    said = incident_steps.words(note)
    incident_steps.record(session, row, incident_steps.by_of(viewer), "resolve", before, now, None, said)
    sharing.tell(session, row, "update", now)
    return row


def close(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, disposition: str, note: str, now: datetime,
    version: int | None = None,
) -> tables.Incident:  # fmt: skip
    """Say that it is done with, and how it ended; its grants end soon. Raises as `acknowledge`, and Unprocessable for an unknown disposition."""
    if not incidents.is_disposition(disposition):
        known = ", ".join(known.code for known in incidents.DISPOSITIONS)
        raise errors.Unprocessable(f"unknown disposition; known: {known}")
    row = incident_steps.to_decide(session, incident_id, viewer, now, version)
    before = incident_steps.move(row, "close")
    row.disposition, row.closed_at = disposition, now
    by, said = incident_steps.by_of(viewer), incident_steps.words(note)
    incident_steps.record(session, row, by, "close", before, now, disposition, said)
    sharing.tell(session, row, "update", now)
    _end_grants(session, row, viewer, now)
    return row


def reopen(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, now: datetime, version: int | None = None
) -> tables.Incident:
    """Undo a decision: it is acknowledged again, and who was told because it was real is told that it is open. Raises as `acknowledge`."""
    row = incident_steps.to_decide(session, incident_id, viewer, now, version)
    if row.merged_into is not None:
        raise errors.IncidentConflict(f"its alarms are with incident {row.merged_into} now; go on there")
    before = incident_steps.move(row, "reopen")
    row.decided_by = row.decided_at = row.reason = row.note = row.disposition = row.closed_at = None
    incident_steps.record(session, row, incident_steps.by_of(viewer), "reopen", before, now)
    sharing.take_back(session, row, incident_steps.by_of(viewer).actor(), now)
    return row


def notified(session: Session, incident_id: UUID, agency_id: str, now: datetime) -> None:
    """Say that an agency was told, once its notice was delivered; where the incident is past that already, nothing changes."""
    row = session.get_one(tables.Incident, incident_id)
    if incidents.after(row.state, "notify") is not None:
        before = incident_steps.move(row, "notify")
        incident_steps.record(session, row, incident_steps.HUB, "notify", before, now, agency_id)


def _looked_at(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, change: incidents.Change, now: datetime, version: int | None
) -> tables.Incident:  # fmt: skip
    row = incident_steps.to_decide(session, incident_id, viewer, now, version)
    before = incident_steps.move(row, change)
    if row.acknowledged_at is None or change == "acknowledge":
        row.acknowledged_by, row.acknowledged_at = viewer.name, now
    incident_steps.record(session, row, incident_steps.by_of(viewer), change, before, now)
    return row


def _decide(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, change: incidents.Change,
    words: tuple[str | None, str], now: datetime, version: int | None,
) -> tables.Incident:  # fmt: skip
    row = incident_steps.to_decide(session, incident_id, viewer, now, version)
    before = incident_steps.move(row, change)
    if row.acknowledged_at is None:
        row.acknowledged_by, row.acknowledged_at = viewer.name, now
    row.decided_by, row.decided_at, row.shelved_until = viewer.name, now, None
    row.reason, row.note = words[0], incident_steps.words(words[1])
    incident_steps.record(session, row, incident_steps.by_of(viewer), change, before, now, row.reason, row.note)
    return row


def _end_grants(session: Session, row: tables.Incident, viewer: viewers.Viewer, now: datetime) -> None:
    ends_at = now + timedelta(seconds=incident_steps.limits(session).after_close_s)
    grants.end_with_incident(session, row.incident_id, ends_at, incident_steps.by_of(viewer).actor(), now)
