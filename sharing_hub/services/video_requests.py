"""Requests for recorded video: asked for, held at once, decided by another person, and given as a grant.

Invariants: the recordings are asked of the agents in the transaction of the request, so that retention cannot take them before the decision; every step is a
ledger entry; nothing may be looked at or taken away before the approval, which gives a grant for just these cameras and just this span.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import actions, requests, viewers
from sharing_hub.domain import grants as values
from sharing_hub.domain import ledger as entries
from sharing_hub.services import book, grants, incident_steps, ledger, recordings, retention
from sharing_hub.store import database, request_tables, tables

_TABLE, _PART = request_tables.VideoRequest, request_tables.RequestedRecording
MAX_WORDS = 500
ALL_ACTIONS: dict[str, frozenset[actions.Action]] = {
    "none": frozenset({"ViewRecorded"}),
    "masked": frozenset({"ViewRecorded", "Export"}),
    "original": frozenset({"ViewRecorded", "Export"}),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        span: from when until when, an hour at most.
        export_mode: what would be taken away: nothing (only looked at), a masked derivative, the sealed original.
        reference: the applicant's file or the agency's case, never a person's name.
    """

    kind: requests.Kind
    camera_ids: tuple[str, ...]
    span: tuple[datetime, datetime]
    purpose: str
    legal_basis: str
    why: str
    letter: str | None = None
    incident_id: UUID | None = None
    mask_level: actions.MaskLevel = "people_and_plates"
    export_mode: actions.ExportMode = "masked"
    reference: str | None = None


def ask(session: Session, viewer: viewers.Viewer, wanted: Wanted, now: datetime) -> request_tables.VideoRequest:
    """Keep a request, and ask the agents for the recordings at once.

    Raises:
        Refused: the viewer may not ask.
        NotFound: a camera does not exist, or the incident does not for this viewer.
        Unprocessable: what is asked for makes no sense; the words say why.
    """
    _check(session, viewer, wanted, now)
    due_at = now + requests.CITIZEN_WITHIN if wanted.kind == "citizen" else None
    row = _TABLE(
        request_id=uuid.uuid4(), kind=wanted.kind, state="requested", agency_id=viewer.agency_id,
        camera_ids=wanted.camera_ids, starts_at=wanted.span[0], ends_at=wanted.span[1], purpose=wanted.purpose,
        legal_basis=wanted.legal_basis, letter=wanted.letter, incident_id=wanted.incident_id, why=wanted.why.strip(),
        mask_level=wanted.mask_level, export_mode=wanted.export_mode, asked_by=viewer.operator_id,
        asked_by_name=viewer.name, asked_at=now, due_at=due_at, reference=wanted.reference,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, "request.asked", row, _actor(viewer), now, row.why)
    for camera_id in wanted.camera_ids:
        recording = recordings.hold_back(session, camera_id, wanted.span, viewer, f"request {row.request_id}", now)
        session.add(_PART(request_id=row.request_id, recording_id=recording.request_id))
    database.note(session, "request", row.request_id)
    return row


def decide(
    session: Session, viewer: viewers.Viewer, request_id: UUID, approve: bool, why: str, now: datetime,
    mask_level: actions.MaskLevel | None = None,
) -> request_tables.VideoRequest:  # fmt: skip
    """Approve a request, which gives a grant, or refuse it.

    Args:
        mask_level: a stricter level than was asked for.

    Raises:
        NotFound: no such request.
        Refused: the viewer does not decide requests, or asked for it.
        Unprocessable: no reason, or a level that masks less than was asked for or the purpose needs.
        Conflict: it was decided already.
    """
    row = seen_by(session, viewer, request_id)
    if not viewers.approves(viewer):
        raise errors.Refused(f"the role {viewer.role} does not decide requests")
    if not requests.may_decide(row.asked_by, viewer.operator_id):
        raise errors.Refused("somebody else than who asked decides a request")
    if not 1 <= len(why.strip()) <= MAX_WORDS:
        raise errors.Unprocessable(f"say why, in 1 to {MAX_WORDS} characters")
    _move(row, "approve" if approve else "refuse")
    row.decided_by, row.decided_by_name, row.decided_at = viewer.operator_id, viewer.name, now
    row.decision_why = why.strip()
    if approve:
        row.mask_level = _level(session, row, mask_level)
        row.grant_id = _give(session, row, viewer, now)
    _record(session, f"request.{row.state}", row, _actor(viewer), now, row.decision_why)
    database.note(session, "request", row.request_id)
    return row


