"""How often something happened per second, lately."""

import threading
from collections import deque
from collections.abc import Callable

_WINDOW_S = 10.0
_MOST = 1024


class Rate:
    """Counts over the last ten seconds, from any thread."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._now_s = monotonic_s
        self._lock = threading.Lock()
        self._times: deque[float] = deque(maxlen=_MOST)

    def count(self) -> None:
        """It happened now."""
        with self._lock:
            self._times.append(self._now_s())

    def clear(self) -> None:
        """Forget what happened."""
        with self._lock:
            self._times.clear()

    def per_second(self) -> float:
        """Return the rate over the window, or since the first count if that is less."""
        now_s = self._now_s()
        with self._lock:
            recent = [at for at in self._times if at > now_s - _WINDOW_S]
            began_in_window = len(recent) == len(self._times)
        if not recent:
            return 0.0
        span_s = max(now_s - recent[0], 1.0) if began_in_window else _WINDOW_S
        return len(recent) / span_s
