"""Access units survive packing into RTP payloads, whatever their sizes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_streams.camera import nal, payload

LIMIT_BYTES = 60


def unpack_h264(payloads: list[bytes]) -> list[bytes]:
    """Undo RFC 6184, as a receiver would."""
    units: list[bytes] = []
    for packed in payloads:
        kind = packed[0] & 0x1F
        if kind == 24:
            units += aggregated(packed[1:])
        elif kind == 28:
            if packed[1] & 0x80:
                units.append(bytes([packed[0] & 0xE0 | packed[1] & 0x1F]))
            units[-1] += packed[2:]
        else:
            units.append(packed)
    return units


def unpack_h265(payloads: list[bytes]) -> list[bytes]:
    """Undo RFC 7798, as a receiver would."""
    units: list[bytes] = []
    for packed in payloads:
        kind = (packed[0] >> 1) & 0x3F
        if kind == 48:
            units += aggregated(packed[2:])
        elif kind == 49:
            if packed[2] & 0x80:
                units.append(bytes([packed[0] & 0x81 | (packed[2] & 0x3F) << 1, packed[1]]))
            units[-1] += packed[3:]
        else:
            units.append(packed)
    return units


def aggregated(body: bytes) -> list[bytes]:
    units = []
    while body:
        (length,) = struct.unpack_from("!H", body)
        units.append(body[2 : 2 + length])
        body = body[2 + length :]
    return units


@given(st.lists(st.tuples(st.integers(1, 23), st.integers(0, 3), st.binary(min_size=1, max_size=300)), min_size=1))
def test_h264_units_come_back_as_they_were(made: list[tuple[int, int, bytes]]) -> None:
    units = tuple(bytes([importance << 5 | kind]) + body for kind, importance, body in made)
    packed = payload.pack(nal.Codec.H264, units, LIMIT_BYTES)
    assert unpack_h264(packed) == list(units)
    assert max(map(len, packed)) <= LIMIT_BYTES


@given(st.lists(st.tuples(st.integers(0, 40), st.binary(min_size=1, max_size=300)), min_size=1))
def test_h265_units_come_back_as_they_were(made: list[tuple[int, bytes]]) -> None:
    units = tuple(bytes([kind << 1, 1]) + body for kind, body in made)
    packed = payload.pack(nal.Codec.H265, units, LIMIT_BYTES)
    assert unpack_h265(packed) == list(units)
    assert max(map(len, packed)) <= LIMIT_BYTES


def test_parameter_sets_share_a_packet() -> None:
    assert payload.pack(nal.Codec.H264, (b"\x67ab", b"\x68c"))[0][0] & 0x1F == 24


@pytest.mark.parametrize("codec", list(nal.Codec))
def test_annex_b_is_cut_and_joined_again(codec: nal.Codec) -> None:
    units = (b"\x67\x01", b"\x68\x02\x03", b"\x65" + bytes(range(1, 200)))
    assert nal.split(nal.join(units)) == units
    assert nal.split(b"\x00\x00\x01" + units[0] + b"\x00\x00\x00\x01" + units[1]) == units[:2]
