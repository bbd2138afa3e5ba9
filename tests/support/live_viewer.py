"""A WebRTC viewer of its own for tests of real processes: it offers, decodes what it gets in a thread, and says when the last picture came."""

import asyncio
import random
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import aiortc
import aiortc.mediastreams
import httpx

from sharing_hub.live import network

ANSWER_WITHIN_S = 60.0


class LiveViewer:
    """One viewer; a context manager.

    Attributes:
        frames: pictures decoded so far.
        last_at: when the last one was, as `time.monotonic` has it; 0.0 before the first.
        ended: the hub ended the view.
    """

    def __init__(self) -> None:
        self.frames = 0
        self.last_at = 0.0
        self.ended = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="live viewer")
        self._peer: aiortc.RTCPeerConnection | None = None
        self._counting: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop).result(ANSWER_WITHIN_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def watch(self, post: Callable[[str], httpx.Response]) -> httpx.Response:
        """Offer to watch, and take the answer where there is one.

        Args:
            post: sends the offer (SDP) and returns what the hub answers.
        """
        return asyncio.run_coroutine_threadsafe(self._watch(post), self._loop).result(ANSWER_WITHIN_S)

    async def _watch(self, post: Callable[[str], httpx.Response]) -> httpx.Response:
        self._peer = peer = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        transceiver = peer.addTransceiver("video", direction="recvonly")
        network.confine(transceiver.sender, network.Network(), "127.0.0.1", random.Random(1))
        await peer.setLocalDescription(await peer.createOffer())
        answer = await asyncio.to_thread(post, peer.localDescription.sdp)
        if answer.status_code == 201:
            await peer.setRemoteDescription(aiortc.RTCSessionDescription(answer.text, "answer"))
            self._counting = asyncio.create_task(self._count(transceiver.receiver.track))
        return answer

    async def _count(self, track: Any) -> None:
        try:
            while True:
                await track.recv()
                self.frames, self.last_at = self.frames + 1, time.monotonic()
        except aiortc.mediastreams.MediaStreamError:
            self.ended.set()

    async def _leave(self) -> None:
        if self._peer is not None:
            await self._peer.close()
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.gather(self._counting, return_exceptions=True)
