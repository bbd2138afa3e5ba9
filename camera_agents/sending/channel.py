"""The agent's WebSocket to the hub: live view and requests for recordings come in, access units and answers go out.

Invariants: nothing listens at the site; a camera is pushed only while this channel stands and the hub wants it; a request is
answered `accepted` only when it is durable.
"""

import asyncio
import collections
import contextlib
import datetime
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

import pydantic
import structlog
import websockets
from websockets.asyncio import client

from camera_agents import backoff, errors
from camera_agents.sending import delivery, hub_link, live_queue, outbox
from sharing_hub.wire import framing, v1

PATH = "/v1/agent/channel"
OPEN_TIMEOUT_S = 10.0
PING_S = 10.0
PONG_TIMEOUT_S = 20.0
MAX_COMMAND_BYTES = 64 * 1024
_UNSENT_BYTES = 128 * 1024
_TCP_NOTSENT_LOWAT = 25  # Linux; Python names it from 3.12 on

_log = structlog.get_logger(__name__)


class LiveTap(Protocol):
    """Where access units come from. Neither method may wait for a camera."""

    def start(self, camera_id: str, sink: Callable[[framing.AccessUnit], None]) -> v1.LiveState:
        """Give `sink` every unit since the last key frame at once and then each as it comes, if the camera can be played."""
        ...

    def stop(self, camera_id: str) -> None:
        """Call the sink no more."""
        ...


