"""Events: everything the cameras reported, whether it made an alarm or not."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from sharing_hub.api import callers, dependencies, pages, problems
from sharing_hub.services import media_lists, occurrences, views
from sharing_hub.wire import v1

ROUTER = APIRouter(prefix="/v1/events", tags=["events"], responses=problems.documented(401, 403, 422))


@ROUTER.get("", operation_id="listEvents", response_model=views.Page[views.EventView])
def list_events(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    request: Request,
    camera_id: Annotated[v1.CameraId | None, Query()] = None,
    kind: Annotated[v1.Kind | None, Query()] = None,
    since: Annotated[pages.Time | None, Query(description="Raised at or after.")] = None,
    until: Annotated[pages.Time | None, Query(description="Raised before.")] = None,
    limit: pages.Limit = 50,
    before: pages.Before = None,
) -> Response:
    """Return events, newest first."""
    wanted = occurrences.EventFilter(camera_id, kind, since, until)
    with hub.database.reading() as session:
        page = occurrences.events(session, viewer, wanted, before, limit)
        items = media_lists.only_permitted(session, hub.access, viewer, page.items, None, hub.clock())
        return pages.answer(request, page.model_copy(update={"items": items}))


@ROUTER.get("/{event_id}", operation_id="getEvent", responses=problems.documented(404))
def get_event(hub: dependencies.HubHere, viewer: callers.TheViewer, event_id: UUID) -> views.EventView:
    """Return one event with its explanation and media."""
    with hub.database.reading() as session:
        event = occurrences.event(session, viewer, event_id)
        return media_lists.only_permitted(session, hub.access, viewer, [event], None, hub.clock())[0]
