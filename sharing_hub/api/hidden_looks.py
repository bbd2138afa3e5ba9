"""Looks at what is not the caller's, at the doors: the first of each is on record, repeats and floods are counted.

Invariant: how many rows one caller can make is bounded: one for each thing in a minute, and MAX_ROWS in a minute in all.
"""

import collections
import contextlib
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import viewers
from sharing_hub.services import hidden_looks, looks

EVERY = timedelta(minutes=1)
MAX_ROWS = 10
"""Rows that one caller makes in a minute."""
MAX_CALLERS = 10_000


class HiddenLooks:
    """Which refused attempts were put on record in this minute. Safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: collections.OrderedDict[UUID, tuple[datetime, set[str]]] = collections.OrderedDict()

    def left_out(self, viewer: viewers.Viewer, subject_id: str, now: datetime) -> str | None:
        """Return why an attempt is counted only; None: it is to be put on record, and remembered as such."""
        with self._lock:
            since, subjects = self._noted.pop(viewer.operator_id, (now, set()))
            if not timedelta(0) <= now - since < EVERY:
                since, subjects = now, set()
            reason = "repeated" if subject_id in subjects else "too many" if len(subjects) >= MAX_ROWS else None
            if reason is None:
                subjects.add(subject_id)
            self._noted[viewer.operator_id] = since, subjects
            while len(self._noted) > MAX_CALLERS:
                self._noted.popitem(last=False)
            return reason


@contextlib.contextmanager
def noted(
    hub: hubs.Hub, seen: HiddenLooks, viewer: viewers.Viewer, door: hidden_looks.Door, subject_id: str, reason: looks.Reason
) -> Iterator[None]:  # fmt: skip
    """Put on record what the block does not find for this caller; the answer stays that there is no such thing."""
    try:
        yield
    except errors.NotFound:
        now = hub.clock()
        if hidden_looks.concerns(viewer):
            hub.counters.add("looks", "denied")
            left_out = seen.left_out(viewer, subject_id, now)
            if left_out is None:
                hidden_looks.put_on_record(hub.database, hub.access, viewer, door, subject_id, reason, now)
            else:
                hub.counters.add("looks_not_recorded", left_out)
        raise
