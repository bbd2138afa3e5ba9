"""Sharing by hand: an operator lets an agency know of an incident that the matrix does not give it, tells it once more, or withdraws it. Why is on record.

Invariant: what was not confirmed, and nobody called in, is shared as a masked still at most.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import district, incidents, rules, viewers
from sharing_hub.services import book, incident_steps, notices, sharing
from sharing_hub.store import sharing_tables, tables

MAX_WHY_CHARACTERS = 200
_BEFORE_CONFIRMATION: tuple[district.Media, ...] = ("none", "masked_still")


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operator wants shared, with whom, for what, on which basis, and why."""

    agency_id: str
    media: district.Media
    purpose: str
    legal_basis: str
    why: str
    letter: str | None = None


def share(session: Session, incident_id: UUID, viewer: viewers.Viewer, wish: Wish, now: datetime) -> tables.Incident:
    """Share an incident with an agency.

    Raises:
        NotFound, Refused, IncidentConflict: as `incidents.acknowledge`; IncidentConflict also where it is finished or shared with this agency already.
        Unprocessable: the book does not know the agency, purpose or basis; the basis needs a letter; no reason; or too much before confirmation.
    """
    row = incident_steps.to_decide(session, incident_id, viewer, now)
    found = book.in_force(session)[1]
    _check(found, wish)
    if row.state in incidents.FINISHED_STATES:
        raise errors.IncidentConflict(f"it is {row.state}: there is nothing to share")
    if not is_real(row) and wish.media not in _BEFORE_CONFIRMATION:
        raise errors.Unprocessable("before it is confirmed, a masked still is shared at most")
    known = session.get(sharing_tables.IncidentShare, (incident_id, wish.agency_id))
    if known is not None and known.withdrawn_at is None:
        raise errors.IncidentConflict(f"{wish.agency_id} knows of it already")
    by, said = incident_steps.by_of(viewer), incident_steps.words(wish.why)
    terms = sharing.Terms(
        wish.agency_id, "manual", wish.media, wish.purpose, wish.legal_basis, None, wish.letter, wish.why.strip()
    )
    incident_steps.record(session, row, by, "share", row.state, now, wish.agency_id, said)
    made = sharing.share(session, row, terms, by.actor(), now)
    if wish.media == "still_and_live":
        sharing.open_live(session, found, row, made, by.actor(), now, wish.letter)
    return row


def withdraw(
    session: Session, incident_id: UUID, agency_id: str, viewer: viewers.Viewer, why: str, now: datetime
) -> tables.Incident:
    """Let an agency know of an incident no longer; what it watches stops.

    Raises:
        NotFound: as `incidents.acknowledge`, and where it is not shared with this agency.
        IncidentConflict: the agency opened it.
        Unprocessable: no reason.
    """
    row = incident_steps.to_decide(session, incident_id, viewer, now)
    _require_reason(why)
    known = session.get(sharing_tables.IncidentShare, (incident_id, agency_id))
    if known is None or known.withdrawn_at is not None:
        raise errors.NotFound("the incident is not shared with this agency")
    if known.how == "opened":
        raise errors.IncidentConflict("the agency opened it: close the incident, or revoke the grant")
    by = incident_steps.by_of(viewer)
    incident_steps.record(session, row, by, "withdraw", row.state, now, agency_id, incident_steps.words(why))
    sharing.withdraw(session, row, known, by.actor(), why.strip(), now)
    return row


def tell_again(
    session: Session, incident_id: UUID, agency_id: str, viewer: viewers.Viewer, why: str, now: datetime
) -> tables.Incident:
    """Tell an agency once more, as things stand now: a message that was given up is not sent again, for what it says is over and its order would be lost.

    Raises:
        NotFound: as `withdraw`.
        Unprocessable: no reason.
    """
    row = incident_steps.to_decide(session, incident_id, viewer, now)
    _require_reason(why)
    known = session.get(sharing_tables.IncidentShare, (incident_id, agency_id))
    if known is None or known.withdrawn_at is not None:
        raise errors.NotFound("the incident is not shared with this agency")
    by = incident_steps.by_of(viewer)
    incident_steps.record(session, row, by, "share", row.state, now, agency_id, incident_steps.words(why))
    notices.enqueue(session, known, row, "update", now)
    return row


def is_real(row: tables.Incident) -> bool:
    """Say whether an operator confirmed it, or somebody called or pressed a bell."""
    return row.state in incidents.REAL_STATES or row.opened_by_agency is not None or row.kind == rules.EMERGENCY_BELL


def _check(found: district.District, wish: Wish) -> None:
    agency, basis = found.agency(wish.agency_id), found.legal_basis(wish.legal_basis)
    if agency is None or agency.agency_id == district.OWNER:
        raise errors.Unprocessable("agency_id: not an active agency of the district's book")
    if found.purpose(wish.purpose) is None:
        raise errors.Unprocessable("purpose: not one of the district's book")
    if basis is None:
        raise errors.Unprocessable("legal_basis: not one of the district's book")
    if basis.needs_letter and not (wish.letter or "").strip():
        raise errors.Unprocessable(f"letter: the basis {basis.code} needs an official letter's number")
    _require_reason(wish.why)


def _require_reason(why: str) -> None:
    if not 1 <= len(why.strip()) <= MAX_WHY_CHARACTERS:
        raise errors.Unprocessable(f"why: say it in 1 to {MAX_WHY_CHARACTERS} characters")
