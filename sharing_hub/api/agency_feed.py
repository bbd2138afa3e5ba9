"""What agencies pull: messages in order (the other way than webhooks), and their grants in force, renewed with one call."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from sharing_hub.api import callers, dependencies, pages, problems
from sharing_hub.gateway import cap
from sharing_hub.services import agency_feed, views

ROUTER = APIRouter(prefix="/v1/agency", tags=["agencies"], responses=problems.documented(401, 403, 422))
After = Annotated[
    int, Query(ge=0, le=2**53, description="The position of the last message that is known; 0: from the first.")
]


@ROUTER.get("/messages", operation_id="listMessages", response_model=views.Page[agency_feed.MessageView])
def list_messages(
    hub: dependencies.HubHere, caller: callers.TheCaller, request: Request, after: After = 0, limit: pages.Limit = 50
) -> Response:
    """Return what the agency was told, the oldest first; `next` is the `after` of the following page."""
    with hub.database.reading() as session:
        return pages.answer(request, agency_feed.messages(session, caller, after, limit))


@ROUTER.get(
    "/messages/{message_id}/cap",
    operation_id="getMessageAsCap",
    response_class=Response,
    responses={**problems.documented(404), 200: {"content": {cap.CONTENT_TYPE: {}}}},
)
def get_cap(hub: dependencies.HubHere, caller: callers.TheCaller, message_id: UUID) -> Response:
    """Return a message as a CAP 1.2 alert."""
    with hub.database.reading() as session:
        return Response(agency_feed.cap(session, caller, message_id), media_type=cap.CONTENT_TYPE)


@ROUTER.get("/grants", operation_id="listGrants")
def list_grants(hub: dependencies.HubHere, caller: callers.TheCaller) -> list[agency_feed.GrantView]:
    """Return what the caller may look at now, until when, and on what terms."""
    with hub.database.reading() as session:
        return agency_feed.in_force(session, caller, hub.clock())


@ROUTER.post("/grants/{grant_id}/renew", operation_id="renewGrant", responses=problems.documented(404, 409))
def renew_grant(hub: dependencies.HubHere, caller: callers.TheCaller, grant_id: UUID) -> agency_feed.GrantView:
    """Let a grant of an open incident last for another 20 minutes from now."""
    with hub.database.writing() as session:
        return agency_feed.renew(session, caller, grant_id, hub.clock())
