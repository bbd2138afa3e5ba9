"""The agencies' names for doors that others use too: pictures, live view, requests for video, and their packages, all below /v1/agency.

They are the same functions, so that a rule that holds at one holds at the other.
"""

from fastapi import APIRouter, Response

from sharing_hub.api import live, media, packages, problems, requests
from sharing_hub.services import media_lists, views

ROUTER = APIRouter(prefix="/v1/agency", tags=["agencies"], responses=problems.documented(401, 403, 404, 422))
ROUTER.add_api_route(
    "/media", media.list_media, operation_id="listAgencyMedia", response_model=views.Page[media_lists.ListedView]
)
ROUTER.add_api_route(
    "/media/{media_id}",
    media.get_media,
    operation_id="getAgencyMedia",
    response_class=Response,
    responses={**problems.documented(416), 200: {"content": {"video/mp4": {}, "image/jpeg": {}}}},
)
ROUTER.add_api_route(
    "/live/{camera_id}",
    live.watch,
    methods=["POST"],
    operation_id="watchAgencyLive",
    status_code=201,
    response_class=Response,
    responses={**problems.documented(409, 503), 201: {"content": {live.SDP: {}}, "description": "The SDP answer"}},
    openapi_extra={"requestBody": {"required": True, "content": {live.SDP: {"schema": {"type": "string"}}}}},
)
ROUTER.add_api_route(
    "/requests",
    requests.request_video,
    methods=["POST"],
    operation_id="requestAgencyVideo",
    status_code=201,
    response_model=requests.RequestView,
)
ROUTER.add_api_route(
    "/requests", requests.list_requests, operation_id="listAgencyRequests", response_model=list[requests.RequestView]
)
ROUTER.add_api_route(
    "/requests/{request_id}",
    requests.get_request,
    operation_id="getAgencyRequest",
    response_model=requests.RequestView,
)
ROUTER.add_api_route(
    "/requests/{request_id}/recordings/{recording_id}/package",
    packages.get_package,
    operation_id="getAgencyPackage",
    response_class=Response,
    responses={**problems.documented(409), 200: {"content": {"application/zip": {}}}},
)
