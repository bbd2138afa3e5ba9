"""Reads the NAL units of an Annex B access unit: which are parameter sets, whether decoding can begin here, whether the camera signed it.

Source: ITU-T H.264 (table 7-1, annex B) and H.265 (table 7-1).
"""

import re
from collections.abc import Iterator

_START = re.compile(b"\x00\x00\x01")
_H264_PARAMETER_SETS = frozenset({7, 8, 13})
_HEVC_PARAMETER_SETS = frozenset({32, 33, 34})
_H264_PICTURES = frozenset({1, 2, 5})
_H264_SEI = frozenset({6})
_HEVC_SEI = frozenset({39})  # before the slices; what stands behind them (40) signs nothing
_UNREGISTERED = 5
_EMULATION = b"\x00\x00\x03"
_MEDIA_SIGNING = bytes.fromhex("005bc93f2d715e95ada4796f90877a6f")
_SEARCHED_BYTES = 8 * 1024  # messages stand before the first slice, and this one's name at its beginning
_HEAD_BYTES = 4096  # parameter sets stand before the first slice; a slice may be megabytes


def units(data: bytes, limit: int | None = None) -> Iterator[bytes]:
    """Yield the NAL units that begin in the first `limit` bytes of `data`, without start codes; behind the last one stand those after `limit`."""
    starts = [m.end() for m in _START.finditer(data, 0, limit if limit is not None else len(data))]
    for i, begin in enumerate(starts):
        end = starts[i + 1] - 3 if i + 1 < len(starts) else len(data)
        yield data[begin:end].rstrip(b"\x00") if i + 1 < len(starts) else data[begin:end]


def unit_type(codec: str, unit: bytes) -> int:
    """Return the NAL unit type of `unit`, or -1 when it is empty."""
    if not unit:
        return -1
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F


def is_parameter_set(codec: str, unit: bytes) -> bool:
    """Say whether `unit` is a VPS, SPS or PPS."""
    return unit_type(codec, unit) in (_H264_PARAMETER_SETS if codec == "h264" else _HEVC_PARAMETER_SETS)


def is_picture(codec: str, unit: bytes) -> bool:
    """Say whether `unit` is a slice of a picture."""
    kind = unit_type(codec, unit)
    return kind in _H264_PICTURES if codec == "h264" else 0 <= kind <= 21


def parameter_sets(codec: str, data: bytes) -> bytes:
    """Return the parameter sets before the first slice of `data` as Annex B; empty when there are none.

    Only the head of a unit is searched: a slice that begins there ends the search.
    """
    found = []
    for unit in units(data, _HEAD_BYTES):
        if is_picture(codec, unit):
            break
        if is_parameter_set(codec, unit):
            found.append(_START.split(unit, 1)[0].rstrip(b"\x00"))  # the last one of the head goes on
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in found)


def has_picture(codec: str, data: bytes) -> bool:
    """Say whether `data` holds a slice at all."""
    return any(is_picture(codec, unit[:1]) for unit in units(data))


def has_sequence(codec: str, sets: bytes) -> bool:
    """Say whether `sets` hold a sequence parameter set, without which nothing can be decoded."""
    wanted = 7 if codec == "h264" else 33
    return any(unit_type(codec, unit) == wanted for unit in units(sets))


def profile_and_level(codec: str, sets: bytes) -> tuple[int, int]:
    """Return profile_idc and level_idc of the sequence parameter set in `sets`; (0, 0) when there is none.

    Source: ITU-T H.264 7.3.2.1.1; H.265 7.3.2.2 and 7.3.3 (the general profile, without its emulation prevention bytes).
    """
    for unit in units(sets):
        if codec == "h264" and unit_type(codec, unit) == 7 and len(unit) >= 4:
            return unit[1], unit[3]
        if codec == "hevc" and unit_type(codec, unit) == 33:
            body = unit.replace(_EMULATION, b"\x00\x00")
            if len(body) >= 15:
                return body[3] & 0x1F, body[14]
    return 0, 0


def is_signed_by_camera(codec: str, data: bytes) -> bool:
    """Say whether the access unit carries a message of ONVIF Media Signing: an SEI, user data unregistered, with its UUID.

    Source: ONVIF Media Signing specification; ITU-T H.264 7.3.2.3 and D.1.7.
    """
    first = 4 if data.startswith(b"\x00\x00\x00\x01") else 3
    if is_picture(codec, data[first : first + 1]) or data.find(_MEDIA_SIGNING, 0, _SEARCHED_BYTES) < 0:
        return False  # nearly every picture of nearly every camera ends here, and most of them without being searched
    kinds = _H264_SEI if codec == "h264" else _HEVC_SEI
    head = 1 if codec == "h264" else 2
    return any(
        unit_type(codec, unit) in kinds and _holds_signature(unit[head:]) for unit in units(data, _SEARCHED_BYTES)
    )


def _holds_signature(payloads: bytes) -> bool:
    payloads = payloads.replace(_EMULATION, b"\x00\x00")
    at = 0
    while at + 2 <= len(payloads):
        kind, at = _coded(payloads, at)
        size, at = _coded(payloads, at)
        if kind == _UNREGISTERED and payloads.startswith(_MEDIA_SIGNING, at):
            return True
        at += size
    return False


def _coded(payloads: bytes, at: int) -> tuple[int, int]:
    """Return a payload's type or size, written as bytes of 255 and a last one, and where it ends."""
    value = 0
    while at < len(payloads) and payloads[at] == 0xFF:
        value, at = value + 255, at + 1
    return value + (payloads[at] if at < len(payloads) else 0), at + 1
