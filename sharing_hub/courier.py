"""The courier: sends what is due, several endpoints at a time and each endpoint one message after the other.

Invariant: an endpoint that is slow or dead holds up nobody but itself, as long as fewer than sixteen are: each has at most one thread, for 10 s at most.
"""

import random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from sharing_hub import counters
from sharing_hub.gateway import webhooks
from sharing_hub.services import deliveries
from sharing_hub.store import database
from sharing_hub.webhook_key import WebhookKey

AT_ONCE = 16
IN_A_ROW = 50
"""After so many messages to one endpoint its thread is free for another."""

log = structlog.get_logger(__name__)


class Courier:
    """Sends; `run` is a job that the worker repeats.

    Args:
        gateways: what sends to endpoints of each form.
    """

    def __init__(
        self,
        db: database.Database,
        gateways: Mapping[str, webhooks.AgencyGateway],
        key: WebhookKey,
        clock: Callable[[], datetime],
        counted: counters.Counters,
        chance: random.Random,
    ) -> None:
        self._db, self._gateways, self._key = db, gateways, key
        self._clock, self._counted, self._chance = clock, counted, chance
        self._lock = threading.Lock()
        self._busy: set[UUID] = set()
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="courier")

    def run(self) -> None:
        """Hand out what is due to threads that are free."""
        with self._lock:
            busy = set(self._busy)
        room = AT_ONCE - len(busy)
        if room <= 0:
            return
        with self._db.reading() as session:
            found = deliveries.due(session, self._key, self._clock(), busy, room)
        for one in found:
            with self._lock:
                self._busy.add(one.endpoint_id)
            self._pool.submit(self._deliver, one).add_done_callback(self._note_fault)

    def close(self) -> None:
        """Let what is being sent end, and stop."""
        self._closing.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _note_fault(self, done: Future[None]) -> None:
        """Log and count what kept an outcome from being put down; the message is sent again, with the same id."""
        fault = None if done.cancelled() else done.exception()
        if fault is not None:
            log.error("a delivery's outcome was not kept", error=str(fault))
            self._counted.add("jobs_failed", "delivery")

    def _deliver(self, one: deliveries.Due) -> None:
        """Send a message, and as long as they are delivered those that follow it to the same endpoint: many decided at once need not wait for a turn each."""
        try:
            following: deliveries.Due | None = one
            for _ in range(IN_A_ROW):
                if following is None or not self._send(following) or self._closing.is_set():
                    return
                with self._db.reading() as session:
                    following = deliveries.next_of(session, self._key, self._clock(), one.endpoint_id)
        finally:
            with self._lock:
                self._busy.discard(one.endpoint_id)

    def _send(self, one: deliveries.Due) -> bool:
        """Send once and keep how it went; say whether it was delivered."""
        outcome = self._gateways[one.form].send(one.parcel, self._clock())
        with self._db.writing() as session:
            state = deliveries.note_outcome(session, one.delivery_id, outcome, self._clock(), self._chance)
        self._counted.add("messages_sent", state)
        if outcome.fault:
            host = urlsplit(one.parcel.url).hostname  # the rest of the address may hold a secret of the agency's
            log.warning("a message was not delivered", host=host, fault=outcome.fault, state=state)
        return not outcome.fault
