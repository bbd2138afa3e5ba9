"""Turns the demuxer's pictures into packets: time, format, and parameter sets before every key frame.

Invariant: no packet comes out before the first key frame that can be decoded; from then on every key frame holds its parameter sets, and
a change of these makes a new format. What cannot be used is dropped and counted.
"""

from collections import Counter
from fractions import Fraction

import av
import av.error
import av.stream

from camera_agents.streams import annexb, clock, packets, rtsp

_NO_KEY_S = 10.0
_REORDER_S = 1.0


class Assembler:
    """The pictures of one connection. Make a new one for each connection.

    Args:
        codec: "h264" or "hevc".
        parameter_sets: from the stream's description; may be empty.
        jumps: where clock jumps are counted.
        dropped: where dropped pictures are counted by reason.
    """

    def __init__(self, codec: str, parameter_sets: bytes, jumps: clock.Jumps, dropped: Counter[str]) -> None:
        self._codec = codec
        self._sets = parameter_sets
        self._clock = clock.StreamClock(jumps)
        self._dropped = dropped
        self._format: packets.StreamFormat | None = None
        self._newest_pts: int | None = None
        self._since_s: float | None = None
        self.undecodable_keys = 0
        """Key frames of this connection that could not be decoded."""
        self.reorders = False
        """A picture came that is shown before one sent earlier: the stream has B-frames."""
        self.camera_ahead_s: float | None = None
        """How far the camera's clock is ahead of the agent's UTC, by its newest sender report."""
        self.camera_at_us: int | None = None
        """The camera's own time of the picture that gave `camera_ahead_s`."""

    def take(self, picture: rtsp.CodedPicture, arrival: clock.Arrival) -> packets.VideoPacket | None:
        """Return the packet for `picture`, or None when it is of no use."""
        self._since_s = arrival.monotonic_s if self._since_s is None else self._since_s
        # FFmpeg gives the very first picture no time stamp and counts from it.
        pts = picture.pts if picture.pts is not None else (0 if self._newest_pts is None else None)
        if pts is None:
            self._dropped["no_time_stamp"] += 1
            return None
        if picture.is_key and not self._enter(picture.data):
            return None
        if self._format is None:
            self._dropped["before_key_frame"] += 1
            return None
        return self._packet(picture, pts, arrival, self._format)

    def waits_for_key_frame(self, now_s: float) -> bool:
        """Say whether no usable key frame came in the first 10 s; `now_s` is monotonic."""
        return self._format is None and self._since_s is not None and now_s - self._since_s > _NO_KEY_S

    def _enter(self, data: bytes) -> bool:
        found = annexb.parameter_sets(self._codec, data)
        sets = found if annexb.has_sequence(self._codec, found) else self._sets
        if self._format is not None and sets == self._format.parameter_sets:
            return True
        size = _size(self._codec, sets, data)
        if size is None:
            self._dropped["garbage_packets"] += 1
            self.undecodable_keys += 1
            return False
        self._sets = sets
        self._format = packets.StreamFormat(self._codec, sets, *size)
        return True

    def _packet(
        self, picture: rtsp.CodedPicture, pts: int, arrival: clock.Arrival, form: packets.StreamFormat
    ) -> packets.VideoPacket:
        pts, captured_us = self._clock.utc_us(pts, arrival)
        newest = self._newest_pts if self._newest_pts is not None else pts
        if 0 < newest - pts < _REORDER_S * packets.TICKS_PER_S:
            self.reorders = True
        self._newest_pts = max(pts, newest) if newest - pts < _REORDER_S * packets.TICKS_PER_S else pts
        if picture.produced_us is not None:
            self.camera_at_us = picture.produced_us
            self.camera_ahead_s = (picture.produced_us - captured_us) / 1e6
        data = picture.data
        if picture.is_key and not annexb.has_sequence(self._codec, annexb.parameter_sets(self._codec, data)):
            data = form.parameter_sets + data
        return packets.VideoPacket(form, pts, captured_us, picture.is_key, data)


def _size(codec: str, sets: bytes, key_frame: bytes) -> tuple[int, int] | None:
    """Return width and height by decoding the key frame; None when it cannot be decoded."""
    decoder = av.CodecContext.create(codec, "r")
    if not isinstance(decoder, av.VideoCodecContext):
        return None
    decoder.thread_count = 1
    packet: av.Packet[av.stream.Stream] = av.Packet(sets + key_frame)
    packet.pts, packet.time_base = 0, Fraction(1, packets.TICKS_PER_S)
    try:
        frames = [*decoder.decode(packet), *decoder.decode(None)]
    except av.error.FFmpegError:
        return None
    if not frames or not 16 <= frames[0].width <= 16384 or not 16 <= frames[0].height <= 16384:
        return None
    return frames[0].width, frames[0].height
