"""GET /v1/stream: what changes, as server-sent events, until the session ends.

Events: `incident` (IncidentView), `camera` (CameraView), `media` (ids and form), `live_ended` (a live view of this session, and why), `resync`
(something was missed: read everything anew). A browser that reconnects names the last event it has and gets what it missed, or `resync`.
Invariant: a slow browser holds a bounded number of changes here, is then told to resync, and never slows another.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Header
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse

from sharing_hub import bus as buses
from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, problems, streams
from sharing_hub.domain import viewers
from sharing_hub.services import views

ROUTER = APIRouter(prefix="/v1/stream", tags=["live updates"], responses=problems.documented(401, 403, 503))
HEARTBEAT_S = 10
RECONNECT_MS = 2000
SEND_TIMEOUT_S = 20.0
MAX_STREAMS = 500


class LiveEnded(views.View):
    """A live view of this session ended."""

    viewing_id: str
    camera_id: str
    reason: str


@ROUTER.get(
    "",
    operation_id="followChanges",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events until the session ends"}},
)
async def follow(
    hub: dependencies.HubHere,
    open_streams: streams.Here,
    viewer: callers.TheViewer,
    last_event_id: Annotated[str | None, Header(max_length=60)] = None,
) -> EventSourceResponse:
    """Follow what changes."""
    if not viewers.sees_rows(viewer):
        raise errors.Refused(f"the role {viewer.role} does not see alarms")
    if open_streams.event_streams >= MAX_STREAMS:
        hub.counters.add("event_streams_refused", "too many")
        raise errors.Busy(f"{MAX_STREAMS} event streams are open", 10)
    return EventSourceResponse(
        _events(hub, open_streams, viewer, last_event_id),
        ping=HEARTBEAT_S,
        send_timeout=SEND_TIMEOUT_S,
        headers={"Cache-Control": "no-store"},
    )


async def _events(
    hub: hubs.Hub, open_streams: streams.OpenStreams, viewer: viewers.Viewer, last: str | None
) -> AsyncGenerator[ServerSentEvent, None]:
    assert viewer.session_id is not None  # noqa: S101 - a request's viewer has a session
    subscription, missed = _subscribe(hub.bus, last)
    ending = open_streams.enter(viewer.session_id, viewer.role)
    try:
        yield ServerSentEvent(comment="following", retry=RECONNECT_MS)
        if missed:
            yield ServerSentEvent("{}", event="resync")
        while not ending.ended.is_set():
            try:
                changes = await _next(subscription, ending)
            except buses.Lagged:
                hub.counters.add("event_streams_resynced", "too slow")
                subscription, _ = _subscribe(hub.bus, None)
                yield ServerSentEvent("{}", event="resync")
                continue
            for change in changes:
                event = await _event(hub, open_streams, viewer, change)
                if event is not None:
                    yield event
    finally:
        open_streams.leave(ending)
        subscription.close()


async def _next(subscription: buses.Subscription, ending: streams.Ending) -> tuple[buses.Change, ...]:
    """Wait for changes, or for the end of the session (then there are none)."""
    loop = asyncio.get_running_loop()
    changes, ended = loop.create_task(subscription.next()), loop.create_task(ending.ended.wait())
    try:
        await asyncio.wait({changes, ended}, return_when=asyncio.FIRST_COMPLETED)
        return changes.result() if changes.done() else ()
    finally:
        changes.cancel()
        ended.cancel()


async def _event(
    hub: hubs.Hub, open_streams: streams.OpenStreams, viewer: viewers.Viewer, change: buses.Change
) -> ServerSentEvent | None:
    event_id = f"{hub.bus.epoch}-{change.number}"
    if change.topic != "live":
        text = await open_streams.changes.text(change, viewer)
        return None if text is None else ServerSentEvent(text, event=change.topic, id=event_id)
    viewing = open_streams.find_view(change.key)
    if viewing is None or viewing.ended is None or viewing.session_id != viewer.session_id:
        return None
    told = LiveEnded(viewing_id=viewing.viewing_id, camera_id=viewing.camera_id, reason=viewing.ended)
    return ServerSentEvent(told.model_dump_json(), event="live_ended", id=event_id)


def _subscribe(bus: buses.Bus, last: str | None) -> tuple[buses.Subscription, bool]:
    """Return a subscription after the last event a browser has, and whether it missed something."""
    if last is None:
        return bus.subscribe(), False
    epoch, _, number = last.partition("-")
    if epoch == bus.epoch and number.isascii() and number.isdigit() and len(number) < 18:
        try:
            return bus.subscribe(after=int(number)), False
        except buses.Lagged:
            pass
    return bus.subscribe(), True
