"""Keeps, with each event, what its camera's pipeline remembered and was shown: `jikimi-detect replay` goes through the clip again with it.

Invariant: a file is whole or not there (written aside, flushed, renamed); the folder stays within its bytes, the oldest leaving first. An event never
waits for its record nor fails with it: what could not be kept is counted.
"""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import structlog

from camera_agents.sending import mediastore
from detection import journal, snapshots

FOLDER = "replays"
SUFFIX = ".replay"
MOST_BYTES = 256 * 1024 * 1024
_log = structlog.get_logger()


class Replays:
    """The records of one agent's events, from any thread."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES, free_bytes: Callable[[], int] | None = None) -> None:
        """Open the folder; what a kill left half written is removed."""
        self._folder = folder
        self._most_bytes = most_bytes
        self._free_bytes = free_bytes or (lambda: shutil.disk_usage(folder).free)
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        for draft in folder.glob("*.draft"):
            draft.unlink(missing_ok=True)

    def keep(self, event_id: UUID, record: journal.Record) -> bool:
        """Keep an event's record and say whether it could be."""
        path = self._folder / f"{event_id}{SUFFIX}"
        try:
            data = record.to_bytes()
            with self._lock:
                if self._free_bytes() - len(data) < 2 * mediastore.RESERVE_BYTES:
                    raise OSError("the disk is nearly full")
                _write(path, data)
                self._prune()
            return True
        except (OSError, snapshots.SnapshotError) as e:
            _log.warning("replay_not_kept", event_id=str(event_id), reason=str(e))
            return False

    def _prune(self) -> None:
        """Let the oldest leave until the rest is within its bytes."""
        files = sorted(self._folder.glob(f"*{SUFFIX}"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        size = 0
        for file in files:
            size += file.stat().st_size
            if size > self._most_bytes:
                file.unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    mediastore.sync_folder(path.parent)
