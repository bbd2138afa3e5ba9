"""The values that capture hands to everything behind it: one coded picture, and the format it is coded in."""

from dataclasses import dataclass

TICKS_PER_S = 90_000


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How a run of packets is coded. A change mid-stream makes a new value, so identity tells the runs apart.

    Attributes:
        codec: "h264" or "hevc".
        parameter_sets: Annex B (VPS,) SPS and PPS as last sent, in the stream or its description.
    """

    codec: str
    parameter_sets: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, eq=False)
class VideoPacket:
    """One access unit as the camera sent it.

    Attributes:
        format: the same object for every packet of one run.
        pts: unwrapped presentation time, 1/90000 s, rising over reconnects within one run only.
        captured_us: agent's UTC of the capture, microseconds since 1970; rises with `pts`.
        is_key: decoding can begin here; `data` then holds the parameter sets.
        data: Annex B.
    """

    format: StreamFormat
    pts: int
    captured_us: int
    is_key: bool
    data: bytes

    @property
    def time_s(self) -> float:
        """Capture time in seconds, the clock that detection is driven by."""
        return self.captured_us / 1e6

    @property
    def size_bytes(self) -> int:
        """Size of the coded picture."""
        return len(self.data)
