"""A family of processes that live and end together: started with a log each, ended last first, never left behind."""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

PR_SET_PDEATHSIG = 1
DRAIN_S = 10.0


class ProcessFailed(RuntimeError):
    """A process ended or stayed silent where it should have become ready."""


class Family:
    """Starts modules of the project as processes; leaving the `with` block ends them all.

    Each child also asks the kernel to be told when this process dies, so that even SIGKILL leaves nobody behind.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> "Family":
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, child in reversed(self._children):
            _end(child)

    def start(
        self, name: str, module: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start `python -m module arguments`; stderr goes to the log `name`.log, stdout is the caller's to read."""
        with (self._logs / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 (no thread has been started when the demo starts its children)
            )
        self._children.append((name, child))
        return child

    def run(self, name: str, module: str, arguments: Sequence[str]) -> None:
        """Run a command to its end.

        Raises:
            ProcessFailed: it did not end with 0; its last words are in the message.
        """
        result = subprocess.run(
            [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False, timeout=60
        )
        if result.returncode:
            raise ProcessFailed(f"{name} failed: {(result.stderr or result.stdout).strip()[-800:]}")

    def first_ended(self) -> str | None:
        """Return what ended although it should run, in words, or None."""
        for name, child in self._children:
            if child.poll() is not None:
                return f"{name} ended with code {child.returncode}; see {self._logs / f'{name}.log'}: {self.last_words(name)}"
        return None

    def last_words(self, name: str) -> str:
        """Return the end of a process's log."""
        with contextlib.suppress(FileNotFoundError):
            return (self._logs / f"{name}.log").read_text(errors="replace").strip()[-800:]
        return ""

    def ready_line(self, name: str, child: subprocess.Popen[bytes], begins: str, timeout_s: float) -> str:
        """Wait for the line that a process prints when it is ready, and return it whole.

        Raises:
            ProcessFailed: it ended first, or said nothing in time.
        """
        if child.stdout is None:
            raise ProcessFailed(f"{name} has no output to read")
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if select.select([child.stdout], [], [], 0.2)[0]:
                line = child.stdout.readline().decode(errors="replace").strip()
                if line.startswith(begins):
                    return line
            if child.poll() is not None:
                break
        raise ProcessFailed(f"{name} did not become ready within {timeout_s:.0f} s: {self.last_words(name)}")


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(DRAIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if child.stdout:
        child.stdout.close()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
