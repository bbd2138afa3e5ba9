"""Column types that the tables share.

Invariant: a time is stored in UTC and read back aware; a wire value is stored as JSON and read back as the value it was.
"""

from datetime import UTC, datetime
from typing import Any

import pydantic
import sqlalchemy as sa
from sqlalchemy.engine import Dialect


class UtcTime(sa.TypeDecorator[datetime]):
    """A time, kept in UTC. A naive one is refused."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into naive UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no offset; times in the store are aware")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time its offset back."""
        return None if value is None else value.replace(tzinfo=UTC)


class WireValue(sa.TypeDecorator[Any]):
    """A value of the wire (or a tuple of them) as JSON text."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, shape: Any) -> None:
        super().__init__()
        self.shape = shape  # part of SQLAlchemy's cache key: two shapes are two types
        self._adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(shape)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write the value as JSON."""
        return None if value is None else self._adapter.dump_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the value back."""
        return None if value is None else self._adapter.validate_json(value)
