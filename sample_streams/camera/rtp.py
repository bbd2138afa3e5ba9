"""RTP and RTCP packets, and the 90 kHz clock they count in.

Source: RFC 3550 (5.1, 6.4.1, 6.5, 6.6).
"""

import struct

TICKS_PER_S = 90_000
PAYLOAD_TYPE = 96
_NTP_EPOCH_OFFSET_S = 2_208_988_800  # 1900-01-01 to 1970-01-01
_HEADER = struct.Struct("!BBHII")


def packet(payload: bytes, sequence: int, time_ticks: int, ssrc: int, *, marker: bool) -> bytes:
    """Return one RTP packet; counters may be any integers, they wrap here."""
    second = PAYLOAD_TYPE | (0x80 if marker else 0)
    return _HEADER.pack(0x80, second, sequence & 0xFFFF, time_ticks & 0xFFFFFFFF, ssrc) + payload


def sender_report(ssrc: int, unix_time_s: float, time_ticks: int, packets: int, octets: int) -> bytes:
    """Return a compound RTCP packet: sender report and CNAME.

    Args:
        ssrc: the sender's.
        unix_time_s: the camera's wall clock.
        time_ticks: the RTP time at that moment.
        packets: RTP packets sent so far.
        octets: payload bytes sent so far.
    """
    ntp = int((unix_time_s + _NTP_EPOCH_OFFSET_S) * 2**32) & 0xFFFFFFFFFFFFFFFF
    report = struct.pack(
        "!BBHIQIII", 0x80, 200, 6, ssrc, ntp, time_ticks & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF
    )
    return report + _source_description(ssrc)


def goodbye(ssrc: int) -> bytes:
    """Return the RTCP packet that ends a source."""
    return struct.pack("!BBHI", 0x81, 203, 1, ssrc)


def _source_description(ssrc: int) -> bytes:
    name = b"sample-camera"
    chunk = struct.pack("!IBB", ssrc, 1, len(name)) + name + b"\x00"
    chunk += b"\x00" * (-len(chunk) % 4)
    return struct.pack("!BBH", 0x81, 202, len(chunk) // 4) + chunk
