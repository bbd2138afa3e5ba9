"""Access units of a sample clip, as an agent would push them."""

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

from sharing_hub.wire import framing

CLIP = Path("sample_streams/clips/vtest.mp4")
_CLOCK_HZ = 90_000


def read(camera_id: str, clip: Path = CLIP, limit: int | None = None) -> list[framing.AccessUnit]:
    """Return the clip's coded pictures as Annex B with rising times in 1/90000 s."""
    units = []
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        to_annexb = BitStreamFilterContext("h264_mp4toannexb", stream)
        packets = (out for packet in container.demux(stream) if packet.size for out in to_annexb.filter(packet))
        for packet in itertools.islice(packets, limit):
            assert packet.pts is not None
            assert packet.time_base is not None
            pts = int(packet.pts * packet.time_base * _CLOCK_HZ)
            units.append(framing.AccessUnit(camera_id, packet.is_keyframe, pts, pts * 100 // 9, bytes(packet)))
    return units


def endless(units: list[framing.AccessUnit]) -> Iterator[framing.AccessUnit]:
    """Repeat the units for ever, with times that go on rising."""
    step = units[1].pts - units[0].pts
    length = units[-1].pts - units[0].pts + step
    for turn in itertools.count():
        for unit in units:
            yield dataclasses.replace(unit, pts=unit.pts + turn * length)
