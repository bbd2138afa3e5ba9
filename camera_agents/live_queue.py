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
        self._units: collections.deque[framing.AccessUnit] = collections.deque()
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

    def pop(self) -> framing.AccessUnit | None:
        """Return the next unit to send, or None."""
        with self._lock:
            if not self._units:
                return None
            unit = self._units.popleft()
            self._bytes -= len(unit.data)
            return unit

    def _add(self, unit: framing.AccessUnit) -> bool:
        size = len(unit.data)
        if not 0 < size <= framing.MAX_UNIT_BYTES:
            self._until_key = True
            return False
        if unit.is_key:
            if self._behind(unit):
                self._clear()
            self._until_key = False
        elif self._until_key or self._bytes + size > self._max_bytes:
            self._until_key = True
            return False
        self._units.append(unit)
        self._bytes += size
        return True

    def _behind(self, unit: framing.AccessUnit) -> bool:
        """Say whether what waits is too old or too much when the key frame `unit` comes."""
        if not self._units:
            return False
        lag_us = unit.captured_us - self._units[0].captured_us
        return lag_us > self._max_lag_us or self._bytes + len(unit.data) > self._max_bytes

    def _clear(self) -> None:
        self.dropped += len(self._units)
        self._units.clear()
        self._bytes = 0
