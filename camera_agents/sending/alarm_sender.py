"""Sends event reports and endings, in batches, as soon as they are committed. Invariant: one bad report never holds up another."""

import asyncio
from collections.abc import Callable

import structlog

from camera_agents import backoff, errors
from camera_agents.sending import delivery, hub_client, hub_link
from sharing_hub.wire import v1

MAX_BATCH_BYTES = 1024 * 1024

_log = structlog.get_logger(__name__)


class AlarmSender:
    """Drains the outbox of events.

    Args:
        on_sent: called after answers were recorded: files of these events may go now.
    """

    def __init__(
        self,
        hub: hub_client.HubClient,
        sender: delivery.Delivery,
        link: hub_link.HubLink,
        waits: backoff.Backoff,
        on_sent: Callable[[], None],
    ) -> None:
        self._hub = hub
        self._sender = sender
        self._link = link
        self._waits = waits
        self._on_sent = on_sent
        self._waiting = asyncio.Event()
        self._waiting.set()
        self._drained = asyncio.Event()
        self._max_messages = v1.MAX_BATCH_EVENTS

    def wake(self) -> None:
        """Take in that something was committed."""
        self._waiting.set()
        self._drained.clear()
        self._link.way_is_clear.clear()

    async def drained(self) -> None:
        """Wait until nothing is left to send."""
        await self._drained.wait()

    async def run(self) -> None:
        """Send for ever."""
        try:
            while True:
                await self._waiting.wait()
                self._waiting.clear()
                await self._drain()
                if not self._waiting.is_set():
                    self._drained.set()
                    self._link.way_is_clear.set()
        finally:
            self._waiting.set()
            self._link.way_is_clear.set()

    async def _drain(self) -> None:
        while True:
            batch = await asyncio.to_thread(self._sender.next_batch, self._max_messages, MAX_BATCH_BYTES)
            if not batch.reports and not batch.endings:
                return
            try:
                await self._send(batch)
            except errors.HubRefused as e:
                self._link.answered()
                await self._narrow(batch, str(e))
            except errors.HubError as e:
                await self._wait_after(e, batch)
            else:
                self._waits.reset()
                self._link.answered()
                self._max_messages = min(v1.MAX_BATCH_EVENTS, self._max_messages * 2)
                self._on_sent()

    async def _send(self, batch: v1.EventBatch) -> None:
        reply = await self._hub.send_events(batch)
        await asyncio.to_thread(self._sender.record, reply)
        missing = unanswered(batch, reply)
        if missing:
            raise errors.HubBusy(f"the hub did not answer for {missing} of the messages sent")

    async def _narrow(self, batch: v1.EventBatch, reason: str) -> None:
        """Halve a batch that was refused as a whole until the one at fault is alone, and park that one."""
        messages = len(batch.reports) + len(batch.endings)
        if messages == 1:
            await asyncio.to_thread(self._sender.park_batch, batch, reason)
        else:
            self._max_messages = messages // 2

    async def _wait_after(self, error: errors.HubError, batch: v1.EventBatch) -> None:
        self._link.failed(error)
        least_s = 0.0
        if isinstance(error, errors.HubBusy):
            least_s = error.retry_after_s
            self._max_messages = max(1, self._max_messages // 2)
            await asyncio.to_thread(self._sender.defer, batch)
        self._link.way_is_clear.set()  # media may try their luck while alarms wait
        await self._link.rest(self._waits.next_s(least_s))


def unanswered(batch: v1.EventBatch, reply: v1.BatchReply) -> int:
    """Return how many messages of `batch` the reply says nothing about."""
    reports = {report.event_id for report in batch.reports} - {outcome.event_id for outcome in reply.reports}
    endings = {end.event_id for end in batch.endings} - {outcome.event_id for outcome in reply.endings}
    return len(reports) + len(endings)
