"""What the uplink's parts share: whether the hub answers, and whether an alarm is waiting to pass. All in one asyncio loop."""

import asyncio

import structlog

from camera_agents import errors

_log = structlog.get_logger(__name__)


class HubLink:
    """The state of the connection to the hub.

    Attributes:
        way_is_clear: set while no alarm waits to be sent; media stand aside when it is not.
        reachable: the last attempt of any sort had an answer; None before the first.
        last_error: why the last attempt failed, "" when it did not.
    """

    def __init__(self) -> None:
        self.way_is_clear = asyncio.Event()
        self.way_is_clear.set()
        self.reachable: bool | None = None
        self.last_error = ""
        self._came_back = asyncio.Event()

    def answered(self) -> None:
        """Take in that the hub answered; whoever rests is woken when it did not before."""
        self.last_error = ""
        if self.reachable:
            return
        _log.info("the hub answers")
        self.reachable = True
        self._came_back.set()
        self._came_back = asyncio.Event()

    def failed(self, error: errors.HubError) -> None:
        """Take in a failure; the same one again and again is logged once."""
        news = str(error) != self.last_error
        if isinstance(error, errors.HubUnreachable):
            if self.reachable is not False:
                _log.warning("the hub does not answer", error=str(error))
            self.reachable = False
        else:
            self.answered()
            if news:
                _log.warning("the hub did not take it", error=str(error))
        self.last_error = str(error)

    async def rest(self, seconds: float) -> None:
        """Wait, but not longer than until the hub comes back."""
        came_back = self._came_back
        try:
            async with asyncio.timeout(seconds):
                await came_back.wait()
        except TimeoutError:
            return
