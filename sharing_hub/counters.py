"""What the hub counts: nothing is dropped, refused or failed without a number and a reason."""

import threading
from collections import Counter
from collections.abc import Mapping


class Counters:
    """Totals since start, by name and reason. Safe to use from any thread."""

    def __init__(self) -> None:
        self._totals: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def add(self, name: str, reason: str = "", count: int = 1) -> None:
        """Add to a total, e.g. `add("events_refused", "camera of another agent")`. Reasons are a closed set of words, never user input."""
        with self._lock:
            self._totals[name, reason] += count

    def totals(self) -> Mapping[tuple[str, str], int]:
        """Return every total so far."""
        with self._lock:
            return dict(self._totals)
