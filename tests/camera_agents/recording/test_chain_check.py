from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_agents import check
from camera_agents.analysis import reports
from camera_agents.recording import chain_check, recorder, recordings, segments
from camera_agents.sending import identity
from tests.support import agent_state, coded, messages

S = 1_000_000
REASON = "removed by retention: 30 days"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[recordings.Recordings]:
    """The index of an agent that recorded eight seconds, stood still, and recorded two more."""
    me = agent_state.enrolled(tmp_path)
    opened = recordings.Recordings(tmp_path / "recordings.db")
    for start_s, seconds in ((0, 8), (60, 2)):
        writer = recorder.Recorder(tmp_path / "recordings", opened, agent_state.chain(opened, me), 2.0)
        writer.recover(["yard"])
        writer.start()
        for packet in coded.recorded(seconds, start_us=coded.START_US + start_s * S):
            writer.write("yard", packet)
        writer.stop()
    yield opened
    opened.close()


def found(tmp_path: Path, thorough: bool = True) -> list[check.Finding]:
    folder = tmp_path / "recordings"
    return list(chain_check.find(tmp_path / "recordings.db", folder, tmp_path, thorough))


def by_force(index: recordings.Recordings, statement: str, *values: object) -> None:
    with index.transaction() as db:
        db.execute(statement, values)


def test_what_was_recorded_and_left_alone_has_no_findings(tmp_path: Path, index: recordings.Recordings) -> None:
    assert found(tmp_path) == []


