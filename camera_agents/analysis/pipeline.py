"""One camera's analysis: its packets through schedule, decoder, gate, detector and triggers to announced events.

Invariant: `push` returns at once. Packets that the analysis cannot keep up with are dropped up to the next key frame and counted; looks
that come too late are concluded without a detector and counted as shed; recording and the other cameras do not notice.
"""

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from camera_agents.analysis import announcing, books, coverage, decoding, inference, reports, standby
from camera_agents.configuration import settings
from camera_agents.streams import capture, packets, rates
from detection import examiners, experts, journal, pipeline, schedule, types
from sharing_hub.wire import v1

_MAX_WAITING_BYTES = 24 * 1024 * 1024
_MAX_WAITING_PACKETS = 600
_TICK_S = 1.0
_LOOK_TIMEOUT_S = 1.0
_STILL_TIMEOUT_S = 0.5  # an alarm does not wait longer for its still: without an answer the whole picture is hidden
_LATE_S = 1.0  # further behind the stream, looks go without a detector until it is caught up with: alarms may not lag
_FAR_BACK_S = 4.0  # what moved earlier than this before it was seen was not what was seen
_MODES: dict[schedule.Mode, v1.DecodeMode] = {
    schedule.Mode.KEY_FRAMES: "key_frames",
    schedule.Mode.ALL: "main",
    schedule.Mode.ACTIVE: "active",
}


@dataclass(frozen=True, slots=True)
class Streams:
    """A camera's streams."""

    main: capture.Capture
    sub: capture.Capture | None = None


