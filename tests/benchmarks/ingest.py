"""Ingest: durable events per second into one hub process (one worker, SQLite WAL, synchronous=FULL), from several agents at once.

The senders are threads of this process and share the machine with the hub; bodies are encoded before the clock starts.
"""

import tempfile
import threading
import time
from pathlib import Path

import psutil

from tests.benchmarks import figures
from tests.support import hub_process

AGENTS = 8
GOAL = ">= 3000"


def run(quick: bool) -> list[figures.Figure]:
    """Measure batches of 1, 10 and 100 events."""
    seconds = 2.0 if quick else 6.0
    with tempfile.TemporaryDirectory() as folder, hub_process.HubProcess(Path(folder) / "hub") as hub:
        return [_measure(hub, batch, seconds) for batch in (1, 10, 100)]


def _measure(hub: hub_process.HubProcess, batch: int, seconds: float) -> figures.Figure:
    senders = [_Sender(hub, f"load-{batch}-{number}", batch, seconds) for number in range(AGENTS)]
    process = psutil.Process(hub.pid)
    cpu_before, start = _cpu_s(process), time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    took_s, cpu_s = time.perf_counter() - start, _cpu_s(process) - cpu_before
    stored = sum(sender.stored for sender in senders)
    waits_ms = sorted(wait for sender in senders for wait in sender.waits_ms)
    note = f"{AGENTS} agents, {stored / cpu_s:.0f} events per CPU second of the hub, answer p50 {_at(waits_ms, 0.5):.1f} ms, p95 {_at(waits_ms, 0.95):.1f} ms"
    return figures.Figure(f"ingest, {batch} a request", stored / took_s, "events/s", GOAL if batch >= 10 else "", note)


class _Sender(threading.Thread):
    """One agent that delivers as fast as it is answered, for `seconds`."""

    def __init__(self, hub: hub_process.HubProcess, camera_id: str, batch: int, seconds: float) -> None:
        super().__init__(name=camera_id)
        self._connection = hub_process.Connection(hub.url, hub.enrol(camera_id))
        self._bodies = [
            hub_process.events_body(camera_id, batch)[1] for _ in range(int(seconds * 6000 / AGENTS / batch))
        ]
        self._seconds = seconds
        self.stored = 0
        self.waits_ms: list[float] = []

    def run(self) -> None:
        """Deliver until the time is over or the bodies are used up."""
        until = time.perf_counter() + self._seconds
        for body in self._bodies:
            start = time.perf_counter()
            status, answer = self._connection.post("/v1/agent/events", body)
            self.waits_ms.append((time.perf_counter() - start) * 1000)
            if status != 200 or any(outcome["result"] != "stored" for outcome in answer["reports"]):
                raise RuntimeError(f"the hub answered {status}: {answer}")
            self.stored += len(answer["reports"])
            if time.perf_counter() > until:
                break
        self._connection.close()


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
