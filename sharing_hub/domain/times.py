"""Times that can be true: between the years 1970 and 2100.

A clock that was never set, or lies, would else stop what follows it: a batch that can never be stored, a list that cannot be paged.
"""

from datetime import UTC, date, datetime, timedelta, timezone

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
KOREA = timezone(timedelta(hours=9), "KST")


def is_possible(*times: datetime) -> bool:
    """Say whether every one of these aware times lies between 1970 and 2100."""
    return all(EARLIEST <= time < LATEST for time in times)


def possible(time: datetime) -> datetime:
    """Return an aware time as it is.

    Raises:
        ValueError: it is not between 1970 and 2100.
    """
    if not is_possible(time):
        raise ValueError("a time is between the years 1970 and 2100")
    return time


def korean_day(time: datetime) -> date:
    """Return which day it is in Korea at an aware time."""
    return time.astimezone(KOREA).date()
