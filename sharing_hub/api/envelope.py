"""What surrounds every request: an id in the logs and the answer, a bound on the body, headers that browsers obey.

Plain ASGI, so that streams pass through untouched.
"""

import time
import uuid
from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sharing_hub.api import problems

log = structlog.get_logger(__name__)

MAX_PERSONS_BYTES = 128 * 1024
_AGENTS_DOOR = "/v1/agent/"
_ENROLMENT = "/v1/agent/enrolment"
_BOOK = "/v1/book"
MAX_BOOK_BYTES = 4 * 1024 * 1024
"""The book of a district with thousands of cameras."""

SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


class Envelope:
    """Gives each request an id, logs how it ended and adds the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex[:16]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()

        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                _log(scope, message["status"], time.perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except (
            Exception
        ):  # the supervisor of requests: the framework's own answer would lack the id that leads to the log
            if not started:
                await problems.mistake()(scope, receive, send_with_headers)
            raise


class BodyBound:
    """Refuses a body that is too large, by its declared length or as it arrives. (The framework's own bound answers in plain text.)

    Args:
        max_bytes: the bound for agents' messages and media. Everybody else, who may not have proved anything yet, gets MAX_PERSONS_BYTES:
            a large body takes its time to read, and nobody else is served meanwhile.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_agents_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        max_bytes = self._bound(scope["path"])
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > max_bytes:
            await _refusal(max_bytes)(scope, receive, send)
            return
        taken, started = 0, False

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > max_bytes:
                raise _BodyTooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, bounded, noted)
        except _BodyTooLarge:
            if started:
                raise
            await _refusal(max_bytes)(scope, receive, send)

    def _bound(self, path: str) -> int:
        is_agents = path.startswith(_AGENTS_DOOR) and path != _ENROLMENT
        if path == _BOOK:  # its door reads the body only once the caller was proved
            return min(MAX_BOOK_BYTES, self._max_agents_bytes)
        return self._max_agents_bytes if is_agents else min(MAX_PERSONS_BYTES, self._max_agents_bytes)


def _refusal(max_bytes: int) -> ASGIApp:
    return problems.answer(413, "The request is too large", f"at most {max_bytes} bytes")


class _BodyTooLarge(Exception):
    """More bytes arrived than the bound."""


def _log(scope: Scope, status: int, took_s: float) -> None:
    level = log.warning if status >= 500 else log.debug if status < 400 else log.info
    level("request", method=scope["method"], path=scope["path"], status=status, took_ms=round(took_s * 1000, 1))
