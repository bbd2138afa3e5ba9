"""Steps of an incident: how every change is checked, made and put on record, whoever makes it.

Invariants: only changes of the closed state table happen; every step raises the version and is a row of `incident_history` and a ledger entry in the
same transaction; somebody else's earlier change is a conflict, not overwritten; while somebody works on an incident (a lease), nobody else decides it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import district, incidents, viewers
from sharing_hub.domain import ledger as entries
from sharing_hub.services import book, ledger, ledger_sources
from sharing_hub.store import database, queries, tables

MAX_NOTE_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class By:
    """Who takes a step.

    Attributes:
        operator_id: None for the hub itself.
        agency_id: None for the district's own.
    """

    operator_id: UUID | None
    name: str
    agency_id: str | None = None
    role: str | None = None
    system: bool = False

    def actor(self) -> entries.Actor:
        """Return who it is, as the ledger has it."""
        if self.operator_id is None:
            return entries.HUB
        kind = "operator" if self.agency_id is None else "agency"
        return entries.Actor(kind, self.name, str(self.operator_id), self.role)


HUB = By(None, entries.HUB.name)


def by_of(viewer: viewers.Viewer) -> By:
    """Return the viewer as who takes a step."""
    agency_id = None if viewers.is_of_district(viewer) else viewer.agency_id
    return By(viewer.operator_id, viewer.name, agency_id, viewer.role, viewer.system)


def found(session: Session, incident_id: UUID, viewer: viewers.Viewer) -> tables.Incident:
    """Return an incident that the viewer may know of.

    Raises:
        NotFound: no such incident for this viewer.
    """
    wanted = queries.visible_to(viewer).incidents().where(tables.Incident.incident_id == incident_id)
    row = session.scalar(wanted)
    if row is None:
        raise errors.NotFound(f"no incident {incident_id}")
    return row


def to_decide(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, now: datetime, version: int | None = None
) -> tables.Incident:
    """Return an incident that the viewer may change now, and let it be theirs for a while: doing something is working on it.

    Args:
        version: what the caller saw; None takes the incident as it is.

    Raises:
        NotFound: no such incident for this viewer.
        Refused: the viewer's role does not decide incidents.
        IncidentConflict: `version` is old, or somebody else works on it.
    """
    row = found(session, incident_id, viewer)
    if not viewers.decides_incidents(viewer):
        raise errors.Refused(f"the role {viewer.role} does not decide incidents")
    if version is not None and version != row.version:
        raise errors.IncidentConflict(f"somebody changed it: it is at version {row.version}, {row.state}; look again")
    if is_leased_to_another(row, viewer, now):
        raise errors.IncidentConflict(f"{row.lease_holder} works on it; take it over first")
    lease(session, row, viewer, now)
    return row


def is_leased_to_another(row: tables.Incident, viewer: viewers.Viewer, now: datetime) -> bool:
    """Say whether somebody else works on it now."""
    in_force = row.lease_until is not None and now < row.lease_until
    return in_force and row.lease_holder_id != viewer.operator_id


def lease(session: Session, row: tables.Incident, viewer: viewers.Viewer, now: datetime) -> None:
    """Let the incident be the viewer's until nothing was done for the book's time."""
    row.lease_holder_id, row.lease_holder = viewer.operator_id, viewer.name
    row.lease_until = now + timedelta(seconds=limits(session).lease_s)


def limits(session: Session) -> district.Limits:
    """Return the numbers of the book in force."""
    return book.in_force(session)[1].limits


def move(row: tables.Incident, change: incidents.Change) -> str:
    """Change the state by the table; return the state before.

    Raises:
        IncidentConflict: the table forbids it.
    """
    before, to = row.state, incidents.after(row.state, change)
    if to is None:
        raise errors.IncidentConflict(f"an incident that is {before} cannot be changed by {change}")
    row.state = to
    if to in incidents.FINISHED_STATES:
        row.lease_holder_id = row.lease_holder = row.lease_until = row.shelved_until = None
    return before


def record(
    session: Session, row: tables.Incident, by: By, change: incidents.Change | incidents.SideStep, before: str, now: datetime,
    reason: str | None = None, note: str | None = None,
) -> None:  # fmt: skip
    """Put a step on record and tell whoever listens."""
    row.version += 1
    made = tables.IncidentHistory(
        incident_id=row.incident_id, at=now, operator_id=by.operator_id, operator_name=by.name, agency_id=by.agency_id,
        change=change, from_state=before, to_state=row.state, reason=reason, note=note, version=row.version,
    )  # fmt: skip
    session.add(made)
    session.flush()  # the entry names the row by its number
    ledger.append(session, ledger_sources.of_change(made))
    database.note(session, "incident", row.incident_id)


def words(note: str) -> str | None:
    """Return what somebody wrote, bounded; None where it is nothing."""
    return note.strip()[:MAX_NOTE_CHARACTERS] or None
