"""Invitations: a link with which one person makes an account, so that nobody is ever handed a password.

Invariants: the link's secret is 256 random bits, kept only as its SHA-256; it works once and for seven days; unknown, used, withdrawn and expired ones get the
same words. What the account may do was decided by who invited, not by who accepts.
"""

import hashlib
import uuid
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import viewers
from sharing_hub.services import ledger, operators, people, views
from sharing_hub.store import identity_tables, tables

LIFETIME = timedelta(days=7)
SECRET_BYTES = 32
MAX_LISTED = 500
MAX_SECRET_CHARACTERS = 100
_TABLE = identity_tables.Invitation
_REFUSED = "the invitation is unknown, used or expired; ask whoever invited you for a new one"


class InvitationView(views.View):
    """An invitation, without its secret."""

    invitation_id: UUID
    agency_id: str
    unit: str
    role: str
    trained_until: date | None
    made_by_name: str
    made_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None
    accepted_at: datetime | None
    operator_id: UUID | None


def make(
    session: Session,
    viewer: viewers.Viewer | None,
    place: operators.Place,
    secret: str,
    now: datetime,
    trained_until: date | None = None,
) -> InvitationView:
    """Invite somebody.

    Args:
        viewer: who invites; None for the command line.
        secret: 32 random bytes as base64url; given on to the person, and not kept.

    Raises:
        Refused: the viewer does not manage such people.
        Unprocessable: the role is not of that agency, or the agency is not in the district's book.
    """
    if viewer is not None:
        if not viewers.manages(viewer, place.agency_id, place.role):
            raise errors.Refused("your role does not invite people of this agency and role")
        people.require_proof(session, viewer)
    operators.require_place(session, place)
    by = entries.COMMAND_LINE if viewer is None else people.actor_of(viewer)
    row = _TABLE(
        invitation_id=uuid.uuid4(), secret_sha256=_hash(secret), agency_id=place.agency_id, unit=place.unit, role=place.role,
        trained_until=trained_until, made_by_name=by.name, made_at=now, expires_at=now + LIFETIME,
    )  # fmt: skip
    session.add(row)
    details: dict[str, entries.Detail] = {
        "agency_id": row.agency_id, "expires_at": entries.time_text(row.expires_at), "role": row.role,
        "trained_until": trained_until.isoformat() if trained_until else None, "unit": row.unit,
    }  # fmt: skip
    _record(session, "invitation.made", row, by, now, details)
    return InvitationView.model_validate(row)


def listed(session: Session, viewer: viewers.Viewer) -> list[InvitationView]:
    """Return the invitations of the people that the viewer manages, newest first."""
    rows = session.scalars(select(_TABLE).order_by(_TABLE.made_at.desc()).limit(MAX_LISTED))
    return [InvitationView.model_validate(row) for row in rows if viewers.manages(viewer, row.agency_id, row.role)]


def withdraw(session: Session, viewer: viewers.Viewer, invitation_id: UUID, now: datetime) -> None:
    """Let an invitation work no more; harmless when repeated.

    Raises:
        NotFound: no such invitation for this viewer.
        Conflict: it was accepted already.
    """
    row = session.get(_TABLE, invitation_id)
    if row is None or not viewers.manages(viewer, row.agency_id, row.role):
        raise errors.NotFound(f"no invitation {invitation_id}")
    people.require_proof(session, viewer)
    if row.accepted_at is not None:
        raise errors.Conflict("the invitation was accepted already; disable the person instead")
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        _record(session, "invitation.withdrawn", row, people.actor_of(viewer), now, {})


def require_good(session: Session, secret: str, now: datetime) -> identity_tables.Invitation:
    """Return the invitation of a secret, where it can be accepted now.

    Raises:
        Refused: alike for every reason.
    """
    row = session.scalar(select(_TABLE).where(_TABLE.secret_sha256 == _hash(secret)))
    if row is None or row.accepted_at or row.withdrawn_at or row.expires_at <= now:
        raise errors.Refused(_REFUSED)
    return row


def accept(
    session: Session, secret: str, name: str, password_hash: str, now: datetime, source_address: str | None = None
) -> UUID:
    """Make the account that was offered, and return who it is.

    Args:
        password_hash: of the password that the person chose.

    Raises:
        Refused: the invitation cannot be accepted (any more), or its agency is out of the book.
        Unprocessable, Conflict: the name cannot be used, or is taken.
    """
    row = require_good(session, secret, now)
    place = operators.Place(row.agency_id, row.role, row.unit)
    made: tables.Operator = operators.create(session, name, place, password_hash, now)
    made.trained_until = row.trained_until
    session.flush()
    row.accepted_at, row.operator_id = now, made.operator_id
    details: dict[str, entries.Detail] = {
        "agency_id": place.agency_id,
        "invitation_id": str(row.invitation_id),
        "role": place.role,
        "unit": place.unit,
    }
    operators.record(session, "operator.created", made, now, details, operators.actor(made), source_address)
    return made.operator_id


def _record(
    session: Session,
    action: str,
    row: identity_tables.Invitation,
    by: entries.Actor,
    now: datetime,
    details: dict[str, entries.Detail],
) -> None:
    subject = entries.Subject("invitation", str(row.invitation_id))
    ledger.append(session, entries.Entry(now, action, by, subject, details=details))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