class Recordings(Protocol):
    """What the channel asks of the recordings."""

    def refusal(self, camera_id: str, starts_at: datetime.datetime, ends_at: datetime.datetime) -> str | None:
        """Return why nothing of that span can be given (unknown camera, nothing recorded), or None if something can."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """Where the channel goes and how it is opened.

    Attributes:
        hub_url: the hub's base address (http or https).
        tls: what wss connections are verified with.
        bearer: returns the Authorization header.
    """

    hub_url: str
    tls: ssl.SSLContext
    bearer: Callable[[], str]


@dataclass(frozen=True, slots=True)
class _Push:
    """A camera that is being watched."""

    queue: live_queue.LiveQueue
    task: asyncio.Task[None]


class Channel:
    """Keeps the channel open and serves it, one command at a time."""

    def __init__(
        self,
        door: Door,
        box: outbox.Outbox,
        live: LiveTap,
        recordings: Recordings,
        link: hub_link.HubLink,
        waits: backoff.Backoff,
    ) -> None:
        self._door = door
        self._box = box
        self._sender = delivery.Delivery(box)
        self._live = live
        self._recordings = recordings
        self._link = link
        self._waits = waits
        self._refusals = asyncio.Event()
        self._pushes: dict[str, _Push] = {}
        self._dropped: collections.Counter[str] = collections.Counter()
        self.connected = False

    def wake(self) -> None:
        """Take in that a range was given up: the hub is told."""
        self._refusals.set()

    def dropped(self) -> dict[str, int]:
        """Return how many access units were dropped for each camera, because the link was slower than the camera."""
        total = self._dropped.copy()
        for camera_id, push in list(self._pushes.items()):
            total[camera_id] += push.queue.dropped
        return dict(total)

    async def run(self) -> None:
        """Open the channel, serve it until it ends, and open it again."""
        while True:
            try:
                async with self._connect() as connection:
                    self._link.answered()
                    async with _long_enough(self._waits):
                        await self._serve(connection)
            except (OSError, TimeoutError, websockets.WebSocketException) as e:
                self._link.failed(_why(e))
            finally:
                self.connected = False
                await self._stop_all()
            await self._link.rest(self._waits.next_s())

    def _connect(self) -> client.connect:
        scheme, rest = self._door.hub_url.split("://", 1)
        return client.connect(
            f"{'wss' if scheme == 'https' else 'ws'}://{rest}{PATH}",
            additional_headers={"Authorization": self._door.bearer()},
            ssl=self._door.tls if scheme == "https" else None,
            compression=None,  # video does not get smaller
            open_timeout=OPEN_TIMEOUT_S,
            ping_interval=PING_S,
            ping_timeout=PONG_TIMEOUT_S,
            max_size=MAX_COMMAND_BYTES,
            proxy=None,
        )

    async def _serve(self, connection: client.ClientConnection) -> None:
        _bound_unsent(connection)
        self.connected = True
        self._refusals.set()
        teller = asyncio.create_task(self._tell_refusals(connection))
        try:
            async for text in connection:
                await self._obey(connection, text)
        finally:
            teller.cancel()
            await asyncio.gather(teller, return_exceptions=True)

    async def _obey(self, connection: client.ClientConnection, text: str | bytes) -> None:
        try:
            command = v1.HUB_COMMAND.validate_json(text)
        except pydantic.ValidationError:
            _log.warning("the hub sent a command this version does not know", bytes=len(text))
            return
        match command:
            case v1.LiveStart():
                await self._start(connection, command.camera_id)
            case v1.LiveStop():
                await self._stop(command.camera_id)
            case v1.RangeRequest():
                answer = await asyncio.to_thread(self._answer, command)
                await connection.send(answer.model_dump_json())

    def _answer(self, request: v1.RangeRequest) -> v1.RangeState:
        """Return `accepted` once the request is durable; a repeat is answered from what became of it."""
        known = self._box.range_state(request.request_id)
        if known is not None:
            return known
        refusal: str | None = "it ends before it starts"
        if request.starts_at < request.ends_at:
            refusal = self._recordings.refusal(request.camera_id, request.starts_at, request.ends_at)
        if refusal is not None:
            return v1.RangeState(request_id=request.request_id, state="refused", reason=refusal[:500])
        return self._box.commit_range(request)

    async def _tell_refusals(self, connection: client.ClientConnection) -> None:
        while True:
            await self._refusals.wait()
            self._refusals.clear()
            for refusal in await asyncio.to_thread(self._sender.refusals):
                await connection.send(refusal.model_dump_json())
                await asyncio.to_thread(self._sender.refusal_told, refusal.request_id)

    async def _start(self, connection: client.ClientConnection, camera_id: str) -> None:
        await self._stop(camera_id)  # asked twice: the hub begins anew and needs the last key frame again
        loop = asyncio.get_running_loop()
        came = asyncio.Event()
        queue = live_queue.LiveQueue(lambda: _signal(loop, came))
        state = await asyncio.to_thread(self._live.start, camera_id, queue.push)
        if state.playable:
            self._pushes[camera_id] = _Push(queue, asyncio.create_task(_push(connection, queue, came)))
        await connection.send(state.model_dump_json())

    async def _stop(self, camera_id: str) -> None:
        push = self._pushes.pop(camera_id, None)
        if push is None:
            return
        await asyncio.to_thread(self._live.stop, camera_id)
        push.task.cancel()
        await asyncio.gather(push.task, return_exceptions=True)
        self._dropped[camera_id] += push.queue.dropped

    async def _stop_all(self) -> None:
        for camera_id in list(self._pushes):
            await self._stop(camera_id)


@contextlib.asynccontextmanager
async def _long_enough(waits: backoff.Backoff) -> AsyncIterator[None]:
    """Count a channel that stood for a while as a success; one that the hub ends at once is a failure."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    try:
        yield
    finally:
        if loop.time() - began_s > PING_S:
            waits.reset()


async def _push(connection: client.ClientConnection, queue: live_queue.LiveQueue, came: asyncio.Event) -> None:
    while True:
        await came.wait()
        came.clear()
        while frame := queue.pop():
            await connection.send(frame)


def _signal(loop: asyncio.AbstractEventLoop, came: asyncio.Event) -> None:
    """Wake the sending task from a capture thread; a loop that is gone needs no waking."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(came.set)


def _bound_unsent(connection: client.ClientConnection) -> None:
    """Keep the system from taking seconds of video into its buffer on a slow link: the queue decides what is dropped."""
    sock = connection.transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _UNSENT_BYTES)


def _why(error: Exception) -> errors.HubError:
    if isinstance(error, websockets.InvalidStatus):
        return errors.HubUnauthorised(f"the channel was refused: {error}")
    return errors.HubUnreachable(f"the channel ended: {type(error).__name__} {error}".rstrip())
