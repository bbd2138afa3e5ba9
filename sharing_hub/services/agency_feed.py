"""What an agency reads of itself: the messages written to it, in order, and its grants in force; and how a grant is renewed.

Invariants: an agency reads its own only; a grant is renewed while its incident is open, to the book's time from now, and never longer.
"""

import json
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import grants as values
from sharing_hub.domain import incidents, viewers
from sharing_hub.domain import ledger as entries
from sharing_hub.services import book, grants, views
from sharing_hub.store import delivery_tables, tables

_TABLE = delivery_tables.Message


class MessageView(views.View):
    """A message to the agency; `position` is what the next page is asked for with."""

    position: int
    message_id: UUID
    incident_id: UUID
    occasion: str
    number: int
    made_at: datetime
    event: dict[str, object]


class GrantView(views.View):
    """What the agency may do, to which cameras, what for and until when."""

    grant_id: UUID
    person_id: UUID | None
    camera_ids: list[str]
    actions: list[str]
    purpose: str
    legal_basis: str
    incident_id: UUID | None
    request_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    lookback_s: int
    covers_from: datetime | None
    covers_until: datetime | None
    mask_level: str
    export_mode: str
    break_glass: bool


def messages(session: Session, viewer: viewers.Viewer, after: int, limit: int) -> views.Page[MessageView]:
    """Return what the agency was told after a position, the oldest first."""
    _require_partner(viewer)
    wanted = select(_TABLE).where(_TABLE.agency_id == viewer.agency_id, _TABLE.position > after)
    rows = list(session.scalars(wanted.order_by(_TABLE.position).limit(limit + 1)))
    following = str(rows[limit - 1].position) if len(rows) > limit else None
    return views.Page[MessageView](items=[_view(row) for row in rows[:limit]], next=following)


def cap(session: Session, viewer: viewers.Viewer, message_id: UUID) -> bytes:
    """Return a message as a CAP 1.2 alert.

    Raises:
        NotFound: no such message to this agency.
    """
    _require_partner(viewer)
    wanted = select(_TABLE.cap).where(_TABLE.message_id == message_id, _TABLE.agency_id == viewer.agency_id)
    found = session.scalar(wanted)
    if found is None:
        raise errors.NotFound(f"no message {message_id}")
    return found


def in_force(session: Session, viewer: viewers.Viewer, now: datetime) -> list[GrantView]:
    """Return the viewer's grants in force."""
    _require_partner(viewer)
    return [grant_view(one) for one in grants.held(session, viewer.agency_id, viewer.operator_id, now)]


def renew(session: Session, viewer: viewers.Viewer, grant_id: UUID, now: datetime) -> GrantView:
    """Let a grant of an open incident last for the book's time from now.

    Raises:
        NotFound: no such grant of this viewer.
        Conflict: it has ended, its incident is over, it is a request's or an emergency look's, or it lasts that long already.
    """
    _require_partner(viewer)
    grant = grants.find(session, grant_id)
    if not values.is_for(grant, viewer.agency_id, viewer.operator_id):
        raise errors.NotFound(f"no grant {grant_id}")
    incident = session.get(tables.Incident, grant.incident_id) if grant.incident_id else None
    if incident is None or grant.break_glass or grant.request_id is not None:
        raise errors.Conflict("only a grant of an incident is renewed; ask for a new one")
    if incident.state in incidents.OVER_STATES:
        raise errors.Conflict("the incident is over")
    _, found = book.in_force(session)
    kind = "client" if viewer.system else "operator"
    by = entries.Actor(kind, viewer.name, str(viewer.operator_id), viewer.role)
    ends_at = now + timedelta(seconds=found.limits.live_grant_s)
    return grant_view(grants.renew(session, grant_id, ends_at, by, now))


def grant_view(grant: values.Grant) -> GrantView:
    """Return a grant as a view."""
    return GrantView(
        grant_id=grant.grant_id, person_id=grant.person_id, camera_ids=sorted(grant.camera_ids), actions=sorted(grant.actions),
        purpose=grant.purpose, legal_basis=grant.legal_basis, incident_id=grant.incident_id, request_id=grant.request_id,
        starts_at=grant.starts_at, ends_at=grant.ends_at, lookback_s=grant.lookback_s, covers_from=grant.covers_from,
        covers_until=grant.covers_until, mask_level=grant.mask_level, export_mode=grant.export_mode, break_glass=grant.break_glass,
    )  # fmt: skip


def _view(row: delivery_tables.Message) -> MessageView:
    return MessageView(
        position=row.position, message_id=row.message_id, incident_id=row.incident_id, occasion=row.occasion,
        number=row.number, made_at=row.made_at, event=json.loads(row.cloud_event),
    )  # fmt: skip


def _require_partner(viewer: viewers.Viewer) -> None:
    if not viewers.is_partner(viewer):
        raise errors.Refused("this is for agencies' people and systems")
