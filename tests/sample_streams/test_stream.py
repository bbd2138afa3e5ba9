"""A stream's task: what clients get when programmes and clients come and go."""

import asyncio
import time
from functools import partial
from random import Random

from sample_streams.camera import nal, programme, recording, stream

FRAME_TICKS = 1800


class Heard:
    """A wire that keeps what it is given."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.came = asyncio.Event()

    def send(self, packets: list[bytes]) -> None:
        self.packets += packets
        self.came.set()

    async def hear(self, count: int) -> None:
        """Wait until `count` packets have come."""
        async with asyncio.timeout(10):
            while len(self.packets) < count:
                self.came.clear()
                await self.came.wait()

    def report(self, packet: bytes) -> None:
        """Reports are not looked at here."""

    def has_room(self) -> bool:
        return True


def make_recording(pictures: int) -> recording.Recording:
    units = [
        recording.Unit(
            (b"\x67\x42\x00\x1f", b"\x65x") if n % 4 == 0 else (b"\x41x",), *(n * FRAME_TICKS,) * 2, n % 4 == 0
        )
        for n in range(pictures)
    ]
    return recording.assemble(nal.Codec.H264, units, (64, 48), "made")


def test_a_programme_changed_between_two_clients_plays_at_once_for_the_second() -> None:
    async def play() -> None:
        playing = stream.Stream(make_recording(4), stream.Clock(time.monotonic, time.time), Random(1))
        task = asyncio.create_task(playing.run())
        first, second = Heard(), Heard()
        client = playing.prepare(first)
        playing.subscribe(client)
        await first.hear(40)  # ten loops of the short programme
        playing.unsubscribe(client)
        playing.switch(partial(programme.begun, make_recording(4000)))  # the tenth loop of this begins after 800 s
        playing.subscribe(playing.prepare(second))
        await second.hear(20)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(play())
