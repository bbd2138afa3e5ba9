"""Logs as JSON lines on stderr.

Invariants: no camera's user or password reaches a line, whatever is logged; a line that cannot be written (the disk that takes the log is
full, the terminal is gone) is lost and never stops the part that wrote it.
"""

import contextlib
import io
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

_CREDENTIALS = re.compile(r"(\brtsps?://)[^\s/@]+@", re.IGNORECASE)


def configure(level: str) -> None:
    """Set logging up for the process.

    Args:
        level: "debug", "info", "warning" or "error".
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format='{"level": "%(levelname)s", "event": "%(name)s"}'
    )


class Unfailing(io.TextIOBase):
    """A text stream that writes to another one and keeps what goes wrong there from the writer.

    Attributes:
        lost: writes that failed.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.lost = 0

    def write(self, text: str) -> int:
        """Write if that can be done; say that it was."""
        try:
            self._stream.write(text)
        except (OSError, ValueError):  # ValueError: the stream is closed
            self.lost += 1
        return len(text)

    def flush(self) -> None:
        """Flush if that can be done."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide user and password in every camera address of a log line."""
    return {key: hidden(value) for key, value in event.items()}


def hidden(value: Any) -> Any:
    """Return `value` with the credentials of camera addresses hidden, in texts wherever they stand in it."""
    if isinstance(value, str):
        return _CREDENTIALS.sub(r"\1***@", value)
    if isinstance(value, dict):
        return {key: hidden(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [hidden(inner) for inner in value]
    return value if value is None or isinstance(value, int | float | bool) else _CREDENTIALS.sub(r"\1***@", str(value))
