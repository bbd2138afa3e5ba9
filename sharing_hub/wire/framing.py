"""The binary frames of the agents' channel: one encoded access unit with its times.

Layout, big-endian: version u8 = 1, flags u8 (bit 0 key frame), camera id length u8, camera id (ASCII), pts u64 in 1/90000 s,
captured u64 in microseconds of UTC, then the access unit as Annex B bytes (SPS and PPS before every IDR).
Invariant: `unpack(pack(x)) == x`, and anything else is refused with FramingError.
"""

import struct
from dataclasses import dataclass

VERSION = 1
KEY_FRAME = 1
MAX_UNIT_BYTES = 8 * 1024 * 1024
MAX_CAMERA_ID_BYTES = 63
_HEAD = struct.Struct(">BBB")
_TIMES = struct.Struct(">QQ")


class FramingError(ValueError):
    """The bytes are not an access unit of this version."""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture as the camera sent it.

    Attributes:
        pts: unwrapped RTP time, 1/90000 s.
        captured_us: agent's UTC at arrival, microseconds since 1970.
        data: Annex B.
    """

    camera_id: str
    is_key: bool
    pts: int
    captured_us: int
    data: bytes


def pack(unit: AccessUnit) -> bytes:
    """Return the frame for `unit`.

    Raises:
        FramingError: the unit is empty or too large, the camera id is not short ASCII, or a time does not fit.
    """
    if not (unit.camera_id.isascii() and 0 < len(unit.camera_id) <= MAX_CAMERA_ID_BYTES):
        raise FramingError(f"the camera id must be 1 to {MAX_CAMERA_ID_BYTES} ASCII characters")
    if not 0 < len(unit.data) <= MAX_UNIT_BYTES:
        raise FramingError(f"an access unit is 1 to {MAX_UNIT_BYTES} bytes, not {len(unit.data)}")
    camera = unit.camera_id.encode("ascii")
    head = _HEAD.pack(VERSION, KEY_FRAME if unit.is_key else 0, len(camera))
    try:
        times = _TIMES.pack(unit.pts, unit.captured_us)
    except struct.error as e:
        raise FramingError(f"a time does not fit: pts {unit.pts}, captured {unit.captured_us}") from e
    return b"".join((head, camera, times, unit.data))


def unpack(frame: bytes) -> AccessUnit:
    """Read one frame.

    Raises:
        FramingError: wrong version, unknown flags, no camera, cut short, empty or too large.
    """
    if len(frame) < _HEAD.size:
        raise FramingError("shorter than its header")
    version, flags, length = _HEAD.unpack_from(frame)
    if version != VERSION:
        raise FramingError(f"version {version} is not {VERSION}")
    if flags & ~KEY_FRAME:
        raise FramingError(f"flags {flags:#04x} are not of this version")
    if not 0 < length <= MAX_CAMERA_ID_BYTES:
        raise FramingError(f"a camera id of {length} bytes")
    start = _HEAD.size + length + _TIMES.size
    if not start < len(frame) <= start + MAX_UNIT_BYTES:
        raise FramingError(f"{len(frame)} bytes do not hold an access unit")
    try:
        camera = frame[_HEAD.size : _HEAD.size + length].decode("ascii")
    except UnicodeDecodeError as e:
        raise FramingError("the camera id is not ASCII") from e
    pts, captured_us = _TIMES.unpack_from(frame, _HEAD.size + length)
    return AccessUnit(camera, bool(flags & KEY_FRAME), pts, captured_us, frame[start:])
