"""Deliveries: messages written of what was decided, and how each sending goes until it is delivered or given up.

Invariants: a message and its deliveries are in the transaction that takes the decision's notice; one that was delivered or given up is not sent again; a repeat after a crash carries the
same message id; what was sent, and what was given up, is a ledger entry.

Steps of a sending: (1) due deliveries are read; (2) each is sent once; (3) its outcome is committed. A kill between (2) and (3) sends it again, with the
same id.
"""

import random
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import messages, retrying, rules, viewers
from sharing_hub.gateway import cap, cloud_events, webhooks
from sharing_hub.services import endpoints, incidents, ledger, nearby
from sharing_hub.store import database, delivery_tables, sharing_tables, tables
from sharing_hub.webhook_key import WebhookKey

_MESSAGE, _DELIVERY, _ENDPOINT = delivery_tables.Message, delivery_tables.Delivery, delivery_tables.Endpoint
_FORMS = {
    "cloudevents": cloud_events.CONTENT_TYPE,
    "cap": cap.CONTENT_TYPE,
    endpoints.HUB: cloud_events.CONTENT_TYPE,
}
PULLED = "kept"
"""Of a message to an agency without an endpoint: it fetches its messages itself."""
CONFIRMED_STATES = frozenset({"confirmed", "notified", "accepted", "responding", "resolved", "closed"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the messages come from.

    Attributes:
        base_url: the hub's public address.
        name: the sender in CAP: a host name.
        exercise: messages say that they are an exercise (the demo).
    """

    base_url: str
    name: str
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to be tried now. `form`: of its endpoint."""

    delivery_id: int
    endpoint_id: UUID
    form: str
    parcel: webhooks.Parcel


@dataclass(frozen=True, slots=True)
class Told:
    """A message of an incident on its way to one endpoint of an agency, or kept for an agency that fetches it.

    Attributes:
        host: of the endpoint; None where the agency has none.
        state: pending, delivered, dead, or `PULLED`.
        late: somebody should phone.
    """

    message_id: UUID
    agency_id: str
    occasion: str
    made_at: datetime
    host: str | None
    state: str
    attempts: int
    fault: str
    ended_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Late:
    """A delivery that operators should know of: phone instead."""

    message_id: UUID
    incident_id: UUID
    agency_id: str
    url: str
    state: str
    attempts: int
    made_at: datetime
    last_fault: str


def write(
    session: Session, sender: Sender, incident: tables.Incident, share: sharing_tables.IncidentShare,
    occasion: messages.Occasion, rule_of: rules.Rules, now: datetime, note: str | None = None,
) -> UUID:  # fmt: skip
    """Write a message to one agency and a delivery for each of its endpoints; return the message's id."""
    earlier = session.execute(
        select(_MESSAGE.message_id, _MESSAGE.made_at)
        .where(_MESSAGE.incident_id == incident.incident_id, _MESSAGE.agency_id == share.agency_id)
        .order_by(_MESSAGE.position)
    ).all()
    message_id = uuid.uuid4()
    first_id, first_at = (earlier[0][0], earlier[0][1]) if earlier else (message_id, now)
    camera = session.get(tables.Camera, incident.camera_id) if incident.camera_id else None
    place = nearby.place_of(session, incident)
    rule = rule_of.get(incident.kind)
    message = messages.Message(
        message_id=message_id, number=len(earlier) + 1, first_id=first_id, first_at=first_at,
        occasion=occasion if earlier else "opened", agency_id=share.agency_id, incident_id=incident.incident_id,
        kind=incident.kind, category=rule.category if rule else "other", severity=incident.severity, state=incident.state,
        confirmed=incident.state in CONFIRMED_STATES or share.how == "opened", opened_at=incident.opened_at, sent_at=now,
        camera_id=incident.camera_id, camera_name=camera.name if camera else None,
        latitude=place.latitude if place else None, longitude=place.longitude if place else None,
        case_number=share.case_number, alarm_count=incident.alarm_count, media=share.media, purpose=share.purpose,
        legal_basis=share.legal_basis, note=note, exercise=sender.exercise,
    )  # fmt: skip
    _keep(session, message, sender, now)
    return message_id


def due(session: Session, key: WebhookKey, now: datetime, busy: Collection[UUID], limit: int) -> list[Due]:
    """Return what is to be sent now: the oldest of each endpoint, for messages of one incident keep their order.

    Args:
        busy: endpoints that are being sent to.
    """
    wanted = _due(now).order_by(_DELIVERY.next_at).limit(limit + len(busy))
    found = [row for row in session.execute(wanted) if row[1].endpoint_id not in busy]
    return [_of(key, *row) for row in found[:limit]]


def next_of(session: Session, key: WebhookKey, now: datetime, endpoint_id: UUID) -> Due | None:
    """Return what is to be sent to an endpoint now, as `due` does for all; None where nothing is."""
    row = session.execute(_due(now, _DELIVERY.endpoint_id == endpoint_id)).one_or_none()
    return None if row is None else _of(key, *row)


def note_outcome(
    session: Session, delivery_id: int, outcome: webhooks.Outcome, now: datetime, chance: random.Random
) -> str:
    """Keep how a sending went; return the state: delivered, pending or dead."""
    row = session.get_one(_DELIVERY, delivery_id)
    if row.state != "pending":  # disabled meanwhile
        return row.state
    row.attempts += 1
    row.last_status, row.last_fault = outcome.status, outcome.fault[:500]
    again = None if outcome.gone else retrying.next_try(row.attempts, row.made_at, now, chance)
    if not outcome.fault:
        row.state, row.ended_at = "delivered", now
    elif again is None:
        row.state, row.ended_at = "dead", now
    else:
        row.next_at = again
    if row.state != "pending":
        message = session.scalars(select(_MESSAGE).where(_MESSAGE.message_id == row.message_id)).one()
        _record(session, row, message, now)
        if row.state == "delivered" and message.occasion != "cancel":
            incidents.notified(session, message.incident_id, message.agency_id, now)
    return row.state


def late(session: Session, now: datetime, limit: int = 200) -> list[Late]:
    """Return what was not delivered 10 s after it was written, or was given up in the last 24 h; the newest first."""
    bounds = ((_DELIVERY.state == "pending") & (_DELIVERY.made_at <= now - retrying.NOT_DELIVERED_AFTER)) | (
        (_DELIVERY.state == "dead") & (_DELIVERY.ended_at > now - retrying.GIVE_UP_AFTER)
    )
    wanted = (
        select(_DELIVERY, _MESSAGE, _ENDPOINT.url)
        .join(_MESSAGE, _MESSAGE.message_id == _DELIVERY.message_id)
        .join(_ENDPOINT, _ENDPOINT.endpoint_id == _DELIVERY.endpoint_id)
        .where(bounds)
        .order_by(_DELIVERY.delivery_id.desc())
        .limit(limit)
    )
    return [
        Late(m.message_id, m.incident_id, m.agency_id, url, d.state, d.attempts, d.made_at, d.last_fault)
        for d, m, url in session.execute(wanted)
    ]


def waiting_by_agency(session: Session) -> dict[str, int]:
    """Return how many messages wait to be delivered, by agency."""
    wanted = (
        select(_ENDPOINT.agency_id, func.count())
        .join(_DELIVERY, _DELIVERY.endpoint_id == _ENDPOINT.endpoint_id)
        .where(_DELIVERY.state == "pending")
        .group_by(_ENDPOINT.agency_id)
    )
    return {row[0]: row[1] for row in session.execute(wanted)}


def of_incident(
    session: Session, viewer: viewers.Viewer, incident_id: UUID, now: datetime, limit: int = 200
) -> list[Told]:
    """Return what agencies were told of an incident and how each sending goes, the newest first.

    Raises:
        Refused: the viewer is not of the district's control room.
    """
    if not viewers.sees_rows(viewer):
        raise errors.Refused(f"the role {viewer.role} does not read deliveries")
    wanted = (
        select(_MESSAGE, _DELIVERY, _ENDPOINT.url)
        .outerjoin(_DELIVERY, _DELIVERY.message_id == _MESSAGE.message_id)
        .outerjoin(_ENDPOINT, _ENDPOINT.endpoint_id == _DELIVERY.endpoint_id)
        .where(_MESSAGE.incident_id == incident_id)
        .order_by(_MESSAGE.position.desc(), _DELIVERY.delivery_id)
        .limit(limit)
    )
    return [_told(message, delivery, url, now) for message, delivery, url in session.execute(wanted)]


def _told(
    message: delivery_tables.Message, delivery: delivery_tables.Delivery | None, url: str | None, now: datetime
) -> Told:
    if delivery is None:
        return Told(
            message.message_id, message.agency_id, message.occasion, message.made_at, None, PULLED, 0, "", None, False
        )
    waits = delivery.state == "pending" and delivery.made_at <= now - retrying.NOT_DELIVERED_AFTER
    return Told(
        message.message_id, message.agency_id, message.occasion, message.made_at, urlsplit(url or "").hostname, delivery.state,
        delivery.attempts, delivery.last_fault, delivery.ended_at, waits or delivery.state == "dead",
    )  # fmt: skip


def _due(
    now: datetime, *of: ColumnElement[bool]
) -> Select[delivery_tables.Delivery, delivery_tables.Endpoint, delivery_tables.Message]:
    """Return the statement for the oldest pending delivery of each endpoint, where its time has come."""
    pending = select(func.min(_DELIVERY.delivery_id)).where(_DELIVERY.state == "pending", *of)
    return (
        select(_DELIVERY, _ENDPOINT, _MESSAGE)
        .join(_ENDPOINT, _ENDPOINT.endpoint_id == _DELIVERY.endpoint_id)
        .join(_MESSAGE, _MESSAGE.message_id == _DELIVERY.message_id)
        .where(_DELIVERY.delivery_id.in_(pending.group_by(_DELIVERY.endpoint_id)), _DELIVERY.next_at <= now)
    )


def _of(
    key: WebhookKey,
    delivery: delivery_tables.Delivery,
    endpoint: delivery_tables.Endpoint,
    message: delivery_tables.Message,
) -> Due:
    return Due(delivery.delivery_id, endpoint.endpoint_id, endpoint.form, _parcel(key, endpoint, message))


def _keep(session: Session, message: messages.Message, sender: Sender, now: datetime) -> None:
    session.add(
        _MESSAGE(
            message_id=message.message_id, agency_id=message.agency_id, incident_id=message.incident_id,
            occasion=message.occasion, number=message.number, cloud_event=cloud_events.write(message, sender.base_url),
            cap=cap.write(message, sender.name, sender.base_url), made_at=now,
        )
    )  # fmt: skip
    session.flush()
    session.add_all(
        _DELIVERY(
            message_id=message.message_id,
            endpoint_id=endpoint_id,
            state="pending",
            attempts=0,
            made_at=now,
            next_at=now,
        )
        for endpoint_id in _receivers(session, message)
    )
    ledger.append(
        session,
        entries.Entry(
            at=now, action="message.written", actor=entries.HUB, subject=entries.Subject("message", str(message.message_id)),
            camera_id=message.camera_id, incident_id=str(message.incident_id), purpose=message.purpose,
            legal_basis=message.legal_basis,
            details={"agency_id": message.agency_id, "occasion": message.occasion, "number": message.number},
        ),
    )  # fmt: skip
    database.note(session, "message", message.message_id)


def _receivers(session: Session, message: messages.Message) -> list[UUID]:
    """Return the endpoints that a message goes to; another hub hears of an incident once it is real, and from then on of everything."""
    active = select(_ENDPOINT.endpoint_id, _ENDPOINT.form).where(
        _ENDPOINT.agency_id == message.agency_id, _ENDPOINT.disabled_at.is_(None)
    )
    return [
        endpoint_id
        for endpoint_id, form in session.execute(active).all()
        if form != endpoints.HUB or message.confirmed or _knows(session, endpoint_id, message.incident_id)
    ]


def _knows(session: Session, endpoint_id: UUID, incident_id: UUID) -> bool:
    earlier = select(_DELIVERY.delivery_id).join(_MESSAGE, _MESSAGE.message_id == _DELIVERY.message_id)
    of_both = earlier.where(_DELIVERY.endpoint_id == endpoint_id, _MESSAGE.incident_id == incident_id)
    return session.scalar(of_both.limit(1)) is not None


def _parcel(key: WebhookKey, endpoint: delivery_tables.Endpoint, message: delivery_tables.Message) -> webhooks.Parcel:
    body = message.cap if endpoint.form == "cap" else message.cloud_event
    secret = key.secret_of(endpoint.endpoint_id, endpoint.generation)
    return webhooks.Parcel(str(message.message_id), endpoint.url, _FORMS[endpoint.form], body, secret)


def _record(session: Session, row: delivery_tables.Delivery, message: delivery_tables.Message, now: datetime) -> None:
    ledger.append(
        session,
        entries.Entry(
            at=now, action=f"message.{row.state}", actor=entries.HUB,
            subject=entries.Subject("message", str(row.message_id)), incident_id=str(message.incident_id),
            details={
                "agency_id": message.agency_id, "endpoint_id": str(row.endpoint_id), "attempts": row.attempts,
                "status": row.last_status, "fault": row.last_fault,
            },
        ),
    )  # fmt: skip
    database.note(session, "message", row.message_id)
