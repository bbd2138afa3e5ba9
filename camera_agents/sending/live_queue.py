"""Access units between a capture thread and a link that may be slower. Invariant: what leaves the queue can be decoded from its first key frame on.

When the link falls behind, units are dropped up to the next key frame, never from the middle of what is still to be sent, and counted.
"""

import collections
import threading
from collections.abc import Callable

from sharing_hub.wire import framing

MAX_BYTES = 4 * 1024 * 1024
MAX_LAG_S = 2.0


class LiveQueue:
    """A bounded queue for one camera.

    Args:
        on_unit: called after a unit was added, in the thread that pushed it; must return at once.
    """

    def __init__(self, on_unit: Callable[[], None], max_bytes: int = MAX_BYTES, max_lag_s: float = MAX_LAG_S) -> None:
        self._on_unit = on_unit
        self._max_bytes = max_bytes
        self._max_lag_us = int(max_lag_s * 1e6)
        self._lock = threading.Lock()
        self._frames: collections.deque[tuple[int, bytes]] = collections.deque()
        self._bytes = 0
        self._until_key = True
        self.dropped = 0

    def push(self, unit: framing.AccessUnit) -> None:
        """Add a unit, or drop it; never waits."""
        with self._lock:
            added = self._add(unit)
            self.dropped += not added
        if added:
            self._on_unit()

    def pop(self) -> bytes | None:
        """Return the frame to send next, or None."""
        with self._lock:
            if not self._frames:
                return None
            _, frame = self._frames.popleft()
            self._bytes -= len(frame)
            return frame

    def _add(self, unit: framing.AccessUnit) -> bool:
        try:
            frame = framing.pack(unit)
        except framing.FramingError:
            self._until_key = True
            return False
        if unit.is_key:
            if self._is_behind(unit.captured_us, len(frame)):
                self._clear()
            self._until_key = False
        elif self._until_key or self._bytes + len(frame) > self._max_bytes:
            self._until_key = True
            return False
        self._frames.append((unit.captured_us, frame))
        self._bytes += len(frame)
        return True

    def _is_behind(self, captured_us: int, length_bytes: int) -> bool:
        """Say whether what waits is too old or too much when a key frame comes."""
        if not self._frames:
            return False
        lag_us = captured_us - self._frames[0][0]
        return lag_us > self._max_lag_us or self._bytes + length_bytes > self._max_bytes

    def _clear(self) -> None:
        self.dropped += len(self._frames)
        self._frames.clear()
        self._bytes = 0
