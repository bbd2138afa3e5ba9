"""Connections that wait for their client: how long, and how many of them.

Invariants: a connection whose request's head is not here in time is cut, whatever dribbles in; where there are too many, the one that has waited longest
for its client makes room, never one whose request is being answered. What is cut is counted. Agents' channels, live events and downloads are answers under
way: nothing here touches them.
"""

import asyncio
import resource
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import h11
from uvicorn.protocols.http import h11_impl

from sharing_hub import counters

CUT = "requests_cut"
NEVER_BEGAN, TOO_SLOW, MADE_ROOM = "no TLS handshake", "head too slow", "made room for others"
_REQUEST_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(eq=False)
class Bound:
    """What all connections of one hub share.

    Attributes:
        head_within_s: how long a client has for the whole head of a request.
        most: connections at once; agents' channels are not counted, once they are open.
        waiting: those that wait for their client, the one that began first first.
    """

    head_within_s: float
    most: int
    counted: counters.Counters
    waiting: dict["Connection", None] = field(default_factory=dict)


class Connection(h11_impl.H11Protocol):
    """uvicorn's connection, that waits for its client so long and no longer. (uvicorn waits for ever for a first request and for the rest of a head.)"""

    def __init__(self, bound: Bound, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._bound = bound
        # Made when somebody connects; with TLS it begins once they shook hands, and the loop cuts who does not in this time.
        self._ending: asyncio.TimerHandle | None = self.loop.call_later(bound.head_within_s, self._never_began)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait; where there are too many, somebody makes room."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > self._bound.most:
            next(iter(self._bound.waiting)).cut(MADE_ROOM)

    def data_received(self, data: bytes) -> None:
        """Take bytes in; once a request is here whose answer is due, nobody waits for the client."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait_no_more()

    def on_response_complete(self) -> None:
        """Wait for the client again: for its next request, or the rest of a body that nobody read."""
        self._wait()
        super().on_response_complete()  # which may begin the next request at once
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait_no_more()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Leave the connection to the channel's own clock."""
        self._wait_no_more()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._wait_no_more()
        super().connection_lost(exc)

    def cut(self, reason: str) -> None:
        """Close the connection, and count why."""
        self._wait_no_more()
        if self.transport.is_closing():
            return
        self._bound.counted.add(CUT, reason)
        if self.conn.our_state is h11.IDLE:  # no answer is under way that this one would be mixed into
            self.transport.write(_REQUEST_TIMEOUT)
        self.transport.close()

    def _never_began(self) -> None:
        self._bound.counted.add(CUT, NEVER_BEGAN)

    def _wait(self) -> None:
        self._wait_no_more()
        if not self.transport.is_closing():
            self._bound.waiting[self] = None
            self._ending = self.loop.call_later(self._bound.head_within_s, self.cut, TOO_SLOW)

    def _wait_no_more(self) -> None:
        self._bound.waiting.pop(self, None)
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose servers wait for a TLS handshake so long and no longer (asyncio: a minute, and uvicorn does not ask for less)."""

    def __init__(self, handshake_within_s: float) -> None:
        super().__init__()
        self._handshake_within_s = handshake_within_s

    async def create_server(self, *arguments: Any, **named: Any) -> asyncio.Server:
        """Open a server."""
        if named.get("ssl") is not None:
            named["ssl_handshake_timeout"] = self._handshake_within_s
        return await super().create_server(*arguments, **named)


def made(bound: Bound) -> Callable[..., Connection]:
    """Return what makes the connections of one hub, as uvicorn asks for it."""

    def make(**of_uvicorn: Any) -> Connection:
        return Connection(bound, **of_uvicorn)

    return make


def allow_files(wanted: int) -> int:
    """Let this process open as many files as it may, up to `wanted`; return how many that are. (Each connection is one, and so is each file of the store.)"""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and most > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return soft
