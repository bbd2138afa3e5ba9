"""What a running process costs: CPU seconds per second, and memory, as the operating system counts them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Cost:
    """Over one span: milliseconds of CPU per second, and resident memory at its end.

    Attributes:
        cpu_ms_per_s: user and system time of the process and its children.
        rss_mib: resident memory.
    """

    cpu_ms_per_s: float
    rss_mib: float


def family(pid: int) -> list[psutil.Process]:
    """Return the process and its children."""
    top = psutil.Process(pid)
    return [top, *top.children(recursive=True)]


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that the process and its children have used."""
    return sum(sum(one.cpu_times()[:2]) for one in family(pid))


def rss_mib(pid: int) -> float:
    """Return the resident memory of the process and its children."""
    return sum(one.memory_info().rss for one in family(pid)) / 2**20


def over(pids: Sequence[int], span_s: float) -> list[Cost]:
    """Watch several processes over the same span, so that a noisy machine disturbs all alike."""
    before = [cpu_s(pid) for pid in pids]
    start = time.monotonic()
    time.sleep(span_s)
    took_s = time.monotonic() - start
    return [Cost((cpu_s(pid) - was) / took_s * 1000, rss_mib(pid)) for pid, was in zip(pids, before, strict=True)]
