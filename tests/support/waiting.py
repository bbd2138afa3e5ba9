"""Waiting for something to come true, with a deadline: what tests use instead of sleeping."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_INTERVAL_S = 0.05


def wait_until(predicate: Callable[[], T | None], timeout_s: float, what: str) -> T:
    """Call `predicate` until it returns something true, and return that.

    Args:
        predicate: cheap to call; what it raises is passed on.
        timeout_s: how long at most.
        what: what is waited for, to say when it did not come.

    Raises:
        TimeoutError: the deadline passed; the message says what was waited for and the last value seen.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise TimeoutError(f"waited {timeout_s:g} s for {what}; the last answer was {value!r}")
        time.sleep(POLL_INTERVAL_S)
