"""Which frames of a stream are decoded and looked at, driven by time stamps only.

Idle, only key frames are decoded, as long as they come at least once per look interval (measured from the stream itself);
otherwise every frame is. Movement turns full decoding on, beginning with the frames since the last key frame that was
looked at, so that the start of what moved is seen. It keeps: a frame is decoded only after all frames of its group of
pictures before it, and the packets held for going back are bounded.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from detection import settings, types

SLACK = 1.25
"""Key frames may come this much later than the look interval before a stream counts as one with rare key frames."""
MOST_SILENT_KEYS = 3
RETRY_ALONE_S = 60.0
"""A decoder that gave no frame for this many key frames alone is given every packet for this long."""


class StreamPacket(Protocol):
    """One encoded packet of a stream, in decoding order."""

    @property
    def time_s(self) -> float: ...
    @property
    def is_key(self) -> bool: ...
    @property
    def size_bytes(self) -> int: ...


P = TypeVar("P", bound=StreamPacket)


class Mode(StrEnum):
    """How much of the stream is decoded at present."""

    KEY_FRAMES = "key_frames"
    ALL = "all"
    ACTIVE = "active"


@dataclass(slots=True)
class Counters:
    """What became of the stream so far.

    Attributes:
        decoded: packets given to the decoder, again after going back included.
        skipped: packets never given to the decoder.
        looked: frames yielded.
        went_back: times that movement made it go back.
        overflowed: groups of pictures too long to be held, so that it could not have gone back.
    """

    decoded: int = 0
    skipped: int = 0
    looked: int = 0
    went_back: int = 0
    overflowed: int = 0


class Walker(Generic[P]):
    """Walks one stream and yields the frames to look at.

    Args:
        schedule: the numbers.
        decode: gives the frames that a packet brings, oldest first; none for a packet it cannot use. In mode KEY_FRAMES it
            should not hold a frame back for reordering; a decoder that does so makes the walker decode every packet.
        reset: forgets the decoder's references; called before a key frame that does not follow what was decoded last.
    """

    def __init__(
        self,
        schedule: settings.ScheduleSettings,
        decode: Callable[[P], Sequence[types.Frame]],
        reset: Callable[[], None],
    ) -> None:
        self.mode = Mode.ALL
        self.counters = Counters()
        self._schedule = schedule
        self._decode_packet = decode
        self._reset = reset
        self._held: list[P] = []  # since the key frame looked at last; _held[0] is that key frame
        self._held_bytes = 0
        self._intact = False  # the decoder has seen every packet since a key frame
        self._key_time_s = math.nan  # of the newest key packet
        self._key_interval_s = math.inf  # between the two newest
        self._silent_keys = 0  # key packets in a row that gave no frame by themselves
        self._alone_from_s = -math.inf  # key frames may be decoded alone from here on
        self._look_time_s = math.nan
        self._key_looked_s = -math.inf
        self._due_s = -math.inf
        self._moved_s = -math.inf
        self._retry = False  # the look just made is to be made again after going back

    def feed(self, packet: P) -> Iterator[types.Frame]:
        """Take the stream's next packet and yield the frames to look at; call `saw` after each, and take them all."""
        if packet.is_key:
            self._measure(packet.time_s)
            self._settle()
        if self.mode is not Mode.KEY_FRAMES:
            yield from self._pace(self._decode(packet))
        elif packet.is_key and self._is_due(packet.time_s):
            yield from self._look_at_key(packet)
        else:
            yield from self._pass_over(packet)

    def saw(self, look: types.Look, has_tracks: bool) -> bool:
        """Take what the frame just yielded showed.

        Args:
            has_tracks: objects are being followed; that alone does not turn full decoding on (a parked car would keep it on).

        Returns:
            False when the look must not be concluded, because the same frame is yielded again after earlier ones.
        """
        if not look.moving:
            return True
        self._moved_s = look.frame.time_s
        was_idle, self.mode = self.mode is Mode.KEY_FRAMES, Mode.ACTIVE
        self._retry = was_idle and self._can_go_back(look.frame.time_s)
        return not self._retry

    @property
    def held_packets(self) -> int:
        """How many packets are held for going back."""
        return len(self._held)

    def _measure(self, time_s: float) -> None:
        """Learn the time between key frames; a jump of the clock or the first key frame tells nothing."""
        step_s = time_s - self._key_time_s
        self._key_time_s = time_s
        self._key_interval_s = step_s if 0 < step_s <= 600 else math.inf

    def _settle(self) -> None:
        """At a key frame, choose how much to decode from here on."""
        if self.mode is Mode.KEY_FRAMES or 0 <= self._key_time_s - self._moved_s < self._schedule.linger_s:
            return
        frequent = self._key_interval_s <= self._schedule.look_interval_s * SLACK
        # A clock that jumped far back must not leave the trial of key frames alone waiting for the old time.
        tried = 0 <= self._alone_from_s - self._key_time_s <= RETRY_ALONE_S
        self.mode = Mode.KEY_FRAMES if frequent and not tried else Mode.ALL
        self._drop_held()

    def _look_at_key(self, packet: P) -> Iterator[types.Frame]:
        """Decode one key frame alone; when it shows movement, go back to the one before."""
        before = self._held
        frames = self._decode(packet)
        self._note_answer(bool(frames))
        for frame in frames[-1:]:
            yield self._look(frame)
            if self._retry:
                self._retry = False
                self.counters.went_back += 1
                yield from self._replay(before, frame.time_s)
                self._decode(packet)  # so that the decoder stands where the stream goes on
                yield self._look(frame)
        self._drop_held()
        if self.mode is Mode.KEY_FRAMES:
            self._keep(packet)

    def _note_answer(self, answered: bool) -> None:
        """A decoder that needs later packets to give a frame gets them, and is tried again after a while."""
        self._silent_keys = 0 if answered else self._silent_keys + 1
        if self._silent_keys == MOST_SILENT_KEYS:
            self._silent_keys = 0
            self._alone_from_s = self._key_time_s + RETRY_ALONE_S
            self.mode = Mode.ALL

    def _replay(self, held: Sequence[P], until_s: float) -> Iterator[types.Frame]:
        """Decode what was held, from its key frame (looked at already), and yield the frames that are due before `until_s`."""
        self.counters.skipped -= len(held) - 1
        self._intact = False
        self._due_s = held[0].time_s + 1 / self._schedule.analysis_fps
        for packet in held:
            frames = [frame for frame in self._decode(packet) if held[0].time_s < frame.time_s < until_s]
            yield from self._pace(frames)

    def _can_go_back(self, time_s: float) -> bool:
        """Say whether what is held begins shortly before, with no jump of the clock in between."""
        if len(self._held) < 2:
            return False
        limit_s = 3 * self._schedule.look_interval_s * SLACK
        times = [packet.time_s for packet in self._held]
        return times[0] == min(times) and times[0] < time_s <= times[0] + limit_s and max(times) < time_s + limit_s

    def _pass_over(self, packet: P) -> Iterator[types.Frame]:
        """Hold a packet undecoded; when the next key frame is late, decode what is held and go on with every packet."""
        self.counters.skipped += 1
        self._intact = False
        if self._held:
            self._keep(packet)
        if abs(packet.time_s - self._key_time_s) > self._schedule.look_interval_s * SLACK:
            held = self._held
            self._drop_held()
            self.mode = Mode.ALL
            if held:
                yield from self._replay(held, math.inf)

    def _is_due(self, time_s: float) -> bool:
        """Say whether a key frame should be looked at: whether the next one would be too late."""
        next_s = time_s + min(self._key_interval_s, self._schedule.look_interval_s)
        waits = time_s > self._look_time_s and next_s - self._look_time_s <= 1.01 * self._schedule.look_interval_s
        return not (self._held and waits)

    def _keep(self, packet: P) -> None:
        """Hold a packet; when they grow too many or too large, hold none until the next key frame that is looked at."""
        self._held.append(packet)
        self._held_bytes += packet.size_bytes
        if len(self._held) > self._schedule.buffer_packets or self._held_bytes > self._schedule.buffer_bytes:
            self.counters.overflowed += 1
            self._drop_held()

    def _drop_held(self) -> None:
        self._held, self._held_bytes = [], 0

    def _decode(self, packet: P) -> Sequence[types.Frame]:
        """Decode a packet unless its references are missing."""
        if packet.is_key and not self._intact:
            self._reset()
            self._intact = True
        if not self._intact:
            self.counters.skipped += 1
            return ()
        self.counters.decoded += 1
        return self._decode_packet(packet)

    def _pace(self, frames: Sequence[types.Frame]) -> Iterator[types.Frame]:
        """Yield the frames that are due at the analysis rate; a jump of the clock starts the pace anew."""
        period_s = 1 / self._schedule.analysis_fps
        for frame in frames:
            early = frame.time_s < self._due_s - 1e-3 and self._due_s - frame.time_s <= 2 * period_s
            if early and not self._is_wanted_key(frame):
                continue
            late_s = frame.time_s - self._due_s
            yield self._look(frame)
            if 0 < late_s < period_s:  # frames rarely fall on the beat: keep the beat, not the distance
                self._due_s -= late_s

    def _is_wanted_key(self, frame: types.Frame) -> bool:
        """Say whether a key frame off the beat is looked at all the same: camera health compares key frames, one a second is enough."""
        lately = 0 <= frame.time_s - self._key_looked_s < self._schedule.look_interval_s / SLACK
        return frame.is_key and not lately

    def _look(self, frame: types.Frame) -> types.Frame:
        self.counters.looked += 1
        if frame.is_key:
            self._key_looked_s = frame.time_s
        self._look_time_s = frame.time_s
        self._due_s = frame.time_s + 1 / self._schedule.analysis_fps
        return frame
