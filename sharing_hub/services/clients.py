"""Agencies' systems: registered, given new keys, disabled.

Invariants: a system belongs to one agency of the district's book; a public key belongs to one system for ever, also after it was retired; a system that is
disabled is refused at its next request. Each step is a ledger entry; public keys are in it by their thumbprints.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import district, viewers
from sharing_hub.domain import ledger as entries
from sharing_hub.services import client_keys, ledger, operators, people, views
from sharing_hub.store import identity_tables

SCOPES = ("agency.read", "agency.write")
"""Reading, pictures among it where the policy permits; and everything that changes something."""
MAX_NAME_CHARACTERS = 60
MAX_AGREEMENT_CHARACTERS = 100
LONGEST_OVERLAP = timedelta(days=90)
_TABLE, _KEYS = identity_tables.Client, identity_tables.ClientKey


class KeyView(views.View):
    """A public key of a system."""

    key_id: UUID
    kid: str
    thumbprint: str
    added_at: datetime
    retired_at: datetime | None


class ClientView(views.View):
    """An agency's system."""

    client_id: UUID
    agency_id: str
    name: str
    scopes: tuple[str, ...]
    agreement: str
    agreement_until: date
    certificate_sha256: str | None
    made_by_name: str
    made_at: datetime
    disabled_at: datetime | None
    keys: tuple[KeyView, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A system to be registered.

    Attributes:
        agreement: number of the document in which the agency answers for its people and safeguards; `agreement_until`: its last day.
        certificate_sha256: of the only client certificate that may show its tokens.
    """

    agency_id: str
    name: str
    keys: tuple[client_keys.PublicKey, ...]
    agreement: str
    agreement_until: date
    scopes: tuple[str, ...] = SCOPES
    certificate_sha256: str | None = None


def add(session: Session, wanted: Wanted, now: datetime, by: entries.Actor = entries.COMMAND_LINE) -> ClientView:
    """Register a system of an agency; whether `by` may do so is the caller's question.

    Raises:
        Unprocessable: the agency is the district or not in its book, a scope is unknown, or the name cannot be used.
        Conflict: the name is taken, or a key belongs to a system already.
    """
    if wanted.agency_id == district.OWNER:
        raise errors.Unprocessable("the district's own people log in; systems are the agencies'")
    operators.require_agency(session, wanted.agency_id)
    if not wanted.scopes or not set(wanted.scopes) <= set(SCOPES):
        raise errors.Unprocessable(f"scopes: some of {', '.join(SCOPES)}")
    name = wanted.name.strip()
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS or not name.isprintable():
        raise errors.Unprocessable(f"a name has 1 to {MAX_NAME_CHARACTERS} printable characters")
    if not 1 <= len(wanted.agreement) <= MAX_AGREEMENT_CHARACTERS or not wanted.agreement.isprintable():
        raise errors.Unprocessable(f"agreement: its number, in 1 to {MAX_AGREEMENT_CHARACTERS} printable characters")
    if session.scalar(select(_TABLE.client_id).where(_TABLE.name == name)) is not None:
        raise errors.Conflict(f"there is, or was, a system {name!r} already")
    row = _TABLE(
        client_id=uuid.uuid4(), agency_id=wanted.agency_id, name=name, scopes=tuple(sorted(set(wanted.scopes))),
        agreement=wanted.agreement, agreement_until=wanted.agreement_until, certificate_sha256=wanted.certificate_sha256,
        made_by_name=by.name, made_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    details: dict[str, entries.Detail] = {
        "agreement": row.agreement, "agreement_until": row.agreement_until.isoformat(),
        "certificate_sha256": row.certificate_sha256, "scopes": " ".join(row.scopes),
    }  # fmt: skip
    _record(session, "client.added", row, by, now, details)
    _add_keys(session, row, wanted.keys, by, now)
    return view(session, row)


def rotate(
    session: Session,
    client_id: UUID,
    keys: tuple[client_keys.PublicKey, ...],
    overlap: timedelta,
    now: datetime,
    by: entries.Actor = entries.COMMAND_LINE,
) -> ClientView:
    """Give a system new keys, and retire its others after `overlap`.

    Raises:
        NotFound: no such system that is not disabled.
        Unprocessable: the overlap is negative or longer than 90 days.
        Conflict: a key belongs, or belonged, to a system already; or there are too many at once.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise errors.Unprocessable(f"old keys are kept for 0 to {LONGEST_OVERLAP.days} days")
    row = living(session, client_id)
    for old in _good_keys(session, client_id, now):
        if old.retired_at is None or old.retired_at > now + overlap:
            _retire(session, row, old, now + overlap, by, now)
    _add_keys(session, row, keys, by, now)
    return view(session, row)


def retire_key(
    session: Session, client_id: UUID, key_id: UUID, now: datetime, by: entries.Actor = entries.COMMAND_LINE
) -> ClientView:
    """Take a key out of use at once, and with it every token that it asked for; harmless when repeated.

    Raises:
        NotFound: the system has no such key.
    """
    row, key = living(session, client_id), session.get(_KEYS, key_id)
    if key is None or key.client_id != client_id:
        raise errors.NotFound(f"no key {key_id} of this system")
    if key.retired_at is None or key.retired_at > now:
        _retire(session, row, key, now, by, now)
    return view(session, row)


def disable(session: Session, client_id: UUID, now: datetime, by: entries.Actor = entries.COMMAND_LINE) -> None:
    """Refuse a system from now on; its rows stay.

    Raises:
        NotFound: no such system that is not disabled.
    """
    row = living(session, client_id)
    row.disabled_at = now
    _record(session, "client.disabled", row, by, now, {})


def listed(session: Session, viewer: viewers.Viewer | None = None) -> list[ClientView]:
    """Return the systems whose agency's people the viewer may read; all of them for the command line."""
    rows = session.scalars(select(_TABLE).order_by(_TABLE.agency_id, _TABLE.name))
    return [view(session, row) for row in rows if viewer is None or viewers.reads_people(viewer, row.agency_id)]


def enabled(session: Session, client_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of the systems that are not disabled: what watches over open streams asks."""
    found = select(_TABLE.client_id).where(_TABLE.client_id.in_(list(client_ids)), _TABLE.disabled_at.is_(None))
    return frozenset(session.scalars(found))


def living(session: Session, client_id: UUID) -> identity_tables.Client:
    """Return a system that is not disabled.

    Raises:
        NotFound: there is none.
    """
    row = session.get(_TABLE, client_id)
    if row is None or row.disabled_at is not None:
        raise errors.NotFound(f"no system {client_id}, or it is disabled")
    return row


def require_manager(session: Session, viewer: viewers.Viewer, client_id: UUID) -> None:
    """Refuse whoever does not answer for a system: its agency's lead and the district's administrator do.

    Raises:
        NotFound: no such system for this viewer.
        Refused: the viewer may only read of it, or has to confirm a passkey first.
    """
    row = living(session, client_id)
    if not viewers.reads_people(viewer, row.agency_id):
        raise errors.NotFound(f"no system {client_id}, or it is disabled")
    if not viewers.manages(viewer, row.agency_id, "partner"):
        raise errors.Refused("your role does not change this agency's systems")
    people.require_proof(session, viewer)


def view(session: Session, row: identity_tables.Client) -> ClientView:
    """Return a system with its keys, the newest first."""
    session.flush()
    keys = session.scalars(select(_KEYS).where(_KEYS.client_id == row.client_id).order_by(_KEYS.added_at.desc()))
    columns = {name: getattr(row, name) for name in ClientView.model_fields if name != "keys"}
    return ClientView(keys=tuple(KeyView.model_validate(key) for key in keys), **columns)


def _good_keys(session: Session, client_id: UUID, now: datetime) -> Sequence[identity_tables.ClientKey]:
    good = select(_KEYS).where(_KEYS.client_id == client_id, (_KEYS.retired_at.is_(None)) | (_KEYS.retired_at > now))
    return session.scalars(good).all()


def _add_keys(
    session: Session,
    row: identity_tables.Client,
    keys: tuple[client_keys.PublicKey, ...],
    by: entries.Actor,
    now: datetime,
) -> None:
    if len(_good_keys(session, row.client_id, now)) + len(keys) > client_keys.MAX_KEYS:
        raise errors.Conflict(f"a system has {client_keys.MAX_KEYS} keys at most; retire one first")
    for key in keys:
        if session.scalar(select(_KEYS.key_id).where(_KEYS.thumbprint == key.thumbprint)) is not None:
            raise errors.Conflict(f"the key {key.kid} belongs, or belonged, to a system already; make a new one")
        kept = _KEYS(
            key_id=uuid.uuid4(), client_id=row.client_id, kid=key.kid, thumbprint=key.thumbprint, jwk=key.jwk, added_at=now,
        )  # fmt: skip
        session.add(kept)
        details: dict[str, entries.Detail] = {"key_id": str(kept.key_id), "thumbprint": key.thumbprint}
        _record(session, "client.key_added", row, by, now, details)


def _retire(
    session: Session,
    row: identity_tables.Client,
    key: identity_tables.ClientKey,
    at: datetime,
    by: entries.Actor,
    now: datetime,
) -> None:
    key.retired_at = at
    details: dict[str, entries.Detail] = {
        "key_id": str(key.key_id),
        "retired_at": entries.time_text(at),
        "thumbprint": key.thumbprint,
    }
    _record(session, "client.key_retired", row, by, now, details)


def _record(
    session: Session,
    action: str,
    row: identity_tables.Client,
    by: entries.Actor,
    now: datetime,
    details: dict[str, entries.Detail],
) -> None:
    named: dict[str, entries.Detail] = {"agency_id": row.agency_id, "name": row.name, **details}
    subject = entries.Subject("client", str(row.client_id))
    ledger.append(session, entries.Entry(now, action, by, subject, details=named))
