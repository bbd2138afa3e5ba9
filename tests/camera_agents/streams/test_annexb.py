import pytest

from camera_agents.streams import annexb
from tests.support import coded

START = b"\x00\x00\x00\x01"
SPS, PPS, SEI, SLICE = b"\x67\x42\x1f", b"\x68\xce\x3c", b"\x06\x05\x10", b"\x65\x88\x84"


def joined(*units: bytes, start: bytes = START) -> bytes:
    return b"".join(start + unit for unit in units)


@pytest.mark.parametrize("start", [START, START[1:]])
def test_units_come_out_without_start_codes_of_either_length(start: bytes) -> None:
    assert list(annexb.units(joined(SPS, PPS, SLICE, start=start))) == [SPS, PPS, SLICE]


def test_what_holds_no_start_code_holds_no_unit() -> None:
    assert list(annexb.units(b"\x00\x00\x02 no unit")) == []
    assert annexb.parameter_sets("h264", b"") == b""


def test_an_empty_unit_has_no_type() -> None:
    assert annexb.unit_type("h264", b"") == -1
    assert not annexb.is_picture("hevc", b"")
    assert not annexb.is_parameter_set("h264", b"")


def test_parameter_sets_are_taken_from_before_the_first_slice_alone() -> None:
    assert annexb.parameter_sets("h264", joined(SPS, SEI, PPS, SLICE, SPS)) == joined(SPS, PPS)


def test_a_parameter_set_at_the_edge_of_the_searched_head_does_not_take_the_picture_with_it() -> None:
    large_sei = SEI + b"\x11" * 4080
    assert annexb.parameter_sets("h264", joined(large_sei, SPS, PPS, SLICE + b"\x22" * 9000)) == joined(SPS)


def test_a_sequence_is_told_from_other_parameter_sets() -> None:
    assert annexb.has_sequence("h264", joined(SPS, PPS))
    assert not annexb.has_sequence("h264", joined(PPS))
    assert not annexb.has_sequence("h264", b"")


def test_a_picture_is_told_from_what_merely_comes_with_it() -> None:
    assert annexb.has_picture("h264", joined(SPS, SLICE))
    assert not annexb.has_picture("h264", joined(SPS, PPS, SEI))


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_real_key_frames_hold_a_sequence_and_the_others_do_not(codec: str) -> None:
    sent = coded.coded(2, codec=codec)
    assert [annexb.has_sequence(codec, annexb.parameter_sets(codec, data)) for _, _, data in sent] == [
        is_key for _, is_key, _ in sent
    ]
    assert all(annexb.has_picture(codec, data) for _, _, data in sent)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_picture_that_the_camera_signed_is_told_from_others(codec: str) -> None:
    picture = coded.coded(0.2, codec=codec)[1][2]
    assert annexb.is_signed_by_camera(codec, coded.signature(codec) + picture)
    assert not annexb.is_signed_by_camera(codec, picture)
    assert not annexb.is_signed_by_camera(codec, coded.signature(codec, uuid="11" * 16) + picture)


def test_the_name_of_media_signing_elsewhere_than_in_its_message_is_no_signature() -> None:
    name = bytes.fromhex("005bc93f2d715e95ada4796f90877a6f")
    assert not annexb.is_signed_by_camera("h264", joined(SPS, PPS, SLICE + name))
    assert not annexb.is_signed_by_camera("h264", joined(b"\x06\x04\x10" + name, SLICE))


@pytest.mark.parametrize(("codec", "profiles"), [("h264", {66, 77, 100}), ("hevc", {1, 2, 3, 4})])
def test_profile_and_level_are_read_from_the_sequence(codec: str, profiles: set[int]) -> None:
    sets = annexb.parameter_sets(codec, coded.coded(0.2, codec=codec)[0][2])
    profile_idc, level_idc = annexb.profile_and_level(codec, sets)
    assert profile_idc in profiles
    assert level_idc in ({9, 10, 11, 12, 13} if codec == "h264" else {30, 60, 63})


def test_without_a_sequence_profile_and_level_are_unknown() -> None:
    assert annexb.profile_and_level("h264", joined(PPS)) == (0, 0)
    assert annexb.profile_and_level("hevc", joined(b"\x42\x01\x01")) == (0, 0)
