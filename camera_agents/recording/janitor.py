"""Keeps the disk from filling: recordings beyond their days or bytes leave, and when the disk is nearly full the oldest of all.

Invariant: held recordings and those a decided clip needs never leave; below the last reserve nothing is recorded, so that alarms still are kept.
It is written down that a file leaves, then the file is removed, then its row: a kill leaves a row without a file, which the next round removes.
"""

import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import structlog

from camera_agents.configuration import settings
from camera_agents.recording import chain, recorder, recordings, retention
from sharing_hub.wire import v1

_ROUND_S = 10.0
_FORGET_GAPS_AFTER_US = 400 * 86_400 * 1_000_000
_UNKNOWN = settings.Keep(seconds=30 * 86_400.0, max_bytes=500 * settings.GIB)
"""What holds for recordings of a camera that is no longer configured."""
_log = structlog.get_logger()


class Janitor:
    """Looks after one recordings folder. `run` wants a thread of its own."""

    def __init__(
        self,
        folder: Path,
        index: recordings.Recordings,
        writer: recorder.Recorder,
        limits: settings.Disk,
        keep: Mapping[str, settings.Keep],
        needed: Callable[[], Sequence[recordings.Span]],
        links: chain.Chain,
    ) -> None:
        self._folder = folder
        self._index = index
        self._writer = writer
        self._limits = limits
        self._keep = keep
        self._needed = needed
        self._chain = links
        self._stopping = threading.Event()
        self._warning = ""
        self.removed = 0

    def run(self) -> None:
        """Look after the disk until stopped."""
        while not self._stopping.is_set():
            self.work(time.time_ns() // 1000)
            self._stopping.wait(_ROUND_S)

    def stop(self) -> None:
        """Let `run` return."""
        self._stopping.set()

    def disk(self) -> v1.Disk:
        """Return what the operators are told."""
        usage = shutil.disk_usage(self._folder)
        return v1.Disk(
            total_bytes=usage.total,
            free_bytes=usage.free,
            recordings_bytes=self._index.total_bytes(),
            warning=self._warning,
        )

    def work(self, now_us: int) -> None:
        """Do one round."""
        needed = [*self._index.holds(), *self._needed()]
        leaving = retention.expired(self._index.closed(), self._keep, _UNKNOWN, needed, now_us)
        self._remove(leaving, "removed by retention: beyond the camera's days or bytes", now_us)
        free = shutil.disk_usage(self._folder).free
        if free < self._limits.free_bytes:
            leaving = retention.to_free(self._index.closed(), needed, self._limits.free_bytes - free)
            self._remove(leaving, "removed by retention: the disk was nearly full", now_us)
            free = shutil.disk_usage(self._folder).free
        self._index.forget_gaps_before(now_us - _FORGET_GAPS_AFTER_US)
        self._chain.tidy(now_us)
        self._tell(free)

    def _tell(self, free: int) -> None:
        warning = ""
        if free < self._limits.stop_bytes:
            warning = "disk full: nothing is recorded; alarms are kept"
        elif free < self._limits.free_bytes:
            warning = "disk nearly full, and what is left may not be removed"
        elif free < self._limits.warn_bytes:
            warning = f"disk nearly full: {free // 2**20} MiB free; below {self._limits.free_bytes // 2**20} MiB the oldest recordings leave"
        if warning != self._warning:
            _log.warning("disk", warning=warning or "there is room again", free_bytes=free)
        self._warning = warning
        self._writer.pause("disk full" if free < self._limits.stop_bytes else "")

    def _remove(self, leaving: Sequence[recordings.Segment], reason: str, now_us: int) -> None:
        self._chain.note_removals(leaving, reason, now_us)
        for segment in leaving:
            path = self._folder / segment.path
            path.unlink(missing_ok=True)
            self._index.forget_segment(segment.segment_id)
            self.removed += 1
            if path.parent.is_dir() and not any(path.parent.iterdir()):
                path.parent.rmdir()
