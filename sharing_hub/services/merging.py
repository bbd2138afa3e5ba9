"""Merging: two incidents that are one. The alarms go over and are counted there; the emptied incident is closed and says where they are.

Invariants: an incident's `alarm_count` is the number of its alarms, on both sides; who knew of the emptied one knows of it no longer, and is told of the
other by the matrix or an operator, not by the merge: a merge widens nobody's sight.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import incidents, viewers
from sharing_hub.services import incident_steps, sharing
from sharing_hub.store import tables


def merge(
    session: Session, incident_id: UUID, into: UUID, viewer: viewers.Viewer, now: datetime, version: int | None = None
) -> tables.Incident:
    """Let one incident's alarms be another's; return the other.

    Raises:
        NotFound, Refused, IncidentConflict: as `incidents.acknowledge`, of either; IncidentConflict also where it is the same one, one is finished, or an
            agency opened the one that would end: its case goes on until the agency ends it.
    """
    if incident_id == into:
        raise errors.IncidentConflict("an incident is not merged into itself")
    source = incident_steps.to_decide(session, incident_id, viewer, now, version)
    target = incident_steps.to_decide(session, into, viewer, now)
    if source.opened_by_agency is not None:
        raise errors.IncidentConflict(f"{source.opened_by_agency} opened it; merge the other one into it")
    if target.state in incidents.FINISHED_STATES:
        raise errors.IncidentConflict(f"incident {into} is {target.state}")
    before = incident_steps.move(source, "merge")
    _carry_alarms(session, source, target)
    source.merged_into, source.disposition, source.closed_at = into, incidents.MERGED, now
    by = incident_steps.by_of(viewer)
    for share in sharing.shares(session, incident_id):
        sharing.withdraw(session, source, share, by.actor(), f"merged into incident {into}", now)
    incident_steps.record(session, source, by, "merge", before, now, None, f"into {into}")
    incident_steps.record(session, target, by, "absorb", target.state, now, None, f"from {incident_id}")
    sharing.tell(session, target, "update", now)
    return target


def _carry_alarms(session: Session, source: tables.Incident, target: tables.Incident) -> None:
    alarm = tables.Alarm
    session.execute(update(alarm).where(alarm.incident_id == source.incident_id).values(incident_id=target.incident_id))
    target.alarm_count += source.alarm_count
    source.alarm_count = 0
    target.severity = min(target.severity, source.severity)
    target.opened_at = min(target.opened_at, source.opened_at)
    if source.last_alarm_at > target.last_alarm_at or target.latest_event_id is None:
        target.last_alarm_at, target.latest_event_id = source.last_alarm_at, source.latest_event_id
