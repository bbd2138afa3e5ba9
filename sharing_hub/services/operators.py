"""Operators: the people who log in at the hub.

Invariants: a password is kept only as its argon2 hash; one that somebody else chose (the first administrator's, a new operator's) must be
changed before anything else is allowed; what is done to an operator is a ledger entry.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import viewers
from sharing_hub.services import ledger, passwords, sessions
from sharing_hub.store import tables

FIRST_NAME = "admin"
MAX_NAME_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who says to be somebody must know the password of this hash."""

    operator_id: UUID
    name: str
    password_hash: str


def create_first_admin(session: Session, password: str | None, now: datetime) -> str | None:
    """Make the first administrator when nobody is an operator yet, and return the one-time password; else None.

    Args:
        password: the password to take; None makes a random one. Either must be changed at the first login.

    Raises:
        Unprocessable: the password is too short.
    """
    if session.scalar(select(tables.Operator.operator_id).limit(1)) is not None:
        return None
    return add(session, FIRST_NAME, "admin", now, password)


def add(session: Session, name: str, role: str, now: datetime, password: str | None = None) -> str:
    """Make an operator and return the one-time password.

    Raises:
        Unprocessable: unknown role, unusable name, or a password that is too short.
        Conflict: the name is taken.
    """
    name = name.strip()
    if role not in viewers.ROLES:
        raise errors.Unprocessable(f"unknown role {role!r}; known: {', '.join(viewers.ROLES)}")
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS or not name.isprintable():
        raise errors.Unprocessable(f"a name has 1 to {MAX_NAME_CHARACTERS} printable characters")
    if find(session, name) is not None:
        raise errors.Conflict(f"there is an operator {name!r} already")
    password = passwords.make_one_time() if password is None else password
    row = tables.Operator(
        operator_id=uuid.uuid4(),
        name=name,
        role=role,
        password_hash=passwords.hashed(password),
        must_change_password=True,
        created_at=now,
    )
    session.add(row)
    _record(session, "operator.created", row, now, {"role": role})
    return password


def find(session: Session, name: str) -> tables.Operator | None:
    """Return the operator of this name who may log in, or None."""
    table = tables.Operator
    return session.scalar(select(table).where(table.name == name.strip(), table.disabled_at.is_(None)))


def credentials(session: Session, name: str) -> Credentials | None:
    """Return what proves an operator of this name, or None."""
    row = find(session, name)
    return None if row is None else Credentials(row.operator_id, row.name, row.password_hash)


def change_password(session: Session, operator_id: UUID, new_hash: str, now: datetime) -> None:
    """Keep a password the operator chose, and end all of the operator's sessions."""
    row = session.get_one(tables.Operator, operator_id)
    row.password_hash, row.must_change_password = new_hash, False
    sessions.end_all(session, operator_id, now)
    _record(session, "operator.password_changed", row, now, by=_actor(row))


def disable(session: Session, name: str, now: datetime) -> None:
    """Let an operator log in no more, and end the operator's sessions; the rows stay.

    Raises:
        NotFound: no such operator.
    """
    row = find(session, name)
    if row is None:
        raise errors.NotFound(f"no operator {name!r}")
    row.disabled_at = now
    sessions.end_all(session, row.operator_id, now)
    _record(session, "operator.disabled", row, now)


def reset_password(session: Session, name: str, now: datetime) -> str:
    """Give an operator a new one-time password, which is returned, and end the operator's sessions.

    Raises:
        NotFound: no such operator.
    """
    row = find(session, name)
    if row is None:
        raise errors.NotFound(f"no operator {name!r}")
    password = passwords.make_one_time()
    row.password_hash, row.must_change_password = passwords.hashed(password), True
    sessions.end_all(session, row.operator_id, now)
    _record(session, "operator.password_reset", row, now)
    return password


def note_login(session: Session, operator_id: UUID, succeeded: bool, now: datetime) -> None:
    """Keep when somebody logged in, and how often that failed since."""
    row = session.get_one(tables.Operator, operator_id)
    if succeeded:
        row.failed_logins, row.last_login_at = 0, now
    else:
        row.failed_logins += 1


def note_lock_out(session: Session, operator_id: UUID, wait_s: int, source_address: str, now: datetime) -> None:
    """Put on record that an operator's name must wait after wrong passwords."""
    row = session.get_one(tables.Operator, operator_id)
    details: dict[str, entries.Detail] = {"failed_logins": row.failed_logins, "wait_s": wait_s}
    # Whoever tried proved nothing: the name is the subject, not the actor.
    by = entries.Actor("unproved", row.name)
    _record(session, "operator.locked_out", row, now, details, by, source_address)


def _record(
    session: Session,
    action: str,
    row: tables.Operator,
    now: datetime,
    details: dict[str, entries.Detail] | None = None,
    by: entries.Actor = entries.COMMAND_LINE,
    source_address: str | None = None,
) -> None:
    ledger.append(
        session,
        entries.Entry(
            at=now,
            action=action,
            actor=by,
            subject=entries.Subject("operator", str(row.operator_id)),
            source_address=source_address,
            details={"name": row.name, **(details or {})},
        ),
    )


def _actor(row: tables.Operator) -> entries.Actor:
    return entries.Actor("operator", row.name, str(row.operator_id), row.role)
