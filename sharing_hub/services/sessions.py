"""Sessions: who is logged in.

Invariants: the cookie's secret is 256 random bits, kept only as its SHA-256; a session ends at logout, at a password change, when it was idle
too long or is too old, or when its operator is disabled, and what it was watching ends with it. Signing in and out are ledger entries. A second factor
is true of the session in which it was proved and of no other, and that session then goes on under a new secret.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import district, times, viewers
from sharing_hub.domain import ledger as entries
from sharing_hub.services import book, ledger
from sharing_hub.store import tables

TOUCH_AFTER = timedelta(minutes=1)
KEPT_AFTER_END = timedelta(days=730)
"""Who was logged in from where belongs to the access record, which the law wants kept for two years."""
_MAX_AGENT_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Active:
    """A session that is good now.

    Attributes:
        csrf: the token that state-changing requests carry.
        must_change_password: nothing else is allowed before.
        untouched: the session's last use should be noted again.
    """

    viewer: viewers.Viewer
    session_id: UUID
    csrf: str
    must_change_password: bool
    untouched: bool


def begin(
    session: Session, operator_id: UUID, lifetime: timedelta, source: tuple[str, str], now: datetime
) -> tuple[str, Active]:
    """Log an operator in.

    Args:
        source: the address the login came from, and the browser's name for itself.

    Returns:
        The secret for the cookie, which is not kept, and the session.

    Raises:
        Refused: the operator's agency is not active in the district's book (any more).
    """
    operator = session.get_one(tables.Operator, operator_id)
    if operator.agency_id != district.OWNER and book.in_force(session)[1].agency(operator.agency_id) is None:
        raise errors.Refused("your agency is not active in the district's book; ask the district's administrator")
    secret = secrets.token_urlsafe(32)
    row = tables.OperatorSession(
        session_id=uuid.uuid4(),
        secret_sha256=_hash(secret),
        csrf=secrets.token_urlsafe(32),
        operator_id=operator.operator_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + lifetime,
        source_address=source[0],
        user_agent=source[1][:_MAX_AGENT_CHARACTERS],
    )
    session.add(row)
    ledger.append(session, _entry("operator.signed_in", row, operator, now))
    return secret, _active(row, operator, now)


def resolve(session: Session, secret: str, idle: timedelta, now: datetime) -> Active:
    """Return the session of a cookie.

    Raises:
        Unauthenticated: there is none, or it has ended.
    """
    table, operator = tables.OperatorSession, tables.Operator
    found = session.execute(
        select(table, operator)
        .join(operator, operator.operator_id == table.operator_id)
        .where(table.secret_sha256 == _hash(secret), *_good(idle, now))
    ).first()
    if found is None:
        raise errors.Unauthenticated("log in: there is no session, or it has ended")
    return _active(found[0], found[1], now)


def prove_second_factor(session: Session, session_id: UUID, now: datetime) -> tuple[str, Active]:
    """Note that a passkey was confirmed within a session; return its new secret for the cookie, and the session.

    The secret from before proves nothing any more: whoever knew it does not rise with its owner. The CSRF token stays, for the page's other windows.
    """
    row = session.get_one(tables.OperatorSession, session_id)
    operator = session.get_one(tables.Operator, row.operator_id)
    secret = secrets.token_urlsafe(32)
    row.secret_sha256, row.second_factor_at = _hash(secret), now
    return secret, _active(row, operator, now)


def touch(session: Session, session_id: UUID, now: datetime) -> None:
    """Note that a session was used."""
    table = tables.OperatorSession
    session.execute(sa.update(table).where(table.session_id == session_id).values(last_seen_at=now))


def end(session: Session, session_id: UUID, now: datetime) -> None:
    """Log out; harmless when repeated."""
    row = session.get(tables.OperatorSession, session_id)
    if row is None or row.ended_at is not None:
        return
    row.ended_at = now
    operator = session.get_one(tables.Operator, row.operator_id)
    ledger.append(session, _entry("operator.signed_out", row, operator, now))


def end_all(session: Session, operator_id: UUID, now: datetime) -> None:
    """End every session of an operator."""
    table = tables.OperatorSession
    session.execute(
        sa.update(table).where(table.operator_id == operator_id, table.ended_at.is_(None)).values(ended_at=now)
    )


def roles(session: Session, session_ids: Iterable[UUID], idle: timedelta, now: datetime) -> Mapping[UUID, str]:
    """Return those of the sessions that are good now, each with its operator's role."""
    table, operator = tables.OperatorSession, tables.Operator
    rows = session.execute(
        select(table.session_id, operator.role)
        .join(operator, operator.operator_id == table.operator_id)
        .where(table.session_id.in_(list(session_ids)), *_good(idle, now))
    )
    return {session_id: role for session_id, role in rows}  # noqa: C416 - a row is a tuple of its own kind


def forget(session: Session, now: datetime) -> int:
    """Delete sessions that ended longer ago than the access record is kept; return how many."""
    table = tables.OperatorSession
    gone = session.connection().execute(
        sa.delete(table).where(table.expires_at < now - KEPT_AFTER_END),
        execution_options={"synchronize_session": False},
    )
    return int(gone.rowcount)


def is_token(active: Active, token: str) -> bool:
    """Say whether a request's CSRF token is the session's."""
    return hmac.compare_digest(active.csrf.encode(), token.encode())


def is_on_shift(operator: tables.Operator, now: datetime) -> bool:
    """Say whether an operator is on duty now."""
    starts_at, ends_at = operator.shift_starts_at, operator.shift_ends_at
    return starts_at is not None and ends_at is not None and starts_at <= now < ends_at


def _entry(action: str, row: tables.OperatorSession, operator: tables.Operator, now: datetime) -> entries.Entry:
    return entries.Entry(
        at=now,
        action=action,
        actor=entries.Actor("operator", operator.name, str(operator.operator_id), operator.role),
        subject=entries.Subject("operator", str(operator.operator_id)),
        source_address=row.source_address,
        details={"session_id": str(row.session_id)},
    )


def _good(idle: timedelta, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    table, operator = tables.OperatorSession, tables.Operator
    return (
        table.ended_at.is_(None),
        table.expires_at > now,
        table.last_seen_at > now - idle,
        operator.disabled_at.is_(None),
    )


def _active(row: tables.OperatorSession, operator: tables.Operator, now: datetime) -> Active:
    viewer = viewers.Viewer(
        operator.operator_id,
        operator.name,
        operator.role,
        row.session_id,
        agency_id=operator.agency_id,
        unit=operator.unit,
        second_factor=row.second_factor_at is not None,
        trained=operator.trained_until is not None and times.korean_day(now) <= operator.trained_until,
        on_shift=is_on_shift(operator, now),
    )
    return Active(
        viewer,
        row.session_id,
        row.csrf,
        operator.must_change_password,
        now - row.last_seen_at >= TOUCH_AFTER,
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
