"""Reads the NAL units of an Annex B access unit: which are parameter sets, and whether decoding can begin here.

Source: ITU-T H.264 (table 7-1, annex B) and H.265 (table 7-1).
"""

import re
from collections.abc import Iterator

_START = re.compile(b"\x00\x00\x01")
_H264_PARAMETER_SETS = frozenset({7, 8, 13})
_HEVC_PARAMETER_SETS = frozenset({32, 33, 34})
_H264_PICTURES = frozenset({1, 2, 5})
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
