from pathlib import Path

import pytest

from camera_agents import errors
from camera_agents.recording import segments
from camera_agents.streams import packets

FORM = packets.StreamFormat("h264", b"\x00\x00\x01\x67sets", 96, 64)
HEADER = segments.SegmentHeader("yard", FORM)


def make(path: Path, frames: int = 4) -> list[packets.VideoPacket]:
    sent = [
        packets.VideoPacket(FORM, i * 6000, 10_000_000 + i * 66_667, i == 0, bytes([i + 1]) * 9) for i in range(frames)
    ]
    writer = segments.SegmentWriter(path, HEADER)
    for packet in sent:
        writer.append(packet)
    writer.close()
    return sent


def same(a: packets.VideoPacket, b: packets.VideoPacket) -> bool:
    return (a.pts, a.captured_us, a.is_key, a.data, a.format) == (b.pts, b.captured_us, b.is_key, b.data, b.format)


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    sent = make(tmp_path / "a.jks")
    with segments.SegmentReader(tmp_path / "a.jks") as reader:
        got = [reader.packet(entry) for entry in reader.entries()]
        assert reader.header == HEADER
    assert all(same(a, b) for a, b in zip(sent, got, strict=True))


def test_a_file_cut_at_any_byte_gives_back_every_record_that_was_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jks"
    make(path)
    whole = path.read_bytes()
    with segments.SegmentReader(path) as reader:
        ends = [entry.offset + 25 + entry.length_bytes for entry in reader.entries()]
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        kept = segments.repair(path)
        expected = sum(end <= cut for end in ends)
        assert len(kept) == expected
        assert path.exists() == (expected > 0)
        if expected:
            assert path.stat().st_size == ends[expected - 1]


def test_a_changed_byte_in_any_record_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.jks"
    make(path, frames=2)
    whole = path.read_bytes()
    with segments.SegmentReader(path) as reader:
        first = next(reader.entries()).offset
    for at in range(first, len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        with segments.SegmentReader(path) as reader:
            assert len(reader.whole()[0]) < 2


def test_a_record_is_there_for_a_reader_as_soon_as_it_is_appended(tmp_path: Path) -> None:
    writer = segments.SegmentWriter(tmp_path / "a.jks", HEADER)
    writer.append(packets.VideoPacket(FORM, 0, 1, True, b"picture"))
    with segments.SegmentReader(tmp_path / "a.jks") as reader:
        assert len(list(reader.entries())) == 1
    writer.close()


def test_a_file_that_is_no_segment_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.jks"
    path.write_bytes(b"something else entirely, long enough")
    with pytest.raises(errors.SegmentDamaged, match=r"a\.jks"):
        segments.SegmentReader(path)
