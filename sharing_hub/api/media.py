"""Stills, clips and ranges: bytes that leave only after the look is on record.

What is on screen is never stored by a cache (`no-store`), or a second look would leave no trace.
"""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, playbacks, problems, ranges, reading, streams
from sharing_hub.domain import viewers
from sharing_hub.services import looks
from sharing_hub.store import queries, tables

ROUTER = APIRouter(prefix="/v1/media", tags=["media"], responses=problems.documented(401, 403, 404, 416, 422))
_ENDINGS = {"video/mp4": "mp4", "image/jpeg": "jpg"}
Why = Annotated[
    str, Query(min_length=1, max_length=looks.MAX_WHY_CHARACTERS, description="Why you look; kept on record.")
]


@ROUTER.get(
    "/{media_id}",
    operation_id="getMedia",
    response_class=Response,
    responses={200: {"content": {"video/mp4": {}, "image/jpeg": {}}}, 206: {"description": "A range of it"}},
)
def get_media(
    hub: dependencies.HubHere,
    open_streams: streams.Here,
    viewer: callers.TheViewer,
    request: Request,
    media_id: UUID,
    why: Why,
) -> Response:
    """Return the bytes of a still, clip or range; the look is on record before the first."""
    row = _visible(hub, viewer, media_id)
    _look(hub, open_streams.playbacks, viewer, row, why, dependencies.source_address(request))
    tag = f'"{row.sha256}"'
    span = ranges.wanted(request.headers.get("range"), request.headers.get("if-range"), tag, row.length_bytes)
    if span is None:
        return problems.answer(
            416, "The range is not in the file", f"it has {row.length_bytes} bytes",
            {"Content-Range": f"bytes */{row.length_bytes}"},
        )  # fmt: skip
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Length": str(span.length),
        "Content-Disposition": f'inline; filename="{_file_name(row)}"',
    }
    if not span.is_whole:
        headers["Content-Range"] = span.content_range
    body = hub.blobs.read(row.sha256, span.start, span.length)
    return StreamingResponse(_counted(hub, row.form, body), 200 if span.is_whole else 206, headers, media_type=row.mime)


def _visible(hub: hubs.Hub, viewer: viewers.Viewer, media_id: UUID) -> tables.Media:
    with hub.database.reading() as session:
        row = session.scalar(queries.visible_to(viewer).media().where(tables.Media.media_id == media_id))
    if row is None:
        raise errors.NotFound(f"no media file {media_id}")
    if row.deleted_at is not None:
        raise errors.NotFound(
            f"the file was deleted at {row.deleted_at.isoformat()}, when its time of keeping was over"
        )
    return row


def _look(
    hub: hubs.Hub, played: playbacks.Playbacks, viewer: viewers.Viewer, row: tables.Media, why: str, source_address: str
) -> None:
    now, why = hub.clock(), why.strip()
    if viewers.sees_pictures(viewer) and played.goes_on(viewer, row.media_id, why, now):
        return
    with hub.database.reading() as session:
        incident_id = reading.incident_of_event(session, viewer, row.event_id)
    form: looks.Action = row.form  # type: ignore[assignment]
    subject = looks.Subject(form, row.camera_id, str(row.media_id), incident_id)
    counted(hub, viewer, subject, why, source_address)
    played.began(viewer, row.media_id, why, now)


def counted(hub: hubs.Hub, viewer: viewers.Viewer, subject: looks.Subject, why: str, source_address: str) -> looks.Look:
    """Pass `looks.look`, and count how it decided."""
    try:
        look = looks.look(hub.database, viewer, subject, why, source_address, hub.clock())
    except errors.Refused:
        hub.counters.add("looks", "denied")
        raise
    hub.counters.add("looks", "permitted")
    return look


def _counted(hub: hubs.Hub, form: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        hub.counters.add("media_bytes_sent", form, len(piece))
        yield piece


def _file_name(row: tables.Media) -> str:
    return f"{row.camera_id}-{row.starts_at:%Y%m%dT%H%M%SZ}-{row.form}.{_ENDINGS.get(row.mime, 'bin')}"
