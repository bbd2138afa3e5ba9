"""Operators: the people who log in at the hub.

Invariants: a password is kept only as its argon2 hash; one that somebody else chose (the first administrator's, a new operator's) must be
changed before anything else is allowed; what is done to an operator is a ledger entry.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import district, viewers
from sharing_hub.domain import ledger as entries
from sharing_hub.services import book, ledger, passwords, sessions
from sharing_hub.store import tables

FIRST_NAME = "admin"
MAX_NAME_CHARACTERS = 60
MAX_UNIT_CHARACTERS = 60
LONGEST_SHIFT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody is: of which agency, with which role, in which part of it."""

    agency_id: str
    role: str
    unit: str = ""


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


def add(
    session: Session,
    name: str,
    role: str,
    now: datetime,
    password: str | None = None,
    agency_id: str = district.OWNER,
    unit: str = "",
) -> str:
    """Make an operator and return the one-time password.

    Raises:
        Unprocessable: unknown role or agency, a role that the agency's people do not have, unusable name, or a password that is too short.
        Conflict: the name is taken.
    """
    password = passwords.make_one_time() if password is None else password
    place = Place(agency_id, role, unit)
    row = create(session, name, place, passwords.hashed(password), now)
    row.must_change_password = True
    record(session, "operator.created", row, now, {"agency_id": agency_id, "role": role, "unit": unit})
    return password


def create(session: Session, name: str, place: Place, password_hash: str, now: datetime) -> tables.Operator:
    """Make the row of a new operator; the caller records how that came about.

    Raises:
        Unprocessable, Conflict: as `add`.
    """
    name = name.strip()
    require_place(session, place)
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS or not name.isprintable():
        raise errors.Unprocessable(f"a name has 1 to {MAX_NAME_CHARACTERS} printable characters")
    if session.scalar(select(tables.Operator.operator_id).where(tables.Operator.name == name)) is not None:
        raise errors.Conflict(f"there is, or was, an operator {name!r} already")
    row = tables.Operator(
        operator_id=uuid.uuid4(),
        name=name,
        role=place.role,
        password_hash=password_hash,
        must_change_password=False,
        agency_id=place.agency_id,
        unit=place.unit,
        created_at=now,
    )
    session.add(row)
    return row


def require_place(session: Session, place: Place) -> None:
    """Refuse a role that is unknown or not of the agency, an agency that is not in the district's book, and an unusable unit.

    Raises:
        Unprocessable: saying which.
    """
    if place.role not in viewers.ROLES:
        raise errors.Unprocessable(f"unknown role {place.role!r}; known: {', '.join(viewers.ROLES)}")
    if not viewers.fits(place.role, place.agency_id):
        raise errors.Unprocessable(f"nobody of the agency {place.agency_id!r} has the role {place.role}")
    require_agency(session, place.agency_id)
    if len(place.unit) > MAX_UNIT_CHARACTERS or not place.unit.isprintable():
        raise errors.Unprocessable(f"a unit has at most {MAX_UNIT_CHARACTERS} printable characters")


def require_agency(session: Session, agency_id: str) -> None:
    """Refuse an agency that is not active in the district's book.

    Raises:
        Unprocessable: it is not.
    """
    if agency_id != district.OWNER and book.in_force(session)[1].agency(agency_id) is None:
        raise errors.Unprocessable(f"no agency {agency_id!r} is active in the district's book")


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
    record(session, "operator.password_changed", row, now, by=actor(row))


def disable(session: Session, name: str, now: datetime, by: entries.Actor = entries.COMMAND_LINE) -> None:
    """Let an operator log in no more, and end the operator's sessions; the rows stay.

    Raises:
        NotFound: no such operator.
    """
    row = find(session, name)
    if row is None:
        raise errors.NotFound(f"no operator {name!r}")
    row.disabled_at = now
    sessions.end_all(session, row.operator_id, now)
    record(session, "operator.disabled", row, now, by=by)


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
    record(session, "operator.password_reset", row, now)
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
    record(session, "operator.locked_out", row, now, details, by, source_address)


def certify(
    session: Session, row: tables.Operator, until: date | None, now: datetime, by: entries.Actor = entries.COMMAND_LINE
) -> None:
    """Note the last day on which somebody's training is valid; None: there is none."""
    row.trained_until = until
    record(session, "operator.training_noted", row, now, {"trained_until": until.isoformat() if until else None}, by)


def move(
    session: Session,
    row: tables.Operator,
    role: str,
    unit: str,
    now: datetime,
    by: entries.Actor = entries.COMMAND_LINE,
) -> None:
    """Give somebody another role or unit within the same agency.

    Raises:
        Unprocessable: as `require_place`.
    """
    require_place(session, Place(row.agency_id, role, unit))
    details: dict[str, entries.Detail] = {"role": role, "unit": unit, "was_role": row.role, "was_unit": row.unit}
    row.role, row.unit = role, unit
    record(session, "operator.moved", row, now, details, by)


def set_shift(
    session: Session,
    row: tables.Operator,
    span: tuple[datetime, datetime],
    now: datetime,
    by: entries.Actor = entries.COMMAND_LINE,
) -> None:
    """Put somebody on duty for a span of time, in place of the span that was set before.

    Raises:
        Unprocessable: it does not end after it starts, or is longer than a day.
    """
    starts_at, ends_at = span
    if not timedelta(0) < ends_at - starts_at <= LONGEST_SHIFT:
        raise errors.Unprocessable("a shift ends after it starts, and lasts 24 hours at most")
    row.shift_starts_at, row.shift_ends_at = starts_at, ends_at
    details: dict[str, entries.Detail] = {
        "ends_at": entries.time_text(ends_at),
        "starts_at": entries.time_text(starts_at),
    }
    record(session, "operator.shift_set", row, now, details, by)


def end_shift(session: Session, row: tables.Operator, now: datetime, by: entries.Actor = entries.COMMAND_LINE) -> None:
    """Take somebody off duty; harmless when repeated."""
    if row.shift_ends_at is not None and row.shift_ends_at > now:
        row.shift_ends_at = now
        record(session, "operator.shift_ended", row, now, by=by)


def record(
    session: Session,
    action: str,
    row: tables.Operator,
    now: datetime,
    details: dict[str, entries.Detail] | None = None,
    by: entries.Actor = entries.COMMAND_LINE,
    source_address: str | None = None,
) -> None:
    """Put on record what was done to an operator."""
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


def actor(row: tables.Operator) -> entries.Actor:
    """Return an operator as who did something."""
    return entries.Actor("operator", row.name, str(row.operator_id), row.role)
