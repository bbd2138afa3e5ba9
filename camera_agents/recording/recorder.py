"""Writes packets to segment files on one thread, so that a slow disk never holds up a camera.

Invariant: `write` returns at once; what the disk cannot take is dropped up to the next key frame and its seconds are counted, with a gap.
"""

import errno
import math
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from camera_agents import errors, lanes
from camera_agents.recording import chain, describing, recordings, segments
from camera_agents.streams import packets

SEGMENT_S = 60.0
_MAX_SEGMENT_BYTES = 512 * 1024 * 1024
_MAX_WAITING_BYTES = 16 * 1024 * 1024
_RETRY_S = 5.0
_LONGEST_STEP_US = 2_000_000
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Stop:
    """What ends a camera's recording for now, in order with its packets."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Turn:
    """What ends a camera's segment at its next key frame, with nothing missing."""


@dataclass(slots=True)
class _Tape:
    """One camera's recording as the writer thread sees it.

    Attributes:
        missing: spans without a picture, while recording went on, that no link has told yet.
        camera_ahead_s: the camera's clock, as it told it last.
    """

    camera_id: str
    file: segments.SegmentWriter | None = None
    segment_id: int = 0
    format: packets.StreamFormat | None = None
    start_us: int = 0
    last_us: int = 0
    retry_us: int = 0
    turning: bool = False
    missing: list[recordings.Gap] = field(default_factory=list)
    camera_ahead_s: float | None = None


@dataclass(slots=True)
class _Queue:
    """What waits for the writer, and what could not.

    Attributes:
        arrived_us, taken_us: capture time of the packet that came last, and of the one the writer took last.
        lost_us: time that arrived and was not recorded.
    """

    waiting_bytes: int = 0
    needs_key: bool = False
    arrived_us: int = 0
    taken_us: int = 0
    lost_us: int = 0
    tape: _Tape = field(default_factory=lambda: _Tape(""))


