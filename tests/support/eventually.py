"""Waiting for a condition with a deadline, instead of sleeping for as long as it might take."""

import asyncio
from collections.abc import Callable

DEADLINE_S = 20.0


async def until(condition: Callable[[], bool], deadline_s: float = DEADLINE_S) -> None:
    """Let the event loop run until the condition holds.

    Raises:
        TimeoutError: it did not in time.
    """
    async with asyncio.timeout(deadline_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
