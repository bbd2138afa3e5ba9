"""Recorded video of any time: asked of the camera's agent, delivered as a media file."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, hidden_looks, media, pages, problems, streams
from sharing_hub.domain import viewers
from sharing_hub.services import browsing, looks, recordings, views
from sharing_hub.wire import v1

ROUTER = APIRouter(prefix="/v1/recordings", tags=["recordings"], responses=problems.documented(401, 403, 422))


class Wanted(BaseModel):
    """Which recording, and why."""

    model_config = ConfigDict(extra="forbid")

    camera_id: v1.CameraId
    starts_at: pages.Time
    ends_at: pages.Time
    why: Annotated[str, Field(min_length=1, max_length=looks.MAX_WHY_CHARACTERS)]
    purpose: Annotated[str | None, Field(max_length=40)] = None
    legal_basis: Annotated[str | None, Field(max_length=40)] = None
    incident_id: UUID | None = None


@ROUTER.post("", operation_id="requestRecording", status_code=202, responses=problems.documented(404))
async def request_recording(
    hub: dependencies.HubHere, open_streams: streams.Here, viewer: callers.TheViewer, request: Request, wanted: Wanted
) -> views.RecordingView:
    """Ask the camera's agent for a span of up to an hour; on record as a look. It is sent again until the agent has it."""
    address = dependencies.source_address(request)
    agent_id, command, view = await run_in_threadpool(_request, hub, open_streams, viewer, wanted, address)
    open_streams.channels.send(agent_id, command)
    return view


@ROUTER.get("", operation_id="listRecordings")
def list_recordings(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    camera_id: Annotated[v1.CameraId | None, Query()] = None,
    limit: pages.Limit = 50,
    before: pages.Before = None,
) -> views.Page[views.RecordingView]:
    """Return what was asked for, newest first."""
    with hub.database.reading() as session:
        return browsing.recordings(session, viewer, camera_id, before, limit)


@ROUTER.get("/{request_id}", operation_id="getRecording", responses=problems.documented(404))
def get_recording(hub: dependencies.HubHere, viewer: callers.TheViewer, request_id: UUID) -> views.RecordingView:
    """Return how far a request is, and its media file once it is ready."""
    with hub.database.reading() as session:
        return browsing.recording(session, viewer, request_id)


def _request(
    hub: hubs.Hub, open_streams: streams.OpenStreams, viewer: viewers.Viewer, wanted: Wanted, source_address: str
) -> tuple[UUID, v1.RangeRequest, views.RecordingView]:
    reason = looks.Reason(wanted.why, source_address, wanted.purpose, wanted.legal_basis)
    with hidden_looks.noted(hub, open_streams.hidden_looks, viewer, "request", wanted.camera_id, reason):
        media.camera_for(hub, viewer, wanted.camera_id)
    subject = looks.Subject(
        "request", wanted.camera_id, wanted.camera_id, wanted.incident_id, recorded_at=wanted.starts_at
    )
    look = media.counted(hub, viewer, subject, reason)
    span = (wanted.starts_at, wanted.ends_at)
    with hub.database.writing() as session:
        row = recordings.request(session, viewer, wanted.camera_id, span, wanted.why.strip(), look.at)
        return row.agent_id, recordings.command(row), views.RecordingView.model_validate(row)
