"""Sharing: which agency knows of which incident, because the matrix or an operator says so, and what it may look at meanwhile.

Invariants: a share, its ledger entry, its grant and its notice are written together or not at all; an agency that is not active is told nothing;
live pictures are opened only once an incident is real (an operator confirmed it, or an agency or a bell opened it); withdrawing ends its grants at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub.domain import actions, district, messages
from sharing_hub.domain import grants as values
from sharing_hub.domain import ledger as entries
from sharing_hub.services import grants, ledger, nearby, notices
from sharing_hub.store import database, sharing_tables, tables

Trigger = Literal["auto", "confirmed", "opened"]
"""An alarm arrived; an operator confirmed; somebody called or pressed a bell, which is as real as confirmed."""
_WHEN: dict[Trigger, tuple[district.When, ...]] = {
    "auto": ("auto",),
    "confirmed": ("confirmed", "copy"),
    "opened": ("auto",),
}
LIVE_ACTIONS: frozenset[actions.Action] = frozenset({"ViewStill", "ViewLive", "ViewRecorded"})
ESCALATED = "escalated"
_TABLE = sharing_tables.IncidentShare


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms an incident is shared."""

    agency_id: str
    how: str
    media: district.Media
    purpose: str
    legal_basis: str
    case_number: str | None = None
    letter: str | None = None
    why: str | None = None


def share_by_matrix(
    session: Session, found: district.District, incident: tables.Incident, trigger: Trigger, by: entries.Actor, now: datetime
) -> list[sharing_tables.IncidentShare]:  # fmt: skip
    """Share an incident with whom the matrix names for this trigger; return what was shared.

    Who knows of it already is told of the change; where it is real now, live pictures are opened for whom the matrix gives them.
    """
    cells = {cell.agency_id: cell for cell in found.notices(incident.kind) if found.agency(cell.agency_id)}
    held = {row.agency_id: row for row in shares(session, incident.incident_id)}
    unwilling = _reported_wrong(session, incident.incident_id)
    known = {key: row for key, row in held.items() if not _is_provisional(row, trigger, cells)}
    made = [
        share(session, incident, Terms(cell.agency_id, cell.when, cell.media, cell.purpose, cell.legal_basis), by, now)
        for cell in cells.values()
        if cell.when in _WHEN[trigger] and cell.agency_id not in known and cell.agency_id not in unwilling
    ]
    if trigger != "auto":
        others = [row for row in known.values() if not (row.how == trigger == "opened")]
        for one in others:
            notices.enqueue(session, one, incident, "update", now)
        for one in (*made, *others):
            cell = cells.get(one.agency_id)
            live = "still_and_live" in (one.media, cell.media if cell else "none")
            if live and not _is_open(session, incident.incident_id, one.agency_id, now):
                open_live(session, found, incident, one, by, now)
    return made


def share(
    session: Session, incident: tables.Incident, terms: Terms, by: entries.Actor, now: datetime
) -> sharing_tables.IncidentShare:
    """Let an agency know of an incident, and have it told. One that was withdrawn is shared anew."""
    row = session.get(_TABLE, (incident.incident_id, terms.agency_id))
    if row is None:
        row = _TABLE(incident_id=incident.incident_id, agency_id=terms.agency_id, case_number=terms.case_number)
        session.add(row)
    if row.withdrawn_at is not None:
        row.accepted_at = row.arrived_at = row.finished_at = None
    row.how, row.media, row.purpose, row.legal_basis = terms.how, terms.media, terms.purpose, terms.legal_basis
    row.shared_at, row.withdrawn_at, row.reported_wrong_at = now, None, None
    details: dict[str, entries.Detail] = {"how": terms.how, "media": terms.media, "letter": terms.letter}
    _record(session, "incident.shared", row, by, now, terms.why, details)
    if terms.how != "opened":  # who opened it knows of it
        notices.enqueue(session, row, incident, "opened", now)
    return row


def open_live(
    session: Session, found: district.District, incident: tables.Incident, row: sharing_tables.IncidentShare, by: entries.Actor,
    now: datetime, letter: str | None = None,
) -> tuple[list[nearby.Near], values.Grant | None]:  # fmt: skip
    """Open the cameras near an incident for an agency, for the book's time; return them, and the grant where there is anything to open."""
    purpose, place = found.purpose(row.purpose), nearby.place_of(session, incident)
    if purpose is None or place is None:
        return [], None
    near = nearby.cameras(session, found, place, incident.kind, purpose)
    camera_ids = frozenset(one.camera_id for one in near if one.opens)
    if not camera_ids:
        return near, None
    grant = values.Grant(
        grant_id=grants.make_id(), agency_id=row.agency_id, person_id=None, camera_ids=camera_ids, actions=LIVE_ACTIONS,
        purpose=row.purpose, legal_basis=row.legal_basis, incident_id=incident.incident_id, request_id=None, starts_at=now,
        ends_at=now + timedelta(seconds=found.limits.live_grant_s), lookback_s=found.limits.lookback_s,
        mask_level=purpose.mask_level, letter=letter,
    )  # fmt: skip
    grants.issue(session, grant, by, now)
    return near, grant


