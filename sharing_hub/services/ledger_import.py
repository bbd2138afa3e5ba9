"""What was done before the ledger began, as entries that say they were imported.

The rows of the append-only tables become the entries they would have been. Of the other tables what they still tell is taken: who was made and
disabled, who signed in and out from where, which agents came and went, what was held and asked for. Rows that changed since tell their last state only.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from sharing_hub.domain import ledger
from sharing_hub.services import ledger_sources
from sharing_hub.store import tables

_ROWS_AT_ONCE = 1000
_UNKNOWN = ledger.Actor("unknown", "unknown")


def entries(session: Session) -> Iterator[ledger.Entry]:
    """Yield an entry of everything that was recorded, oldest first."""
    look, change, deletion = tables.Look, tables.IncidentHistory, tables.Deletion
    agent, operator, login = tables.Agent, tables.Operator, tables.OperatorSession
    hold, recording, media = tables.Hold, tables.RecordingRequest, tables.Media
    logins = select(login, operator).join(operator, operator.operator_id == login.operator_id)
    holds = select(hold, media).join(media, media.media_id == hold.media_id)
    streams = (
        _made(session, select(look).order_by(look.at, look.look_id), ledger_sources.of_look),
        _made(session, select(change).order_by(change.at, change.entry_id), ledger_sources.of_change),
        _made(session, select(deletion).order_by(deletion.at, deletion.deletion_id), ledger_sources.of_deletion),
        _made(session, select(operator).order_by(operator.created_at), _created),
        _made(session, _ended(select(operator), operator.disabled_at), _disabled),
        _made(session, select(agent).order_by(agent.enrolled_at), _enrolled),
        _made(session, _ended(select(agent), agent.revoked_at), _revoked),
        _made(session, logins.order_by(login.created_at), _signed_in),
        _made(session, _ended(logins, login.ended_at), _signed_out),
        _made(session, holds.order_by(hold.created_at), _held),
        _made(session, _ended(holds, hold.released_at), _released),
        _made(session, select(recording).order_by(recording.requested_at), _requested),
    )
    return heapq.merge(*streams, key=lambda entry: entry.at)


def _ended(statement: Select[*tuple[Any, ...]], at: Any) -> Select[*tuple[Any, ...]]:
    return statement.where(at.is_not(None)).order_by(at)


def _made(
    session: Session, statement: Select[*tuple[Any, ...]], entry_of: Callable[..., ledger.Entry]
) -> Iterable[ledger.Entry]:
    for row in session.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)):
        yield replace(entry_of(*row), imported=True)


def _created(row: tables.Operator) -> ledger.Entry:
    return _of_operator("operator.created", row, row.created_at, role=row.role)


def _disabled(row: tables.Operator) -> ledger.Entry:
    return _of_operator("operator.disabled", row, row.disabled_at)


def _of_operator(action: str, row: tables.Operator, at: datetime | None, **details: ledger.Detail) -> ledger.Entry:
    subject = ledger.Subject("operator", str(row.operator_id))
    return ledger.Entry(_time(at), action, _UNKNOWN, subject, details={"name": row.name, **details})


def _enrolled(row: tables.Agent) -> ledger.Entry:
    details: dict[str, ledger.Detail] = {"public_key": row.public_key, "site": row.site}
    by = ledger.Actor("agent", row.site, str(row.agent_id))
    return ledger.Entry(row.enrolled_at, "agent.enrolled", by, _agent(row), details=details)


def _revoked(row: tables.Agent) -> ledger.Entry:
    return ledger.Entry(_time(row.revoked_at), "agent.revoked", _UNKNOWN, _agent(row), details={"site": row.site})


def _agent(row: tables.Agent) -> ledger.Subject:
    return ledger.Subject("agent", str(row.agent_id))


def _signed_in(row: tables.OperatorSession, operator: tables.Operator) -> ledger.Entry:
    return _of_session("operator.signed_in", row, operator, row.created_at)


def _signed_out(row: tables.OperatorSession, operator: tables.Operator) -> ledger.Entry:
    return _of_session("operator.signed_out", row, operator, row.ended_at)


def _of_session(
    action: str, row: tables.OperatorSession, operator: tables.Operator, at: datetime | None
) -> ledger.Entry:
    return ledger.Entry(
        at=_time(at),
        action=action,
        actor=ledger.Actor("operator", operator.name, str(operator.operator_id), operator.role),
        subject=ledger.Subject("operator", str(operator.operator_id)),
        source_address=row.source_address,
        details={"session_id": str(row.session_id)},
    )


def _held(row: tables.Hold, media: tables.Media) -> ledger.Entry:
    return _of_hold("hold.placed", row, media, row.created_at, expires_at=ledger.time_text(row.expires_at))


def _released(row: tables.Hold, media: tables.Media) -> ledger.Entry:
    return _of_hold("hold.released", row, media, row.released_at)


def _of_hold(
    action: str, row: tables.Hold, media: tables.Media, at: datetime | None, **details: ledger.Detail
) -> ledger.Entry:
    return ledger.Entry(
        at=_time(at),
        action=action,
        actor=ledger.Actor("owner", row.owner),
        subject=ledger.Subject("media", str(row.media_id)),
        camera_id=media.camera_id,
        why=row.reason,
        details={"hold_id": str(row.hold_id), **details},
    )


def _requested(row: tables.RecordingRequest) -> ledger.Entry:
    return ledger.Entry(
        at=row.requested_at,
        action="recording.requested",
        actor=ledger.Actor("operator", row.requested_by_name, str(row.requested_by)),
        subject=ledger.Subject("recording", str(row.request_id)),
        camera_id=row.camera_id,
        why=row.why,
        details={
            "starts_at": ledger.time_text(row.starts_at),
            "ends_at": ledger.time_text(row.ends_at),
            "state": row.state,
        },
    )


def _time(at: datetime | None) -> datetime:
    if at is None:
        raise ValueError("the row has not ended")
    return at
