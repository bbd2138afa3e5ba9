"""Escalation: an incident of severity 1 that nobody acknowledges goes to the shift leader, then to the posted police; an operator can take either step
sooner, for an incident of any severity. Once each, on record.

Invariant: the step, its row, its ledger entry and what is shared are one transaction, so that a kill or a repeat neither skips nor doubles it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import district, incidents, viewers
from sharing_hub.services import book, incident_steps, sharing
from sharing_hub.store import tables

MAX_AT_ONCE = 500
LEADER, POSTED_POLICE = 1, 2
_WORDS = {LEADER: "shift leader", POSTED_POLICE: "posted police"}


def is_due(session: Session, now: datetime) -> bool:
    """Say whether there is a step to take."""
    return bool(_steps(session, now)[1])


def escalate(session: Session, now: datetime) -> int:
    """Take every step that is due; return how many that were."""
    found, steps = _steps(session, now)
    for row, level in steps:
        row.escalation_level = level
        incident_steps.record(session, row, incident_steps.HUB, "escalate", row.state, now, _WORDS[level])
        if level == POSTED_POLICE:
            _tell_police(session, found, row, now)
    return len(steps)


def by_hand(session: Session, incident_id: UUID, viewer: viewers.Viewer, why: str, now: datetime) -> tables.Incident:
    """Take the next step at an operator's word, whoever works on the incident: the leader is called, and then the posted police.

    Raises:
        NotFound, Refused: as `incidents.acknowledge`.
        IncidentConflict: it is finished, or both steps were taken.
        Unprocessable: no reason.
    """
    row = incident_steps.found(session, incident_id, viewer)
    if not viewers.decides_incidents(viewer):
        raise errors.Refused(f"the role {viewer.role} does not decide incidents")
    if row.state in incidents.FINISHED_STATES:
        raise errors.IncidentConflict(f"it is {row.state}; reopen it first")
    if row.escalation_level >= POSTED_POLICE:
        raise errors.IncidentConflict("leader and posted police were called already")
    if not why.strip():
        raise errors.Unprocessable("say why it is escalated")
    row.escalation_level += 1
    by, said = incident_steps.by_of(viewer), incident_steps.words(why)
    incident_steps.record(session, row, by, "escalate", row.state, now, _WORDS[row.escalation_level], said)
    if row.escalation_level == POSTED_POLICE:
        _tell_police(session, book.in_force(session)[1], row, now)
    return row


def _steps(session: Session, now: datetime) -> tuple[district.District, list[tuple[tables.Incident, int]]]:
    table, found = tables.Incident, book.in_force(session)[1]
    waiting = select(table).where(
        table.state == "new", table.severity == 1, table.escalation_level < POSTED_POLICE, table.shelved_until.is_(None)
    )
    rows = session.scalars(waiting.order_by(table.known_at).limit(MAX_AT_ONCE)).all()
    return found, [(row, level) for row in rows for level in _due(row, found.limits, now)]


def _due(row: tables.Incident, limits: district.Limits, now: datetime) -> list[int]:
    waited, after = now - row.known_at, {LEADER: limits.leader_told_after_s, POSTED_POLICE: limits.police_told_after_s}
    return [level for level in after if row.escalation_level < level and waited >= timedelta(seconds=after[level])]


def _tell_police(session: Session, found: district.District, row: tables.Incident, now: datetime) -> None:
    """Share it with the police that the matrix names for this kind, on its terms, but as it is: not confirmed, so a masked still at most."""
    known = {share.agency_id for share in sharing.shares(session, row.incident_id)}
    for cell in found.notices(row.kind):
        agency = found.agency(cell.agency_id)
        if agency is None or agency.kind != "police" or cell.agency_id in known:
            continue
        media: district.Media = "none" if cell.media == "none" else "masked_still"
        terms = sharing.Terms(
            cell.agency_id, sharing.ESCALATED, media, cell.purpose, cell.legal_basis, why="nobody acknowledged it"
        )
        sharing.share(session, row, terms, incident_steps.HUB.actor(), now)