def withdraw(
    session: Session, incident: tables.Incident, row: sharing_tables.IncidentShare, by: entries.Actor, why: str, now: datetime
) -> None:  # fmt: skip
    """Let an agency know of an incident no longer; its grants for it end at once. A repeat does nothing."""
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at = now
    _record(session, "incident.share_withdrawn", row, by, now, why)
    end_grants(session, incident.incident_id, row.agency_id, by, why, now)
    notices.enqueue(session, row, incident, "cancel", now)


def take_back(session: Session, incident: tables.Incident, by: entries.Actor, now: datetime) -> None:
    """Withdraw what was shared because the incident was confirmed, which it is no longer; the others are told."""
    for row in shares(session, incident.incident_id):
        if row.how in _WHEN["confirmed"]:
            withdraw(session, incident, row, by, "the incident was reopened", now)
        else:
            notices.enqueue(session, row, incident, "update", now)


def tell(session: Session, incident: tables.Incident, occasion: messages.Occasion, now: datetime) -> None:
    """Have everybody who knows of an incident told that it changed or was none."""
    for row in shares(session, incident.incident_id):
        notices.enqueue(session, row, incident, occasion, now)


def tell_others(session: Session, incident: tables.Incident, but: str, now: datetime) -> None:
    """Have everybody but the agency that said so told of what it said."""
    for row in shares(session, incident.incident_id):
        if row.agency_id != but:
            notices.enqueue(session, row, incident, "update", now)


def follow(
    session: Session, found: district.District, incident: tables.Incident, by: entries.Actor, now: datetime
) -> None:
    """Let what is open follow an incident to its new place: the cameras there open, those of the old place close."""
    for row in shares(session, incident.incident_id):
        if _is_open(session, incident.incident_id, row.agency_id, now):
            end_grants(session, incident.incident_id, row.agency_id, by, "the incident moved", now)
            open_live(session, found, incident, row, by, now)


def shares(session: Session, incident_id: UUID) -> list[sharing_tables.IncidentShare]:
    """Return with whom an incident is shared now."""
    wanted = select(_TABLE).where(_TABLE.incident_id == incident_id, _TABLE.withdrawn_at.is_(None))
    return list(session.scalars(wanted.order_by(_TABLE.agency_id)))


def end_grants(session: Session, incident_id: UUID, agency_id: str, by: entries.Actor, why: str, now: datetime) -> None:
    """End at once what an agency may look at for an incident."""
    for grant_id in _open_grants(session, incident_id, agency_id, now):
        grants.revoke(session, grant_id, by, why, now)


def _open_grants(session: Session, incident_id: UUID, agency_id: str, now: datetime) -> list[UUID]:
    table = sharing_tables.Grant
    wanted = select(table.grant_id).where(
        table.incident_id == incident_id, table.agency_id == agency_id, table.revoked_at.is_(None), table.ends_at > now
    )
    return list(session.scalars(wanted))


def _is_open(session: Session, incident_id: UUID, agency_id: str, now: datetime) -> bool:
    return bool(_open_grants(session, incident_id, agency_id, now))


def _reported_wrong(session: Session, incident_id: UUID) -> set[str]:
    """Return the agencies that said they should not have been told; only a person shares it with them again."""
    wanted = select(_TABLE.agency_id).where(_TABLE.incident_id == incident_id, _TABLE.reported_wrong_at.is_not(None))
    return set(session.scalars(wanted))


def _is_provisional(row: sharing_tables.IncidentShare, trigger: Trigger, cells: dict[str, district.Notice]) -> bool:
    """Say whether the agency was told only because nobody acknowledged, and is told properly now that it is confirmed."""
    return trigger == "confirmed" and row.how == ESCALATED and row.agency_id in cells


def _record(
    session: Session, action: str, row: sharing_tables.IncidentShare, by: entries.Actor, now: datetime, why: str | None,
    details: dict[str, entries.Detail] | None = None,
) -> None:  # fmt: skip
    session.flush()
    more = {"agency_id": row.agency_id, "case_number": row.case_number, **(details or {})}
    entry = entries.Entry(
        at=now, action=action, actor=by, subject=entries.Subject("incident", str(row.incident_id)), incident_id=str(row.incident_id),
        purpose=row.purpose, legal_basis=row.legal_basis, why=why, details=more,
    )  # fmt: skip
    ledger.append(session, entry)
    database.note(session, "incident", row.incident_id)
