"""Recorded video of any time: asked of the camera's agent, delivered as a media file."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import callers, cursors, dependencies, media, problems, reading, streams, views
from sharing_hub.domain import viewers
from sharing_hub.services import looks, recordings
from sharing_hub.store import queries, tables
from sharing_hub.wire import v1

ROUTER = APIRouter(prefix="/v1/recordings", tags=["recordings"], responses=problems.documented(401, 403, 422))


class Wanted(BaseModel):
    """Which recording, and why."""

    model_config = ConfigDict(extra="forbid")

    camera_id: v1.CameraId
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    why: Annotated[str, Field(min_length=1, max_length=looks.MAX_WHY_CHARACTERS)]


@ROUTER.post("", operation_id="requestRecording", status_code=202, responses=problems.documented(404))
async def request_recording(
    hub: dependencies.HubHere, open_streams: streams.Here, viewer: callers.TheViewer, request: Request, wanted: Wanted
) -> views.RecordingView:
    """Ask the camera's agent for a span of up to an hour; on record as a look. It is sent again until the agent has it."""
    address = dependencies.source_address(request)
    row = await run_in_threadpool(_request, hub, viewer, wanted, address)
    open_streams.channels.send(row.agent_id, recordings.command(row))
    return views.RecordingView.model_validate(row)


@ROUTER.get("", operation_id="listRecordings")
def list_recordings(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    camera_id: Annotated[v1.CameraId | None, Query()] = None,
    limit: cursors.Limit = 50,
    before: cursors.Before = None,
) -> views.Page[views.RecordingView]:
    """Return what was asked for, newest first."""
    table = tables.RecordingRequest
    statement = queries.visible_to(viewer).recordings()
    if camera_id is not None:
        statement = statement.where(table.camera_id == camera_id)
    with hub.database.reading() as session:
        rows = session.scalars(cursors.page(statement, table.requested_at, table.request_id, before, limit)).all()
    items = [views.RecordingView.model_validate(row) for row in rows[:limit]]
    following = cursors.after_row(items[-1].requested_at, items[-1].request_id) if len(rows) > limit else None
    return views.Page[views.RecordingView](items=items, next=following)


@ROUTER.get("/{request_id}", operation_id="getRecording", responses=problems.documented(404))
def get_recording(hub: dependencies.HubHere, viewer: callers.TheViewer, request_id: UUID) -> views.RecordingView:
    """Return how far a request is, and its media file once it is ready."""
    table = tables.RecordingRequest
    with hub.database.reading() as session:
        row = session.scalar(queries.visible_to(viewer).recordings().where(table.request_id == request_id))
    if row is None:
        raise errors.NotFound(f"no recording request {request_id}")
    return views.RecordingView.model_validate(row)


def _request(hub: hubs.Hub, viewer: viewers.Viewer, wanted: Wanted, source_address: str) -> tables.RecordingRequest:
    with hub.database.reading() as session:
        reading.camera(session, viewer, wanted.camera_id)
    subject = looks.Subject("request", wanted.camera_id, wanted.camera_id)
    look = media.counted(hub, viewer, subject, wanted.why, source_address)
    span = (wanted.starts_at, wanted.ends_at)
    with hub.database.writing() as session:
        return recordings.request(session, viewer, wanted.camera_id, span, wanted.why.strip(), look.at)
