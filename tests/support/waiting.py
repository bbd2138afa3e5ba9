"""Waiting for something to come true, with a deadline: what tests use instead of sleeping.

A deadline is for a machine that does nothing else. Time passes the slower the more others want its processors: a deadline is there to end a
test that waits in vain, not to measure the machine.
"""

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_INTERVAL_S = 0.05
MOST_STRETCHED = 4.0


def wait_until(predicate: Callable[[], T | None], timeout_s: float, what: str) -> T:
    """Call `predicate` until it returns something true, and return that.

    Args:
        predicate: cheap to call; what it raises is passed on.
        timeout_s: how long at most on an idle machine; up to four times as long where processes queue for its processors.
        what: what is waited for, to say when it did not come.

    Raises:
        TimeoutError: the deadline passed; the message says what was waited for and the last value seen.
    """
    waited_s, seen_s = 0.0, time.monotonic()
    while True:
        value = predicate()
        if value:
            return value
        now_s = time.monotonic()
        waited_s, seen_s = waited_s + (now_s - seen_s) / _crowding(), now_s
        if waited_s >= timeout_s:
            raise TimeoutError(f"waited {timeout_s:g} s for {what}; the last answer was {value!r}")
        time.sleep(POLL_INTERVAL_S)


def _crowding() -> float:
    """Return how many runnable processes there are for each processor (mean of the last minute), 1 to `MOST_STRETCHED`."""
    return min(MOST_STRETCHED, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))
