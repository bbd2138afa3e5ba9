"""The agents' door: enrolment, events, heartbeat and media. (Their channel is in `live`.)

Every answer is sent after what it acknowledges is durable; every request may be repeated.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import dependencies, messages
from sharing_hub.services import agents, cameras, ingest, media
from sharing_hub.wire import v1

ROUTER = APIRouter(prefix="/v1/agent", tags=["agents"])

log = structlog.get_logger(__name__)


async def the_agent(hub: dependencies.HubHere, authorization: Annotated[str, Header()] = "") -> agents.Caller:
    """Return the agent that calls, proved by its bearer token.

    One row is read on the event loop: a reader never waits for the writer (WAL), and a thread would cost more than the read.

    Raises:
        Unauthenticated: no token, or a wrong one.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise errors.Unauthenticated("an agent's request carries `Authorization: Bearer TOKEN`")
    try:
        with hub.database.reading() as session:
            return agents.authenticate(session, token.strip(), hub.clock())
    except errors.Unauthenticated:
        hub.counters.add("agent_tokens_refused")
        raise


TheAgent = Annotated[agents.Caller, Depends(the_agent)]


@ROUTER.post("/enrolment", openapi_extra=messages.documented(v1.EnrolmentRequest))
def enrol(
    hub: dependencies.HubHere,
    request: Annotated[v1.EnrolmentRequest, Depends(messages.body_of(v1.EnrolmentRequest))],
) -> v1.EnrolmentReply:
    """Take a site's key against a one-time secret."""
    with hub.database.writing() as session:
        agent_id = agents.enrol(session, request, hub.clock())
    log.info("agent enrolled", agent_id=str(agent_id), site=request.site)
    authority = _text(hub.settings.authority_dir / "authority.pem")
    return v1.EnrolmentReply(agent_id=agent_id, authority_pem=authority)


@ROUTER.post("/events", response_model=v1.BatchReply, openapi_extra=messages.documented(v1.EventBatch))
async def take_events(
    hub: dependencies.HubHere,
    agent: TheAgent,
    batch: Annotated[v1.EventBatch, Depends(messages.body_of(v1.EventBatch))],
) -> Response:
    """Store a batch; answered after the commit, each report and ending on its own."""
    delivery = ingest.Delivery(agent.agent_id, batch, hub.clock())
    reply = await asyncio.wrap_future(hub.ingest.submit(delivery))
    return Response(reply.model_dump_json(), media_type="application/json")


@ROUTER.post("/heartbeat", openapi_extra=messages.documented(v1.Heartbeat))
def take_heartbeat(
    hub: dependencies.HubHere,
    agent: TheAgent,
    beat: Annotated[v1.Heartbeat, Depends(messages.body_of(v1.Heartbeat))],
) -> v1.HeartbeatReply:
    """Take in what an agent says of itself and its cameras."""
    now = hub.clock()
    with hub.database.writing() as session:
        refused = cameras.hear(session, agent.agent_id, beat, now)
    hub.counters.add("cameras_refused", cameras.FOREIGN_CAMERA, len(refused))
    return v1.HeartbeatReply(hub_at=now, refused=refused)


@ROUTER.post("/media", openapi_extra=messages.documented(v1.SignedManifest))
def announce_media(
    hub: dependencies.HubHere,
    agent: TheAgent,
    signed: Annotated[v1.SignedManifest, Depends(messages.body_of(v1.SignedManifest))],
) -> v1.UploadStatus:
    """Take in what a media file will be, and answer how far its upload is."""
    manifest = signed.manifest
    with hub.database.writing() as session:
        media.announce(session, agent, signed, hub.clock())
    status = _status(hub, agent, manifest.media_id)
    if not status.complete:
        _require_room(hub, manifest.length_bytes - status.offset_bytes)
    return status


@ROUTER.patch("/media/{media_id}", responses={409: {"model": v1.UploadStatus}})
async def take_media(
    hub: dependencies.HubHere,
    agent: TheAgent,
    media_id: UUID,
    request: Request,
    upload_offset: Annotated[int, Header(ge=0)],
) -> JSONResponse:
    """Add at most 4 MiB of application/octet-stream to an upload, at the offset the hub holds."""
    data = await request.body()
    if len(data) > v1.MAX_CHUNK_BYTES:
        raise errors.TooLarge(f"a chunk is at most {v1.MAX_CHUNK_BYTES} bytes")
    try:
        status = await run_in_threadpool(_append, hub, agent, media_id, upload_offset, data)
    except errors.OffsetConflict as conflict:
        status = v1.UploadStatus(media_id=media_id, offset_bytes=conflict.offset_bytes, complete=False)
        return JSONResponse(status.model_dump(mode="json"), 409)
    return JSONResponse(status.model_dump(mode="json"))


def _append(hub: hubs.Hub, agent: agents.Caller, media_id: UUID, offset_bytes: int, data: bytes) -> v1.UploadStatus:
    status = _status(hub, agent, media_id)
    if status.complete:
        return status
    with hub.database.reading() as session:
        manifest = media.manifest_of(session, agent, media_id)[0].manifest
    _require_room(hub, len(data))
    with _wrong_bytes_counted(hub):
        whole = media.append(hub.blobs, manifest, offset_bytes, data)
    if whole:
        return _completed(hub, manifest)
    return v1.UploadStatus(media_id=media_id, offset_bytes=offset_bytes + len(data), complete=False)


def _status(hub: hubs.Hub, agent: agents.Caller, media_id: UUID) -> v1.UploadStatus:
    """Return how far an upload is, and finish one that a kill left whole and without its row."""
    with hub.database.reading() as session:
        signed, complete = media.manifest_of(session, agent, media_id)
        manifest = signed.manifest
        held = manifest.length_bytes if complete else media.held_bytes(session, hub.blobs, agent.agent_id, manifest)
    if complete or held < manifest.length_bytes:
        return v1.UploadStatus(media_id=media_id, offset_bytes=held, complete=complete)
    with _wrong_bytes_counted(hub):
        media.finish(hub.blobs, manifest)
    return _completed(hub, manifest)


def _completed(hub: hubs.Hub, manifest: v1.MediaManifest) -> v1.UploadStatus:
    with hub.database.writing() as session:
        media.complete(session, manifest.media_id, hub.clock())
    hub.counters.add("media_stored", manifest.form)
    return v1.UploadStatus(media_id=manifest.media_id, offset_bytes=manifest.length_bytes, complete=True)


@contextmanager
def _wrong_bytes_counted(hub: hubs.Hub) -> Iterator[None]:
    try:
        yield
    except errors.Unprocessable:
        hub.counters.add("media_refused", "wrong bytes")
        raise


def _require_room(hub: hubs.Hub, length_bytes: int) -> None:
    try:
        media.require_room(hub.blobs, length_bytes, hub.settings.media.min_free_bytes)
    except errors.DiskFull:
        hub.counters.add("media_refused", "disk nearly full")
        raise


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None
