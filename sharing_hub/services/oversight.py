"""Oversight: cues of misuse in the record of looks, and the monthly review that somebody signs.

Invariants: a month's review is opened once, when the month is over, and signed once; both are ledger entries; cues are worked out from the record anew, never kept.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import misuse, viewers
from sharing_hub.services import ledger, register_columns, registers
from sharing_hub.store import ledger_tables, oversight_tables, tables

_TABLE = oversight_tables.MonthlyReview
SIGN_WITHIN = timedelta(days=10)
MAX_NOTE = 500
_ROWS_AT_ONCE = 1000


def cues(session: Session, viewer: viewers.Viewer, month: str, limits: misuse.Limits) -> list[misuse.Cue]:
    """Return the cues of a month, `YYYY-MM` in Korean time.

    Raises:
        Refused: the role does not read the record of looks.
        Unprocessable: not a month.
    """
    _require_reader(viewer)
    return misuse.cues(_looks(session, month), limits)


def open_due(session: Session, limits: misuse.Limits, now: datetime) -> str | None:
    """Open the review of the month that ended last, where it is not open yet and the hub was there; return that month, or None."""
    month = last_month(now)
    if session.get(_TABLE, month) is not None or _began(session) >= registers.month_of(month)[1]:
        return None
    found = _looks(session, month)
    count = len(misuse.cues(found, limits))
    session.add(_TABLE(month=month, opened_at=now, due_at=now + SIGN_WITHIN, looks=len(found), cues=count))
    _record(session, "review.opened", month, entries.HUB, now, None, looks=len(found), cues=count)
    return month


def sign(
    session: Session, viewer: viewers.Viewer, month: str, note: str, now: datetime
) -> oversight_tables.MonthlyReview:
    """Sign a month's review.

    Raises:
        Refused: the viewer is neither privacy officer, leader nor administrator.
        NotFound: it is not open.
        Conflict: it was signed already.
        Unprocessable: no words.
    """
    if not viewers.approves(viewer):
        raise errors.Refused(f"the role {viewer.role} does not sign reviews")
    row = session.get(_TABLE, month[:7])
    if row is None:
        raise errors.NotFound(f"no review of {month[:7]}; it is opened when the month is over")
    if row.signed_at is not None:
        raise errors.Conflict(f"the review of {row.month} was signed by {row.signed_by_name}")
    if not 1 <= len(note.strip()) <= MAX_NOTE:
        raise errors.Unprocessable(f"say what was found, in 1 to {MAX_NOTE} characters")
    row.signed_by, row.signed_by_name, row.signed_at, row.note = viewer.operator_id, viewer.name, now, note.strip()
    by = entries.Actor("operator", viewer.name, str(viewer.operator_id), viewer.role)
    _record(session, "review.signed", row.month, by, now, row.note)
    return row


def reviews(session: Session, viewer: viewers.Viewer) -> list[oversight_tables.MonthlyReview]:
    """Return every month's review, the newest first.

    Raises:
        Refused: the role does not read the record of looks.
    """
    _require_reader(viewer)
    return list(session.scalars(select(_TABLE).order_by(_TABLE.month.desc()).limit(120)))


def last_month(now: datetime) -> str:
    """Return the month of Korean time that ended last, `YYYY-MM`."""
    local = now.astimezone(register_columns.KOREA)
    return (local.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


def _began(session: Session) -> datetime:
    first = select(ledger_tables.Entry.at).order_by(ledger_tables.Entry.index).limit(1)
    return session.scalars(first).one()


def _looks(session: Session, month: str) -> list[misuse.Look]:
    starts_at, ends_at = registers.month_of(month)
    table = tables.Look
    wanted = select(table).where(table.at >= starts_at, table.at < ends_at).order_by(table.at)
    return [_fact(row) for row in session.scalars(wanted.execution_options(yield_per=_ROWS_AT_ONCE))]


def _fact(row: tables.Look) -> misuse.Look:
    return misuse.Look(
        row.at,
        str(row.operator_id),
        row.operator_name,
        row.camera_id,
        row.incident_id is not None,
        row.decision == "permit",
    )


def _require_reader(viewer: viewers.Viewer) -> None:
    if not viewers.reads_looks(viewer):
        raise errors.Refused(f"the role {viewer.role} does not read the record of looks")


def _record(
    session: Session,
    action: str,
    month: str,
    by: entries.Actor,
    now: datetime,
    why: str | None,
    **details: entries.Detail,
) -> None:
    session.flush()
    subject = entries.Subject("review", month)
    ledger.append(session, entries.Entry(at=now, action=action, actor=by, subject=subject, why=why, details=details))