class Recorder:
    """Owns the writer thread of one disk. Make it, `recover` once, `start`, and `stop` at the end."""

    def __init__(
        self, folder: Path, index: recordings.Recordings, links: chain.Chain, segment_s: float = SEGMENT_S
    ) -> None:
        self._folder = folder
        self._index = index
        self._chain = links
        self._segment_us = int(segment_s * 1e6)
        self._ready = threading.Condition()
        self._work: deque[tuple[_Queue, packets.VideoPacket | _Stop | _Turn]] = deque()
        self._cameras: dict[str, _Queue] = {}
        self._paused = ""
        self._ending = False
        self._batch: deque[tuple[_Queue, packets.VideoPacket | _Stop | _Turn]] = (
            deque()
        )  # taken from `_work`, not yet done
        self._lane = lanes.Lane("recorder", self._run, self._finish)

    def recover(self, camera_ids: Iterable[str]) -> None:
        """Close what a kill left open, and begin the gap that lasts until each camera is recorded again."""
        for segment in self._index.unclosed():
            path = self._folder / segment.path
            good = segments.repair(path) if path.exists() else []
            if good:
                self._chain.close_segment(describing.interrupted(segment, path, good))
            else:
                self._index.forget_segment(segment.segment_id)
        for camera_id in camera_ids:
            ended_us = max(self._index.newest_end_us(camera_id) or 0, self._chain.covered_us(camera_id) or 0)
            if ended_us:
                self._index.open_gap(camera_id, ended_us, describing.KILLED)

    def start(self) -> None:
        """Start the writer."""
        self._lane.start()

    def stop(self) -> None:
        """Write what waits, close every segment and end the thread."""
        self._lane.stop()
        self._lane.join(math.inf)

    def write(self, camera_id: str, packet: packets.VideoPacket, camera_ahead_s: float | None = None) -> None:
        """Take a packet to be recorded; never waits for the disk.

        Args:
            camera_ahead_s: how far the camera's clock is ahead of the agent's UTC, where it tells.
        """
        with self._ready:
            queue = self._queue(camera_id)
            queue.tape.camera_ahead_s = camera_ahead_s
            before_us, queue.arrived_us = queue.arrived_us, packet.captured_us
            if queue.needs_key and packet.is_key and queue.waiting_bytes < _MAX_WAITING_BYTES // 2:
                queue.needs_key = False
            if queue.waiting_bytes + len(packet.data) > _MAX_WAITING_BYTES and not queue.needs_key:
                queue.needs_key = True
                self._work.append((queue, _Stop("disk too slow")))
            if queue.needs_key:
                _count_lost(queue, before_us, packet.captured_us)
                return
            queue.waiting_bytes += len(packet.data)
            self._work.append((queue, packet))
            self._ready.notify()

    def interrupt(self, camera_id: str, reason: str) -> None:
        """Say that the camera gives nothing for now: its segment is closed and a gap with `reason` begins."""
        with self._ready:
            self._work.append((self._queue(camera_id), _Stop(reason)))
            self._ready.notify()

    def turn(self, camera_id: str) -> None:
        """Finish the camera's segment at its next key frame, so that it gets its link; recording goes on in a new one."""
        with self._ready:
            self._work.append((self._queue(camera_id), _Turn()))
            self._ready.notify()

    def pause(self, reason: str) -> None:
        """Record nothing until called again with an empty reason, as when the disk must be left to the alarms."""
        self._paused = reason

    def seconds_not_recorded(self, camera_id: str) -> int:
        """Return how many seconds of the camera's video arrived and were not recorded."""
        with self._ready:
            return self._queue(camera_id).lost_us // 1_000_000

    def _queue(self, camera_id: str) -> _Queue:
        return self._cameras.setdefault(camera_id, _Queue(tape=_Tape(camera_id)))

    def _finish(self) -> None:
        with self._ready:
            self._ending = True
            self._ready.notify()

    def _run(self) -> None:
        """Write until stopped; begun again after an error, it goes on behind the item that caused it."""
        while True:
            while self._batch:
                self._take(*self._batch.popleft())
            with self._ready:
                self._ready.wait_for(lambda: self._work or self._ending)
                self._batch, self._work = self._work, deque()
                for queue, item in self._batch:
                    if isinstance(item, packets.VideoPacket):
                        queue.waiting_bytes -= len(item.data)
            if not self._batch:
                break
        for queue in list(self._cameras.values()):  # a heartbeat may ask for a camera that never gave anything
            self._end(queue.tape, "agent stopped")

    def _take(self, queue: _Queue, item: packets.VideoPacket | _Stop | _Turn) -> None:
        tape = queue.tape
        if isinstance(item, _Stop):
            self._end(tape, item.reason)
            return
        if isinstance(item, _Turn):
            tape.turning = tape.file is not None
            return
        before_us, queue.taken_us = queue.taken_us, item.captured_us
        try:
            stored = self._record(tape, item)
        except (OSError, errors.RecordingsError) as e:
            reason = _reason(e)
            _log.error("recording_failed", camera_id=tape.camera_id, reason=reason)
            tape.retry_us = item.captured_us + int(_RETRY_S * 1e6)
            self._end(tape, reason)
            stored = False
        if not stored:
            with self._ready:
                _count_lost(queue, before_us, item.captured_us)

    def _record(self, tape: _Tape, packet: packets.VideoPacket) -> bool:
        if self._paused:
            self._end(tape, self._paused)
            return False
        if packet.captured_us < tape.retry_us:
            return False
        going_on = tape.file
        if tape.file is not None and self._must_turn(tape, packet):
            self._close(tape)
        if going_on is not None:
            rate = describing.fps(going_on.frames, tape.last_us - tape.start_us)
            if stalled := describing.stall(tape.last_us, packet.captured_us, rate):
                tape.missing.append(stalled)
        if tape.file is None:
            if not packet.is_key:
                return False
            self._open(tape, packet)
        if tape.file is not None:
            tape.file.append(packet)
        tape.last_us = max(tape.last_us, packet.captured_us)
        return True

    def _must_turn(self, tape: _Tape, packet: packets.VideoPacket) -> bool:
        if packet.format is not tape.format or packet.captured_us < tape.start_us - _LONGEST_STEP_US:
            return True  # a little earlier is a picture sent out of order; more is a clock that stepped back
        full = tape.file is not None and tape.file.length_bytes > _MAX_SEGMENT_BYTES
        return packet.is_key and (full or tape.turning or packet.captured_us - tape.start_us >= self._segment_us)

    def _open(self, tape: _Tape, packet: packets.VideoPacket) -> None:
        path = _segment_path(tape.camera_id, packet.captured_us)
        while (self._folder / path).exists():  # the clock stepped back onto a recorded time
            path = path.with_name(f"{path.stem}b{path.suffix}")
        tape.segment_id = self._index.open_segment(tape.camera_id, str(path), packet.captured_us)
        tape.format, tape.start_us, tape.last_us = packet.format, packet.captured_us, packet.captured_us
        try:
            tape.file = segments.SegmentWriter(
                self._folder / path, segments.SegmentHeader(tape.camera_id, packet.format)
            )
        except OSError:
            self._index.forget_segment(tape.segment_id)
            raise

    def _close(self, tape: _Tape) -> None:
        if tape.file is None:
            return
        file, tape.file, tape.turning = tape.file, None, False
        try:
            file.close()
        except OSError as e:
            _log.error("segment_not_durable", camera_id=tape.camera_id, reason=str(e.strerror))
        try:
            if file.frames:
                self._chain.close_segment(self._finished(tape, file))
                tape.missing.clear()
            else:
                file.path.unlink(missing_ok=True)
                self._index.forget_segment(tape.segment_id)
        except errors.RecordingsError as e:  # the next start finds the row still open and closes it from the file
            _log.error("segment_not_indexed", camera_id=tape.camera_id, reason=str(e))

    def _finished(self, tape: _Tape, file: segments.SegmentWriter) -> chain.Finished:
        name = str(file.path.relative_to(self._folder))
        told = describing.written(file, name, (tape.start_us, tape.last_us), tape.camera_ahead_s)
        return chain.Finished(tape.segment_id, tape.camera_id, tape.last_us, told, tuple(tape.missing))

    def _end(self, tape: _Tape, reason: str) -> None:
        self._close(tape)
        if not tape.last_us:
            return
        try:
            self._index.open_gap(tape.camera_id, tape.last_us, reason)
        except errors.RecordingsError as e:
            _log.error("gap_not_indexed", camera_id=tape.camera_id, reason=str(e))


def _segment_path(camera_id: str, captured_us: int) -> Path:
    at = datetime.fromtimestamp(captured_us / 1e6, UTC)
    return Path(camera_id) / f"{at:%Y%m%d}" / f"{at:%H%M%S}-{captured_us}{segments.SUFFIX}"


def _reason(error: OSError | errors.RecordingsError) -> str:
    if isinstance(error, OSError):
        return "disk full" if error.errno == errno.ENOSPC else f"disk error: {error.strerror}"
    return "disk error: the index of recordings cannot be written"


def _count_lost(queue: _Queue, before_us: int, captured_us: int) -> None:
    if before_us and 0 < captured_us - before_us < _LONGEST_STEP_US:
        queue.lost_us += captured_us - before_us
