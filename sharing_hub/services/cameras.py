"""Cameras: what agents say of them, and what their silence says.

Invariants: a camera belongs to the agent that named it first, others are refused; an agent without a heartbeat for 30 s makes its cameras
offline ("agent silent") and raises one `offline` alarm for each, once per silence; the next heartbeat ends both. A heartbeat names all of its
agent's cameras: one that it does not name was taken out of the configuration, reads `stopped`, and raises nothing.
"""

import uuid
from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import rules, times
from sharing_hub.services import folding, standing
from sharing_hub.store import database, tables
from sharing_hub.wire import v1

AGENT_SILENT = "agent silent"
TAKEN_OUT = "no longer in the agent's configuration"
FOREIGN_CAMERA = "the camera belongs to another agent"
_SILENCES = uuid.UUID("9f0c4c3c-6f0b-4c2e-9d43-6f1f7d0a1a03")
_NO_SETTINGS = "0" * 64
_SOFTWARE = "jikimi-hub"

_TOLD = (
    "state", "detail", "decode_mode", "codec", "width_px", "height_px", "name", "recording", "kinds", "zones",
    "latitude", "longitude",
)  # fmt: skip
"""The fields whose change is worth telling; the rest is read when somebody looks."""


def hear(session: Session, agent_id: UUID, beat: v1.Heartbeat, now: datetime) -> tuple[str, ...]:
    """Take a heartbeat in; return the cameras that belong to another agent.

    Raises:
        Unprocessable: its times cannot be true.
    """
    if not times.is_possible(beat.sent_at, beat.started_at):
        raise errors.Unprocessable("its times are not between the years 1970 and 2100; set the agent's clock")
    agent = session.get_one(tables.Agent, agent_id)
    agent.software, agent.started_at, agent.last_heartbeat_at = beat.software, beat.started_at, now
    agent.clock_ahead_s = (beat.sent_at - now).total_seconds()
    agent.disk, agent.backlog = beat.disk, beat.backlog
    if agent.silent_since is not None:
        _end_silence(session, agent, now)
    named = {info.camera_id for info in beat.cameras} | {health.camera_id for health in beat.health}
    known = {
        row.camera_id: row for row in session.scalars(select(tables.Camera).where(tables.Camera.camera_id.in_(named)))
    }
    refused = tuple(sorted(camera_id for camera_id, row in known.items() if row.agent_id != agent_id))
    before = {camera_id: _told(row) for camera_id, row in known.items()}
    for info in beat.cameras:
        if info.camera_id not in refused:
            _describe(session, known, agent_id, info, now)
    for health in beat.health:
        if health.camera_id in known and health.camera_id not in refused:
            _assess(known[health.camera_id], health, now)
    _take_out(session, agent_id, named)
    for camera_id, row in known.items():
        if camera_id not in refused and before.get(camera_id) != _told(row):
            database.note(session, "camera", camera_id)
    return refused


def _take_out(session: Session, agent_id: UUID, named: Set[str]) -> None:
    """Let the agent's cameras that it no longer names read `stopped`: nobody looks at them, and that is no fault to be alarmed of."""
    table = tables.Camera
    mine = session.scalars(select(table).where(table.agent_id == agent_id, table.detail != TAKEN_OUT)).all()
    for row in mine:
        if row.camera_id not in named:
            row.state, row.detail = "stopped", TAKEN_OUT
            database.note(session, "camera", row.camera_id)


def notice_silence(session: Session, silent_after: timedelta, rule_of: rules.Rules, now: datetime) -> int:
    """Make the cameras of agents that fell silent offline, with one alarm each; return how many agents that were.

    An agent that was never heard is not silent: it is not installed yet.
    """
    table = tables.Agent
    silent = session.scalars(
        select(table)
        .where(table.silent_since.is_(None), table.revoked_at.is_(None))
        .where(table.last_heartbeat_at < now - silent_after)
    ).all()
    for agent in silent:
        agent.silent_since = now
        cameras = session.scalars(select(tables.Camera).where(tables.Camera.agent_id == agent.agent_id)).all()
        events = [_silence(agent, camera, silent_after, now) for camera in cameras if camera.state != "stopped"]
        session.add_all(events)
        session.flush()
        occurrences = [folding.Occurrence(e.event_id, e.camera_id, e.kind, e.raised_at) for e in events]
        folding.raise_alarms(session, occurrences, rule_of, now, standing.Standing())
        for camera in cameras:
            if camera.detail == TAKEN_OUT:
                continue
            camera.state, camera.detail = "offline", AGENT_SILENT
            database.note(session, "camera", camera.camera_id)
    return len(silent)


def _end_silence(session: Session, agent: tables.Agent, now: datetime) -> None:
    agent.silent_since = None
    event, alarm = tables.Event, tables.Alarm
    own = select(tables.Camera.camera_id).where(tables.Camera.agent_id == agent.agent_id)
    open_events = session.scalars(
        select(event).where(event.camera_id.in_(own), event.agent_id.is_(None), event.ended_at.is_(None))
    ).all()
    for row in open_events:
        row.ended_at = now
    ended = [row.event_id for row in open_events]
    for incident_id in session.scalars(select(alarm.incident_id).where(alarm.event_id.in_(ended))):
        database.note(session, "incident", incident_id)


def _silence(agent: tables.Agent, camera: tables.Camera, silent_after: timedelta, now: datetime) -> tables.Event:
    last = agent.last_heartbeat_at or now
    waited = v1.Condition(
        name="seconds without a heartbeat",
        value=(now - last).total_seconds(),
        comparison=">",
        threshold=silent_after.total_seconds(),
        unit="s",
    )
    return tables.Event(
        event_id=uuid.uuid5(_SILENCES, f"{agent.agent_id} {camera.camera_id} {last.isoformat()}"),
        camera_id=camera.camera_id,
        agent_id=None,
        kind="offline",
        started_at=last,
        raised_at=now,
        received_at=now,
        score=1.0,
        explanation=v1.Explanation(trigger=AGENT_SILENT, conditions=(waited,), settings_sha256=_NO_SETTINGS),
        software=_SOFTWARE,
    )


def _describe(
    session: Session, known: dict[str, tables.Camera], agent_id: UUID, info: v1.CameraInfo, now: datetime
) -> None:
    row = known.get(info.camera_id)
    if row is None:
        row = tables.Camera(camera_id=info.camera_id, agent_id=agent_id, name=info.name, first_seen_at=now)
        session.add(row)
        known[info.camera_id] = row
    row.name, row.latitude, row.longitude = info.name, info.latitude, info.longitude
    row.recording, row.kinds, row.zones = info.recording, info.kinds, info.zones


def _assess(row: tables.Camera, health: v1.CameraHealth, now: datetime) -> None:
    row.last_heartbeat_at = now
    for name in type(health).model_fields:
        if name != "camera_id":
            setattr(row, name, getattr(health, name))


def _told(row: tables.Camera) -> Mapping[str, object]:
    return {name: getattr(row, name) for name in _TOLD}
