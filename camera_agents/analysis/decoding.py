"""Decodes a camera's packets with detection's own decoder, and follows changes of format by itself.

Invariant: a packet that cannot be decoded gives no frame and is counted; it never raises.
"""

from collections import Counter, deque
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av

from camera_agents.streams import packets
from detection import decoding, types

_MICROSECOND = Fraction(1, 1_000_000)
_JUDGED = 30
_MIN_JUDGED = 5
_BAD_SHARE = 0.3
_STILL_BAD_SHARE = 0.05


class Decoder:
    """The decoder of one stream, with the interface that the schedule needs."""

    def __init__(self, dropped: Counter[str]) -> None:
        self._dropped = dropped
        self._format: packets.StreamFormat | None = None
        self._decoder: decoding.VideoDecoder | None = None
        self._good: deque[bool] = deque(maxlen=_JUDGED)
        self._fails = False

    @property
    def fails(self) -> bool:
        """Say whether a good part of the newest packets could not be decoded; it takes nearly all good ones to take that back."""
        if len(self._good) >= _MIN_JUDGED:
            bad_share = 1 - sum(self._good) / len(self._good)
            self._fails = bad_share > (_STILL_BAD_SHARE if self._fails else _BAD_SHARE)
        return self._fails

    def decode(self, packet: packets.VideoPacket) -> Sequence[types.Frame]:
        """Return the frames that `packet` brings, oldest first."""
        if packet.format is not self._format or self._decoder is None:
            if packet.format != self._format:  # another stream; the same one connected anew is judged on
                self._good.clear()
                self._fails = False
            self._format = packet.format
            self._decoder = decoding.VideoDecoder(packet.format.codec, packet.format.parameter_sets)
        coded: av.Packet[Any] = av.Packet(packet.data)
        coded.pts = coded.dts = packet.captured_us
        coded.time_base = _MICROSECOND
        before = self._decoder.unusable
        frames = self._decoder.decode(decoding.VideoPacket(packet.time_s, packet.is_key, packet.size_bytes, coded))
        failed = self._decoder.unusable > before
        self._good.append(not failed)
        self._dropped["undecodable_packets"] += failed
        return frames

    def reset(self) -> None:
        """Forget every reference, before a key frame that does not follow what was decoded last."""
        if self._decoder is not None:
            self._decoder.reset()
