"""Bodies of requests: how large they may be, and how long they may take to come. (The framework's own bounds answer in plain text, or are none.)

Plain ASGI, so that streams pass through untouched: once a body is here whole, nothing is asked of its sender any more.
"""

import asyncio
from dataclasses import dataclass

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sharing_hub import connections, counters
from sharing_hub.api import problems

MAX_PERSONS_BYTES = 128 * 1024
MAX_BOOK_BYTES = 4 * 1024 * 1024
"""The book of a district with thousands of cameras."""
_AGENTS_DOOR = "/v1/agent/"
_ENROLMENT = "/v1/agent/enrolment"
_BOOK = "/v1/book"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a body is held to.

    Attributes:
        max_bytes: the bound for agents' messages and media. Everybody else, who may not have proved anything yet, gets MAX_PERSONS_BYTES:
            a large body takes its time to read, and nobody else is served meanwhile.
        within_s: how long the whole of it may take; pause_s: how long nothing of it may come.
    """

    max_bytes: int
    within_s: float
    pause_s: float

    def bytes_at(self, path: str) -> int:
        """Return how large a body may be at a door."""
        is_agents = path.startswith(_AGENTS_DOOR) and path != _ENROLMENT
        if path == _BOOK:  # its door reads the body only once the caller was proved
            return min(MAX_BOOK_BYTES, self.max_bytes)
        return self.max_bytes if is_agents else min(MAX_PERSONS_BYTES, self.max_bytes)


class Bodies:
    """Refuses a body that is too large, by its declared length or as it arrives, and one that does not arrive."""

    def __init__(self, app: ASGIApp, limits: Limits, counted: counters.Counters) -> None:
        self._app = app
        self._limits = limits
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        max_bytes = self._limits.bytes_at(scope["path"])
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared[:20]) > max_bytes:
            await _too_large(max_bytes)(scope, receive, send)
            return
        body = _Body(receive, send, self._limits, max_bytes)
        try:
            await self._app(scope, body.receive, body.send)
        except _Refused:
            if body.answered:
                raise
        if body.refusal is not None and not body.answered:
            if body.cut:
                self._counted.add(connections.CUT, body.cut)
            await body.refusal(scope, receive, send)


class _Body:
    """The body of one request as it arrives, and the answer to it.

    Attributes:
        refusal: what is answered instead of whatever the door makes of a body that broke off; None: nothing was refused.
        cut: why it took too long, for the counters; empty: it did not.
        answered: the door's own answer has begun.
    """

    def __init__(self, receive: Receive, send: Send, limits: Limits, max_bytes: int) -> None:
        self._receive, self._send = receive, send
        self._limits, self._max_bytes = limits, max_bytes
        self._taken, self._whole = 0, False
        self._until: float | None = None
        self.refusal: JSONResponse | None = None
        self.cut = ""
        self.answered = False

    async def receive(self) -> Message:
        """Return the next piece.

        Raises:
            _Refused: it is one too many, or did not come in time.
        """
        if self._whole:  # from here on only the client's leaving is waited for
            return await self._receive()
        message = await self._piece()
        self._whole = not message.get("more_body", False)
        self._taken += len(message.get("body", b""))
        if self._taken > self._max_bytes:
            self.refusal = _too_large(self._max_bytes)
            raise _Refused
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on, unless it is what a door says of a body that was refused."""
        if self.refusal is None or self.answered:
            self.answered = True
            await self._send(message)

    async def _piece(self) -> Message:
        now = asyncio.get_running_loop().time()
        self._until = self._until or now + self._limits.within_s
        paused = now + self._limits.pause_s
        try:
            async with asyncio.timeout_at(min(self._until, paused)):
                return await self._receive()
        except TimeoutError:
            self.cut = "body paused" if paused < self._until else "body too slow"
            self.refusal = _too_slow(self._limits)
            raise _Refused from None


def _too_large(max_bytes: int) -> JSONResponse:
    return problems.answer(413, "The request is too large", f"at most {max_bytes} bytes")


def _too_slow(limits: Limits) -> JSONResponse:
    words = f"its body must be here within {limits.within_s:g} s, with no pause of {limits.pause_s:g} s; send it again"
    return problems.answer(408, "The request took too long", words, {"Connection": "close"})


class _Refused(Exception):
    """The body is refused."""
