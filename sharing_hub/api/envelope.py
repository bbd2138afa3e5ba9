"""What surrounds every request: an id in the logs and the answer, headers that browsers obey.

Plain ASGI, so that streams pass through untouched.
"""

import time
import uuid
from collections.abc import Mapping

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sharing_hub.api import problems

log = structlog.get_logger(__name__)

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


def _log(scope: Scope, status: int, took_s: float) -> None:
    level = log.warning if status >= 500 else log.debug if status < 400 else log.info
    level("request", method=scope["method"], path=scope["path"], status=status, took_ms=round(took_s * 1000, 1))
