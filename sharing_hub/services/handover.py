"""A shift's hand-over: how things stand, and the leader's note of it.

Invariant: what is signed off holds the counts as they were then, and is a ledger entry in the same transaction.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import viewers
from sharing_hub.services import browsing, deliveries, incident_steps, ledger, occurrences, sharing_views
from sharing_hub.store import request_tables, sharing_tables

MAX_SHOWN = 100
MAX_NOTE_CHARACTERS = 2000
_WORKING = ("online", "starting", "stopped")


def read(session: Session, viewer: viewers.Viewer, now: datetime) -> sharing_views.HandoverView:
    """Return how things stand.

    Raises:
        Refused: the viewer is not of the district's control room.
    """
    if not viewers.sees_rows(viewer):
        raise errors.Refused(f"the role {viewer.role} does not take over a shift")
    unfinished = occurrences.incidents(session, viewer, "unfinished", None, MAX_SHOWN, now)
    shelved = occurrences.incidents(session, viewer, "shelved", None, MAX_SHOWN, now)
    down = [one for one in browsing.cameras(session, viewer, now) if one.state not in _WORKING]
    last = session.scalar(select(sharing_tables.Handover).order_by(sharing_tables.Handover.at.desc()).limit(1))
    return sharing_views.HandoverView(
        at=now,
        unfinished=[one for one in unfinished.items if one.shelved_until is None],
        shelved=list(shelved.items),
        break_glass=_break_glass(session),
        cameras_down=down[:MAX_SHOWN],
        undelivered=[sharing_views.LateView.model_validate(one) for one in deliveries.late(session, now, MAX_SHOWN)],
        last=None if last is None else sharing_views.HandoverNote.model_validate(last),
    )


def sign_off(session: Session, viewer: viewers.Viewer, note: str, now: datetime) -> sharing_views.HandoverNote:
    """Keep the leader's note, with the counts as they are.

    Raises:
        Refused: the viewer leads no shift.
        Unprocessable: no note, or too long.
    """
    if not viewers.leads(viewer):
        raise errors.Refused(f"the role {viewer.role} does not sign a shift off; a shift leader does")
    if not 1 <= len(note.strip()) <= MAX_NOTE_CHARACTERS:
        raise errors.Unprocessable(f"note: what the next shift is to know, in 1 to {MAX_NOTE_CHARACTERS} characters")
    counts = _counts(read(session, viewer, now))
    row = sharing_tables.Handover(
        handover_id=uuid.uuid4(), at=now, leader_id=viewer.operator_id, leader_name=viewer.name, note=note.strip(), counts=counts,
    )  # fmt: skip
    session.add(row)
    session.flush()
    details: dict[str, entries.Detail] = {**counts, "note": row.note}
    subject = entries.Subject("handover", str(row.handover_id))
    by = incident_steps.by_of(viewer).actor()
    ledger.append(session, entries.Entry(now, "handover.signed", by, subject, details=details))
    return sharing_views.HandoverNote.model_validate(row)


def _counts(view: sharing_views.HandoverView) -> dict[str, int]:
    return {
        "unfinished": len(view.unfinished),
        "shelved": len(view.shelved),
        "break_glass": len(view.break_glass),
        "cameras_down": len(view.cameras_down),
        "undelivered": len(view.undelivered),
    }


def _break_glass(session: Session) -> list[sharing_views.BreakGlassView]:
    """Return the emergency looks that nobody reviewed yet, whichever is due first."""
    glass = request_tables.BrokenGlass
    wanted = select(glass).where(glass.verdict.is_(None)).order_by(glass.review_due_at).limit(MAX_SHOWN)
    return [sharing_views.BreakGlassView.model_validate(row) for row in session.scalars(wanted)]
