"""FFmpeg as the client, through PyAV: what any agent would see of a camera."""

from __future__ import annotations  # `Packet` takes a parameter in its stubs only

import struct
from collections.abc import Iterator
from contextlib import contextmanager

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

TIMEOUT_S = 10.0


@contextmanager
def opened(url: str, transport: str = "tcp", timeout_s: float = TIMEOUT_S) -> Iterator[InputContainer]:
    """Open a stream with little probing; close it at the end."""
    options = {"analyzeduration": "300000", "fpsprobesize": "0"}
    if url.startswith("rtsp:"):
        options["rtsp_transport"] = transport
    container = av.open(url, options=options, timeout=timeout_s)
    try:
        yield container
    finally:
        container.close()


def packets(container: InputContainer, count: int) -> list[Packet[VideoStream]]:
    """Return the next `count` packets that carry a time stamp (FFmpeg's first one does not)."""
    taken: list[Packet[VideoStream]] = []
    for packet in container.demux(video=0):
        if packet.pts is not None:
            taken.append(packet)
        if len(taken) == count:
            break
    return taken


def pictures(container: InputContainer, count: int) -> list[VideoFrame]:
    """Return the next `count` decoded pictures."""
    taken: list[VideoFrame] = []
    for frame in container.decode(video=0):
        taken.append(frame)
        if len(taken) == count:
            break
    return taken


def times(items: list[Packet[VideoStream]] | list[VideoFrame]) -> list[int]:
    """Return the time stamps of packets or pictures that all have one."""
    return [item.pts for item in items if item.pts is not None]


def taken_at_unix_s(packet: Packet[VideoStream]) -> float:
    """Return when the camera's reports say a packet's picture was taken (FFmpeg's producer reference time)."""
    for data in packet.iter_sidedata():
        if data.data_type == "prft":
            return float(struct.unpack("<q", bytes(data)[:8])[0]) / 1e6
    raise ValueError("the packet came before the camera's first report")
