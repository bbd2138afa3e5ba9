"""Structured logs: one JSON object a line on standard error, with credentials taken out.

Invariant: no password, token, cookie or address with credentials is written, whoever logs it.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_SECRET_NAMES = re.compile(r"password|secret|token|authori[sz]ation|cookie|csrf", re.IGNORECASE)
_USER_INFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/@\s]+@", re.IGNORECASE)
_BEARER = re.compile(r"(?i)\b(bearer|digest|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_TOKEN = re.compile(r"\bjk1\.[A-Za-z0-9_-]+|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
REDACTED = "[redacted]"


def configure(level: str, stream: TextIO = sys.stderr) -> None:
    """Send structlog's and the standard library's logs, as JSON, to `stream`."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, redact, render])
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # httpx writes each address whole, and an agency's may hold a secret of its own.
    for chatty in ("uvicorn.access", "aioice", "aiortc", "alembic", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def redact(logger: Any, method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take secrets out of a log line: by the field's name, and out of every text."""
    for name, value in fields.items():
        if _SECRET_NAMES.search(name):
            fields[name] = REDACTED
        elif isinstance(value, str):
            fields[name] = clean(value)
    return fields


def clean(text: str) -> str:
    """Return `text` without credentials in addresses, bearer tokens and enrolment tokens."""
    text = _USER_INFO.sub(rf"\g<scheme>{REDACTED}@", text)
    return _TOKEN.sub(REDACTED, _BEARER.sub(rf"\1 {REDACTED}", text))
