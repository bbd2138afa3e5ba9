"""Grants: given, renewed, ended and revoked; each step is a ledger entry, and whoever streams by a grant is told when it ends.

Invariants: a grant is never deleted; its end is only ever brought forward by a revocation or set anew by a renewal; an ended grant is not renewed.
"""

import dataclasses
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import actions, grants
from sharing_hub.domain import ledger as entries
from sharing_hub.services import ledger
from sharing_hub.store import database, sharing_tables, tables

_TABLE, _CAMERAS = sharing_tables.Grant, sharing_tables.GrantCamera
MAX_CAMERAS = 200
MAX_NAMING = 20
"""Grants looked at for one question; the agency's unended ones that name one camera are fewer."""
_PLAIN = tuple(field.name for field in dataclasses.fields(grants.Grant) if field.name not in ("camera_ids", "actions"))
_ROWS, _ROWS_OF_CAMERAS = (tables.core(table).c for table in (_TABLE, _CAMERAS))
# Made once, and read as columns: they are asked at every decision, and building a statement or a row of the ORM costs more than running it.
_NAMES = select(sa.func.json_group_array(_ROWS_OF_CAMERAS.camera_id)).where(_ROWS_OF_CAMERAS.grant_id == _ROWS.grant_id)
_OF_SOMEBODY = select(*(_ROWS[name] for name in _PLAIN), _ROWS.actions, _NAMES.scalar_subquery()).where(
    _ROWS.agency_id == bindparam("agency_id"),
    or_(_ROWS.person_id.is_(None), _ROWS.person_id == bindparam("person_id")),
)
_NAMING = (
    _OF_SOMEBODY.where(
        _ROWS.grant_id.in_(
            select(_ROWS_OF_CAMERAS.grant_id).where(_ROWS_OF_CAMERAS.camera_id == bindparam("camera_id"))
        )
    )
    .order_by(_ROWS.revoked_at.is_not(None), _ROWS.ends_at.desc(), _ROWS.grant_id)
    .limit(MAX_NAMING)
)
_HELD = _OF_SOMEBODY.where(
    _ROWS.starts_at <= bindparam("now"), _ROWS.ends_at > bindparam("now"), _ROWS.revoked_at.is_(None)
).order_by(_ROWS.ends_at.desc())
_NAMED = select(_CAMERAS.grant_id, _CAMERAS.camera_id).where(
    _CAMERAS.grant_id.in_(bindparam("grant_ids", expanding=True))
)


def issue(session: Session, grant: grants.Grant, by: entries.Actor, now: datetime, why: str | None = None) -> None:
    """Give a grant.

    Raises:
        Unprocessable: it names more than 200 cameras.
    """
    if len(grant.camera_ids) > MAX_CAMERAS:
        raise errors.Unprocessable(f"a grant names at most {MAX_CAMERAS} cameras, not {len(grant.camera_ids)}")
    values = {field.name: getattr(grant, field.name) for field in dataclasses.fields(grant)}
    cameras = values.pop("camera_ids")
    row = _TABLE(**values | {"actions": tuple(sorted(grant.actions))}, made_by_name=by.name, made_at=now)
    session.add(row)
    session.flush()
    session.add_all(_CAMERAS(grant_id=grant.grant_id, camera_id=camera_id) for camera_id in sorted(cameras))
    _record(session, "grant.issued", row, by, now, why, {"cameras": ",".join(sorted(cameras)), **_terms(grant)})


def renew(session: Session, grant_id: UUID, ends_at: datetime, by: entries.Actor, now: datetime) -> grants.Grant:
    """Let a grant that is in force last until `ends_at`.

    Raises:
        NotFound: no such grant.
        Conflict: it has ended, or would end earlier.
    """
    row = _row(session, grant_id)
    if not grants.in_force(_value(session, row), now):
        raise errors.Conflict("the grant has ended; ask for a new one")
    if ends_at <= row.ends_at:
        raise errors.Conflict(f"the grant lasts until {row.ends_at.isoformat()} already")
    row.ends_at = ends_at
    _record(session, "grant.renewed", row, by, now, None, {"ends_at": entries.time_text(ends_at)})
    return _value(session, row)


def revoke(session: Session, grant_id: UUID, by: entries.Actor, why: str, now: datetime) -> None:
    """End a grant at once; a stream that leans on it stops. A repeat does nothing.

    Raises:
        NotFound: no such grant.
    """
    row = _row(session, grant_id)
    if row.revoked_at is None and row.ends_at > now:
        row.revoked_at, row.revoked_why = now, why
        _record(session, "grant.revoked", row, by, now, why)