def withdraw(session: Session, viewer: viewers.Viewer, request_id: UUID, now: datetime) -> request_tables.VideoRequest:
    """Take a request back; a grant that it gave ends.

    Raises:
        NotFound: no such request of this viewer's agency.
        Conflict: it is too late for that.
    """
    row = find(session, request_id)
    if row.agency_id != viewer.agency_id:
        raise errors.NotFound(f"no request {request_id}")
    _move(row, "withdraw")
    if row.grant_id:
        grants.revoke(session, row.grant_id, _actor(viewer), "the request was withdrawn", now)
    _record(session, "request.withdrawn", row, _actor(viewer), now)
    database.note(session, "request", row.request_id)
    return row


def move(
    session: Session, request_id: UUID, change: requests.Change, by: entries.Actor, now: datetime, fault: str = "",
    **details: entries.Detail,
) -> request_tables.VideoRequest:  # fmt: skip
    """Take a request to its next state: prepared, finished, handed over, failed.

    Raises:
        NotFound: no such request.
        Conflict: the table forbids it.
    """
    row = find(session, request_id)
    _move(row, change)
    row.fault = fault[:500]
    _record(session, f"request.{row.state}", row, by, now, fault or None, **details)
    database.note(session, "request", row.request_id)
    return row


def hold_arrived(session: Session, now: datetime) -> int:
    """Hold the files of requests that have arrived since, until a week after the request's end; return how many."""
    recording = tables.RecordingRequest
    wanted = (
        select(_PART, _TABLE, recording.media_id)
        .join(_TABLE, _TABLE.request_id == _PART.request_id)
        .join(recording, recording.request_id == _PART.recording_id)
        .where(_PART.held.is_(False), recording.media_id.is_not(None), _TABLE.state.in_(requests.OPEN_STATES))
    )
    found = session.execute(wanted).all()
    for part, row, media_id in found:
        if media_id is None:
            continue
        retention.hold(
            session, media_id, f"request {row.request_id}", "video request", now + 3 * requests.GRANT_LASTS, now
        )
        part.held = True
    return len(found)


def find(session: Session, request_id: UUID) -> request_tables.VideoRequest:
    """Return a request.

    Raises:
        NotFound: there is none.
    """
    row = session.get(_TABLE, request_id)
    if row is None:
        raise errors.NotFound(f"no request {request_id}")
    return row


def seen_by(session: Session, viewer: viewers.Viewer, request_id: UUID) -> request_tables.VideoRequest:
    """Return a request that a viewer may read.

    Raises:
        NotFound: there is none for this viewer.
    """
    row = session.get(_TABLE, request_id)
    own = row is not None and viewers.is_partner(viewer) and row.agency_id == viewer.agency_id
    if row is None or not (own or viewers.sees_rows(viewer)):
        raise errors.NotFound(f"no request {request_id}")
    return row


def visible(session: Session, viewer: viewers.Viewer, limit: int = 200) -> list[request_tables.VideoRequest]:
    """Return the requests that a viewer may read, the newest first: an agency its own, the district all."""
    wanted = select(_TABLE).order_by(_TABLE.asked_at.desc()).limit(limit)
    if viewers.is_partner(viewer):
        return list(session.scalars(wanted.where(_TABLE.agency_id == viewer.agency_id)))
    return list(session.scalars(wanted)) if viewers.sees_rows(viewer) else []


def recordings_of(
    session: Session, request_id: UUID
) -> list[tuple[request_tables.RequestedRecording, tables.RecordingRequest]]:
    """Return a request's recordings and how far each is."""
    recording = tables.RecordingRequest
    wanted = select(_PART, recording).join(recording, recording.request_id == _PART.recording_id)
    rows = session.execute(wanted.where(_PART.request_id == request_id).order_by(recording.camera_id))
    return [(part, row) for part, row in rows]


