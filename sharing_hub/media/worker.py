"""A derivative made in a process of its own: what breaks a decoder breaks no hub, cancelling is certain, and the vision libraries stay out of the hub.

The process is `python -m sharing_hub.media`: a job as one line of JSON on its standard input; on its standard output a line for each step of progress and
one at the end with the report or the refusal.
"""

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from sharing_hub import errors
from sharing_hub.media import plan

PART = ".part"
_ASK_EVERY_S = 0.2
_ENDING_S = 5.0
_MOST_LINE = 1 << 20
_REFUSALS: dict[str, type[errors.HubError]] = {
    "Unprocessable": errors.Unprocessable,
    "StoreError": errors.StoreError,
}


class Cancelled(Exception):
    """The work was ended on request; nothing was left behind."""


def make_derivative(
    source: Path,
    target: Path,
    wanted: plan.MaskPlan,
    watermark: plan.Watermark,
    models_folder: Path,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool] = lambda: False,
) -> plan.DerivativeReport:
    """Do as `masking.make_derivative`, in another process.

    Args:
        cancelled: asked five times a second.

    Raises:
        Cancelled: it was.
        Unprocessable, StoreError: as `masking.make_derivative`; StoreError also where the process died.
    """
    if target.exists():
        raise errors.StoreError(f"{target.name}: exists already; name a new file")
    job = plan.job_json(wanted, watermark) | {
        "source": str(source),
        "target": str(target),
        "models_folder": str(models_folder),
    }
    try:
        with _started(job) as (process, lines):
            return _told(process, lines, progress, cancelled)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        target.with_name(target.name + PART).unlink(missing_ok=True)


def _told(
    process: "subprocess.Popen[str]",
    lines: "queue.Queue[str]",
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> plan.DerivativeReport:
    """Follow the process to its last line."""
    while True:
        if cancelled():
            raise Cancelled
        try:
            line = lines.get(timeout=_ASK_EVERY_S)
        except queue.Empty:
            continue
        if not line:
            code = process.wait(_ENDING_S)
            raise errors.StoreError(f"the process that masks ended without an answer (exit code {code})")
        values = json.loads(line)
        if "report" in values:
            return plan.report_of(values["report"])
        if "refused" in values:
            raise _REFUSALS.get(values["kind"], errors.StoreError)(values["refused"])
        progress(float(values["progress"]))


@contextlib.contextmanager
def _started(job: Any) -> Iterator[tuple["subprocess.Popen[str]", "queue.Queue[str]"]]:
    """Start the process, give it its job; end it in any case."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sharing_hub.media"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    lines: queue.Queue[str] = queue.Queue(maxsize=1000)
    reading = threading.Thread(target=_read, args=(process.stdout, lines), name="masking", daemon=True)
    reading.start()
    try:
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps(job) + "\n")
                process.stdin.close()
        yield process, lines
    finally:
        _end(process)
        while reading.is_alive():  # the reader may wait for room in a full queue
            with contextlib.suppress(queue.Empty):
                lines.get_nowait()
            reading.join(0.01)
        if process.stdout is not None:
            process.stdout.close()


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(_ENDING_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _read(stream: IO[str] | None, lines: "queue.Queue[str]") -> None:
    while stream is not None and (line := stream.readline(_MOST_LINE)):
        lines.put(line)
    lines.put("")
