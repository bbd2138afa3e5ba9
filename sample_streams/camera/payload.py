"""RTP payloads of one access unit: single units, aggregates of small ones, fragments of large ones.

Source: RFC 6184 (packetization-mode 1: single NAL, STAP-A, FU-A) and RFC 7798 (single NAL, AP, FU).
"""

import struct

from sample_streams.camera import nal

# Leaves room for RTP, UDP, IP and TLS headers within the 1,400-byte links found behind tunnels.
LIMIT_BYTES = 1300

_STAP_A, _FU_A = 24, 28
_AP, _FU = 48, 49


def pack(codec: nal.Codec, units: tuple[bytes, ...], limit_bytes: int = LIMIT_BYTES) -> list[bytes]:
    """Return the RTP payloads that carry `units` in order; the marker bit belongs on the last.

    Args:
        codec: what the units are.
        units: NAL units of one access unit, without start codes.
        limit_bytes: the longest payload to make.
    """
    payloads: list[bytes] = []
    waiting: list[bytes] = []
    for unit in units:
        if waiting and _aggregate_bytes(codec, [*waiting, unit]) > limit_bytes:
            payloads.append(_aggregate(codec, waiting))
            waiting = []
        if len(unit) > limit_bytes:
            payloads.extend(_fragments(codec, unit, limit_bytes))
        else:
            waiting.append(unit)
    if waiting:
        payloads.append(_aggregate(codec, waiting))
    return payloads


def _aggregate_bytes(codec: nal.Codec, units: list[bytes]) -> int:
    header = 1 if codec is nal.Codec.H264 else 2
    return header + sum(2 + len(unit) for unit in units)


def _aggregate(codec: nal.Codec, units: list[bytes]) -> bytes:
    if len(units) == 1:
        return units[0]
    body = b"".join(struct.pack("!H", len(unit)) + unit for unit in units)
    if codec is nal.Codec.H264:
        importance = max(unit[0] & 0x60 for unit in units)
        return bytes([importance | _STAP_A]) + body
    return bytes([_AP << 1, min(unit[1] for unit in units)]) + body


def _fragments(codec: nal.Codec, unit: bytes, limit_bytes: int) -> list[bytes]:
    kind = nal.kind(codec, unit)
    if codec is nal.Codec.H264:
        indicator, body = bytes([(unit[0] & 0xE0) | _FU_A]), unit[1:]
    else:
        indicator, body = bytes([(unit[0] & 0x81) | _FU << 1, unit[1]]), unit[2:]
    step = limit_bytes - len(indicator) - 1
    payloads = []
    for start in range(0, len(body), step):
        flags = 0x80 if start == 0 else 0x40 if start + step >= len(body) else 0
        payloads.append(indicator + bytes([flags | kind]) + body[start : start + step])
    return payloads
