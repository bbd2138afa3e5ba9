"""What the agent decided goes to the hub from here: one thread, one asyncio loop. Invariant: it never makes a commit wait.

Alarms go the moment they are committed; media follow by rank and stand aside between chunks; heartbeats and the channel run beside them.
A failure waits with jitter; the hub's coming back, seen by any of them, ends the waiting of the others.
"""

import asyncio
import contextlib
import datetime
import random
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from camera_agents import backoff, errors
from camera_agents.sending import (
    alarm_sender,
    channel,
    delivery,
    heartbeat,
    hub_client,
    hub_link,
    identity,
    media_retention,
    media_sender,
    mediastore,
    outbox,
)

HEARTBEAT_LEAST_S = 0.2
"""A flapping camera does not cause more than five heartbeats a second."""
TIDY_S = 60.0
RESTART_S = 5.0
LAST_HEARTBEAT_S = 2.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MediaSide:
    """What the uplink asks of the part that holds the cameras."""

    status: heartbeat.Status
    live: channel.LiveTap
    recordings: channel.Recordings


@dataclass(frozen=True, slots=True)
class Settings:
    """How the uplink behaves.

    Attributes:
        running: told to the hub.
        retry_base_s, retry_cap_s: the first wait after a failure is up to the one, later ones up to the other.
    """

    running: heartbeat.Running
    heartbeat_s: float = 10.0
    retry_base_s: float = 0.5
    retry_cap_s: float = 15.0
    keeping: media_retention.Keeping = field(default_factory=media_retention.Keeping)


@dataclass(frozen=True, slots=True)
class HubState:
    """How the connection to the hub stands.

    Attributes:
        reachable: None before the first attempt ended.
        clock_offset_s: how far the hub's clock is ahead of the agent's.
        refused_cameras: cameras that belong to another agent.
    """

    reachable: bool | None
    last_error: str
    channel_open: bool
    clock_offset_s: float
    refused_cameras: tuple[str, ...]


class Uplink:
    """The agent's connection to its hub.

    Args:
        me, box, store: who sends, what, and where the files are. Before the cameras start, the owner calls `store.clear_drafts()`.
        media_side: what it asks of the cameras' side.
        clock: the agent's UTC.
    """

    def __init__(
        self,
        me: identity.Identity,
        box: outbox.Outbox,
        store: mediastore.MediaStore,
        media_side: MediaSide,
        settings: Settings,
        clock: Callable[[], datetime.datetime],
    ) -> None:
        self._box = box
        self._store = store
        self._status = media_side.status
        self._settings = settings
        self._clock = clock
        self._sender = delivery.Delivery(box)
        self._hub_clock = hub_client.HubClock(clock)
        self._link = hub_link.HubLink()
        self._hub = hub_client.HttpHub(me, self._hub_clock)
        self._media = media_sender.MediaSender(self._hub, self._sender, self._link, self._waits())
        self._alarms = alarm_sender.AlarmSender(self._hub, self._sender, self._link, self._waits(), self._media.wake)
        door = channel.Door(me.hub_url, me.tls(), self._hub.bearer)
        self._channel = channel.Channel(door, box, media_side.live, media_side.recordings, self._link, self._waits())
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._drain_s = 0.0
        self._refused: tuple[str, ...] = ()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="uplink", daemon=True)
        self.restarts = 0
        box.listen(self._heard)

    def start(self) -> None:
        """Begin to send, in a thread of its own."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Send the alarms that still wait for at most `timeout_s`, then end; return whether all of them went."""
        self._drain_s = timeout_s
        self._call(self._stopping.set)
        if self._thread.ident is not None:
            self._thread.join(timeout_s + LAST_HEARTBEAT_S + channel.OPEN_TIMEOUT_S)
        backlog = self._box.backlog(self._clock())
        return backlog.events == 0 and not self._thread.is_alive()

    def status_changed(self) -> None:
        """Send a heartbeat now: a camera's state changed. From any thread."""
        self._call(self._changed.set)

    def state(self) -> HubState:
        """Return how the connection stands. From any thread."""
        return HubState(
            self._link.reachable,
            self._link.last_error,
            self._channel.connected,
            self._hub_clock.offset_s,
            self._refused,
        )

    def _waits(self) -> backoff.Backoff:
        return backoff.Backoff(self._settings.retry_base_s, self._settings.retry_cap_s, random.SystemRandom())

    def _heard(self, topic: outbox.Topic) -> None:
        """Wake the part that a commit concerns; called in the thread that committed."""
        wakes = {"event": self._alarms.wake, "media": self._media.wake, "refusal": self._channel.wake}
        if topic in wakes:
            self._call(wakes[topic])

    def _call(self, wake: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop ended between the look and the call: nothing to wake
                loop.call_soon_threadsafe(wake)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        parts = {
            "alarms": self._alarms.run,
            "media": self._media.run,
            "channel": self._channel.run,
            "heartbeat": self._beat,
            "tidy": self._tidy,
        }
        tasks = [asyncio.create_task(self._keep_running(name, run)) for name, run in parts.items()]
        try:
            await self._stopping.wait()
            await self._drain()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._hub.close()
            self._loop = None

    async def _drain(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._drain_s):
                await self._alarms.drained()
        with contextlib.suppress(TimeoutError, errors.AgentError):
            async with asyncio.timeout(min(LAST_HEARTBEAT_S, self._drain_s)):
                await self._send_heartbeat()

    async def _keep_running(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run a part for ever: this is the uplink's supervisor."""
        while True:
            try:
                await run()
            except Exception:
                self.restarts += 1
                _log.exception("a part of the uplink failed and is started again", part=name)
                await asyncio.sleep(RESTART_S)

    async def _beat(self) -> None:
        while True:
            try:
                await self._send_heartbeat()
            except errors.HubError as e:
                self._link.failed(e)
            await asyncio.sleep(HEARTBEAT_LEAST_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.heartbeat_s - HEARTBEAT_LEAST_S):
                    await self._changed.wait()
            self._changed.clear()

    async def _send_heartbeat(self) -> None:
        beat = await asyncio.to_thread(
            heartbeat.build, self._status, self._box, self._channel.dropped(), self._settings.running, self._clock()
        )
        reply = await self._hub.send_heartbeat(beat)
        self._link.answered()
        if reply.refused and reply.refused != self._refused:
            _log.warning("cameras belong to another agent at the hub", cameras=reply.refused)
        self._refused = reply.refused

    async def _tidy(self) -> None:
        while True:
            await asyncio.to_thread(
                media_retention.tidy, self._sender, self._store, self._settings.keeping, self._clock()
            )
            await asyncio.sleep(TIDY_S)
