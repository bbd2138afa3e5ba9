"""Login attempts: how many may be made by a name and from an address, known or not.

Kept in memory, bounded: a restart of the hub forgets them, and an attacker cannot restart it. Names that exist and names that do not are
treated alike, so that the answers tell nothing about who is known here.

Wrong passwords from elsewhere never make somebody wait at an address from which that name logged in before: else anybody who can reach the
hub could keep its operators out.
"""

import collections
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sharing_hub import errors

WINDOW = timedelta(minutes=1)
FREE_FAILURES = 4
FIRST_WAIT_S = 15
LONGEST_WAIT_S = 300
MAX_KEYS = 10_000


def wait_s(failures: int) -> int:
    """Return how long a name waits after this many failures in a row: nothing, then 15 s, doubling up to five minutes."""
    over = failures - FREE_FAILURES
    return 0 if over <= 0 else min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(over - 1, 10))


@dataclass(slots=True)
class _Failures:
    count: int
    until: datetime


class Attempts:
    """Counts attempts; safe to use from any thread.

    Args:
        per_minute: attempts allowed from one address within a minute.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._addresses: collections.OrderedDict[str, collections.deque[datetime]] = collections.OrderedDict()
        self._names: collections.OrderedDict[tuple[str, str], _Failures] = collections.OrderedDict()
        self._proved: collections.OrderedDict[tuple[str, str], None] = collections.OrderedDict()

    def admit(self, name: str, address: str, now: datetime) -> None:
        """Let an attempt be made, and count it for its address.

        Raises:
            TooMany: with the time to wait.
        """
        with self._lock:
            tried = self._addresses.setdefault(address, collections.deque(maxlen=self._per_minute))
            self._addresses.move_to_end(address)
            _shorten(self._addresses)
            if len(tried) == self._per_minute and now - tried[0] < WINDOW:
                raise errors.TooMany("too many logins from this address", _seconds(tried[0] + WINDOW - now))
            failed = self._names.get(self._key(name, address))
            if failed is not None and now < failed.until:
                raise errors.TooMany("too many wrong passwords for this name", _seconds(failed.until - now))
            tried.append(now)

    def failed(self, name: str, address: str, now: datetime) -> int:
        """Count a wrong password; return for how many seconds the name must wait now, 0 for not at all."""
        with self._lock:
            key = self._key(name, address)
            failures = self._names.pop(key, _Failures(0, now))
            failures.count += 1
            wait = wait_s(failures.count)
            failures.until = now + timedelta(seconds=wait)
            self._names[key] = failures
            _shorten(self._names)
            return wait

    def succeeded(self, name: str, address: str) -> None:
        """Forget a name's wrong passwords, and remember that it logged in from here."""
        with self._lock:
            self._names.pop(self._key(name, address), None)
            proved = (name.strip(), address)
            self._proved[proved] = None
            self._proved.move_to_end(proved)
            _shorten(self._proved)

    def _key(self, name: str, address: str) -> tuple[str, str]:
        """Return what failures are counted under: the name, as the database compares it, and the address where it is known for this name."""
        name = name.strip()
        return (name, address) if (name, address) in self._proved else (name, "")


def _shorten(entries: collections.OrderedDict[Any, Any]) -> None:
    while len(entries) > MAX_KEYS:
        entries.popitem(last=False)


def _seconds(span: timedelta) -> int:
    return max(1, int(span.total_seconds() + 0.999))
