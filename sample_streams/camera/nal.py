"""NAL units of H.264 and H.265: cutting Annex B apart and telling the units' kinds.

Source: ITU-T H.264 (7.3.1, table 7-1) and H.265 (7.3.1.2, table 7-1).
"""

from enum import Enum


class Codec(Enum):
    """A video codec the camera can send; the value is FFmpeg's name."""

    H264 = "h264"
    H265 = "hevc"


_PARAMETER_SETS = {Codec.H264: (7, 8), Codec.H265: (32, 33, 34)}
_KEY_PICTURES = {Codec.H264: (5,), Codec.H265: tuple(range(16, 22))}
_PADDING = {Codec.H264: (9, 12), Codec.H265: (35, 38)}  # access unit delimiters and filler: RTP has no use for them
_PICTURES = {Codec.H264: tuple(range(1, 6)), Codec.H265: tuple(range(32))}
_START_CODE = b"\x00\x00\x01"


def split(annex_b: bytes) -> tuple[bytes, ...]:
    """Cut a byte stream at its start codes; a NAL unit never ends in a zero byte, so padding goes too."""
    return tuple(unit for part in annex_b.split(_START_CODE)[1:] if (unit := part.rstrip(b"\x00")))


def join(units: tuple[bytes, ...]) -> bytes:
    """Put a start code before every unit: the Annex B form of one access unit."""
    return b"".join(b"\x00" + _START_CODE + unit for unit in units)


def kind(codec: Codec, unit: bytes) -> int:
    """Return nal_unit_type of a unit that is not empty."""
    return unit[0] & 0x1F if codec is Codec.H264 else (unit[0] >> 1) & 0x3F


def is_parameter_set(codec: Codec, unit: bytes) -> bool:
    """Say whether the unit is a VPS, SPS or PPS."""
    return kind(codec, unit) in _PARAMETER_SETS[codec]


def is_key_picture(codec: Codec, unit: bytes) -> bool:
    """Say whether decoding can begin at the unit (IDR, or any intra random access picture in H.265)."""
    return kind(codec, unit) in _KEY_PICTURES[codec]


def is_picture(codec: Codec, unit: bytes) -> bool:
    """Say whether the unit holds coded picture data."""
    return kind(codec, unit) in _PICTURES[codec]


def is_padding(codec: Codec, unit: bytes) -> bool:
    """Say whether the unit carries nothing a receiver of RTP needs."""
    return kind(codec, unit) in _PADDING[codec]
