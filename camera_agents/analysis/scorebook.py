"""Keeps each camera's histograms of scores in the state folder, so that `jikimi-detect calibrate` can choose thresholds from days of its own footage.

Invariant: the file is whole or as it was (written aside, flushed, renamed), and bounded: a hundred counts for each camera and kind. Losing the last
minutes of it in a kill costs nothing but those minutes.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import structlog

from camera_agents.sending import mediastore
from detection import histograms, types

FILE = "histograms.json"
SAVE_S = 300.0
_VERSION = 1
_log = structlog.get_logger()


class Scorebook:
    """The histograms of all cameras of one agent. `run` wants a thread of its own; `keeper` gives a camera's part, for its own thread."""

    def __init__(
        self, path: Path, camera_ids: Iterable[str], models: Iterable[types.ModelUsed], save_s: float = SAVE_S
    ) -> None:
        """Go on with what was kept, if the same models scored it; what cannot be read is begun anew and told in the log."""
        self._path = path
        self._save_s = save_s
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        kept, used = _read(path), tuple(models)
        self._recorders = {
            camera_id: histograms.Recorder(kept.get(camera_id), used) for camera_id in dict.fromkeys(camera_ids)
        }

    def keeper(self, camera_id: str) -> Callable[[float, types.Step], None]:
        """Return what takes a camera's looks."""
        recorder = self._recorders[camera_id]

        def note(time_s: float, step: types.Step) -> None:
            with self._lock:
                recorder.note(time_s, step)

        return note

    def run(self) -> None:
        """Save now and then until stopped, and at the end."""
        while not self._stopping.wait(self._save_s):
            self.save()
        self.save()

    def stop(self) -> None:
        """Let `run` save and return."""
        self._stopping.set()

    def save(self) -> None:
        """Write everything counted so far; a disk that takes nothing is told in the log and tried again later."""
        with self._lock:
            cameras = {name: histograms.as_json(one.histogram()) for name, one in self._recorders.items()}
        draft = self._path.with_suffix(".draft")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump({"version": _VERSION, "cameras": cameras}, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
            mediastore.sync_folder(self._path.parent)
        except OSError as e:
            _log.warning("histograms_not_saved", reason=str(e))


def _read(path: Path) -> Mapping[str, histograms.Histogram]:
    try:
        rows: dict[str, Any] = json.loads(path.read_text("utf-8"))["cameras"]
        return {name: histograms.from_json(row) for name, row in rows.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        _log.warning("histograms_begun_anew", path=str(path), reason=str(e))
        return {}
