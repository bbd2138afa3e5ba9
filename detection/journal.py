"""What a camera's pipeline was shown lately and what it remembered before that: enough to go through an event again.

A journal stands where the pipeline would (`look`, `conclude`, `tick`) and writes down each call; every few seconds it takes a snapshot. With an event
it gives the snapshot that an event's clip still covers, and everything that was looked at since. Bounded in time, calls and bytes.
"""

import functools
import hashlib
import platform
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from detection import experts, pipeline, profile, snapshots, types

COVERED_S = 9.5
"""A clip begins 10 s before its event, where nobody said otherwise."""
EVERY_S = 4.5
"""Two snapshots are kept, so the older one is 4.5 to 9 s old; they are taken more often for clips that begin later."""
LEAST_EVERY_S = 1.0
CALM_EVERY_S = 9.0
"""As long as nothing moves; then movement itself is reason for one."""
MOST_CALLS = 2000
MINUTES = 7 * 24 * 60


@dataclass(slots=True)
class Call:
    """One call of the pipeline.

    Attributes:
        time_s: of the frame; of the clock for a tick.
        picture: checksum of the small picture that the gate saw; None for a tick.
        is_key: the frame came from a key frame.
        regions: where a detector was to look.
        concluded: the look was concluded; not when the schedule went back first.
        detected: a detector looked; False where there was nothing to look for, or it was shed.
        answered: whether each question to a further model was answered, in order.
        clock: what the camera's own clock had said.
    """

    time_s: float
    picture: int | None = None
    is_key: bool = False
    regions: tuple[types.Box, ...] = ()
    concluded: bool = False
    detected: bool = False
    answered: tuple[bool, ...] = ()
    clock: types.ClockReading | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept with an event.

    Attributes:
        program: digest of the code that made it; machine: what it ran on, by name.
        wanted: the camera's profile.
        models: all that could have a part.
        state: the pipeline's snapshot before the first of `calls`.
        week_shift: added to a time's minutes since 1970 it gives the local minute of the week; None where hours did not count.
    """

    program: str
    machine: tuple[tuple[str, str], ...]
    wanted: profile.CameraProfile
    models: tuple[types.ModelUsed, ...]
    state: bytes
    calls: tuple[Call, ...]
    raised: types.Raised
    week_shift: int | None = None

    def week_minute(self, time_s: float) -> int:
        """Return the local minute of the week of a time near the event."""
        return (int(time_s // 60) + (self.week_shift or 0)) % MINUTES

    def to_bytes(self) -> bytes:
        """Return it as a file holds it."""
        return snapshots.pack(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Record":
        """Read a file.

        Raises:
            SnapshotError: it is not in that form, or was altered.
        """
        read = snapshots.unpack(data)
        if not isinstance(read, cls) or not isinstance(read.raised, types.Raised):
            raise snapshots.SnapshotError("is no record of an event")
        if profile.settings_sha256(read.wanted) != read.raised.settings_sha256:
            raise snapshots.SnapshotError("holds other settings than its event was raised with")
        return read


@dataclass(slots=True)
class _Checkpoint:
    time_s: float
    state: bytes
    calls: list[Call]


class Journal:
    """Stands between a schedule and a pipeline, and writes down what passes.

    Attributes:
        failures: snapshots that could not be taken; after the first none is tried any more.
        problem: why.
    """

    def __init__(
        self,
        camera: pipeline.CameraPipeline,
        wanted: profile.CameraProfile,
        models: tuple[types.ModelUsed, ...] = (),
        week_minute: Callable[[float], int] | None = None,
        covered_s: float = COVERED_S,
    ) -> None:
        """Begin with nothing written down; `wanted` and `week_minute` are those the pipeline was made with.

        Args:
            covered_s: how much of the time before an event its clip surely holds.
        """
        self._covered_s = covered_s
        self._every_s = max(LEAST_EVERY_S, min(EVERY_S, 0.45 * covered_s))
        self._calm_every_s = max(LEAST_EVERY_S, min(CALM_EVERY_S, 0.9 * covered_s))
        self._week_minute = week_minute
        self._clock: types.ClockReading | None = None
        self._camera = camera
        self._wanted = wanted
        self._models = models
        self._checkpoints: deque[_Checkpoint] = deque(maxlen=2)
        self._newest_s = float("-inf")
        self._is_calm = False
        self.failures = 0
        self.problem = ""

    @property
    def has_tracks(self) -> bool:
        return self._camera.has_tracks

    def kinds_of(self, task: str) -> frozenset[types.Kind]:
        """As the pipeline's."""
        return self._camera.kinds_of(task)

    def note_clock(self, reading: types.ClockReading | None) -> None:
        """As the pipeline's."""
        self._clock = reading
        self._camera.note_clock(reading)

    def look(self, frame: types.Frame) -> types.Look:
        """As the pipeline's."""
        self._checkpoint(frame.time_s)
        look = self._camera.look(frame)
        self._is_calm = not (look.moving or look.regions)
        self._write(Call(frame.time_s, checksum(look.thumb.luma), frame.is_key, look.regions))
        return look

    def conclude(
        self, look: types.Look, detections: types.Detections | None, ask: experts.Ask = experts.nobody
    ) -> types.Step:
        """As the pipeline's, for the newest look."""
        answered: list[bool] = []

        def noting(task: str, blob: experts.Blob) -> experts.Answer | None:
            answer = ask(task, blob)
            answered.append(answer is not None)
            return answer

        step = self._camera.conclude(look, detections, noting)
        for checkpoint in self._checkpoints:
            call = checkpoint.calls[-1]
            call.concluded, call.detected, call.answered = True, detections is not None, tuple(answered)
            call.clock = self._clock
        return step

    def tick(self, now_s: float) -> types.Step:
        """As the pipeline's."""
        self._write(Call(now_s, clock=self._clock))
        return self._camera.tick(now_s)

    def record(self, raised: types.Raised) -> Record | None:
        """Return what to keep with an event that was just raised; None where nothing was looked at lately, or no snapshot could be taken.

        Where no snapshot is young enough for the clip, the youngest goes with it: what the clip lacks is told when it is gone through again.
        """
        young = [one for one in self._checkpoints if raised.raised_s - one.time_s <= self._covered_s]
        recent = [one for one in self._checkpoints if raised.raised_s - one.time_s <= 2 * CALM_EVERY_S]
        if not recent:
            return None
        chosen = young[0] if young else recent[-1]
        return Record(
            program_sha256(),
            machine(),
            self._wanted,
            self._models,
            chosen.state,
            tuple(chosen.calls),
            raised,
            self._shift(raised.raised_s),
        )

    def _shift(self, time_s: float) -> int | None:
        return None if self._week_minute is None else (self._week_minute(time_s) - int(time_s // 60)) % MINUTES

    def _checkpoint(self, time_s: float) -> None:
        """Take a snapshot when the newest is old enough; going back in time takes none."""
        every_s = self._calm_every_s if self._is_calm else self._every_s
        if (self._checkpoints and 0 <= time_s - self._checkpoints[-1].time_s < every_s) or self.problem:
            return
        if self._newest_s > time_s > self._newest_s - pipeline.SET_BACK_S:
            return
        try:
            self._checkpoints.append(_Checkpoint(time_s, self._camera.snapshot(), []))
        except snapshots.SnapshotError as e:
            self.failures, self.problem = self.failures + 1, str(e)
            self._checkpoints.clear()

    def _write(self, call: Call) -> None:
        self._newest_s = max(self._newest_s, call.time_s) if call.picture is not None else self._newest_s
        for checkpoint in self._checkpoints:
            checkpoint.calls.append(call)
        if any(len(checkpoint.calls) > MOST_CALLS for checkpoint in self._checkpoints):
            self._checkpoints.clear()  # time stands still: what follows could not be gone through again in bounds


def checksum(luma: types.Pixels) -> int:
    """Return a checksum by which a picture is found again."""
    return zlib.crc32(luma.tobytes())


@functools.cache
def machine() -> tuple[tuple[str, str], ...]:
    """Return what results may depend on beside program, settings and models, by name."""
    return (
        ("cpu", f"{platform.machine()} {_cpu_name()}".strip()),
        ("python", platform.python_version()),
        ("onnxruntime", str(onnxruntime.__version__)),
        ("opencv", str(cv2.__version__)),
        ("numpy", str(np.__version__)),
    )


@functools.cache
def program_sha256() -> str:
    """Return the digest of this package's code."""
    digest = hashlib.sha256()
    folder = Path(__file__).resolve().parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _cpu_name() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "")
    except OSError:
        return platform.processor()
