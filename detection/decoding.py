"""Packets in, frames out: PyAV's decoder as the schedule needs it, for a camera's stream and for a file alike.

A frame carries the time of the packet it came in, whatever the stream's own time stamps are. Decoding runs on the calling thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.codec.context import Flags

from detection import types

MAX_PIXELS = 64 * 1024 * 1024
_PLANAR = {"yuv420p": False, "yuvj420p": True}
"""Formats taken as they are, and whether their luma is full range by name."""
_MAX_WAITING = 128
_JPEG_RANGE = 2


@dataclass(frozen=True, slots=True, eq=False)
class VideoPacket:
    """One encoded packet with the caller's own time."""

    time_s: float
    is_key: bool
    size_bytes: int
    packet: "av.Packet[Any]"


class VideoDecoder:
    """Decodes one stream. What it cannot use it counts and gives no frame for.

    Attributes:
        unusable: packets that the decoder refused, and pictures too large to be a camera's.
    """

    def __init__(self, codec: str, extradata: bytes | None = None) -> None:
        """Open a decoder of FFmpeg's name `codec` ("h264", "hevc", ...).

        Raises:
            av.error.FFmpegError, ValueError: there is no such decoder.
        """
        self._open(av.CodecContext.create(codec, "r"))
        if extradata:
            self._context.extradata = extradata

    @classmethod
    def of_stream(cls, stream: Any) -> "VideoDecoder":
        """Return a decoder for a file's stream (`av.VideoStream`): it knows what some codecs leave to the container."""
        made = cls.__new__(cls)
        made._open(stream.codec_context)
        return made

    def _open(self, context: Any) -> None:
        context.thread_count = 1
        context.thread_type = "NONE"
        context.flags |= Flags.low_delay
        self._context = context
        self._times: dict[int, tuple[float, bool]] = {}
        self.unusable = 0

    def decode(self, packet: VideoPacket) -> Sequence[types.Frame]:
        """Return the frames that this packet brings, oldest first."""
        raw = packet.packet
        pts = raw.pts if raw.pts is not None else raw.dts
        if pts is not None:
            self._times[pts] = (packet.time_s, packet.is_key)
        try:
            decoded = self._context.decode(raw)
        except (av.error.FFmpegError, ValueError):
            self.unusable += 1
            return ()
        frames = [self._frame(picture, packet) for picture in decoded]
        while len(self._times) > _MAX_WAITING:
            del self._times[next(iter(self._times))]
        return [frame for frame in frames if frame is not None]

    def drain(self) -> Sequence[types.Frame]:
        """Return the frames still held for reordering at the end of a file; only `reset` makes the decoder usable again."""
        try:
            decoded = self._context.decode(None)
        except (av.error.FFmpegError, ValueError):
            return ()
        frames = [
            to_frame(p, *(self._times.pop(p.pts, (0.0, False)) if p.pts is not None else (0.0, False))) for p in decoded
        ]
        self._times.clear()
        return frames

    def reset(self) -> None:
        """Forget references and held frames: the next packet is a key frame that does not follow the last one."""
        self._context.flush_buffers()
        self._times.clear()

    def _frame(self, picture: av.VideoFrame, packet: VideoPacket) -> types.Frame | None:
        pts = picture.pts if picture.pts is not None else picture.dts
        known = None if pts is None else self._times.pop(pts, None)
        time_s, is_key = known or (packet.time_s, packet.is_key)
        if picture.width * picture.height > MAX_PIXELS:
            self.unusable += 1
            return None
        return to_frame(picture, time_s, is_key)


def to_frame(picture: av.VideoFrame, time_s: float, is_key: bool = False) -> types.Frame:
    """Return a decoded picture of any pixel format as a frame; 4:2:0 planes are taken without a copy."""
    name = picture.format.name
    full_range = _PLANAR.get(name, False) or picture.color_range == _JPEG_RANGE
    if name not in _PLANAR:
        full_range = full_range or name.startswith("yuvj")
        picture = picture.reformat(format="yuvj420p" if full_range else "yuv420p")
    y, u, v = (_plane(picture, i) for i in range(3))
    return types.Frame(time_s, y, u, v, full_range, is_key)


def _plane(picture: av.VideoFrame, i: int) -> types.Pixels:
    plane: Any = picture.planes[i]
    rows: types.Pixels = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]
