"""Cursors: where a list goes on, newest first. Opaque to callers, checked when they come back.

A cursor names the last row given (its time and id), so rows that arrive meanwhile are neither repeated nor lost.
"""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Select

from sharing_hub import errors
from sharing_hub.domain import times

_EPOCH = times.EARLIEST
_LATEST_US = (times.LATEST - _EPOCH) // timedelta(microseconds=1)  # later is not a cursor of ours


def after_row(at: datetime, key: UUID) -> str:
    """Return the cursor behind a row."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(micros.to_bytes(8, "big") + key.bytes).decode().rstrip("=")


def read(cursor: str) -> tuple[datetime, UUID]:
    """Return the time and id that a cursor names.

    Raises:
        Unprocessable: it is not a cursor.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as e:
        raise errors.Unprocessable("before: not a cursor of this list") from e
    micros = int.from_bytes(raw[:8], "big")
    if len(raw) != 24 or micros > _LATEST_US:
        raise errors.Unprocessable("before: not a cursor of this list")
    return _EPOCH + timedelta(microseconds=micros), UUID(bytes=raw[8:])


def page(statement: Select[Any], at: Any, key: Any, before: str | None, limit: int) -> Select[Any]:
    """Return the statement for one page, newest first, with one row more than `limit` to see whether there is another page."""
    if before is not None:
        statement = statement.where(sa.tuple_(at, key) < sa.tuple_(*_literals(at, key, before)))
    return statement.order_by(at.desc(), key.desc()).limit(limit + 1)


def _literals(at: Any, key: Any, before: str) -> tuple[Any, Any]:
    moment, row_id = read(before)
    return sa.literal(moment, at.type), sa.literal(row_id, key.type)
