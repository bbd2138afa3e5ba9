"""Memory: twenty idle cameras in one agent for ten minutes; after the first minute, in which the rings fill, it must stand still."""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.benchmarks import cost, figures, footage, site

CAMERAS = 20
SAMPLE_S = 2.0
WARM_UP_S = 60.0


def run(quick: bool) -> list[figures.Figure]:
    """Sample resident memory from a minute after the start to the end, and compare its first and last parts."""
    span_s = 60.0 if quick else 540.0
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        clip = footage.idle_clip(Path(folder))
        with site.started(site.Wanted({f"gate-{i}": clip for i in range(CAMERAS)})) as running:
            time.sleep(WARM_UP_S)
            before_s = cost.cpu_s(running.agent.pid)
            times_s, rss_mib = _sample(running.agent.pid, span_s)
            cpu_ms_per_s = (cost.cpu_s(running.agent.pid) - before_s) / times_s[-1] * 1000
    part = max(3, len(rss_mib) // 9)
    first, last = statistics.mean(rss_mib[:part]), statistics.mean(rss_mib[-part:])
    slope = float(np.polyfit(times_s, rss_mib, 1)[0]) * 60
    minutes = f"{CAMERAS} idle 720p15 cameras, minute 2 to {(WARM_UP_S + span_s) / 60:.0f}"
    return [
        figures.Figure("memory, last against first part", abs(last / first - 1) * 100, "%", "<= 5", minutes),
        figures.Figure("memory, slope", slope, "MiB/min", "", f"{first:.0f} MiB at first, {last:.0f} MiB at last"),
        figures.Figure("memory per camera, the whole agent shared out", max(rss_mib) / CAMERAS, "MiB", "<= 60"),
        figures.Figure(f"idle 720p15, each of {CAMERAS} in one agent", cpu_ms_per_s / CAMERAS, "ms/s"),
    ]


def _sample(pid: int, span_s: float) -> tuple[list[float], list[float]]:
    """Return times since the beginning in seconds and resident memory in MiB."""
    start = time.monotonic()
    times_s: list[float] = []
    rss_mib: list[float] = []
    while not times_s or times_s[-1] < span_s:
        time.sleep(SAMPLE_S)
        times_s.append(time.monotonic() - start)
        rss_mib.append(cost.rss_mib(pid))
    return times_s, rss_mib
