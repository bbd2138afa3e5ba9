"""Recordings: video of any time that an operator asks an agent for.

requested -> accepted (the agent has it durably) -> ready (it arrived as a media file) | refused (final, with the reason). What is not answered
is sent again whenever the agent's channel opens; repeats are harmless. What nobody answers in a day is refused.
The request and each answer are ledger entries.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import viewers
from sharing_hub.services import book, ledger
from sharing_hub.store import queries, tables
from sharing_hub.wire import v1

MAX_SPAN = timedelta(hours=1)
ANSWER_WITHIN = timedelta(days=1)
OPEN_STATES = ("requested", "accepted")


def request(
    session: Session, viewer: viewers.Viewer, camera_id: str, span: tuple[datetime, datetime], why: str, now: datetime
) -> tables.RecordingRequest:
    """Ask for the recording of a camera from `span[0]` to `span[1]`; the caller has passed `looks.look` with action `request`.

    Raises:
        NotFound: no such camera for this viewer.
        Unprocessable: the span is empty, longer than an hour or not past.
    """
    starts_at, ends_at = span
    scope = queries.visible_to(viewer, now, book.cameras_of(session, viewer))
    camera = session.scalar(scope.cameras().where(tables.Camera.camera_id == camera_id))
    if camera is None:
        raise errors.NotFound(f"no camera {camera_id}")
    if not timedelta(0) < ends_at - starts_at <= MAX_SPAN:
        raise errors.Unprocessable("a recording is asked for by a span of up to an hour that ends after it starts")
    if ends_at > now:
        raise errors.Unprocessable("the span lies in the future; watch live or ask later")
    return _asked(session, camera, span, viewer, why, now)


def hold_back(
    session: Session, camera_id: str, span: tuple[datetime, datetime], viewer: viewers.Viewer, why: str, now: datetime
) -> tables.RecordingRequest:
    """Ask an agent for a recording so that it is not lost while somebody decides on it; nobody may look at it by this.

    Raises:
        NotFound: no such camera.
    """
    camera = session.get(tables.Camera, camera_id)
    if camera is None:
        raise errors.NotFound(f"no camera {camera_id[:63]}")
    return _asked(session, camera, span, viewer, why, now)


def _asked(
    session: Session, camera: tables.Camera, span: tuple[datetime, datetime], viewer: viewers.Viewer, why: str,
    now: datetime,
) -> tables.RecordingRequest:  # fmt: skip
    row = tables.RecordingRequest(
        request_id=uuid.uuid4(),
        camera_id=camera.camera_id,
        agent_id=camera.agent_id,
        starts_at=span[0],
        ends_at=span[1],
        why=why,
        requested_by=viewer.operator_id,
        requested_by_name=viewer.name,
        requested_at=now,
        state="requested",
        reason="",
        changed_at=now,
    )
    session.add(row)
    session.flush()
    by = entries.Actor("operator", viewer.name, str(viewer.operator_id), viewer.role)
    span_text = {"starts_at": entries.time_text(span[0]), "ends_at": entries.time_text(span[1])}
    ledger.append(session, _entry(row, by, now, why, **span_text))
    return row


def pending(session: Session, agent_id: UUID) -> tuple[v1.RangeRequest, ...]:
    """Return what an agent has still to deliver, oldest first: to send whenever its channel opens."""
    table = tables.RecordingRequest
    rows = session.scalars(
        select(table).where(table.agent_id == agent_id, table.state.in_(OPEN_STATES)).order_by(table.requested_at)
    )
    return tuple(command(row) for row in rows)


def command(row: tables.RecordingRequest) -> v1.RangeRequest:
    """Return the message that asks the agent for it."""
    return v1.RangeRequest(
        request_id=row.request_id, camera_id=row.camera_id, starts_at=row.starts_at, ends_at=row.ends_at
    )


def hear(session: Session, agent_id: UUID, notice: v1.RangeState, now: datetime) -> None:
    """Take an agent's answer in; one that comes late or for another agent's request changes nothing."""
    row = session.get(tables.RecordingRequest, notice.request_id)
    if row is None or row.agent_id != agent_id or row.state not in OPEN_STATES:
        return
    if (row.state, row.reason) == (notice.state, notice.reason):
        return
    row.state, row.reason, row.changed_at = notice.state, notice.reason, now
    ledger.append(session, _entry(row, _agent(row), now, notice.reason or None))


def arrive(session: Session, media: tables.Media, now: datetime) -> None:
    """Mark the request of a media file that arrived as ready."""
    row = session.get(tables.RecordingRequest, media.request_id)
    if row is not None:
        row.state, row.reason, row.media_id, row.changed_at = "ready", "", media.media_id, now
        named: dict[str, entries.Detail] = {"media_id": str(media.media_id), "sha256": media.sha256}
        if media.chain_state is not None:
            named |= {"chain": media.chain_state, "chain_detail": media.chain_detail}
        ledger.append(session, _entry(row, _agent(row), now, None, **named))


def give_up(session: Session, now: datetime) -> int:
    """Refuse what no agent answered in a day; return how many."""
    table = tables.RecordingRequest
    late = session.scalars(
        select(table).where(table.state == "requested", table.requested_at < now - ANSWER_WITHIN)
    ).all()
    _refuse(session, late, "the agent did not answer within a day", now)
    return len(late)


def forget_agent(session: Session, agent_id: UUID, now: datetime) -> None:
    """Refuse what a revoked agent will not deliver."""
    table = tables.RecordingRequest
    waiting = select(table).where(table.agent_id == agent_id, table.state.in_(OPEN_STATES))
    _refuse(session, session.scalars(waiting).all(), "the agent was revoked", now)


def _refuse(session: Session, rows: Sequence[tables.RecordingRequest], reason: str, now: datetime) -> None:
    for row in rows:
        row.state, row.reason, row.changed_at = "refused", reason, now
    if rows:
        ledger.append(session, *(_entry(row, entries.HUB, now, reason) for row in rows))


def _entry(
    row: tables.RecordingRequest, by: entries.Actor, now: datetime, why: str | None, **details: entries.Detail
) -> entries.Entry:
    return entries.Entry(
        at=now,
        action=f"recording.{row.state}",
        actor=by,
        subject=entries.Subject("recording", str(row.request_id)),
        camera_id=row.camera_id,
        why=why,
        details=details,
    )


def _agent(row: tables.RecordingRequest) -> entries.Actor:
    return entries.Actor("agent", "agent", str(row.agent_id))
