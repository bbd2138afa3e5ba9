"""Shelving: an incident that is to be silent for a while, for a reason, and comes back by itself.

Invariants: it comes back at its time at the latest; severity 1 is shelved by a shift leader only; its alarms are counted meanwhile.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import incidents, viewers
from sharing_hub.services import incident_steps
from sharing_hub.store import tables


def shelve(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, until: datetime, why: str, now: datetime,
    version: int | None = None,
) -> tables.Incident:  # fmt: skip
    """Put an incident aside until a time.

    Raises:
        NotFound, Refused, IncidentConflict: as `incidents.acknowledge`; Refused also for severity 1 without a shift leader.
        Unprocessable: no reason, or the time is past or further away than the book allows.
    """
    row = incident_steps.to_decide(session, incident_id, viewer, now, version)
    longest = timedelta(seconds=incident_steps.limits(session).longest_shelving_s)
    if not now < until <= now + longest:
        raise errors.Unprocessable(f"until: a time within {longest} from now")
    if not why.strip():
        raise errors.Unprocessable("say why it is put aside")
    if row.severity == 1 and not viewers.leads(viewer):
        raise errors.Refused("severity 1 is put aside by a shift leader only")
    if row.state in incidents.FINISHED_STATES:
        raise errors.IncidentConflict(f"it is {row.state}: there is nothing to put aside")
    row.shelved_until = until
    row.lease_holder_id = row.lease_holder = row.lease_until = None
    by, said = incident_steps.by_of(viewer), incident_steps.words(why)
    incident_steps.record(
        session, row, by, "shelve", row.state, now, f"until {until.isoformat(timespec='seconds')}", said
    )
    return row


def unshelve(
    session: Session, incident_id: UUID, viewer: viewers.Viewer, now: datetime, version: int | None = None
) -> tables.Incident:
    """Take an incident back before its time. Raises as `incidents.acknowledge`; IncidentConflict also where it is not shelved."""
    row = incident_steps.to_decide(session, incident_id, viewer, now, version)
    if row.shelved_until is None:
        raise errors.IncidentConflict("it was not put aside")
    row.shelved_until = None
    incident_steps.record(session, row, incident_steps.by_of(viewer), "unshelve", row.state, now)
    return row


def is_due(session: Session, now: datetime) -> bool:
    """Say whether the time of anything that was put aside is over."""
    due = select(tables.Incident.incident_id).where(tables.Incident.shelved_until <= now)
    return session.scalar(due.limit(1)) is not None


def bring_back(session: Session, now: datetime) -> int:
    """Take back every incident whose time is over; return how many. A repeat does nothing."""
    rows = session.scalars(select(tables.Incident).where(tables.Incident.shelved_until <= now)).all()
    for row in rows:
        row.shelved_until = None
        incident_steps.record(session, row, incident_steps.HUB, "unshelve", row.state, now, "its time is over")
    return len(rows)
