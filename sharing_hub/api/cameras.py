"""Cameras, as their agents told them last, and those around a place."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from sharing_hub import errors
from sharing_hub.api import callers, dependencies, pages, problems
from sharing_hub.domain import sight
from sharing_hub.services import browsing, views

ROUTER = APIRouter(prefix="/v1/cameras", tags=["cameras"], responses=problems.documented(401, 403))
Degrees = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]


@ROUTER.get("", operation_id="listCameras", response_model=views.Page[views.CameraView])
def list_cameras(hub: dependencies.HubHere, viewer: callers.TheViewer, request: Request) -> Response:
    """Return every camera, by site and name."""
    with hub.database.reading() as session:
        return pages.answer(request, views.Page[views.CameraView](items=browsing.cameras(session, viewer, hub.clock())))


@ROUTER.get("/near", operation_id="listCamerasNear", responses=problems.documented(422))
def list_near(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    latitude: Degrees,
    longitude: Degrees,
    within_m: Annotated[float, Query(ge=10, le=5000, description="Metres around the place.")] = 300.0,
) -> list[views.CameraNear]:
    """Return the cameras around a place (degrees of WGS 84): those that look at it first, then the nearest, 20 at most."""
    point = sight.Point(latitude, longitude)
    if not sight.is_possible(point):
        raise errors.Unprocessable(
            "the place is not in Korea: degrees of WGS 84, latitude 32 to 44, longitude 123 to 133"
        )
    with hub.database.reading() as session:
        found = hub.access.book(session)[1]
        return browsing.cameras_near(session, viewer, found, point, within_m, hub.clock())
