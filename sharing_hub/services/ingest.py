"""Ingest: agents' batches into events, exactly once each, and events into alarms.

Invariants: an event is stored once per `event_id`, whatever is repeated; an agent writes only for its own cameras (a camera belongs to the agent
that named it first); `refused` is final and says why; nothing is answered before the commit (the group writer sees to that).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sharing_hub import counters
from sharing_hub.domain import rules, times
from sharing_hub.services import cameras, folding, standing
from sharing_hub.store import database, tables
from sharing_hub.wire import v1

_CHUNK = 5000
_EVENTS, _CAMERAS = tables.core(tables.Event), tables.core(tables.Camera)
# Made once: building a statement costs more than running it.
_OWNERS = select(_CAMERAS.c.camera_id, _CAMERAS.c.agent_id).where(
    _CAMERAS.c.camera_id.in_(bindparam("ids", expanding=True))
)
_KNOWN = select(_EVENTS.c.event_id, _EVENTS.c.agent_id, _EVENTS.c.ended_at).where(
    _EVENTS.c.event_id.in_(bindparam("ids", expanding=True))
)
_INSERT_CAMERAS, _INSERT_EVENTS = _CAMERAS.insert(), _EVENTS.insert()
_END = _EVENTS.update().where(_EVENTS.c.event_id == bindparam("id")).values(ended_at=bindparam("at"))
FOREIGN_EVENT = "the event belongs to another agent"
UNKNOWN_EVENT = "no such event is stored"
IMPOSSIBLE_TIME = "its time is not between the years 1970 and 2100; set the agent's clock"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A batch and the agent that sent it."""

    agent_id: UUID
    batch: v1.EventBatch
    received_at: datetime


@dataclass(slots=True)
class _Group:
    """What is known about everything that a group of deliveries names."""

    owner_of_camera: dict[str, UUID]
    owner_of_event: dict[UUID, UUID | None]
    ended: dict[UUID, datetime | None]
    new_cameras: list[dict[str, Any]] = field(default_factory=list)
    new_events: list[dict[str, Any]] = field(default_factory=list)
    new_endings: dict[UUID, datetime] = field(default_factory=dict)


class Ingest:
    """The work of the group writer."""

    def __init__(
        self, rule_of: rules.Rules, counted: counters.Counters, known: standing.Standing | None = None
    ) -> None:
        self._rules = rule_of
        self._counters = counted
        self._standing = known or standing.Standing()

    def store(self, session: Session, deliveries: Sequence[Delivery]) -> list[v1.BatchReply]:
        """Store a group of deliveries and answer each."""
        group = _read(session, deliveries)
        replies = [
            v1.BatchReply(
                reports=tuple(_take_report(group, delivery, report) for report in delivery.batch.reports),
                endings=tuple(_take_ending(group, delivery.agent_id, end) for end in delivery.batch.endings),
            )
            for delivery in deliveries
        ]
        unshared = _write(session, group, self._rules, self._standing, deliveries[-1].received_at)
        if unshared:
            self._counters.add("incidents_not_shared", count=unshared)
        self._count(replies)
        return replies

    def _count(self, replies: Iterable[v1.BatchReply]) -> None:
        totals: dict[tuple[str, str], int] = defaultdict(int)
        for reply in replies:
            for outcome in reply.reports:
                totals[f"events_{outcome.result}", outcome.reason] += 1
            for outcome in reply.endings:
                totals[f"event_ends_{outcome.result}", outcome.reason] += 1
        for (name, reason), count in totals.items():
            self._counters.add(name, reason, count)


def _take_report(group: _Group, delivery: Delivery, report: v1.EventReport) -> v1.Outcome:
    if not times.is_possible(report.started_at, report.raised_at):
        return _outcome(report.event_id, "refused", IMPOSSIBLE_TIME)
    if report.event_id in group.owner_of_event:
        if group.owner_of_event[report.event_id] != delivery.agent_id:
            return _outcome(report.event_id, "refused", FOREIGN_EVENT)
        return _outcome(report.event_id, "duplicate")
    owner = group.owner_of_camera.get(report.camera_id)
    if owner is None:
        group.owner_of_camera[report.camera_id] = delivery.agent_id
        group.new_cameras.append(
            {
                "camera_id": report.camera_id,
                "agent_id": delivery.agent_id,
                "name": report.camera_id,
                "first_seen_at": delivery.received_at,
            }
        )
    elif owner != delivery.agent_id:
        return _outcome(report.event_id, "refused", cameras.FOREIGN_CAMERA)
    group.owner_of_event[report.event_id] = delivery.agent_id
    group.ended[report.event_id] = None
    group.new_events.append(_event_row(delivery, report))
    return _outcome(report.event_id, "stored")


