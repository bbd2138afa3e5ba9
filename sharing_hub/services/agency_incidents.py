"""Incidents that agencies open, update and end with their own case numbers.

Invariants: a case is found by its agency and number only, so one agency's number never reaches another's incident; a repeat of an opening or an ending
changes nothing; an agency opens only kinds for which the book's matrix has a cell for it, and gets what that cell says.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import district, inbound, incidents, rules, sight, viewers
from sharing_hub.domain import grants as values
from sharing_hub.services import book, grants, incident_steps, nearby, sharing
from sharing_hub.store import sharing_tables, tables

MAX_OPEN_CASES = 500
"""Of one agency at a time: more is a system gone wild."""
_CASES = uuid.UUID("9f0c4c3c-6f0b-4c2e-9d43-6f1f7d0a1a04")
_SHARES = sharing_tables.IncidentShare


@dataclass(frozen=True, slots=True)
class Case:
    """An agency's incident, the cameras near it, and what the agency may look at now.

    Attributes:
        fresh: it was opened by this call.
    """

    incident: tables.Incident
    share: sharing_tables.IncidentShare
    cameras: list[nearby.Near]
    grant: values.Grant | None
    fresh: bool = False


def open_case(
    session: Session, viewer: viewers.Viewer, call: inbound.Call, rule_of: rules.Rules, now: datetime
) -> Case:
    """Open an incident for an agency: cameras that see the place, and a grant for as long as the book says.

    Raises:
        Refused: the caller is no agency, or the book does not let it open this kind.
        Unprocessable: no such kind.
        Busy: the agency has too many cases open.
    """
    found = book.in_force(session)[1]
    agency = _agency(found, viewer)
    known = _share(session, viewer, call.case_number)
    if known is not None:
        return _as_it_is(session, found, known, now)
    cell = _cell(found, agency, call, rule_of)
    _require_room(session, viewer)
    row = _row(agency, call, cell.kind, rule_of, now)
    session.add(row)
    by = incident_steps.by_of(viewer)
    incident_steps.record(session, row, by, "open", "new", now, None, row.description)
    terms = sharing.Terms(
        agency.agency_id, "opened", cell.media, cell.purpose, cell.legal_basis, call.case_number, None, row.description
    )
    share = sharing.share(session, row, terms, by.actor(), now)
    near, grant = _look_around(session, found, row, share, by, now)
    sharing.share_by_matrix(session, found, row, "opened", by.actor(), now)
    return Case(row, share, near, grant, fresh=True)


def update_case(
    session: Session, viewer: viewers.Viewer, case_number: str, place: sight.Point | None, note: str | None, now: datetime
) -> Case:  # fmt: skip
    """Say what became of a case: where it is now, and in words. Cameras follow a new place, and those of the old one are closed.

    Raises:
        NotFound: the agency has no such case.
        IncidentConflict: it has ended.
        Unprocessable: neither a place nor a word.
    """
    found = book.in_force(session)[1]
    share, row = _own(session, found, viewer, case_number)
    if row.state in incidents.FINISHED_STATES:
        raise errors.IncidentConflict(f"the case has ended: its incident is {row.state}")
    if place is None and note is None:
        raise errors.Unprocessable("say a new place, or a note")
    by, moved = incident_steps.by_of(viewer), place is not None and place != nearby.place_of(session, row)
    row.description = note or row.description
    if moved and place is not None:
        row.latitude, row.longitude = place.latitude, place.longitude
    where = f"{place.latitude:.6f}, {place.longitude:.6f}" if moved and place is not None else None
    incident_steps.record(session, row, by, "update", row.state, now, where, note)
    if moved:
        sharing.follow(session, found, row, by.actor(), now)
    sharing.tell_others(session, row, viewer.agency_id, now)
    return _as_it_is(session, found, share, now)


def end_case(
    session: Session, viewer: viewers.Viewer, case_number: str, note: str | None, now: datetime
) -> tables.Incident:
    """Say that a case is over; its grants end soon, everybody's. A repeat changes nothing.

    Raises:
        NotFound: the agency has no such case.
    """
    found = book.in_force(session)[1]
    _, row = _own(session, found, viewer, case_number)
    if row.state in incidents.FINISHED_STATES:
        return row
    by = incident_steps.by_of(viewer)
    before = incident_steps.move(row, "end")
    row.disposition, row.closed_at = incidents.ENDED_BY_AGENCY, now
    incident_steps.record(session, row, by, "end", before, now, incidents.ENDED_BY_AGENCY, note)
    sharing.tell_others(session, row, viewer.agency_id, now)
    ends_at = now + timedelta(seconds=found.limits.after_close_s)
    grants.end_with_incident(session, row.incident_id, ends_at, by.actor(), now)
    return row


def _agency(found: district.District, viewer: viewers.Viewer) -> district.Agency:
    agency = found.agency(viewer.agency_id) if viewers.is_partner(viewer) else None
    if agency is None:
        raise errors.Refused("this is for agencies that the district's book names as active")
    return agency


def _cell(
    found: district.District, agency: district.Agency, call: inbound.Call, rule_of: rules.Rules
) -> district.Notice:
    kind = call.kind or inbound.USUAL_KINDS.get(agency.kind, "")
    if not rules.may_be_opened(rule_of, kind):
        raise errors.Unprocessable("kind: not one that an agency can open")
    cell = next((one for one in found.notices(kind) if one.agency_id == agency.agency_id), None)
    if cell is None:
        raise errors.Refused(f"the matrix has no cell of {kind} for {agency.agency_id}; the district's book decides it")
    return cell


def _require_room(session: Session, viewer: viewers.Viewer) -> None:
    table = tables.Incident
    mine = table.opened_by_agency == viewer.agency_id
    count = session.scalar(select(func.count()).where(mine, table.state.in_(incidents.UNFINISHED_STATES))) or 0
    if count >= MAX_OPEN_CASES:
        raise errors.TooMany(f"{count} cases of {viewer.agency_id} are open; end some first", 60)


def _row(
    agency: district.Agency, call: inbound.Call, kind: str, rule_of: rules.Rules, now: datetime
) -> tables.Incident:
    return tables.Incident(
        incident_id=uuid.uuid5(_CASES, f"{agency.agency_id} {call.case_number}"), kind=kind,
        severity=call.severity or rule_of[kind].severity, state="new", opened_at=now, known_at=now, last_alarm_at=now,
        alarm_count=0, latitude=call.place.latitude, longitude=call.place.longitude, opened_by_agency=agency.agency_id,
        agency_class=call.agency_class, description=call.description, digest=False, escalation_level=0, version=0,
    )  # fmt: skip


def _own(
    session: Session, found: district.District, viewer: viewers.Viewer, case_number: str
) -> tuple[sharing_tables.IncidentShare, tables.Incident]:
    _agency(found, viewer)
    share = _share(session, viewer, case_number)
    if share is None:
        raise errors.NotFound("your agency has no such case")
    return share, session.get_one(tables.Incident, share.incident_id)


def _share(session: Session, viewer: viewers.Viewer, case_number: str) -> sharing_tables.IncidentShare | None:
    """Return the share that the caller's own agency opened under this number."""
    wanted = select(_SHARES).where(_SHARES.agency_id == viewer.agency_id, _SHARES.case_number == case_number)
    return session.scalar(wanted.where(_SHARES.how == "opened"))


def _look_around(
    session: Session, found: district.District, row: tables.Incident, share: sharing_tables.IncidentShare,
    by: incident_steps.By, now: datetime,
) -> tuple[list[nearby.Near], values.Grant | None]:  # fmt: skip
    if share.media != "still_and_live":
        return [], None
    return sharing.open_live(session, found, row, share, by.actor(), now)


def _as_it_is(session: Session, found: district.District, share: sharing_tables.IncidentShare, now: datetime) -> Case:
    """Return a case with the cameras near it and the grant in force, giving nothing new."""
    row = session.get_one(tables.Incident, share.incident_id)
    place, purpose = nearby.place_of(session, row), found.purpose(share.purpose)
    near = [] if place is None or purpose is None or share.media != "still_and_live" else nearby.cameras(session, found, place, row.kind, purpose)  # fmt: skip
    held = (one for one in grants.held(session, share.agency_id, None, now) if one.incident_id == row.incident_id)
    return Case(row, share, near, next(held, None))
