"""Pictures that stay at another hub: stills, clips and live views that it lets this one see.

Each look is decided and put on record here first, then asked for there, where it is decided and put on record too.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import httpx
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, live, media, peer_asking, problems, streams
from sharing_hub.client import answers
from sharing_hub.domain import actions, viewers
from sharing_hub.gateway import peers
from sharing_hub.services import looks, peer_cases

ROUTER = APIRouter(prefix="/v1", tags=["other hubs"], responses=problems.documented(401, 403, 404, 422, 503))
FORMS: dict[str, tuple[looks.Action, actions.Action]] = {
    "still": ("still", "ViewStill"),
    "masked_still": ("masked_still", "ViewStill"),
    "clip": ("clip", "ViewRecorded"),
    "range": ("range", "ViewRecorded"),
}
_MASKED: dict[str | None, actions.MaskLevel] = {None: "none", "regions": "people_and_plates", "whole": "whole"}
_TYPES = frozenset({"video/mp4", "image/jpeg"})
_PASSED_ON = ("ETag", "Accept-Ranges", "Content-Length", "Content-Range", "Content-Type")
CameraName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="As the other hub calls it.")]


@ROUTER.get(
    "/incidents/{incident_id}/peers/{agency_id}/media/{media_id}",
    operation_id="getLentMedia",
    response_class=Response,
    responses={
        **problems.documented(416),
        200: {"content": {"video/mp4": {}, "image/jpeg": {}}},
        206: {"description": "A range of it"},
    },
)
def get_lent(
    hub: dependencies.HubHere,
    open_streams: streams.Here,
    viewer: callers.TheViewer,
    request: Request,
    incident_id: UUID,
    agency_id: peer_asking.AgencyId,
    media_id: UUID,
    why: media.Why,
) -> Response:
    """Pass on the bytes of a still or clip that stays at another hub; the look is on record here before it is asked for there."""
    case, peer = peer_asking.case(hub, viewer, incident_id, agency_id)
    found = peer_asking.pictures(hub, case, peer)
    file = next((one for one in found.media if one.media_id == media_id and one.form in FORMS), None)
    if file is None:
        raise errors.NotFound(f"{case.agency_id} shows no file {media_id} of this incident")
    reason = looks.Reason(why.strip(), dependencies.source_address(request))
    subject = _subject(case, found, file, hub.clock())
    media.look_once(hub, open_streams.playbacks, viewer, subject, reason)
    wanted = {name: request.headers[name] for name in ("Range", "If-Range") if name in request.headers}
    answer = peer_asking.asked(hub, peer, lambda: peer.hub.open_media(media_id, _why(viewer, reason.why), wanted))
    return _passed_on(hub, answer, viewer, subject, reason)


@ROUTER.post(
    "/incidents/{incident_id}/peers/{agency_id}/live/{camera_id}",
    operation_id="watchLentLive",
    status_code=201,
    response_class=Response,
    responses={**problems.documented(409), 201: {"content": {live.SDP: {}}, "description": "The SDP answer"}},
    openapi_extra={"requestBody": {"required": True, "content": {live.SDP: {"schema": {"type": "string"}}}}},
)
async def watch_lent(
    hub: dependencies.HubHere,
    open_streams: streams.Here,
    viewer: callers.TheViewer,
    request: Request,
    incident_id: UUID,
    agency_id: peer_asking.AgencyId,
    camera_id: CameraName,
    why: media.Why,
) -> Response:
    """Pass a viewer's offer on to the hub whose camera it is; DELETE the answer's Location to stop."""
    offer = await live.offer_of(request)
    reason = looks.Reason(why.strip(), dependencies.source_address(request))
    subject, peer = await run_in_threadpool(_look_live, hub, viewer, (incident_id, agency_id, camera_id), reason)

    def ask() -> tuple[str, str]:
        return peer_asking.asked(hub, peer, lambda: peer.hub.watch(camera_id, offer, _why(viewer, reason.why)))

    session_id = viewer.session_id or viewer.operator_id
    answer = await open_streams.peer_views.open(peer, subject.camera_id, session_id, ask)
    open_streams.watched(answer.viewing.viewing_id, viewer, subject, reason)
    headers = {"Location": f"/v1/live/views/{answer.viewing.viewing_id}", "Cache-Control": "no-store"}
    return Response(answer.sdp, 201, headers, live.SDP)


def _look_live(
    hub: hubs.Hub, viewer: viewers.Viewer, where: tuple[UUID, str, str], reason: looks.Reason
) -> tuple[looks.Subject, peers.Peer]:
    incident_id, agency_id, camera_id = where
    case, peer = peer_asking.case(hub, viewer, incident_id, agency_id)
    found = peer_asking.pictures(hub, case, peer, fresh=True)
    name = peer_asking.camera_here(case, camera_id)
    lent = peer_cases.lent(case, found.shared, found.grants, name, "ViewLive", hub.clock())
    subject = looks.Subject("live", name, name, case.incident_id, lent=lent)
    media.counted(hub, viewer, subject, reason)
    return subject, peer


def _subject(case: peer_cases.Case, found: peers.Pictures, file: answers.Media, now: datetime) -> looks.Subject:
    form, action = FORMS[file.form]
    name = peer_asking.camera_here(case, file.camera_id)
    lent = peer_cases.lent(case, found.shared, found.grants, name, action, now)
    masked = _MASKED.get(file.masking, "none")
    return looks.Subject(form, name, str(file.media_id), case.incident_id, masked, file.starts_at, lent)


def _why(viewer: viewers.Viewer, why: str) -> str:
    """Return what the other hub puts on record: who looks, for it knows only which hub asks."""
    return f"{viewer.name}: {why}"[: looks.MAX_WHY_CHARACTERS]


def _passed_on(
    hub: hubs.Hub, answer: httpx.Response, viewer: viewers.Viewer, subject: looks.Subject, reason: looks.Reason
) -> Response:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind not in _TYPES:
        answer.close()
        raise errors.Busy("the other hub sends what is neither a still nor a clip", 30)
    headers = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}

    def goes_on(now: datetime) -> bool:
        return looks.still_permitted(hub.database, hub.access, viewer, subject, reason, now)

    body = media.counted_bytes(hub, subject.action, _pieces(answer), goes_on)
    return StreamingResponse(body, answer.status_code, {**headers, "Cache-Control": "private, no-store"})


def _pieces(answer: httpx.Response) -> Iterator[bytes]:
    """Yield what arrives; where the other hub ends it early, this ends early too, and the connection breaks as its length was promised."""
    try:
        yield from answer.iter_raw(64 * 1024)
    except httpx.HTTPError:
        return
    finally:
        answer.close()
