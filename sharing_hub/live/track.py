"""A camera's feed as aiortc's sender reads it: whole access units, never re-encoded."""

import asyncio
import fractions
from typing import Any

import aiortc
import aiortc.mediastreams
import av

from sharing_hub.live import feed

_CLOCK = fractions.Fraction(1, 90_000)


class CameraTrack(aiortc.MediaStreamTrack):
    """A camera's pictures as aiortc's sender asks for them."""

    kind = "video"

    def __init__(self, source: feed.Feed) -> None:
        super().__init__()
        self._source = source
        self._tail: feed.Tail | None = None

    async def recv(self) -> "av.Packet[Any]":
        """Return the next access unit, encoded.

        Raises:
            MediaStreamError: the feed has ended.
        """
        if self._tail is None:
            self._tail = self._source.join()
        else:
            await asyncio.sleep(0)  # a whole group of pictures may be waiting: let the others have their turn
        unit = await self._tail.next()
        if unit is None:
            raise aiortc.mediastreams.MediaStreamError
        packet = av.Packet(unit.data)
        packet.pts = unit.pts
        packet.time_base = _CLOCK
        return packet

    def stop(self) -> None:
        """Leave the feed."""
        super().stop()
        if self._tail is not None:
            self._source.leave(self._tail)
