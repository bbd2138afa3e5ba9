"""The record of looks: rows for administrators and auditors, never a picture."""

from fastapi import APIRouter

from sharing_hub.api import callers, dependencies, pages, problems
from sharing_hub.services import browsing, views

ROUTER = APIRouter(prefix="/v1/looks", tags=["looks"], responses=problems.documented(401, 403, 422))


@ROUTER.get("", operation_id="listLooks")
def list_looks(
    hub: dependencies.HubHere, viewer: callers.TheViewer, limit: pages.Limit = 100, before: pages.Before = None
) -> views.Page[views.LookView]:
    """Return who looked at what, when, why and from where, newest first."""
    with hub.database.reading() as session:
        return browsing.looks(session, viewer, before, limit)
