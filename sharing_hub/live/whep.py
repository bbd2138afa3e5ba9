"""The live relay on aiortc: the camera's access units leave as they came, packetised for each viewer.

The order of the negotiation is proved in Chromium: codec preferences before the remote description (set later they are silently
ignored and a codec is chosen that nothing here can send), the viewer joins the feed when its first packet is asked for (DTLS is up), a
history long enough to resend a whole group of pictures.
A viewer that has not connected in time is closed.
"""

import asyncio
import collections
import dataclasses
import random
import secrets
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import aiortc
import aiortc.exceptions
import aiortc.rtcrtpsender
import structlog

from sharing_hub import bus
from sharing_hub.live import feed, network, offers, relay, track

HISTORY_PACKETS = 2048
"""aiortc's own 128 is less than a group of pictures: with 3 % loss most frames were lost, with 2048 none (2.7 MB a viewer)."""
CONNECT_TIMEOUT_S = 15.0
ENDED_KEPT = 1000

log = structlog.get_logger(__name__)


class _Camera:
    """A camera that is being watched: its feed, and who watches."""

    def __init__(self, agent_id: UUID, dropped: collections.Counter[str]) -> None:
        self.agent_id = agent_id
        self.feed = feed.Feed(dropped)
        self.viewings: set[str] = set()


