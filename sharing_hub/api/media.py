"""Stills, clips and ranges: bytes that leave only after the look is on record.

What is on screen is never stored by a cache (`no-store`), or a second look would leave no trace.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, hidden_looks, pages, playbacks, problems, ranges, streams
from sharing_hub.domain import viewers
from sharing_hub.services import browsing, looks, media_lists, views
from sharing_hub.wire import v1

ROUTER = APIRouter(prefix="/v1/media", tags=["media"], responses=problems.documented(401, 403, 404, 416, 422))
_ENDINGS = {"video/mp4": "mp4", "image/jpeg": "jpg"}
RECHECK_AFTER = timedelta(seconds=0.5)
"""A file that is being sent is asked about again after this long: what was revoked stops, however slowly it is fetched."""
Purpose = Annotated[
    str | None,
    Query(max_length=40, description="A purpose of the district's list; default: that of the grant or the incident."),
]
LegalBasis = Annotated[
    str | None,
    Query(max_length=40, description="A legal basis of the list; default: that of the grant or the incident."),
]
Why = Annotated[
    str, Query(min_length=1, max_length=looks.MAX_WHY_CHARACTERS, description="Why you look; kept on record.")
]


@ROUTER.get("", operation_id="listMedia")
def list_media(
    hub: dependencies.HubHere,
    viewer: callers.TheCaller,
    camera_id: Annotated[v1.CameraId | None, Query()] = None,
    incident_id: Annotated[UUID | None, Query()] = None,
    limit: pages.Limit = 50,
    before: pages.Before = None,
) -> views.Page[media_lists.ListedView]:
    """Return media files, newest first: to an agency those that it may look at now. A page may be short and still have a next one."""
    with hub.database.reading() as session:
        return media_lists.page(session, hub.access, viewer, camera_id, before, limit, hub.clock(), incident_id)


@ROUTER.get(
    "/{media_id}",
    operation_id="getMedia",
    response_class=Response,
    responses={200: {"content": {"video/mp4": {}, "image/jpeg": {}}}, 206: {"description": "A range of it"}},
)
def get_media(
    hub: dependencies.HubHere,
    open_streams: streams.Here,
    viewer: callers.TheCaller,
    request: Request,
    media_id: UUID,
    why: Why,
    purpose: Purpose = None,
    legal_basis: LegalBasis = None,
) -> Response:
    """Return the bytes of a still, clip or range; the look is on record before the first."""
    reason = looks.Reason(why.strip(), dependencies.source_address(request), purpose, legal_basis)
    with hidden_looks.noted(hub, open_streams.hidden_looks, viewer, "media", str(media_id), reason):
        file = _found(hub, viewer, media_id)
    subject = subject_of(file)
    look_once(hub, open_streams.playbacks, viewer, subject, reason)
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

    def goes_on(now: datetime) -> bool:
        return looks.still_permitted(hub.database, hub.access, viewer, subject, reason, now)

    status = 200 if span.is_whole else 206
    return StreamingResponse(counted_bytes(hub, file.form, body, goes_on), status, headers, media_type=file.mime)


def _found(hub: hubs.Hub, viewer: viewers.Viewer, media_id: UUID) -> browsing.File:
    with hub.database.reading() as session:
        return browsing.file(session, viewer, media_id)


def camera_for(hub: hubs.Hub, viewer: viewers.Viewer, camera_id: str) -> views.CameraView:
    """Return a camera that the viewer may know of.

    Raises:
        NotFound: no such camera for this viewer.
    """
    with hub.database.reading() as session:
        return browsing.camera(session, viewer, camera_id, hub.clock())


def subject_of(file: browsing.File) -> looks.Subject:
    """Return what is looked at in a file."""
    form: looks.Action = file.form  # type: ignore[assignment]
    return looks.Subject(form, file.camera_id, str(file.media_id), file.incident_id, file.masked, file.starts_at)


def counted(hub: hubs.Hub, viewer: viewers.Viewer, subject: looks.Subject, reason: looks.Reason) -> looks.Look:
    """Pass `looks.look`, and count how it decided."""
    try:
        look = looks.look(hub.database, hub.access, viewer, subject, reason, hub.clock())
    except errors.Refused:
        hub.counters.add("looks", "denied")
        raise
    hub.counters.add("looks", "permitted")
    return look


def look_once(
    hub: hubs.Hub, played: playbacks.Playbacks, viewer: viewers.Viewer, subject: looks.Subject, reason: looks.Reason
) -> None:
    """Put the look on record, unless it continues one that is, and may go on."""
    now = hub.clock()
    if played.goes_on(viewer, subject, reason, now) and looks.still_permitted(
        hub.database, hub.access, viewer, subject, reason, now
    ):
        return
    counted(hub, viewer, subject, reason)
    played.began(viewer, subject, reason, now)


def counted_bytes(
    hub: hubs.Hub, form: str, pieces: Iterator[bytes], goes_on: Callable[[datetime], bool]
) -> Iterator[bytes]:
    """Yield the pieces while they may be seen; what ends early breaks the connection, for its length was promised."""
    asked_at = hub.clock()
    for piece in pieces:
        now = hub.clock()
        if now - asked_at >= RECHECK_AFTER:
            if not goes_on(now):
                hub.counters.add("looks_ended", form)
                return
            asked_at = now
        hub.counters.add("media_bytes_sent", form, len(piece))
        yield piece


def _file_name(file: browsing.File) -> str:
    return f"{file.camera_id}-{file.starts_at:%Y%m%dT%H%M%SZ}-{file.form}.{_ENDINGS.get(file.mime, 'bin')}"
