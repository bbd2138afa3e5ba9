"""The newest packets of one stream in memory, so that a live viewer can begin at a key frame at once.

Invariant: what it holds begins with a key frame and is bounded in seconds and bytes; whole groups of pictures leave, the oldest first.
A group too large to hold alone is let go and counted.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from camera_agents.streams import packets


@dataclass(frozen=True, slots=True)
class RingLimits:
    """How much is kept: at most this many seconds and bytes."""

    seconds: float = 12.0
    max_bytes: int = 12 * 1024 * 1024


class Ring:
    """Filled by one capture thread, read by any."""

    def __init__(self, limits: RingLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._held: deque[packets.VideoPacket] = deque()
        self._bytes = 0
        self._sinks: tuple[Callable[[packets.VideoPacket], None], ...] = ()
        self.dropped = 0
        """Packets that could not be held: before the first key frame, or in a group larger than the ring."""

    def push(self, packet: packets.VideoPacket) -> None:
        """Add a packet and hand it to every listener."""
        with self._lock:
            if self._held and packet.format is not self._held[-1].format:
                self._clear()
            if not self._held and not packet.is_key:
                self.dropped += 1
            else:
                self._held.append(packet)
                self._bytes += len(packet.data)
                self._trim()
            for sink in self._sinks:
                sink(packet)

    def join(self, sink: Callable[[packets.VideoPacket], None]) -> None:
        """Give `sink` every packet since the last key frame now, and each later one as it comes; none twice, none left out.

        `sink` is called with the ring locked, on the capture thread: it must not block.
        """
        with self._lock:
            for packet in self._since_key():
                sink(packet)
            self._sinks = (*self._sinks, sink)

    def leave(self, sink: Callable[[packets.VideoPacket], None]) -> None:
        """Stop giving packets to `sink`; harmless when it never joined."""
        with self._lock:
            self._sinks = tuple(s for s in self._sinks if s is not sink)

    def since_key(self) -> list[packets.VideoPacket]:
        """Return the packets from the newest key frame on."""
        with self._lock:
            return self._since_key()

    def clear(self) -> None:
        """Forget everything held, as after a lost connection."""
        with self._lock:
            self._clear()

    @property
    def held_bytes(self) -> int:
        """Bytes of video held now."""
        return self._bytes

    @property
    def held_s(self) -> float:
        """Seconds of video held now."""
        with self._lock:
            return self._span_s()

    def _clear(self) -> None:
        self._held.clear()
        self._bytes = 0

    def _since_key(self) -> list[packets.VideoPacket]:
        newest: list[packets.VideoPacket] = []
        for packet in reversed(self._held):
            newest.append(packet)
            if packet.is_key:
                break
        return newest[::-1]

    def _span_s(self) -> float:
        return (self._held[-1].captured_us - self._held[0].captured_us) / 1e6 if self._held else 0.0

    def _too_much(self) -> bool:
        return self._bytes > self._limits.max_bytes or self._span_s() > self._limits.seconds

    def _trim(self) -> None:
        while self._held and self._too_much():
            self._drop_oldest_group()

    def _drop_oldest_group(self) -> None:
        alone = not any(packet.is_key for packet in list(self._held)[1:])
        while self._held:
            self._bytes -= len(self._held.popleft().data)
            self.dropped += alone
            if self._held and self._held[0].is_key:
                return