def _take_ending(group: _Group, agent_id: UUID, end: v1.EventEnd) -> v1.Outcome:
    if not times.is_possible(end.ended_at):
        return _outcome(end.event_id, "refused", IMPOSSIBLE_TIME)
    if end.event_id not in group.owner_of_event:
        return _outcome(end.event_id, "refused", UNKNOWN_EVENT)
    if group.owner_of_event[end.event_id] != agent_id:
        return _outcome(end.event_id, "refused", FOREIGN_EVENT)
    if group.ended[end.event_id] is not None:
        return _outcome(end.event_id, "duplicate")
    group.ended[end.event_id] = group.new_endings[end.event_id] = end.ended_at
    return _outcome(end.event_id, "stored")


def _outcome(event_id: UUID, result: Any, reason: str = "") -> v1.Outcome:
    return v1.Outcome(event_id=event_id, result=result, reason=reason)


def _event_row(delivery: Delivery, report: v1.EventReport) -> dict[str, Any]:
    return {
        "event_id": report.event_id,
        "camera_id": report.camera_id,
        "agent_id": delivery.agent_id,
        "kind": report.kind,
        "started_at": report.started_at,
        "raised_at": report.raised_at,
        "ended_at": None,
        "received_at": delivery.received_at,
        "score": report.score,
        "explanation": report.explanation,
        "camera_clock": report.camera_clock,
        "look_interval_s": report.look_interval_s,
        "software": report.software,
    }


def _read(session: Session, deliveries: Sequence[Delivery]) -> _Group:
    reports = [report for delivery in deliveries for report in delivery.batch.reports]
    event_ids = {r.event_id for r in reports} | {e.event_id for d in deliveries for e in d.batch.endings}
    group = _Group({}, {}, {})
    connection = session.connection()
    for some in _chunks({r.camera_id for r in reports}):
        group.owner_of_camera |= dict(connection.execute(_OWNERS, {"ids": some}).all())
    for chunk in _chunks(event_ids):
        for event_id, sender, ended_at in connection.execute(_KNOWN, {"ids": chunk}):
            group.owner_of_event[event_id], group.ended[event_id] = sender, ended_at
    return group


def _write(session: Session, group: _Group, rule_of: rules.Rules, known: standing.Standing, now: datetime) -> int:
    unshared = 0
    if group.new_cameras:
        session.connection().execute(_INSERT_CAMERAS, group.new_cameras)
        for row in group.new_cameras:
            database.note(session, "camera", row["camera_id"])
    if group.new_events:
        for row in group.new_events:
            row["ended_at"] = group.new_endings.pop(row["event_id"], None)
        session.connection().execute(_INSERT_EVENTS, group.new_events)
        raised = [_occurrence(row) for row in group.new_events]
        unshared = folding.raise_alarms(session, raised, rule_of, now, known)
    if group.new_endings:
        ends = [{"id": event_id, "at": at} for event_id, at in group.new_endings.items()]
        session.connection().execute(_END, ends)
        for chunk in _chunks(group.new_endings):
            alarm = tables.Alarm
            for incident_id in session.scalars(select(alarm.incident_id).where(alarm.event_id.in_(chunk))):
                database.note(session, "incident", incident_id)
    return unshared


def _occurrence(row: dict[str, Any]) -> folding.Occurrence:
    return folding.Occurrence(row["event_id"], row["camera_id"], row["kind"], row["raised_at"])


def _chunks(ids: Iterable[Any]) -> Iterable[list[Any]]:
    every = list(ids)
    for start in range(0, len(every), _CHUNK):
        yield every[start : start + _CHUNK]
