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
from sharing_hub.api import callers, dependencies, playbacks, problems, ranges, streams
from sharing_hub.domain import viewers
from sharing_hub.services import browsing, looks

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
    with hub.database.reading() as session:
        file = browsing.file(session, viewer, media_id)
    _look(hub, open_streams.playbacks, viewer, file, why, dependencies.source_address(request))
    tag = f'"{file.sha256}"'
    span = ranges.wanted(request.headers.get("range"), request.headers.get("if-range"), tag, file.length_bytes)
    if span is None:
        return problems.answer(
            416, "The range is not in the file", f"it has {file.length_bytes} bytes",
            {"Content-Range": f"bytes */{file.length_bytes}"},
        )  # fmt: skip
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Length": str(span.length),
        "Content-Disposition": f'inline; filename="{_file_name(file)}"',
    }
    if not span.is_whole:
        headers["Content-Range"] = span.content_range
    body = hub.blobs.read(file.sha256, span.start, span.length)
    return StreamingResponse(
        _counted(hub, file.form, body), 200 if span.is_whole else 206, headers, media_type=file.mime
    )


def _look(
    hub: hubs.Hub,
    played: playbacks.Playbacks,
    viewer: viewers.Viewer,
    file: browsing.File,
    why: str,
    source_address: str,
) -> None:
    now, why = hub.clock(), why.strip()
    if viewers.sees_pictures(viewer) and played.goes_on(viewer, file.media_id, why, now):
        return
    form: looks.Action = file.form  # type: ignore[assignment]
    subject = looks.Subject(form, file.camera_id, str(file.media_id), file.incident_id)
    counted(hub, viewer, subject, why, source_address)
    played.began(viewer, file.media_id, why, now)


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


def _file_name(file: browsing.File) -> str:
    return f"{file.camera_id}-{file.starts_at:%Y%m%dT%H%M%SZ}-{file.form}.{_ENDINGS.get(file.mime, 'bin')}"
