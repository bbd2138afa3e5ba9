"""The bus: tells whoever listens in this hub that something changed, by topic and id, after the change is committed.

A message carries no content: the listener reads the current state, scoped to its viewer. So a change that is told twice or folded with a
later one is harmless, and nothing that a viewer may not see travels here.
Invariant: `publish` never blocks and never fails; a listener that falls behind is told so (`Lagged`) and its loss is counted.
"""

import asyncio
import collections
import secrets
import threading
from dataclasses import dataclass
from typing import Literal, Protocol

Topic = Literal["incident", "camera", "media", "live", "grant", "book", "message", "request"]

HISTORY_LENGTH = 4096
MAX_PENDING = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """Something changed: `number` rises by one with every change in this process."""

    number: int
    topic: Topic
    key: str


class Lagged(Exception):
    """The listener fell behind by more than its bound, or asks for changes no longer remembered: it must read everything anew."""


class Subscription(Protocol):
    """One listener's place on the bus; used by one asyncio task."""

    async def next(self) -> tuple[Change, ...]:
        """Wait for changes and return them in order, the newest of each topic and key.

        Raises:
            Lagged: too many different changes waited; the subscription has ended.
        """

    def close(self) -> None:
        """Leave the bus; harmless when repeated."""


class Bus(Protocol):
    """How the hub's parts hear of each other's changes (in process here; NATS in the city profile)."""

    epoch: str

    def publish(self, topic: Topic, key: str) -> None:
        """Tell the listeners; callable from every thread, after the commit."""

    def subscribe(self, after: int | None = None, max_pending: int = MAX_PENDING) -> Subscription:
        """Listen from now on, or from the change after number `after` (called on the event loop that will wait).

        Raises:
            Lagged: the changes after `after` are no longer remembered.
        """


class LocalBus:
    """The bus of a hub that is one process.

    Attributes:
        epoch: changes' numbers are comparable within one epoch only.
        lagged: listeners that fell behind, so far.
    """

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(4)
        self.lagged = 0
        self._lock = threading.Lock()
        self._number = 0
        self._history: collections.deque[Change] = collections.deque(maxlen=HISTORY_LENGTH)
        self._listeners: dict[LocalSubscription, None] = {}

    @property
    def number(self) -> int:
        """The number of the newest change."""
        return self._number

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def publish(self, topic: Topic, key: str) -> None:
        """Tell the listeners; callable from every thread, after the commit."""
        with self._lock:
            self._number += 1
            change = Change(self._number, topic, key)
            self._history.append(change)
            for listener in tuple(self._listeners):
                if not listener.offer(change):
                    del self._listeners[listener]
                    self.lagged += 1

    def subscribe(self, after: int | None = None, max_pending: int = MAX_PENDING) -> "LocalSubscription":
        """Listen from now on, or from the change after number `after`.

        Raises:
            Lagged: the changes after `after` are no longer remembered.
        """
        with self._lock:
            missed = self._since(after) if after is not None else []
            listener = LocalSubscription(self, asyncio.get_running_loop(), max_pending)
            for change in missed:
                if not listener.offer(change):
                    raise Lagged(f"{len(missed)} changes were missed")
            self._listeners[listener] = None
        return listener

    def forget(self, listener: "LocalSubscription") -> None:
        """Take a listener off the bus; harmless when repeated."""
        with self._lock:
            self._listeners.pop(listener, None)

    def _since(self, after: int) -> list[Change]:
        oldest = self._history[0].number if self._history else self._number + 1
        if not oldest - 1 <= after <= self._number:
            raise Lagged(f"change {after} is not remembered")
        return [change for change in self._history if change.number > after]


class LocalSubscription:
    """A listener's bounded set of changes not yet taken; a later change of the same thing replaces the earlier one."""

    def __init__(self, bus: LocalBus, loop: asyncio.AbstractEventLoop, max_pending: int) -> None:
        self._bus = bus
        self._loop = loop
        self._max_pending = max_pending
        self._lock = threading.Lock()
        self._pending: dict[tuple[Topic, str], Change] = {}
        self._woken = asyncio.Event()
        self._overflowed = False

    def offer(self, change: Change) -> bool:
        """Add a change; False when there is no room or nobody to take it. Callable from every thread."""
        with self._lock:
            self._pending.pop((change.topic, change.key), None)
            if len(self._pending) >= self._max_pending:
                self._overflowed = True
            else:
                self._pending[change.topic, change.key] = change
            accepted = not self._overflowed
        try:
            self._loop.call_soon_threadsafe(self._woken.set)
        except RuntimeError:  # the listener's loop has ended: it will never take anything
            return False
        return accepted

    async def next(self) -> tuple[Change, ...]:
        """Wait for changes and return them in order, the newest of each topic and key.

        Raises:
            Lagged: too many different changes waited; the subscription has ended.
        """
        await self._woken.wait()
        with self._lock:
            if self._overflowed:
                raise Lagged(f"more than {self._max_pending} changes waited")
            changes = tuple(self._pending.values())
            self._pending.clear()
            self._woken.clear()
        return changes

    def close(self) -> None:
        """Leave the bus; harmless when repeated."""
        self._bus.forget(self)