def end_with_incident(session: Session, incident_id: UUID, ends_at: datetime, by: entries.Actor, now: datetime) -> int:
    """Let every grant of an incident that closed end at `ends_at`, unless it ends earlier; return how many."""
    wanted = select(_TABLE).where(
        _TABLE.incident_id == incident_id, _TABLE.revoked_at.is_(None), _TABLE.ends_at > ends_at
    )
    rows = session.scalars(wanted).all()
    for row in rows:
        row.ends_at = max(ends_at, row.starts_at)
        _record(
            session, "grant.shortened", row, by, now, "the incident closed", {"ends_at": entries.time_text(ends_at)}
        )
    return len(rows)


def find(session: Session, grant_id: UUID) -> grants.Grant:
    """Return a grant, ended or not.

    Raises:
        NotFound: no such grant.
    """
    return _value(session, _row(session, grant_id))


def held(session: Session, agency_id: str, person_id: UUID | None, now: datetime) -> list[grants.Grant]:
    """Return the grants in force that somebody of an agency holds, the one that ends last first."""
    return _read(session, _HELD, {"agency_id": agency_id, "person_id": person_id, "now": now})


def naming(session: Session, agency_id: str, person_id: UUID, camera_id: str) -> list[grants.Grant]:
    """Return the grants of somebody of an agency that name a camera: those not revoked first, then the one that ends last; at most 20."""
    who = {"agency_id": agency_id, "person_id": person_id, "camera_id": camera_id}
    return _read(session, _NAMING, who)


def covering(
    held_now: Iterable[grants.Grant], action: actions.Action, camera_id: str, now: datetime
) -> grants.Grant | None:
    """Return the first of these grants that permits `action` on the camera, or None."""
    return next((grant for grant in held_now if grants.permits(grant, action, camera_id, now)), None)


def make_id() -> UUID:
    """Return the id of a new grant."""
    return uuid.uuid4()


def _row(session: Session, grant_id: UUID) -> sharing_tables.Grant:
    row = session.get(_TABLE, grant_id)
    if row is None:
        raise errors.NotFound(f"no grant {grant_id}")
    return row


def _value(session: Session, row: sharing_tables.Grant) -> grants.Grant:
    return _values(session, [row])[0]


def _values(session: Session, rows: Sequence[sharing_tables.Grant]) -> list[grants.Grant]:
    cameras: dict[UUID, set[str]] = {row.grant_id: set() for row in rows}
    if rows:
        for grant_id, camera_id in session.connection().execute(_NAMED, {"grant_ids": list(cameras)}):
            cameras[grant_id].add(camera_id)
    return [
        grants.Grant(
            camera_ids=frozenset(cameras[row.grant_id]),
            actions=frozenset(cast(tuple[actions.Action, ...], row.actions)),
            **{name: getattr(row, name) for name in _PLAIN},
        )
        for row in rows
    ]


def _read(session: Session, wanted: Select[Any], who: Mapping[str, object]) -> list[grants.Grant]:
    """Return the grants of a statement made of `_OF_SOMEBODY`."""
    session.flush()  # what this session changed counts
    return [
        grants.Grant(
            camera_ids=frozenset(json.loads(cameras)),
            actions=frozenset(permitted),
            **dict(zip(_PLAIN, plain, strict=True)),
        )
        for *plain, permitted, cameras in session.connection().execute(wanted, who)
    ]


def _terms(grant: grants.Grant) -> dict[str, entries.Detail]:
    return {
        "actions": ",".join(sorted(grant.actions)),
        "person_id": str(grant.person_id) if grant.person_id else None,
        "starts_at": entries.time_text(grant.starts_at),
        "ends_at": entries.time_text(grant.ends_at),
        "mask_level": grant.mask_level,
        "export_mode": grant.export_mode,
        "letter": grant.letter,
        "break_glass": grant.break_glass,
        "request_id": str(grant.request_id) if grant.request_id else None,
        "requested_by": str(grant.requested_by) if grant.requested_by else None,
        "approved_by": str(grant.approved_by) if grant.approved_by else None,
    }


def _record(
    session: Session, action: str, row: sharing_tables.Grant, by: entries.Actor, now: datetime, why: str | None,
    details: dict[str, entries.Detail] | None = None,
) -> None:  # fmt: skip
    ledger.append(
        session,
        entries.Entry(
            at=now, action=action, actor=by, subject=entries.Subject("grant", str(row.grant_id)),
            incident_id=str(row.incident_id) if row.incident_id else None, purpose=row.purpose, legal_basis=row.legal_basis,
            why=why, details={"agency_id": row.agency_id, **(details or {})},
        ),
    )  # fmt: skip
    database.note(session, "grant", row.grant_id)
