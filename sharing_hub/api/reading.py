"""Reading views from the store: every statement begins with what the viewer may see."""

import collections
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy import Select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.api import views
from sharing_hub.domain import viewers
from sharing_hub.store import queries, tables

MAX_ALARMS_SHOWN = 50
MAX_HISTORY_SHOWN = 100


def cameras(session: Session, viewer: viewers.Viewer, camera_id: str | None = None) -> list[views.CameraView]:
    """Return every camera, or the one named, by site and name."""
    statement = queries.visible_to(viewer).cameras()
    if camera_id is not None:
        statement = statement.where(tables.Camera.camera_id == camera_id)
    rows = session.execute(_with_site(statement).order_by(tables.Agent.site, tables.Camera.name)).all()
    return [views.camera_of(camera, site) for camera, site in rows]


def camera(session: Session, viewer: viewers.Viewer, camera_id: str) -> tables.Camera:
    """Return one camera's row.

    Raises:
        NotFound: no such camera for this viewer.
    """
    row = session.scalar(queries.visible_to(viewer).cameras().where(tables.Camera.camera_id == camera_id))
    if row is None:
        raise errors.NotFound(f"no camera {camera_id[:63]}")
    return row


def incident_rows(viewer: viewers.Viewer) -> Select[Any]:
    """Return the statement for incidents with their camera's name and site."""
    statement = queries.visible_to(viewer).incidents()
    return (
        statement.join(tables.Camera, tables.Camera.camera_id == tables.Incident.camera_id)
        .join(tables.Agent, tables.Agent.agent_id == tables.Camera.agent_id)
        .add_columns(tables.Camera.name, tables.Agent.site)
    )


def incident(session: Session, viewer: viewers.Viewer, incident_id: UUID) -> views.IncidentView:
    """Return one incident.

    Raises:
        NotFound: no such incident for this viewer.
    """
    found = session.execute(incident_rows(viewer).where(tables.Incident.incident_id == incident_id)).first()
    if found is None:
        raise errors.NotFound(f"no incident {incident_id}")
    return views.incident_of(*found)


def incident_detail(session: Session, viewer: viewers.Viewer, incident_id: UUID) -> views.IncidentDetail:
    """Return one incident with its newest alarms and its history.

    Raises:
        NotFound: no such incident for this viewer.
    """
    shown, scope = incident(session, viewer, incident_id), queries.visible_to(viewer)
    alarm, history = tables.Alarm, tables.IncidentHistory
    alarms = session.scalars(
        scope.alarms()
        .where(alarm.incident_id == incident_id)
        .order_by(alarm.raised_at.desc(), alarm.alarm_id.desc())
        .limit(MAX_ALARMS_SHOWN)
    ).all()
    found = events(session, viewer, [one.event_id for one in alarms])
    done = session.scalars(
        scope.incident_history()
        .where(history.incident_id == incident_id)
        .order_by(history.entry_id.desc())
        .limit(MAX_HISTORY_SHOWN)
    ).all()
    return views.IncidentDetail(
        **shown.model_dump(),
        alarms=[views.AlarmView(alarm_id=one.alarm_id, event=found[one.event_id]) for one in alarms],
        history=[views.HistoryView.model_validate(row) for row in done],
    )


def events(session: Session, viewer: viewers.Viewer, event_ids: Sequence[UUID]) -> Mapping[UUID, views.EventView]:
    """Return the events of these ids, with their media."""
    statement = queries.visible_to(viewer).events().where(tables.Event.event_id.in_(event_ids))
    return {view.event_id: view for view in with_media(session, viewer, session.scalars(statement).all())}


def with_media(session: Session, viewer: viewers.Viewer, rows: Sequence[tables.Event]) -> list[views.EventView]:
    """Return the events' views, in order, with their media in the order of arrival."""
    media = tables.Media
    statement = queries.visible_to(viewer).media().where(media.event_id.in_([row.event_id for row in rows]))
    files: dict[UUID | None, list[tables.Media]] = collections.defaultdict(list)
    for file in session.scalars(statement.order_by(media.received_at, media.media_id)):
        files[file.event_id].append(file)
    return [views.event_of(row, files[row.event_id]) for row in rows]


def incident_of_event(session: Session, viewer: viewers.Viewer, event_id: UUID | None) -> UUID | None:
    """Return the incident that an event's alarm belongs to."""
    if event_id is None:
        return None
    row = session.scalar(queries.visible_to(viewer).alarms().where(tables.Alarm.event_id == event_id))
    return None if row is None else row.incident_id


def answer(request: Request, body: BaseModel) -> Response:
    """Return a view with its ETag, or 304 where the caller has it already."""
    text = body.model_dump_json().encode()
    tag = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in (known.strip() for known in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="application/json", headers=headers)


def _with_site(statement: Select[tables.Camera]) -> Select[Any]:
    return statement.join(tables.Agent, tables.Agent.agent_id == tables.Camera.agent_id).add_columns(tables.Agent.site)
