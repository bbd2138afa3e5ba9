"""Events: everything the cameras reported, whether it made an alarm or not."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from sharing_hub import errors
from sharing_hub.api import callers, cursors, dependencies, problems, reading, views
from sharing_hub.store import queries, tables
from sharing_hub.wire import v1

ROUTER = APIRouter(prefix="/v1/events", tags=["events"], responses=problems.documented(401, 403, 422))


@ROUTER.get("", operation_id="listEvents", response_model=views.Page[views.EventView])
def list_events(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    request: Request,
    camera_id: Annotated[v1.CameraId | None, Query()] = None,
    kind: Annotated[v1.Kind | None, Query()] = None,
    since: Annotated[AwareDatetime | None, Query(description="Raised at or after.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Raised before.")] = None,
    limit: cursors.Limit = 50,
    before: cursors.Before = None,
) -> Response:
    """Return events, newest first."""
    table = tables.Event
    statement = queries.visible_to(viewer).events()
    if camera_id is not None:
        statement = statement.where(table.camera_id == camera_id)
    if kind is not None:
        statement = statement.where(table.kind == kind)
    if since is not None:
        statement = statement.where(table.raised_at >= since)
    if until is not None:
        statement = statement.where(table.raised_at < until)
    with hub.database.reading() as session:
        rows = session.scalars(cursors.page(statement, table.raised_at, table.event_id, before, limit)).all()
        items = reading.with_media(session, viewer, rows[:limit])
    following = cursors.after_row(items[-1].raised_at, items[-1].event_id) if len(rows) > limit else None
    return reading.answer(request, views.Page[views.EventView](items=items, next=following))


@ROUTER.get("/{event_id}", operation_id="getEvent", responses=problems.documented(404))
def get_event(hub: dependencies.HubHere, viewer: callers.TheViewer, event_id: UUID) -> views.EventView:
    """Return one event with its explanation and media."""
    with hub.database.reading() as session:
        found = reading.events(session, viewer, [event_id])
    if event_id not in found:
        raise errors.NotFound(f"no event {event_id}")
    return found[event_id]