class Watch:
    """The analysis of one camera. `run` wants a thread of its own."""

    def __init__(
        self,
        camera: settings.Camera,
        streams: Streams,
        pool: inference.Pool,
        announcer: announcing.Announcer,
        utc_s: Callable[[], float] = time.time,
        kept: books.Books = books.Books(),
    ) -> None:
        """Begin with nothing seen."""
        self._books = kept
        self._camera = camera
        self._stream = streams.main
        self._small = streams.sub
        self._pool = pool
        self._announcer = announcer
        self._utc_s = utc_s
        self._ready = threading.Condition()
        self._waiting: deque[tuple[packets.VideoPacket, bool]] = deque()
        self._waiting_bytes = 0
        self._needs_key = False
        self._due = False  # something waits that is to be taken now
        self._taken_us = 0  # capture time of the packet in hand: how far behind the stream the analysis is
        self._stopping = False
        self.dropped: Counter[str] = Counter()
        self.looks = rates.Rate(time.monotonic)
        self._decoder = decoding.Decoder(self.dropped)
        self._pipeline = self._new_pipeline()
        self._walker = self._new_walker()
        small_decoder = decoding.Decoder(Counter())
        # It is never told of movement: then the main stream is gone back to, and this one goes on as an idle one.
        self._small_walker = schedule.Walker(camera.profile.schedule, small_decoder.decode, small_decoder.reset)
        self._standby = standby.Standby(camera.profile.schedule)
        self.coverage = coverage.Coverage(
            camera.profile,
            has_detector=pool.model is not None,
            lacking=examiners.lacking(camera.profile, pool.further.keys()),
        )
        self._shed_kinds: set[types.Kind] = set()  # at the look in hand
        self._open: dict[str, tuple[UUID, types.Kind]] = {}
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
            self._waiting.append((packet, False))
            self._waiting_bytes += len(packet.data)
            # Between the key frames of an idle camera nothing is decoded: what comes then can wait for the next of them or the next tick.
            if packet.is_key or self._walker.mode is not schedule.Mode.KEY_FRAMES:
                self._wake()

    def push_small(self, packet: packets.VideoPacket) -> None:
        """Take the small stream's next packet; never waits. Where it cannot be taken the next key frame mends it."""
        with self._ready:
            if len(self._waiting) < _MAX_WAITING_PACKETS:
                self._waiting.append((packet, True))
                self._waiting_bytes += len(packet.data)
                if packet.is_key or self._small_walker.mode is not schedule.Mode.KEY_FRAMES:
                    self._wake()

    def stop(self) -> None:
        """Let `run` return."""
        with self._ready:
            self._stopping = True
            self._ready.notify()

    def mode(self) -> v1.DecodeMode:
        """Return how much is decoded now."""
        return "sub" if self._standby.on else _MODES[self._walker.mode]

    def run(self) -> None:
        """Analyse until stopped. Begins anew where an earlier run ended by an error."""
        self._pipeline = self._new_pipeline()
        self._walker = self._new_walker()
        self._end_all()
        self.coverage.begin(self._utc_s())
        while not self._stopping:
            packet, is_small = self._next()
            if packet is None:
                self._note_clock()
                now_s = self._utc_s()
                self._announce(self._pipeline.tick(now_s), self._newest)
                self.coverage.waited(now_s, self._camera.week_minute(now_s))
            elif is_small:
                self._take_small(packet)
            else:
                self._take(packet)
                self._judge()

    def _take(self, packet: packets.VideoPacket) -> None:
        taken: tuple[packets.VideoPacket, ...] = (packet,)
        was_held = self._standby.on
        if self._small is not None:
            fresh = self._small_is_fresh(packet.time_s)
            taken = self._standby.take(packet, quiet=self._is_quiet(), small_is_fresh=fresh)
        if was_held and not self._standby.on:
            self._walker = self._new_walker()
        self._walk(taken, -math.inf)
        if self._small is not None and packet.is_key:
            self._small.want(self._standby.wants_small_stream)

    def _take_small(self, packet: packets.VideoPacket) -> None:
        """Look at the small stream while the camera is idle; on movement go back to where it began in the main stream."""
        for frame in self._small_walker.feed(packet):
            if not self._standby.on or not self._standby.is_due(frame.time_s):
                continue
            look = self._pipeline.look(frame)
            self.looks.count()
            held = self._standby.wake() if look.moving else []
            if not held:  # else the main stream's frames of the same moments are concluded, in the order of their times
                self._conclude(look)
            if look.moving or self._pipeline.has_tracks:
                self._standby.moved(frame.time_s)
                self._walker = self._new_walker()
                seen_s = self._newest.time_s if self._newest is not None else -math.inf
                self._walk(held or self._standby.wake(), max(seen_s, frame.time_s - _FAR_BACK_S))

    def _walk(self, taken: Sequence[packets.VideoPacket], from_s: float) -> None:
        """Give packets to the schedule and look at the frames it wants, those after `from_s`."""
        for packet in taken:
            for frame in self._walker.feed(packet):
                if frame.time_s > from_s:
                    self._look(frame)

    def _is_quiet(self) -> bool:
        return self._walker.mode is not schedule.Mode.ACTIVE and not self._pipeline.has_tracks

    def _small_is_fresh(self, now_s: float) -> bool:
        newest_us = self._small.newest_us if self._small is not None else None
        return newest_us is not None and now_s - newest_us / 1e6 < 2 * self._camera.profile.schedule.look_interval_s + 1

    def _new_pipeline(self) -> journal.Journal:
        wanted, minutes = self._camera.profile, self._camera.week_minute
        camera = pipeline.CameraPipeline(wanted, self._pool.model, further=self._pool.further, week_minute=minutes)
        return journal.Journal(camera, wanted, self._pool.models, minutes, self._books.covered_s)

    def _new_walker(self) -> schedule.Walker[packets.VideoPacket]:
        """Return a schedule that waits for a key frame, where the decoder has not seen what came before."""
        return schedule.Walker(self._camera.profile.schedule, self._decoder.decode, self._decoder.reset)

    def _next(self) -> tuple[packets.VideoPacket | None, bool]:
        with self._ready:
            self._ready.wait_for(lambda: self._due or self._stopping, _TICK_S)
            if not self._waiting or self._stopping:
                return None, False
            self._due = len(self._waiting) > 1
            packet, is_small = self._waiting.popleft()
            self._waiting_bytes -= len(packet.data)
            self._taken_us = packet.captured_us
            return packet, is_small

    def _wake(self) -> None:
        self._due = True
        self._ready.notify()

    def _look(self, frame: types.Frame) -> None:
        look = self._pipeline.look(frame)
        self.looks.count()
        if look.moving:
            self._standby.moved(frame.time_s)
        if self._walker.saw(look, self._pipeline.has_tracks):
            self._conclude(look)

    def _conclude(self, look: types.Look) -> None:
        self._shed_kinds.clear()
        found = self._detect(look) if look.regions else None
        self._note_clock()
        step = self._pipeline.conclude(look, found, self._ask)
        for task in step.over_budget:
            self.dropped["questions_over_budget"] += 1
            self._shed_kinds |= self._pipeline.kinds_of(task)
        self._newest = look.frame
        self._books.note(look.frame.time_s, step)
        self._announce(step, look.frame, found)
        self._count(look, was_shed=bool(look.regions) and found is None)

    def _count(self, look: types.Look, was_shed: bool) -> None:
        """Count how well the time up to this look was watched."""
        time_s = look.frame.time_s
        on_now = coverage.Moment(time_s, self._camera.week_minute(time_s))
        self.coverage.looked(on_now, was_shed, self._shed_kinds, {kind for _, kind in self._open.values()})

    def _note_clock(self) -> None:
        """Tell the pipeline what the camera's clock said last."""
        clock = self._stream.camera_clock
        reading = None if clock is None else types.ClockReading(clock.camera_at.timestamp(), clock.offset_s)
        self._pipeline.note_clock(reading)

    def _detect(self, look: types.Look) -> types.Detections | None:
        late_s = ((self._stream.newest_us or 0) - self._taken_us) / 1e6
        wanted = self._camera.profile.detector
        found = self._pool.detect(look.frame, look.regions, _LOOK_TIMEOUT_S, wanted) if late_s < _LATE_S else None
        if found is None and self._pool.model is not None:
            self.dropped["frames_shed"] += 1
        return found

    def _ask(self, task: str, blob: experts.Blob) -> experts.Answer | None:
        late_s = ((self._stream.newest_us or 0) - self._taken_us) / 1e6
        answer = self._pool.ask(task, blob, _LOOK_TIMEOUT_S) if late_s < _LATE_S else None
        if answer is None:
            self.dropped["questions_shed"] += 1
            self._shed_kinds |= self._pipeline.kinds_of(task)
        return answer

    def _announce(self, step: types.Step, shown: types.Frame | None, found: types.Detections | None = None) -> None:
        """Announce what began and ended; `shown` is the newest frame, `found` what this look's regions gave."""
        whole = self._whole(shown) if step.raised else None
        if whole is not None and found is not None:
            whole = types.Detections.joined((whole, found))  # a region shows those who are too small in the whole
        for raised in step.raised:
            scene = announcing.Scene(shown, whole, step.tracks)
            origin = announcing.Origin(
                self._camera.camera_id, self._stream.camera_clock, self._camera.profile.schedule.look_interval_s
            )
            event_id = self._announcer.announce(origin, raised, scene)
            self._open[raised.key] = event_id, raised.kind
            self._keep_record(event_id, raised)
        for ended in step.ended:
            going_on = self._open.pop(ended.key, None)
            if going_on is not None:
                self._announcer.end(going_on[0], reports.at(ended.ended_s))

    def _keep_record(self, event_id: UUID, raised: types.Raised) -> None:
        """Keep what the event can be gone through again with, after it was announced; of an offline camera nothing was seen."""
        record = self._pipeline.record(raised)
        if self._pipeline.problem or (record is not None and not self._books.keep(event_id, record)):
            self.dropped["records_not_kept"] += 1

    def _whole(self, frame: types.Frame | None) -> types.Detections | None:
        """Look at the whole picture, so that a still hides those too whom no trigger cares about."""
        if frame is None:
            return None
        everything = (0.0, 0.0, float(frame.width_px), float(frame.height_px))
        return self._pool.detect(frame, (everything,), _STILL_TIMEOUT_S)

    def _end_all(self) -> None:
        for event_id, _ in self._open.values():
            self._announcer.end(event_id, reports.at(self._utc_s()))
        self._open.clear()

    def _judge(self) -> None:
        """Tell the stream's state when what arrives cannot be decoded, and when it can again."""
        if self._decoder.fails or self._fails:
            self._fails = self._decoder.fails
            self._stream.complain("what arrives cannot be decoded" if self._fails else "")
