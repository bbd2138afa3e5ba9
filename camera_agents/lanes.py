"""Threads that are kept running: the one place of the agent where any error is caught, logged, counted and answered by a restart."""

import math
import random
import threading
import time
from collections.abc import Callable

import structlog

from camera_agents import backoff

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0
_CALM_S = 60.0
_log = structlog.get_logger()


class Lane:
    """Runs `run` on a thread of its own until it returns after `stop`, again whenever it fails."""

    def __init__(self, name: str, run: Callable[[], None], stop: Callable[[], None]) -> None:
        self.name = name
        self.restarts = 0
        self._run = run
        self._stop = stop
        self._stopping = threading.Event()
        self._backoff = backoff.Backoff(_FIRST_WAIT_S, _LONGEST_WAIT_S, random.Random())  # noqa: S311 - jitter
        self._thread = threading.Thread(target=self._keep_running, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end."""
        self._stopping.set()
        self._stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for its end (for ever where `timeout_s` is infinite) and say whether it came."""
        self._thread.join(None if math.isinf(timeout_s) else max(0.0, timeout_s))
        return not self._thread.is_alive()

    def _keep_running(self) -> None:
        while not self._stopping.is_set():
            began_s = time.monotonic()
            try:
                self._run()
                return
            except Exception:
                _log.exception("lane_failed", lane=self.name)
            self.restarts += 1
            if time.monotonic() - began_s > _CALM_S:
                self._backoff.reset()
            self._stopping.wait(self._backoff.next_s(_FIRST_WAIT_S))