def test_one_flipped_byte_anywhere_in_a_segment_is_found_and_the_segment_named(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    segment = index.closed()[1]
    path = tmp_path / "recordings" / segment.path
    whole = path.read_bytes()
    for at in (0, 9, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        (finding,) = found(tmp_path)
        assert finding.where == f"segment {segment.path}"
        assert "does not have the hash of its link" in finding.what
    path.write_bytes(whole)
    assert found(tmp_path) == []


def test_a_picture_exchanged_with_its_checksum_is_found(tmp_path: Path, index: recordings.Recordings) -> None:
    segment = index.closed()[1]
    path = tmp_path / "recordings" / segment.path
    with segments.SegmentReader(path) as reader:
        header, sent = reader.header, [reader.packet(entry) for entry in reader.entries()]
    path.unlink()
    forged = segments.SegmentWriter(path, header)
    for packet in [sent[0], sent[2], sent[1], *sent[3:]]:
        forged.append(packet)
    forged.close()
    (finding,) = found(tmp_path)
    assert "its checksums too" in finding.what


@pytest.mark.parametrize("part", ["body", "signature"])
def test_one_flipped_character_of_a_link_is_found_and_its_segment_named(
    tmp_path: Path, index: recordings.Recordings, part: str
) -> None:
    with index.snapshot() as db:
        (text,) = db.execute(f"SELECT {part} FROM link WHERE sequence = 2").fetchone()  # noqa: S608
    at = text.index('"frames":') + 9 if part == "body" else 40
    other = "7" if text[at] != "7" else "8"
    by_force(index, f"UPDATE link SET {part} = ? WHERE sequence = 2", text[:at] + other + text[at + 1 :])  # noqa: S608
    first = found(tmp_path)[0]
    assert "was altered" in first.what
    assert index.closed()[2].path in first.where


def test_a_link_that_cannot_be_read_is_found(tmp_path: Path, index: recordings.Recordings) -> None:
    by_force(index, "UPDATE link SET body = '{' WHERE sequence = 2")
    assert "cannot be read" in [finding.what for finding in found(tmp_path)]


def test_a_link_taken_out_is_found(tmp_path: Path, index: recordings.Recordings) -> None:
    by_force(index, "DELETE FROM link WHERE sequence = 2")
    told = [finding.what for finding in found(tmp_path)]
    assert any("does not follow on link 1" in what for what in told)


def test_a_segment_taken_out_with_its_row_is_found_and_named(tmp_path: Path, index: recordings.Recordings) -> None:
    segment = index.closed()[2]
    (tmp_path / "recordings" / segment.path).unlink()
    index.forget_segment(segment.segment_id)
    (finding,) = found(tmp_path)
    assert (finding.where, finding.what) == (
        f"segment {segment.path}", "is gone, and no link says that it was removed",
    )  # fmt: skip


def test_a_file_that_is_gone_is_found(tmp_path: Path, index: recordings.Recordings) -> None:
    segment = index.closed()[2]
    (tmp_path / "recordings" / segment.path).unlink()
    (finding,) = found(tmp_path)
    assert (finding.where, finding.what) == (f"segment {segment.path}", "is missing")


def test_a_segment_that_retention_removed_is_none(tmp_path: Path, index: recordings.Recordings) -> None:
    subject = agent_state.chain(index, identity.Identity.load(tmp_path))
    first = index.closed()[0]
    subject.note_removals([first], REASON, reports.us(messages.NOON))
    (tmp_path / "recordings" / first.path).unlink()
    assert found(tmp_path) == []  # a kill between the file and its row
    index.forget_segment(first.segment_id)
    assert found(tmp_path) == []
    subject.tidy(1 << 52)
    assert found(tmp_path) == []
    with index.snapshot() as db:
        assert db.execute("SELECT min(sequence) FROM link").fetchone() == (1,)  # pruned, and told so


def test_the_first_links_taken_away_without_a_word_are_found(tmp_path: Path, index: recordings.Recordings) -> None:
    by_force(index, "DELETE FROM link WHERE sequence = 0")
    assert "no link says that they were pruned" in found(tmp_path)[0].what


def test_the_last_links_taken_away_are_found_by_their_segments(tmp_path: Path, index: recordings.Recordings) -> None:
    by_force(index, "DELETE FROM link WHERE sequence = 4")
    (finding,) = found(tmp_path)
    assert finding.where == f"segment {index.closed()[4].path}"


def test_seconds_without_a_segment_or_a_reason_are_found(tmp_path: Path) -> None:
    me = agent_state.enrolled(tmp_path)
    index = recordings.Recordings(tmp_path / "recordings.db")
    for start_s in (0, 60):
        writer = recorder.Recorder(tmp_path / "recordings", index, agent_state.chain(index, me), 2.0)
        writer.start()
        for packet in coded.recorded(1, start_us=coded.START_US + start_s * S):
            writer.write("yard", packet)
        writer.stop()
        by_force(index, "DELETE FROM gap")
    index.close()
    (finding,) = found(tmp_path)
    assert "59.1 s from" in finding.what


def test_a_chain_of_another_agent_is_found(tmp_path: Path, index: recordings.Recordings) -> None:
    agent_state.enrolled(tmp_path)
    assert {finding.what for finding in found(tmp_path)} == {"was altered: the signature is not this agent's"}


def test_what_was_recorded_before_there_were_chains_is_left_alone(tmp_path: Path, index: recordings.Recordings) -> None:
    by_force(index, "UPDATE segment SET sequence = NULL WHERE sequence = 0")
    by_force(index, "UPDATE link SET sequence = sequence - 1")
    told = {finding.what for finding in found(tmp_path)}
    assert not any("has no link" in what for what in told)


def test_a_segment_put_in_between_has_no_link(tmp_path: Path, index: recordings.Recordings) -> None:
    by_force(
        index,
        "INSERT INTO segment (camera_id, path, start_us, end_us, bytes, frames) VALUES ('yard', 'yard/x.jks', ?, ?, 9, 1)",
        coded.START_US + 30 * S,
        coded.START_US + 31 * S,
    )
    (finding,) = found(tmp_path, thorough=False)
    assert (finding.where, finding.what) == ("segment yard/x.jks", "has no link in its camera's chain")


def test_where_nothing_was_ever_recorded_there_is_nothing_to_find(tmp_path: Path) -> None:
    assert found(tmp_path) == []
