"""One camera's access units on their way to its viewers.

Invariants: a viewer that joins is given every unit since the last key frame, with the original time stamps, before what follows (a key
frame followed by later pictures only shows damaged ones); memory is bounded per camera and per viewer; what is left out is counted.
"""

import asyncio
import collections
import dataclasses

from sharing_hub.wire import framing

MAX_GROUP_UNITS = 900
MAX_GROUP_BYTES = 24 * 1024 * 1024
MAX_WAITING_UNITS = MAX_GROUP_UNITS + 300
LARGEST_STEP = 10 * 90_000
"""Time stamps that jump by more than this (or back) come from a restarted stream and are joined to the earlier ones."""
JOIN_STEP = 90_000 // 15


class Feed:
    """The pictures since the last key frame, and the viewers that follow.

    Attributes:
        dropped: units left out, by reason.
        units_in: units received.
    """

    def __init__(self, dropped: collections.Counter[str]) -> None:
        self.dropped = dropped
        self.units_in = 0
        self.ended: str | None = None
        self._group: list[framing.AccessUnit] = []
        self._group_bytes = 0
        self._last_in: int | None = None
        self._shift = 0
        self._tails: dict[Tail, None] = {}

    def push(self, unit: framing.AccessUnit) -> None:
        """Take the next unit and hand it to everyone who follows."""
        self.units_in += 1
        unit = self._in_step(unit)
        if unit.is_key:
            self._group, self._group_bytes = [], 0
        elif not self._group:
            self.dropped["no_key_frame"] += 1
            return
        self._group.append(unit)
        self._group_bytes += len(unit.data)
        for tail in self._tails:
            tail.offer(unit)
        if len(self._group) > MAX_GROUP_UNITS or self._group_bytes > MAX_GROUP_BYTES:
            # Nobody can join until the next key frame; those who follow miss the rest of this group too.
            self.dropped["group_too_long"] += 1
            self._group, self._group_bytes = [], 0

    def join(self) -> "Tail":
        """Follow from the last key frame on."""
        tail = Tail(self, self._group)
        if self.ended is None:
            self._tails[tail] = None
        else:
            tail.end()
        return tail

    def leave(self, tail: "Tail") -> None:
        """Stop following; harmless when repeated."""
        self._tails.pop(tail, None)

    def end(self, reason: str) -> None:
        """No more units: wake everyone who waits."""
        self.ended = reason
        for tail in tuple(self._tails):
            tail.end()
        self._tails.clear()

    def _in_step(self, unit: framing.AccessUnit) -> framing.AccessUnit:
        """Return the unit with a time that goes on from the last one, also after the camera's stream began anew."""
        if self._last_in is not None and not 0 <= unit.pts - self._last_in <= LARGEST_STEP:
            self._shift += self._last_in + JOIN_STEP - unit.pts
        self._last_in = unit.pts
        return dataclasses.replace(unit, pts=unit.pts + self._shift) if self._shift else unit


class Tail:
    """One viewer's units that are not sent yet; used by one asyncio task."""

    def __init__(self, feed: Feed, group: list[framing.AccessUnit]) -> None:
        self._feed = feed
        self._waiting: collections.deque[framing.AccessUnit] = collections.deque(group)
        self._needs_key = not group
        self._woken = asyncio.Event()
        self._ended = False
        if group:
            self._woken.set()

    def offer(self, unit: framing.AccessUnit) -> None:
        """Add a unit; a viewer too slow for its camera goes on at the next key frame."""
        if len(self._waiting) >= MAX_WAITING_UNITS:
            self._feed.dropped["viewer_too_slow"] += len(self._waiting)
            self._waiting.clear()
            self._needs_key = True
        if self._needs_key and not unit.is_key:
            self._feed.dropped["viewer_waits_for_key_frame"] += 1
            return
        self._needs_key = False
        self._waiting.append(unit)
        self._woken.set()

    def end(self) -> None:
        """Wake the waiting task: nothing more will come."""
        self._ended = True
        self._woken.set()

    async def next(self) -> framing.AccessUnit | None:
        """Wait for the next unit; None at the end."""
        await self._woken.wait()
        if self._ended:
            return None
        unit = self._waiting.popleft()
        if not self._waiting:
            self._woken.clear()
        return unit
