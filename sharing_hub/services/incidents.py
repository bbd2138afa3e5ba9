"""Incidents: what operators do to them.

Invariants: only changes of the closed state table happen; every change raises the version and is a row of `incident_history` and a
ledger entry in the same transaction; somebody else's earlier change is a conflict, not overwritten.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import incidents, viewers
from sharing_hub.services import ledger, ledger_sources
from sharing_hub.store import database, queries, tables

MAX_NOTE_CHARACTERS = 500


def acknowledge(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, now: datetime, version: int | None = None
) -> tables.Incident:
    """Say that somebody looks at it: it stops sounding.

    Args:
        version: what the caller saw; None takes the incident as it is.

    Raises:
        NotFound: no such incident for this viewer.
        Refused: the viewer's role does not decide incidents.
        IncidentConflict: the state table forbids it, or `version` is old.
    """
    row = _change(session, incident_id, viewer, "acknowledge", version)
    row.acknowledged_by, row.acknowledged_at = viewer.name, now
    _record(session, row, viewer, "acknowledge", "new", now)
    return row


def confirm(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, note: str, now: datetime, version: int | None = None
) -> tables.Incident:
    """Say that it is real. Raises as `acknowledge`."""
    return _decide(session, incident_id, viewer, "confirm", (None, note), now, version)


def mark_false(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, reason: str, note: str, now: datetime,
    version: int | None = None,
) -> tables.Incident:  # fmt: skip
    """Say that it is a false alarm, and why. Raises as `acknowledge`, and Unprocessable for an unknown reason."""
    if not incidents.is_reason(reason):
        known = ", ".join(known.code for known in incidents.FALSE_REASONS)
        raise errors.Unprocessable(f"unknown reason for a false alarm; known: {known}")
    return _decide(session, incident_id, viewer, "mark_false", (reason, note), now, version)


def reopen(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, now: datetime, version: int | None = None
) -> tables.Incident:
    """Undo a decision: it is acknowledged again. Raises as `acknowledge`."""
    row = _visible(session, incident_id, viewer)
    before = row.state
    row = _change(session, incident_id, viewer, "reopen", version)
    row.decided_by = row.decided_at = row.reason = row.note = None
    _record(session, row, viewer, "reopen", before, now)
    return row


def _decide(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, change: incidents.Change,
    words: tuple[str | None, str], now: datetime, version: int | None,
) -> tables.Incident:  # fmt: skip
    before = _visible(session, incident_id, viewer).state
    row = _change(session, incident_id, viewer, change, version)
    if row.acknowledged_at is None:
        row.acknowledged_by, row.acknowledged_at = viewer.name, now
    row.decided_by, row.decided_at = viewer.name, now
    row.reason, row.note = words[0], words[1][:MAX_NOTE_CHARACTERS] or None
    _record(session, row, viewer, change, before, now)
    return row


def _visible(session: Session, incident_id: UUID, viewer: viewers.Viewer) -> tables.Incident:
    wanted = queries.visible_to(viewer).incidents().where(tables.Incident.incident_id == incident_id)
    row = session.scalar(wanted)
    if row is None:
        raise errors.NotFound(f"no incident {incident_id}")
    return row


def _change(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, change: incidents.Change, version: int | None
) -> tables.Incident:
    row = _visible(session, incident_id, viewer)
    if not viewers.decides_incidents(viewer):
        raise errors.Refused(f"the role {viewer.role} does not decide incidents")
    if version is not None and version != row.version:
        raise errors.IncidentConflict(f"somebody changed it: it is at version {row.version}, {row.state}; look again")
    to = incidents.after(row.state, change)
    if to is None:
        raise errors.IncidentConflict(f"an incident that is {row.state} cannot be changed by {change}")
    row.state = to
    row.version += 1
    return row


def _record(
    session: Session, row: tables.Incident, viewer: viewers.Viewer, change: incidents.Change, before: str, now: datetime
) -> None:
    made = tables.IncidentHistory(
        incident_id=row.incident_id,
        at=now,
        operator_id=viewer.operator_id,
        operator_name=viewer.name,
        change=change,
        from_state=before,
        to_state=row.state,
        reason=row.reason,
        note=row.note,
        version=row.version,
    )
    session.add(made)
    session.flush()  # the entry names the row by its number
    ledger.append(session, ledger_sources.of_change(made))
    database.note(session, "incident", row.incident_id)