def _check(session: Session, viewer: viewers.Viewer, wanted: Wanted, now: datetime) -> None:
    if not viewers.asks_for_video(viewer) or wanted.kind not in get_args(requests.Kind):
        raise errors.Refused(f"the role {viewer.role} does not ask for video")
    if (wanted.kind == "agency") != viewers.is_partner(viewer):
        raise errors.Refused("an agency asks as an agency, the district for itself or for a citizen")
    if not 1 <= len(wanted.camera_ids) <= requests.MAX_CAMERAS or len(set(wanted.camera_ids)) != len(wanted.camera_ids):
        raise errors.Unprocessable(f"name 1 to {requests.MAX_CAMERAS} different cameras")
    if not 1 <= len(wanted.why.strip()) <= MAX_WORDS:
        raise errors.Unprocessable(f"say why, in 1 to {MAX_WORDS} characters")
    _, found = book.in_force(session)
    fault = requests.fault_of_terms(found, wanted.purpose, wanted.legal_basis, wanted.letter, wanted.span, now)
    if fault is not None:
        raise errors.Unprocessable(fault)
    agency = found.agency(viewer.agency_id)
    if agency is None or agency.kind == "vendor":
        raise errors.Refused("video is asked for by an active agency that may see pictures")
    if wanted.incident_id is not None:
        incident_steps.found(session, wanted.incident_id, viewer)
    fault = requests.fault_of_form(
        found.purpose(wanted.purpose), wanted.kind, wanted.legal_basis, wanted.mask_level, wanted.export_mode
    )
    if fault is not None:
        raise errors.Unprocessable(fault)
    if wanted.kind == "citizen" and not wanted.reference:
        raise errors.Unprocessable("a person's own request has the reference of its file")


def _level(session: Session, row: request_tables.VideoRequest, asked: actions.MaskLevel | None) -> actions.MaskLevel:
    level = asked or row.mask_level
    if level not in actions.MASK_LEVELS:
        raise errors.Unprocessable(f"unknown mask level; known: {', '.join(actions.MASK_LEVELS)}")
    chosen: actions.MaskLevel = next(known for known in get_args(actions.MaskLevel) if known == level)
    if not actions.masks_as_much(chosen, row.mask_level):  # type: ignore[arg-type]
        raise errors.Unprocessable(f"an approval masks no less than was asked for: {row.mask_level}")
    purpose = book.in_force(session)[1].purpose(row.purpose)  # the book may ask for more than when it was asked for
    fault = requests.fault_of_form(purpose, row.kind, row.legal_basis, chosen, row.export_mode)
    if fault is not None:
        raise errors.Unprocessable(fault)
    return chosen


def _give(session: Session, row: request_tables.VideoRequest, viewer: viewers.Viewer, now: datetime) -> UUID:
    grant = values.Grant(
        grant_id=grants.make_id(), agency_id=row.agency_id, person_id=None, camera_ids=frozenset(row.camera_ids),
        actions=ALL_ACTIONS[row.export_mode], purpose=row.purpose, legal_basis=row.legal_basis,
        incident_id=row.incident_id, request_id=row.request_id, starts_at=now, ends_at=now + requests.GRANT_LASTS,
        covers_from=row.starts_at, covers_until=row.ends_at, mask_level=row.mask_level,  # type: ignore[arg-type]
        export_mode=row.export_mode, letter=row.letter,  # type: ignore[arg-type]
        requested_by=row.asked_by, approved_by=viewer.operator_id,
    )  # fmt: skip
    grants.issue(session, grant, _actor(viewer), now, row.why)
    return grant.grant_id


def _move(row: request_tables.VideoRequest, change: requests.Change) -> None:
    to = requests.after(row.state, change)
    if to is None:
        raise errors.Conflict(f"a request that is {row.state} cannot be changed by {change}")
    row.state = to


def _actor(viewer: viewers.Viewer) -> entries.Actor:
    kind = "system" if viewer.system else "operator"
    return entries.Actor(kind, viewer.name, str(viewer.operator_id), viewer.role)


def _record(
    session: Session, action: str, row: request_tables.VideoRequest, by: entries.Actor, now: datetime,
    why: str | None = None, **details: entries.Detail,
) -> None:  # fmt: skip
    told: dict[str, entries.Detail] = {
        "agency_id": row.agency_id, "kind": row.kind, "cameras": ",".join(row.camera_ids),
        "starts_at": entries.time_text(row.starts_at), "ends_at": entries.time_text(row.ends_at),
        "mask_level": row.mask_level, "export_mode": row.export_mode, "letter": row.letter, "reference": row.reference,
    }  # fmt: skip
    ledger.append(
        session,
        entries.Entry(
            at=now, action=action, actor=by, subject=entries.Subject("request", str(row.request_id)),
            incident_id=str(row.incident_id) if row.incident_id else None, purpose=row.purpose,
            legal_basis=row.legal_basis, why=why, details=told | details,
        ),
    )  # fmt: skip
