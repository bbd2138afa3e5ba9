"""One stream of a camera: plays its programme in real time to everyone subscribed.

One task per stream sends every access unit at its time, packed once for all. Without subscribers it sleeps, and the
programme's clock runs on.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from sample_streams.camera import damage, faults, payload, programme, recording, rtp, subscriber

REPORT_INTERVAL_S = 2.0
_LATE_S = 1.0
_HAIR_S = 1e-4  # so that rounding never makes a programme's first unit look already past


@dataclass(frozen=True, slots=True)
class Clock:
    """The outside's two clocks.

    Attributes:
        now_s: monotonic seconds; everything is timed by it.
        unix_s: the wall clock, for reports.
    """

    now_s: Callable[[], float]
    unix_s: Callable[[], float]


class Stream:
    """A stream that plays for ever; `run` is its life.

    Attributes:
        own: what it plays when nothing is wrong, begun at `begun_s`.
        playing: what it plays now.
        faults: of its camera.
        subscribers: who gets it.
        counts: units sent, withheld, damaged and skipped, by reason.
    """

    def __init__(self, own: recording.Recording, clock: Clock, chance: Random) -> None:
        self.subscribers: set[subscriber.Subscriber] = set()
        self.faults = faults.Faults()
        self.counts: Counter[str] = Counter()
        self.own = own
        self._clock = clock
        self._chance = chance
        self._epoch_s = clock.now_s()
        self._base_ticks = chance.getrandbits(32)
        self._wanted = asyncio.Event()
        self.begun_s = self._epoch_s
        self.playing = programme.Programme(own, self._epoch_s)
        self._pending: Callable[[float], programme.Programme] | None = None

    def prepare(self, wire: subscriber.Wire) -> subscriber.Subscriber:
        """Make a client of this stream; it is sent nothing before `subscribe`."""
        return subscriber.Subscriber(
            wire, self._chance, ssrc=self._chance.getrandbits(32), sequence=self._chance.getrandbits(15)
        )

    def subscribe(self, client: subscriber.Subscriber) -> None:
        """Begin sending to a client with the next key frame; harmless when repeated."""
        self.subscribers.add(client)
        self._wanted.set()

    def unsubscribe(self, client: subscriber.Subscriber) -> None:
        """Stop sending to a client; harmless when repeated."""
        if client in self.subscribers:
            self.subscribers.discard(client)
            client.wire.report(rtp.goodbye(client.ssrc))

    def switch(self, begin: Callable[[float], programme.Programme]) -> None:
        """Play another programme from now on; `begin` makes it when the moment has come."""
        if self.subscribers:
            self._pending = begin
        else:
            self.playing = begin(self._clock.now_s())

    def rtp_ticks(self, at_s: float) -> int:
        """Return the RTP time of a moment, not yet wrapped to 32 bits."""
        return self._base_ticks + round((at_s - self._epoch_s + self.faults.clock_jump_s) * rtp.TICKS_PER_S)

    async def run(self) -> None:
        """Play until cancelled."""
        while True:
            if not self.subscribers:
                self._wanted.clear()
                await self._wanted.wait()
            cue = self.playing.first_due(self._clock.now_s())
            while self.subscribers:
                cue = await self._play(cue)

    async def _play(self, cue: programme.Cue) -> programme.Cue:
        playing = self.playing
        wait_s = playing.due_s(cue) - self._clock.now_s()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        elif wait_s < -_LATE_S:
            return self._skip_to_now()
        else:
            await asyncio.sleep(0)
        if self.playing is not playing:  # switched while nobody was subscribed: the cue is of another programme
            return self.playing.first_due(self._clock.now_s())
        if self._pending is not None:
            now_s = self._clock.now_s()
            self.playing, self._pending = self._pending(now_s), None
            self._await_key_frames()
            return self.playing.first_due(now_s - _HAIR_S)
        self._send(cue)
        return self.playing.next_after(cue)

    def _skip_to_now(self) -> programme.Cue:
        self.counts["skipped: this process was late"] += 1
        self._await_key_frames()
        return self.playing.first_due(self._clock.now_s())

    def _await_key_frames(self) -> None:
        for client in self.subscribers:
            client.waits_for_key = True

    def _send(self, cue: programme.Cue) -> None:
        unit = self.playing.unit(cue)
        if self.faults.stall:
            self.counts["withheld: stall"] += 1
            self._await_key_frames()
            return
        if self.faults.no_key_frames:
            if unit.is_key:
                self.counts["withheld: no_key_frames"] += 1
                return
            for client in self.subscribers:
                client.waits_for_key = False
        shown_s = self.playing.shown_s(cue)
        load = self._load(unit, shown_s)
        self._report(load, shown_s)
        for client in self.subscribers:
            self.counts["units sent" if client.deliver(load, self.faults.loss) else "units not sent"] += 1

    def _load(self, unit: recording.Unit, shown_s: float) -> subscriber.Load:
        codec = self.playing.content.codec
        nals = unit.nals
        if self.faults.garbage and self._chance.random() < self.faults.garbage:
            nals = damage.corrupt(codec, nals, self._chance)
            self.counts["units damaged"] += 1
        return subscriber.Load(payload.pack(codec, nals), self.rtp_ticks(shown_s), unit.is_key)

    def _report(self, load: subscriber.Load, shown_s: float) -> None:
        """Tell clients whose turn it is when the picture about to be sent was taken."""
        now_s = self._clock.now_s()
        unix_s = self._clock.unix_s() + self.faults.clock_jump_s - (now_s - shown_s)
        for client in self.subscribers:
            if now_s >= client.next_report_s and client.is_due(load):
                client.report(unix_s, load.time_ticks)
                client.next_report_s = now_s + REPORT_INTERVAL_S

    def report_at_once(self) -> None:
        """Make the next access unit be preceded by a report, because the clock has changed."""
        for client in self.subscribers:
            client.next_report_s = 0.0
