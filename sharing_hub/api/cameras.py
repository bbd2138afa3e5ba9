"""Cameras, as their agents told them last."""

from fastapi import APIRouter, Request, Response

from sharing_hub.api import callers, dependencies, pages, problems
from sharing_hub.services import browsing, views

ROUTER = APIRouter(prefix="/v1/cameras", tags=["cameras"], responses=problems.documented(401, 403))


@ROUTER.get("", operation_id="listCameras", response_model=views.Page[views.CameraView])
def list_cameras(hub: dependencies.HubHere, viewer: callers.TheViewer, request: Request) -> Response:
    """Return every camera, by site and name."""
    with hub.database.reading() as session:
        return pages.answer(request, views.Page[views.CameraView](items=browsing.cameras(session, viewer, hub.clock())))
