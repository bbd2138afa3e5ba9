"""Endpoints: where agencies' systems want to be told. Each change is a ledger entry; no secret is in one."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.gateway import destinations
from sharing_hub.services import book, ledger
from sharing_hub.store import delivery_tables

Form = Literal["cloudevents", "cap"]
HUB = "hub"
"""Not registered by anybody: another hub, which the settings name."""
MAX_PER_AGENCY = 10
_TABLE = delivery_tables.Endpoint


def add(
    session: Session, agency_id: str, url: str, form: str, networks: Iterable[destinations.Network], by: entries.Actor,
    now: datetime,
) -> delivery_tables.Endpoint:  # fmt: skip
    """Register an endpoint.

    Raises:
        NotFound: no such agency in the district's book.
        Unprocessable: unknown form, or an address that may not be sent to.
        Conflict: the agency has it already, or ten others.
    """
    if form not in get_args(Form):
        raise errors.Unprocessable(f"unknown form {form[:20]!r}; known: {', '.join(get_args(Form))}")
    destinations.check(url, networks)
    if book.in_force(session)[1].agency(agency_id) is None:
        raise errors.NotFound(f"no agency {agency_id[:40]!r} in the district's book")
    active = select(func.count()).where(_TABLE.agency_id == agency_id, _TABLE.disabled_at.is_(None))
    if session.scalar(active.where(_TABLE.url == url, _TABLE.form == form)):
        raise errors.Conflict("the agency has this endpoint already")
    if (session.scalar(active) or 0) >= MAX_PER_AGENCY:
        raise errors.Conflict(f"an agency has at most {MAX_PER_AGENCY} endpoints; disable one first")
    row = _TABLE(
        endpoint_id=uuid.uuid4(),
        agency_id=agency_id,
        url=url,
        form=form,
        generation=1,
        added_by_name=by.name,
        added_at=now,
    )
    session.add(row)
    _record(session, "endpoint.added", row, by, now)
    return row


def follow_peers(session: Session, peers: Mapping[str, str], now: datetime) -> None:
    """Have other hubs told as the settings say: agency and address of each. A repeat changes nothing."""
    held = {(row.agency_id, row.url): row for row in listed(session) if row.form == HUB}
    for key, row in held.items():
        if key not in peers.items():
            disable(session, row.endpoint_id, entries.HUB, "[[peers]] of the settings names it no more", now)
    for agency_id, url in peers.items():
        if (agency_id, url) in held:
            continue
        row = _TABLE(
            endpoint_id=uuid.uuid4(), agency_id=agency_id, url=url, form=HUB, generation=1,
            added_by_name=entries.HUB.name, added_at=now,
        )  # fmt: skip
        session.add(row)
        _record(session, "endpoint.added", row, entries.HUB, now)


def rotate(session: Session, endpoint_id: UUID, by: entries.Actor, now: datetime) -> delivery_tables.Endpoint:
    """Give an endpoint a new secret; the old one signs nothing more.

    Raises:
        NotFound: no such endpoint, or it is disabled.
    """
    row = find(session, endpoint_id)
    row.generation += 1
    _record(session, "endpoint.rotated", row, by, now)
    return row


def disable(session: Session, endpoint_id: UUID, by: entries.Actor, why: str, now: datetime) -> None:
    """Send nothing more to an endpoint; what waits for it is given up with this reason.

    Raises:
        NotFound: no such endpoint, or it is disabled already.
    """
    row = find(session, endpoint_id)
    row.disabled_at = now
    delivery = delivery_tables.Delivery
    waiting = session.scalars(select(delivery).where(delivery.endpoint_id == endpoint_id, delivery.state == "pending"))
    for one in waiting:
        one.state, one.last_fault, one.ended_at = "dead", f"the endpoint was disabled: {why}"[:500], now
    _record(session, "endpoint.disabled", row, by, now, why)


def find(session: Session, endpoint_id: UUID) -> delivery_tables.Endpoint:
    """Return an endpoint that is not disabled.

    Raises:
        NotFound: there is none.
    """
    row = session.get(_TABLE, endpoint_id)
    if row is None or row.disabled_at is not None:
        raise errors.NotFound(f"no endpoint {endpoint_id}")
    return row


def listed(session: Session, agency_id: str | None = None) -> list[delivery_tables.Endpoint]:
    """Return the endpoints that are not disabled, of one agency or of all."""
    wanted = select(_TABLE).where(_TABLE.disabled_at.is_(None)).order_by(_TABLE.agency_id, _TABLE.added_at)
    return list(session.scalars(wanted if agency_id is None else wanted.where(_TABLE.agency_id == agency_id)))


def _record(
    session: Session,
    action: str,
    row: delivery_tables.Endpoint,
    by: entries.Actor,
    now: datetime,
    why: str | None = None,
) -> None:
    session.flush()
    details: dict[str, entries.Detail] = {
        "agency_id": row.agency_id, "url": row.url, "form": row.form, "generation": row.generation
    }  # fmt: skip
    subject = entries.Subject("endpoint", str(row.endpoint_id))
    ledger.append(session, entries.Entry(at=now, action=action, actor=by, subject=subject, why=why, details=details))
