from pathlib import Path

import pytest

from camera_agents.recording import recordings, recordings_check, segments
from tests.camera_agents.recording import test_segments


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    """A recorder's folder and index with one closed segment; returns its file."""
    path = tmp_path / "recordings" / "gate" / "one.jks"
    packets = test_segments.make(path)
    index = recordings.Recordings(tmp_path / "recordings.db")
    one = index.open_segment("gate", "gate/one.jks", packets[0].captured_us)
    with index.transaction() as db:  # as an agent without chains left it
        ended = (packets[-1].captured_us, path.stat().st_size, len(packets), one)
        db.execute("UPDATE segment SET end_us = ?, bytes = ?, frames = ? WHERE segment_id = ?", ended)
    index.open_segment("gate", "gate/being-written.jks", packets[-1].captured_us + 1)
    index.close()
    return path


def found(tmp_path: Path, thorough: bool = False) -> list[str]:
    findings = recordings_check.find(tmp_path / "recordings.db", tmp_path / "recordings", thorough)
    return [finding.what for finding in findings]


def test_what_is_whole_has_no_findings_nor_has_what_is_being_written(tmp_path: Path, segment: Path) -> None:
    assert found(tmp_path) == []
    assert found(tmp_path, thorough=True) == []


def test_where_nothing_was_ever_recorded_there_is_nothing_to_find(tmp_path: Path) -> None:
    assert found(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_segment_that_is_gone_is_found(tmp_path: Path, segment: Path) -> None:
    segment.unlink()
    assert found(tmp_path) == ["is missing"]


def test_a_segment_that_was_cut_is_found(tmp_path: Path, segment: Path) -> None:
    data = segment.read_bytes()
    segment.write_bytes(data[:-1])
    assert found(tmp_path) == [f"is {len(data) - 1} bytes and should be {len(data)}"]


def test_a_segment_whose_structure_was_overwritten_is_found(tmp_path: Path, segment: Path) -> None:
    with segments.SegmentReader(segment) as reader:
        entries = list(reader.entries())
    data = bytearray(segment.read_bytes())
    data[entries[1].offset : entries[1].offset + 4] = b"\xff" * 4
    segment.write_bytes(data)
    assert found(tmp_path) == [f"is damaged at byte {entries[1].offset}"]


def test_a_changed_byte_of_video_is_found_by_the_thorough_check(tmp_path: Path, segment: Path) -> None:
    data = bytearray(segment.read_bytes())
    data[-1] ^= 1
    segment.write_bytes(data)
    assert found(tmp_path) == []
    (what,) = found(tmp_path, thorough=True)
    assert what.startswith("is damaged at byte")


def test_an_index_that_is_no_database_is_found(tmp_path: Path) -> None:
    (tmp_path / "recordings.db").write_bytes(b"junk" * 1000)
    assert len(found(tmp_path)) == 1
