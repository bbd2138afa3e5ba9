"""One thread per stream: connect, read, hand every packet on, and after a loss wait and connect again.

Invariant: a dead, slow or lying camera costs this thread only; its memory is one packet, its waits are bounded, its state says what is wrong.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from camera_agents import backoff, errors
from camera_agents.streams import assembly, clock, packets, rates, rtsp
from sharing_hub.wire import v1

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 30.0
_LEAST_WAIT_S = 0.25
_UNAUTHORISED_WAIT_S = 20.0  # a camera locks the account of who keeps trying
_IDLE_WAIT_S = 1.0
_NO_KEY_PATIENCE_S = 30.0
_GARBAGE_PATIENCE_S = 10.0  # then the stream is described anew: the camera may have changed its codec
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Condition:
    """What a stream is like now."""

    state: v1.CameraState
    detail: str


@dataclass(frozen=True, slots=True)
class Hooks:
    """Who is told what, always on the capture thread: none may block.

    Attributes:
        packet: every packet, in order.
        lost: the connection is gone, with the reason.
        changed: the condition is another.
    """

    packet: Callable[[packets.VideoPacket], None]
    lost: Callable[[str], None]
    changed: Callable[[Condition], None]


@dataclass(frozen=True, slots=True)
class Outside:
    """Time and chance: the agent's UTC in seconds, its monotonic clock, and a source of jitter."""

    utc_s: Callable[[], float] = time.time
    monotonic_s: Callable[[], float] = time.monotonic
    chance: random.Random = field(default_factory=random.Random)


class Capture:
    """Keeps one stream open; `run` wants a thread of its own. `open_stream` raises CaptureError where it cannot."""

    def __init__(
        self,
        name: str,
        open_stream: Callable[[], rtsp.Connection],
        hooks: Hooks,
        outside: Outside | None = None,
        *,
        wanted: bool = True,
    ) -> None:
        self.name = name
        self._open = open_stream
        self._hooks = hooks
        self._outside = outside or Outside()
        self._stopping = threading.Event()
        self._wanted = threading.Event()
        self.want(wanted)
        self._backoff = backoff.Backoff(_FIRST_WAIT_S, _LONGEST_WAIT_S, self._outside.chance)
        self.rate = rates.Rate(self._outside.monotonic_s)
        self._complaint = ""
        self._complained_s = 0.0
        self._tried_anew = False
        self.condition = Condition("starting", "")
        self.jumps = clock.Jumps()
        self.dropped: Counter[str] = Counter()
        self.bytes_in = 0
        self.format: packets.StreamFormat | None = None
        self.reorders = False
        self.camera_clock: v1.CameraClock | None = None
        self.newest_us: int | None = None

    def stop(self) -> None:
        """Let `run` return: after the next packet, or within the read timeout."""
        self._stopping.set()
        self._wanted.set()

    def want(self, wanted: bool) -> None:
        """Say whether the stream is needed now; it is closed while it is not."""
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()

    def complain(self, what: str) -> None:
        """Say that what arrives cannot be decoded (or, with an empty text, that it can again): the state becomes `garbage`."""
        if what and not self._complaint:
            self._complained_s = self._outside.monotonic_s()
        if not what:
            self._tried_anew = False
        self._complaint = what

    def run(self) -> None:
        """Keep the stream open until stopped."""
        while not self._stopping.is_set():
            if not self._wanted.wait(_IDLE_WAIT_S) or self._stopping.is_set():
                continue
            least_s = _LEAST_WAIT_S
            try:
                with self._open() as connection:
                    self._read(connection)
            except errors.CaptureError as e:
                least_s = _UNAUTHORISED_WAIT_S if e.state == "unauthorised" else _LEAST_WAIT_S
                self._lose(e)
            if not self._stopping.is_set() and self._wanted.is_set():
                self.dropped["reconnects"] += 1
                self._stopping.wait(self._backoff.next_s(least_s))
        self._become(Condition("stopped", ""))

    def _read(self, connection: rtsp.Connection) -> None:
        assembler = assembly.Assembler(connection.codec, connection.parameter_sets, self.jumps, self.dropped)
        began_s = self._outside.monotonic_s()
        for picture in connection.pictures():
            if self._stopping.is_set() or not self._wanted.is_set():
                return
            arrival = clock.Arrival(self._outside.utc_s(), self._outside.monotonic_s())
            packet = assembler.take(picture, arrival)
            self.bytes_in += len(picture.data)
            self.rate.count()
            self._bear(arrival.monotonic_s)
            if packet is not None:
                self._deliver(packet, assembler)
            elif assembler.waits_for_key_frame(arrival.monotonic_s):
                self._become(_without_key_frame(assembler))
                if arrival.monotonic_s - began_s > _NO_KEY_PATIENCE_S:
                    raise errors.CaptureError(self.condition.state, self.condition.detail)

    def _bear(self, now_s: float) -> None:
        """Show a complaint at once, whatever comes, and when it lasts try a new connection, once.

        Raises:
            CaptureError: only a new connection shows what the camera sends now.
        """
        if not self._complaint:
            return
        self._become(Condition("garbage", self._complaint))
        if now_s - self._complained_s > _GARBAGE_PATIENCE_S and not self._tried_anew:
            self._tried_anew = True
            raise errors.CaptureError("garbage", self._complaint)

    def _deliver(self, packet: packets.VideoPacket, assembler: assembly.Assembler) -> None:
        self.format = packet.format
        self.reorders = assembler.reorders
        self.newest_us = packet.captured_us
        if packet.is_key:
            self._note_clock(assembler)
            self._backoff.reset()
            self._become(Condition("garbage", self._complaint) if self._complaint else Condition("online", ""))
        self._hooks.packet(packet)

    def _note_clock(self, assembler: assembly.Assembler) -> None:
        if assembler.camera_at_us is None or assembler.camera_ahead_s is None:
            return
        try:
            camera_at = datetime.fromtimestamp(assembler.camera_at_us / 1e6, UTC)
        except (ValueError, OverflowError, OSError):
            return  # a clock set to a year that no calendar has
        self.camera_clock = v1.CameraClock(camera_at=camera_at, offset_s=assembler.camera_ahead_s)

    def _lose(self, error: errors.CaptureError) -> None:
        self._complaint = ""
        self.camera_clock = None
        self.rate.clear()
        self._become(Condition(error.state, str(error)))
        self._hooks.lost(f"camera {error.state}: {error}" if error.state != "offline" else f"camera offline: {error}")

    def _become(self, condition: Condition) -> None:
        if condition == self.condition:
            return
        self.condition = condition
        _log.info("camera_state", camera=self.name, state=condition.state, detail=condition.detail)
        self._hooks.changed(condition)


def _without_key_frame(assembler: assembly.Assembler) -> Condition:
    if assembler.undecodable_keys:
        return Condition("garbage", "no key frame that comes can be decoded")
    return Condition("no_key_frame", "no key frame in 10 s: shorten the camera's key frame interval")
