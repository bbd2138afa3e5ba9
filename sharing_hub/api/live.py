"""Live view by WHEP: POST an SDP offer, get the answer; DELETE its Location to stop.

The look is on record before the answer, so before any picture. A camera that cannot be played (H.265, B-frames) is answered 409 with the
words of its agent; its clips can be.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, hidden_looks, media, problems, streams
from sharing_hub.domain import viewers
from sharing_hub.live import offers, relay
from sharing_hub.services import looks, views
from sharing_hub.wire import v1

ROUTER = APIRouter(prefix="/v1/live", tags=["live"], responses=problems.documented(401, 403, 404))
SDP = "application/sdp"
_PLAYABLE_CODECS = frozenset({"", "h264"})


@ROUTER.post(
    "/{camera_id}",
    operation_id="watchLive",
    status_code=201,
    response_class=Response,
    responses={**problems.documented(409, 422, 503), 201: {"content": {SDP: {}}, "description": "The SDP answer"}},
    openapi_extra={"requestBody": {"required": True, "content": {SDP: {"schema": {"type": "string"}}}}},
)
async def watch(
    hub: dependencies.HubHere,
    open_streams: streams.Here,
    viewer: callers.TheCaller,
    request: Request,
    camera_id: v1.CameraId,
    why: media.Why,
    purpose: media.Purpose = None,
    legal_basis: media.LegalBasis = None,
    incident_id: Annotated[UUID | None, Query(description="The incident it is watched for.")] = None,
) -> Response:
    """Answer a viewer's offer to receive one H.264 video."""
    offer = await offer_of(request)
    reason = looks.Reason(why, dependencies.source_address(request), purpose, legal_basis)
    subject = looks.Subject("live", camera_id, camera_id, incident_id)
    camera = await run_in_threadpool(_look, hub, open_streams, viewer, subject, reason)
    answer = await open_streams.relay.open(
        relay.Request(camera.agent_id, camera_id, _who(viewer), offer, _reached_at(request))
    )
    open_streams.watched(answer.viewing.viewing_id, viewer, subject, reason)
    headers = {"Location": f"/v1/live/views/{answer.viewing.viewing_id}", "Cache-Control": "no-store"}
    return Response(answer.sdp, 201, headers, SDP)


@ROUTER.delete("/views/{viewing_id}", operation_id="stopLive", status_code=204, response_class=Response)
async def stop(
    open_streams: streams.Here, viewer: callers.TheCaller, viewing_id: Annotated[str, Path(max_length=40)]
) -> None:
    """Stop a live view of this session; harmless when it has ended."""
    viewing = open_streams.find_view(viewing_id)
    if viewing is None or viewing.session_id != _who(viewer):
        raise errors.NotFound("no such live view in this session")
    await open_streams.end_view(viewing_id, "the viewer left")


def _who(viewer: viewers.Viewer) -> UUID:
    """Return what a live view belongs to: a person's session, or the system itself."""
    return viewer.session_id or viewer.operator_id


async def offer_of(request: Request) -> str:
    """Return the SDP offer that a request carries.

    Raises:
        Unprocessable, TooLarge: it carries none.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
        raise errors.Unprocessable(f"the body is an SDP offer, {SDP}")
    raw = await request.body()
    if len(raw) > offers.MAX_OFFER_CHARS:
        raise errors.TooLarge(f"an offer is at most {offers.MAX_OFFER_CHARS} bytes")
    return raw.decode("utf-8", errors="replace")


def _look(
    hub: hubs.Hub,
    open_streams: streams.OpenStreams,
    viewer: viewers.Viewer,
    subject: looks.Subject,
    reason: looks.Reason,
) -> views.CameraView:
    with hidden_looks.noted(hub, open_streams.hidden_looks, viewer, "live", subject.camera_id, reason):
        camera = media.camera_for(hub, viewer, subject.camera_id)
    if camera.codec.lower() not in _PLAYABLE_CODECS:
        raise relay.NotPlayable(f"{_name(camera.codec)} is not playable live yet; its clips are")
    media.counted(hub, viewer, subject, reason)
    return camera


def _name(codec: str) -> str:
    return "H.265" if codec.lower() in ("hevc", "h265") else codec.upper()


def _reached_at(request: Request) -> str:
    """Return the hub's address that the viewer connected to."""
    server = request.scope.get("server")
    return str(server[0]) if server else "127.0.0.1"
