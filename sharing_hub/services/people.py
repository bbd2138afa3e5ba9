"""People, as those answer for them who manage them: who is of which agency with which role, trained until when, on duty, disabled.

Invariants: whom the viewer may not read, there is not; nobody changes their own role, training or account; who has a passkey manages others only in a session
in which it was confirmed. What is done is a ledger entry with both people in it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import viewers
from sharing_hub.services import operators, passkeys, sessions, views
from sharing_hub.store import tables

MAX_LISTED = 1000


class PersonView(views.View):
    """Somebody who may log in, or might before."""

    operator_id: UUID
    name: str
    agency_id: str
    unit: str
    role: str
    trained_until: date | None
    shift_starts_at: datetime | None
    shift_ends_at: datetime | None
    on_shift: bool
    passkeys: int
    created_at: datetime
    last_login_at: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """What changes of a person; None: as it is. `trained_until` changes only where `notes_training`."""

    role: str | None = None
    unit: str | None = None
    notes_training: bool = False
    trained_until: date | None = None


def listed(session: Session, viewer: viewers.Viewer, now: datetime, agency_id: str | None = None) -> list[PersonView]:
    """Return the people whom the viewer may read, by agency and name.

    Raises:
        Refused: the role reads nobody.
    """
    table = tables.Operator
    known = session.scalars(select(table.agency_id).distinct()).all()
    readable = [one for one in known if viewers.reads_people(viewer, one) and agency_id in (None, one)]
    if not viewers.reads_people(viewer, viewer.agency_id):
        raise errors.Refused(f"the role {viewer.role} does not read who the people are")
    statement = select(table).where(table.agency_id.in_(readable)).order_by(table.agency_id, table.name)
    rows = session.scalars(statement.limit(MAX_LISTED)).all()
    counts = passkeys.counts(session)
    return [_view(row, counts.get(row.operator_id, 0), now) for row in rows]


def change(session: Session, viewer: viewers.Viewer, operator_id: UUID, wanted: Change, now: datetime) -> PersonView:
    """Change somebody's role, unit or training.

    Raises:
        NotFound: no such person for this viewer.
        Refused: the viewer may not, or would change their own.
        Unprocessable: the role is not of that agency.
    """
    row = _other(session, viewer, operator_id)
    if wanted.role is not None or wanted.unit is not None:
        role = row.role if wanted.role is None else wanted.role
        _require(viewers.manages(viewer, row.agency_id, row.role) and viewers.manages(viewer, row.agency_id, role))
        operators.move(session, row, role, row.unit if wanted.unit is None else wanted.unit, now, actor_of(viewer))
    if wanted.notes_training:
        _require(viewers.certifies_training(viewer, row.agency_id, row.role))
        operators.certify(session, row, wanted.trained_until, now, actor_of(viewer))
    return _view(row, passkeys.counts(session).get(row.operator_id, 0), now)


def disable(session: Session, viewer: viewers.Viewer, operator_id: UUID, now: datetime) -> None:
    """Let somebody log in no more.

    Raises:
        NotFound, Refused: as `change`.
    """
    row = _other(session, viewer, operator_id)
    _require(viewers.manages(viewer, row.agency_id, row.role))
    if row.disabled_at is None:
        operators.disable(session, row.name, now, actor_of(viewer))


def remove_passkeys(session: Session, viewer: viewers.Viewer, operator_id: UUID, now: datetime) -> int:
    """Remove every passkey of somebody who lost one, and end that person's sessions; return how many.

    Raises:
        NotFound, Refused: as `change`.
    """
    row = _other(session, viewer, operator_id)
    _require(viewers.manages(viewer, row.agency_id, row.role))
    return passkeys.remove_all(session, row, now, actor_of(viewer))


def set_shift(
    session: Session, viewer: viewers.Viewer, operator_id: UUID, span: tuple[datetime, datetime] | None, now: datetime
) -> None:
    """Put somebody on duty for a span of time, or off duty now.

    Raises:
        NotFound, Refused, Unprocessable: as `change`.
    """
    row = _other(session, viewer, operator_id)
    _require(viewers.sets_shifts(viewer, row.agency_id, row.role))
    if span is None:
        operators.end_shift(session, row, now, actor_of(viewer))
    else:
        operators.set_shift(session, row, span, now, actor_of(viewer))


def sign_on(session: Session, viewer: viewers.Viewer, hours: float, now: datetime) -> None:
    """Begin the viewer's own shift.

    Raises:
        Unprocessable: longer than a day.
    """
    row = session.get_one(tables.Operator, viewer.operator_id)
    operators.set_shift(session, row, (now, now + timedelta(hours=hours)), now, actor_of(viewer))


def sign_off(session: Session, viewer: viewers.Viewer, now: datetime) -> None:
    """End the viewer's own shift."""
    operators.end_shift(session, session.get_one(tables.Operator, viewer.operator_id), now, actor_of(viewer))


def require_proof(session: Session, viewer: viewers.Viewer) -> None:
    """Refuse somebody who has a passkey and did not confirm it in this session.

    Raises:
        Refused: naming the remedy.
    """
    if not viewer.second_factor and passkeys.counts(session, viewer.operator_id):
        raise errors.Refused("confirm your passkey first: POST /v1/session/passkeys/confirmation")


def actor_of(viewer: viewers.Viewer) -> entries.Actor:
    """Return the viewer as who did something."""
    kind = "client" if viewer.system else "operator"
    return entries.Actor(kind, viewer.name, str(viewer.operator_id), viewer.role)


def _other(session: Session, viewer: viewers.Viewer, operator_id: UUID) -> tables.Operator:
    row = session.get(tables.Operator, operator_id)
    if row is None or not viewers.reads_people(viewer, row.agency_id):
        raise errors.NotFound(f"no person {operator_id}, or not of yours")
    if row.operator_id == viewer.operator_id:
        raise errors.Refused("nobody changes their own account; another person does")
    require_proof(session, viewer)
    return row


def _require(allowed: bool) -> None:
    if not allowed:
        raise errors.Refused("your role does not do this to people of this agency and role")


def _view(row: tables.Operator, passkey_count: int, now: datetime) -> PersonView:
    return PersonView(
        operator_id=row.operator_id,
        name=row.name,
        agency_id=row.agency_id,
        unit=row.unit,
        role=row.role,
        trained_until=row.trained_until,
        shift_starts_at=row.shift_starts_at,
        shift_ends_at=row.shift_ends_at,
        on_shift=sessions.is_on_shift(row, now),
        passkeys=passkey_count,
        created_at=row.created_at,
        last_login_at=row.last_login_at,
        disabled_at=row.disabled_at,
    )
