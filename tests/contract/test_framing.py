import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing_hub.wire import framing

UNITS = st.builds(
    framing.AccessUnit,
    camera_id=st.text(st.characters(min_codepoint=0, max_codepoint=127), min_size=1, max_size=63),
    is_key=st.booleans(),
    pts=st.integers(0, 2**64 - 1),
    captured_us=st.integers(0, 2**64 - 1),
    data=st.binary(min_size=1, max_size=2000),
)


@given(UNITS)
def test_what_is_packed_is_unpacked_unchanged(unit: framing.AccessUnit) -> None:
    assert framing.unpack(framing.pack(unit)) == unit


@given(st.binary(max_size=200))
def test_any_bytes_are_a_unit_or_a_framing_error(frame: bytes) -> None:
    try:
        unit = framing.unpack(frame)
    except framing.FramingError:
        return
    assert unit.data


@given(UNITS, st.data())
def test_a_frame_cut_before_its_unit_is_refused(unit: framing.AccessUnit, data: st.DataObject) -> None:
    frame = framing.pack(unit)
    cut = data.draw(st.integers(0, len(frame) - len(unit.data)))
    with pytest.raises(framing.FramingError):
        framing.unpack(frame[:cut])


@pytest.mark.parametrize("camera_id", ["", "x" * 64, "대문"])
def test_a_camera_id_that_is_not_short_ascii_is_refused(camera_id: str) -> None:
    with pytest.raises(framing.FramingError):
        framing.pack(framing.AccessUnit(camera_id, True, 0, 0, b"x"))


@pytest.mark.parametrize("length", [0, framing.MAX_UNIT_BYTES + 1])
def test_an_empty_or_huge_unit_is_refused_on_both_sides(length: int) -> None:
    with pytest.raises(framing.FramingError):
        framing.pack(framing.AccessUnit("gate", True, 0, 0, bytes(length)))
    with pytest.raises(framing.FramingError):
        framing.unpack(struct.pack(">BBB4sQQ", 1, 1, 4, b"gate", 0, 0) + bytes(length))


@pytest.mark.parametrize("value", [-1, 2**64])
def test_a_time_that_does_not_fit_is_refused(value: int) -> None:
    with pytest.raises(framing.FramingError):
        framing.pack(framing.AccessUnit("gate", True, value, 0, b"x"))


def test_another_version_and_an_unnamed_camera_are_refused() -> None:
    with pytest.raises(framing.FramingError, match="version"):
        framing.unpack(struct.pack(">BBB4sQQ", 2, 1, 4, b"gate", 0, 0) + b"x")
    with pytest.raises(framing.FramingError):
        framing.unpack(struct.pack(">BBBQQ", 1, 1, 0, 0, 0) + b"x")
    with pytest.raises(framing.FramingError):
        framing.unpack(struct.pack(">BBB64sQQ", 1, 1, 64, b"x" * 64, 0, 0) + b"x")
