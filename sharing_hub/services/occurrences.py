"""What operators read of incidents and events, scoped to who reads."""

import collections
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import incidents as domain
from sharing_hub.domain import viewers
from sharing_hub.services import cursors, folding, views
from sharing_hub.store import queries, sharing_tables, tables

MAX_ALARMS_SHOWN = 50
MAX_HISTORY_SHOWN = 100
MAX_CAMERAS_SHOWN = 50
Which = Literal["open", "decided", "unfinished", "shelved", "all"]
"""open: nobody decided yet, and not put aside; decided: the others; unfinished: open, and real and being dealt with; shelved: put aside."""
_STATES = {
    "open": domain.OPEN_STATES,
    "decided": domain.DECIDED_STATES,
    "unfinished": domain.UNFINISHED_STATES,
    "shelved": domain.UNFINISHED_STATES,
}


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; None = all.

    Attributes:
        since: raised at or after.
        until: raised before.
    """

    camera_id: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def incidents(
    session: Session, viewer: viewers.Viewer, which: Which, before: str | None, limit: int, now: datetime
) -> views.IncidentPage:
    """Return incidents, the latest opened first, and whether alarms flood in."""
    table, statement = tables.Incident, _incident_rows(viewer)
    if which != "all":
        statement = statement.where(table.state.in_(_STATES[which]))
    if which in ("open", "shelved") and viewers.is_of_district(viewer):
        statement = statement.where(table.shelved_until.is_(None) == (which == "open"))
    rows = session.execute(cursors.page(statement, table.opened_at, table.incident_id, before, limit)).all()
    items = [views.incident_of(row, name, site, viewer) for row, name, site in rows[:limit]]
    following = cursors.after_row(items[-1].opened_at, items[-1].incident_id) if len(rows) > limit else None
    return views.IncidentPage(items=items, next=following, flood=folding.is_flood(session, now))


def incident(session: Session, viewer: viewers.Viewer, incident_id: UUID) -> views.IncidentView:
    """Return one incident.

    Raises:
        NotFound: no such incident for this viewer.
    """
    found = session.execute(_incident_rows(viewer).where(tables.Incident.incident_id == incident_id)).first()
    if found is None:
        raise errors.NotFound(f"no incident {incident_id}")
    row, name, site = found
    return views.incident_of(row, name, site, viewer)


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
    found = _events_of(session, viewer, [one.event_id for one in alarms])
    done = session.scalars(
        scope.incident_history()
        .where(history.incident_id == incident_id)
        .order_by(history.entry_id.desc())
        .limit(MAX_HISTORY_SHOWN)
    ).all()
    cameras = session.scalars(
        select(tables.Event.camera_id)
        .join(alarm, alarm.event_id == tables.Event.event_id)
        .where(alarm.incident_id == incident_id)
        .group_by(tables.Event.camera_id)
        .order_by(func.min(alarm.raised_at), tables.Event.camera_id)
        .limit(MAX_CAMERAS_SHOWN)
    ).all()
    share = sharing_tables.IncidentShare
    shared = session.scalars(scope.shares().where(share.incident_id == incident_id).order_by(share.shared_at)).all()
    return views.IncidentDetail(
        **shown.model_dump(),
        cameras=cameras,
        shares=[views.ShareView.model_validate(row) for row in shared],
        alarms=[views.AlarmView(alarm_id=one.alarm_id, event=found[one.event_id]) for one in alarms],
        history=[views.HistoryView.model_validate(row) for row in done],
    )


def events(
    session: Session, viewer: viewers.Viewer, wanted: EventFilter, before: str | None, limit: int
) -> views.Page[views.EventView]:
    """Return events with their media, newest first."""
    table, statement = tables.Event, queries.visible_to(viewer).events()
    if wanted.camera_id is not None:
        statement = statement.where(table.camera_id == wanted.camera_id)
    if wanted.kind is not None:
        statement = statement.where(table.kind == wanted.kind)
    if wanted.since is not None:
        statement = statement.where(table.raised_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(table.raised_at < wanted.until)
    rows = session.scalars(cursors.page(statement, table.raised_at, table.event_id, before, limit)).all()
    items = _with_media(session, viewer, rows[:limit])
    following = cursors.after_row(items[-1].raised_at, items[-1].event_id) if len(rows) > limit else None
    return views.Page[views.EventView](items=items, next=following)


def event(session: Session, viewer: viewers.Viewer, event_id: UUID) -> views.EventView:
    """Return one event with its explanation and media.

    Raises:
        NotFound: no such event for this viewer.
    """
    found = _events_of(session, viewer, [event_id])
    if event_id not in found:
        raise errors.NotFound(f"no event {event_id}")
    return found[event_id]


def _incident_rows(viewer: viewers.Viewer) -> Select[Any]:
    """Return the statement for incidents with their camera's name and site, where they have one."""
    camera, agent = tables.Camera, tables.Agent
    return (
        queries.visible_to(viewer)
        .incidents()
        .outerjoin(camera, camera.camera_id == tables.Incident.camera_id)
        .outerjoin(agent, agent.agent_id == camera.agent_id)
        .add_columns(camera.name, agent.site)
    )


def _events_of(session: Session, viewer: viewers.Viewer, event_ids: Sequence[UUID]) -> Mapping[UUID, views.EventView]:
    statement = queries.visible_to(viewer).events().where(tables.Event.event_id.in_(event_ids))
    return {view.event_id: view for view in _with_media(session, viewer, session.scalars(statement).all())}


def _with_media(session: Session, viewer: viewers.Viewer, rows: Sequence[tables.Event]) -> list[views.EventView]:
    """Return the events' views, in order, with their media in the order of arrival."""
    media = tables.Media
    statement = queries.visible_to(viewer).media().where(media.event_id.in_([row.event_id for row in rows]))
    files: dict[UUID | None, list[tables.Media]] = collections.defaultdict(list)
    for file in session.scalars(statement.order_by(media.received_at, media.media_id)):
        files[file.event_id].append(file)
    return [views.event_of(row, files[row.event_id]) for row in rows]