class AiortcRelay:
    """Live view inside the hub's own process; every method is called on its event loop.

    Attributes:
        dropped: access units left out, by reason.
    """

    def __init__(
        self,
        source: relay.Source,
        changes: bus.Bus,
        settings: network.Network,
        max_viewers: int,
        chance: random.Random | None = None,
    ) -> None:
        aiortc.rtcrtpsender.RTP_HISTORY_SIZE = HISTORY_PACKETS  # type: ignore[attr-defined]
        self.dropped: collections.Counter[str] = collections.Counter()
        self.opened = 0
        self._source = source
        self._changes = changes
        self._network = settings
        self._max_viewers = max_viewers
        self._chance = chance or random.SystemRandom()
        self._locks: collections.defaultdict[str, asyncio.Lock] = collections.defaultdict(asyncio.Lock)
        self._cameras: dict[str, _Camera] = {}
        self._viewings: dict[str, relay.Viewing] = {}
        self._connections: dict[str, aiortc.RTCPeerConnection] = {}
        self._ended: collections.OrderedDict[str, relay.Viewing] = collections.OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._viewings)

    @property
    def cameras(self) -> int:
        """How many cameras are watched."""
        return len(self._cameras)

    async def open(self, request: relay.Request) -> relay.Answer:
        """Answer a viewer's offer; the look must be on record already.

        Raises:
            AgentAway, NotPlayable, OfferRefused, RelayFull: it cannot begin, and why.
        """
        offered = offers.read(request.offer)
        if len(self._viewings) >= self._max_viewers:
            raise relay.RelayFull(f"{self._max_viewers} viewers are watching already")
        viewing = relay.Viewing(secrets.token_urlsafe(16), request.camera_id, request.session_id)
        self._viewings[viewing.viewing_id] = viewing
        begun = False
        try:
            camera = await self._watched(request.agent_id, viewing)
            sdp = await self._negotiate(viewing, camera, offered, request.reached_at)
            begun = True
        finally:
            if not begun:
                await asyncio.shield(self._finish(viewing.viewing_id, "it could not begin"))
        self.opened += 1
        self._run(self._close_unconnected(viewing.viewing_id))
        return relay.Answer(viewing, sdp)

    async def close(self, viewing_id: str, reason: str) -> None:
        """End one viewing; harmless when it has ended."""
        await self._finish(viewing_id, reason)

    async def close_session(self, session_id: UUID, reason: str) -> None:
        """End every viewing of a login session."""
        for viewing in tuple(self._viewings.values()):
            if viewing.session_id == session_id:
                await self._finish(viewing.viewing_id, reason)

    def find(self, viewing_id: str) -> relay.Viewing | None:
        """Return a viewing that lasts or ended lately."""
        return self._viewings.get(viewing_id) or self._ended.get(viewing_id)

    def session_ids(self) -> frozenset[UUID]:
        """Return the login sessions that are watching something."""
        return frozenset(viewing.session_id for viewing in self._viewings.values())

    async def stop(self) -> None:
        """End everything."""
        for viewing_id in tuple(self._viewings):
            await self._finish(viewing_id, "the hub is stopping")
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _watched(self, agent_id: UUID, viewing: relay.Viewing) -> _Camera:
        """Return the camera with this viewer in it, pushing."""
        async with self._locks[viewing.camera_id]:
            self._require_open(viewing)
            camera = self._cameras.get(viewing.camera_id)
            if camera is None or camera.feed.ended is not None:
                camera = _Camera(agent_id, self.dropped)
                self._cameras[viewing.camera_id] = camera
                camera.viewings.add(viewing.viewing_id)
                await self._start(agent_id, viewing, camera)
            self._require_open(viewing)
            camera.viewings.add(viewing.viewing_id)
            return camera

    async def _start(self, agent_id: UUID, viewing: relay.Viewing, camera: _Camera) -> None:
        """Have the camera pushed; one that does not begin is taken out of the books while the lock is held: the next viewer asks anew."""
        pushing = False
        try:
            state = await self._source.start(agent_id, viewing.camera_id, _FeedSink(self, viewing.camera_id, camera))
            if not state.playable:
                raise relay.NotPlayable(state.reason or "the camera's stream cannot be played live")
            pushing = True
        finally:
            if not pushing:
                self._leave(viewing)

    def _require_open(self, viewing: relay.Viewing) -> None:
        if viewing.viewing_id not in self._viewings:
            raise relay.AgentAway("the live view was ended while it began")

    async def _negotiate(
        self, viewing: relay.Viewing, camera: _Camera, offered: aiortc.RTCSessionDescription, reached_at: str
    ) -> str:
        connection = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        self._connections[viewing.viewing_id] = connection
        sender = connection.addTrack(track.CameraTrack(camera.feed))
        network.confine(sender, self._network, reached_at, self._chance)
        transceiver = connection.getTransceivers()[0]
        transceiver.direction = "sendonly"  # or an offer to send would have the hub decode what a viewer sends
        transceiver.setCodecPreferences(offers.h264_codecs())

        @connection.on("connectionstatechange")
        def _changed() -> None:
            if connection.connectionState in ("failed", "closed"):
                self._run(self._finish(viewing.viewing_id, "the viewer's connection ended"))

        try:
            await connection.setRemoteDescription(offered)
            answer = await connection.createAnswer()
            if answer is None or not offers.is_h264(answer.sdp):
                raise relay.OfferRefused("the browser did not offer H.264, which is what cameras send")
            await connection.setLocalDescription(answer)
        except (ValueError, aiortc.exceptions.InvalidStateError, aiortc.exceptions.OperationError) as e:
            raise relay.OfferRefused("the offer cannot be answered: no codec or no transport in common") from e
        return connection.localDescription.sdp

    async def _close_unconnected(self, viewing_id: str) -> None:
        await asyncio.sleep(CONNECT_TIMEOUT_S)
        connection = self._connections.get(viewing_id)
        if connection is not None and connection.connectionState != "connected":
            await self._finish(viewing_id, "the viewer could not reach the hub's UDP ports")

    async def _finish(self, viewing_id: str, reason: str) -> None:
        """End a viewing: out of the books first, so that it happens once, then the connection."""
        viewing = self._viewings.pop(viewing_id, None)
        if viewing is None:
            return
        self._ended[viewing_id] = dataclasses.replace(viewing, ended=reason)
        while len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)
        self._leave(viewing)
        self._changes.publish("live", viewing_id)
        log.info("live view ended", camera_id=viewing.camera_id, viewing_id=viewing_id[:6], reason=reason)
        connection = self._connections.pop(viewing_id, None)
        if connection is not None:
            await connection.close()

    def _leave(self, viewing: relay.Viewing) -> None:
        """Take the viewer off its camera; the last one stops the push."""
        camera = self._cameras.get(viewing.camera_id)
        if camera is None:
            return
        camera.viewings.discard(viewing.viewing_id)
        if not camera.viewings:
            del self._cameras[viewing.camera_id]
            if camera.feed.ended is None:
                camera.feed.end("the last viewer left")
                self._source.stop(camera.agent_id, viewing.camera_id)

    def lost(self, camera_id: str, camera: _Camera, reason: str) -> None:
        """The camera's pictures stopped: end all that watch it."""
        camera.feed.end(reason)
        if self._cameras.get(camera_id) is camera:
            for viewing_id in tuple(camera.viewings):
                self._run(self._finish(viewing_id, reason))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _FeedSink:
    """A camera's feed as the channel sees it."""

    def __init__(self, owner: AiortcRelay, camera_id: str, camera: _Camera) -> None:
        self._owner = owner
        self._camera_id = camera_id
        self._camera = camera

    def push(self, unit: Any) -> None:
        """Take the next unit."""
        self._camera.feed.push(unit)

    def gone(self, reason: str) -> None:
        """No more units will come."""
        self._owner.lost(self._camera_id, self._camera, reason)
