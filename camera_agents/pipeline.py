"""One camera's analysis: its packets through schedule, decoder, gate, detector and triggers to announced events.

Invariant: `push` returns at once. Packets that the analysis cannot keep up with are dropped up to the next key frame and counted; looks
that come too late are concluded without a detector and counted as shed; recording and the other cameras do not notice.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from uuid import UUID

from camera_agents import announcing, capture, decoding, inference, packets, rates, reports, settings
from detection import pipeline, schedule, types
from sharing_hub.wire import v1

_MAX_WAITING_BYTES = 24 * 1024 * 1024
_MAX_WAITING_PACKETS = 600
_TICK_S = 1.0
_LOOK_TIMEOUT_S = 2.0
_LATE_S = 2.5
_MODES: dict[schedule.Mode, v1.DecodeMode] = {
    schedule.Mode.KEY_FRAMES: "key_frames",
    schedule.Mode.ALL: "main",
    schedule.Mode.ACTIVE: "active",
}


class Watch:
    """The analysis of one camera. `run` wants a thread of its own."""

    def __init__(
        self,
        camera: settings.Camera,
        stream: capture.Capture,
        pool: inference.Pool,
        announcer: announcing.Announcer,
        utc_s: Callable[[], float] = time.time,
    ) -> None:
        self._camera = camera
        self._stream = stream
        self._pool = pool
        self._announcer = announcer
        self._utc_s = utc_s
        self._ready = threading.Condition()
        self._waiting: deque[packets.VideoPacket] = deque()
        self._waiting_bytes = 0
        self._needs_key = False
        self._stopping = False
        self.dropped: Counter[str] = Counter()
        self.looks = rates.Rate(time.monotonic)
        self._decoder = decoding.Decoder(self.dropped)
        self._pipeline = pipeline.CameraPipeline(camera.profile, pool.model)
        self._walker = self._new_walker()
        self._open: dict[str, UUID] = {}
        self._newest: types.Frame | None = None
        self._fails = False

    def push(self, packet: packets.VideoPacket) -> None:
        """Take the stream's next packet; never waits."""
        with self._ready:
            if packet.is_key and self._waiting_bytes < _MAX_WAITING_BYTES // 2:
                self._needs_key = False
            if self._waiting_bytes > _MAX_WAITING_BYTES or len(self._waiting) >= _MAX_WAITING_PACKETS:
                self._needs_key = True
            if self._needs_key:
                self.dropped["packets_not_analysed"] += 1
                return
            self._waiting.append(packet)
            self._waiting_bytes += len(packet.data)
            self._ready.notify()

    def stop(self) -> None:
        """Let `run` return."""
        with self._ready:
            self._stopping = True
            self._ready.notify()

    def mode(self) -> v1.DecodeMode:
        """Return how much is decoded now."""
        return _MODES[self._walker.mode]

    def run(self) -> None:
        """Analyse until stopped. Begins anew where an earlier run ended by an error."""
        self._pipeline = pipeline.CameraPipeline(self._camera.profile, self._pool.model)
        self._walker = self._new_walker()
        self._end_all()
        while not self._stopping:
            packet = self._next()
            if packet is None:
                self._announce(self._pipeline.tick(self._utc_s()), None)
                continue
            for frame in self._walker.feed(packet):
                self._look(frame)
            self._judge()

    def _new_walker(self) -> schedule.Walker[packets.VideoPacket]:
        return schedule.Walker(self._camera.profile.schedule, self._decoder.decode, self._decoder.reset)

    def _next(self) -> packets.VideoPacket | None:
        with self._ready:
            self._ready.wait_for(lambda: self._waiting or self._stopping, _TICK_S)
            if not self._waiting or self._stopping:
                return None
            packet = self._waiting.popleft()
            self._waiting_bytes -= len(packet.data)
            return packet

    def _look(self, frame: types.Frame) -> None:
        look = self._pipeline.look(frame)
        self.looks.count()
        if not self._walker.saw(look, self._pipeline.has_tracks):
            return
        found = self._detect(look) if look.regions else None
        step = self._pipeline.conclude(look, found)
        self._newest = frame
        self._announce(step, frame)

    def _detect(self, look: types.Look) -> types.Detections | None:
        newest_us = self._stream.newest_us
        late_s = newest_us / 1e6 - look.frame.time_s if newest_us is not None else 0.0
        found = self._pool.detect(look.frame, look.regions, _LOOK_TIMEOUT_S) if late_s < _LATE_S else None
        if found is None and self._pool.model is not None:
            self.dropped["frames_shed"] += 1
        return found

    def _announce(self, step: types.Step, frame: types.Frame | None) -> None:
        for raised in step.raised:
            shown = frame if frame is not None else self._newest
            scene = announcing.Scene(shown, self._whole(shown), step.tracks if frame is not None else ())
            origin = announcing.Origin(
                self._camera.camera_id, self._stream.camera_clock, self._camera.profile.schedule.look_interval_s
            )
            self._open[raised.key] = self._announcer.announce(origin, raised, scene)
        for ended in step.ended:
            event_id = self._open.pop(ended.key, None)
            if event_id is not None:
                self._announcer.end(event_id, reports.at(ended.ended_s))

    def _whole(self, frame: types.Frame | None) -> types.Detections | None:
        """Look at the whole picture, so that a still hides those too whom no trigger cares about."""
        if frame is None:
            return None
        everything = (0.0, 0.0, float(frame.width_px), float(frame.height_px))
        return self._pool.detect(frame, (everything,), _LOOK_TIMEOUT_S)

    def _end_all(self) -> None:
        for event_id in self._open.values():
            self._announcer.end(event_id, reports.at(self._utc_s()))
        self._open.clear()

    def _judge(self) -> None:
        """Tell the stream's state when what arrives cannot be decoded, and when it can again."""
        if self._decoder.fails != self._fails:
            self._fails = self._decoder.fails
            self._stream.complain("what arrives cannot be decoded" if self._fails else "")
