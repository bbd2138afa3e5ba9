import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from camera_agents.analysis import reports
from camera_agents.recording import chain, recorder, recordings, segments
from camera_agents.streams import packets
from sharing_hub.wire import chain as wire
from sharing_hub.wire import v1
from tests.support import agent_state, coded, messages

S = 1_000_000
EVER = recordings.Span("yard", 0, 1 << 52)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[recordings.Recordings]:
    opened = recordings.Recordings(tmp_path / "recordings.db")
    yield opened
    opened.close()


def record(tmp_path: Path, index: recordings.Recordings, *runs: Sequence[packets.VideoPacket]) -> None:
    for sent in runs:
        subject = recorder.Recorder(tmp_path / "recordings", index, agent_state.chain(index), 2.0)
        subject.recover(["yard"])
        subject.start()
        for packet in sent:
            subject.write("yard", packet, 0.25)
        subject.stop()


def links(index: recordings.Recordings) -> list[v1.ChainLink]:
    with index.snapshot() as db:
        rows = db.execute("SELECT body FROM link ORDER BY camera_id, sequence").fetchall()
    return [v1.ChainLink.model_validate_json(body) for (body,) in rows]


def removed(index: recordings.Recordings, tmp_path: Path, leaving: Sequence[recordings.Segment]) -> None:
    agent_state.chain(index).note_removals(leaving, "removed by retention: 30 days", reports.us(messages.NOON))
    for segment in leaving:
        (tmp_path / "recordings" / segment.path).unlink()
        index.forget_segment(segment.segment_id)


def test_every_finished_segment_has_a_signed_link_that_names_the_one_before(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    record(tmp_path, index, coded.recorded(5))
    signed = agent_state.chain(index).links_of(EVER)
    made = [one.link for one in signed]
    assert [link.sequence for link in made] == [0, 1, 2] == [segment.sequence for segment in index.closed()]
    assert made[0].previous == wire.FIRST
    assert all(wire.follows(link, before) for before, link in itertools.pairwise(made))
    assert all(agent_state.nobody().signed(one.link.signed_bytes(), one.signature) for one in signed)


def test_a_link_says_what_its_file_is_and_holds_the_hash_taken_while_it_was_written(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    record(tmp_path, index, coded.recorded(3))
    file = links(index)[0].file
    assert file is not None
    path = tmp_path / "recordings" / (file.name or "")
    assert (file.sha256, file.length_bytes) == (segments.sha256_of(path), path.stat().st_size)
    assert (file.frames, file.clock_offset_s, file.interrupted) == (2 * coded.FPS, 0.25, None)
    assert (reports.us(file.starts_at), reports.us(file.ends_at)) == (coded.START_US, coded.START_US + 1_933_333)
    assert (file.stream.codec, file.stream.width_px, file.stream.fps, file.stream.ticks_per_s) == (
        "h264", 96, 15.0, 90_000,
    )  # fmt: skip
    assert file.stream.profile_idc > 0
    assert file.stream.camera_signature is None


def test_a_stream_that_the_camera_signs_is_said_to_be_signed_and_not_verified(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    record(tmp_path, index, coded.signed(coded.recorded(1)))
    file = links(index)[0].file
    assert file is not None and file.stream.camera_signature == "signed by the camera, not verified"


def test_a_gap_is_told_with_its_reason_by_the_link_that_ends_it(tmp_path: Path, index: recordings.Recordings) -> None:
    record(tmp_path, index, coded.recorded(1), coded.recorded(1, start_us=coded.START_US + 30 * S))
    first, second = links(index)
    (gap,) = second.gaps
    assert first.gaps == ()
    assert (gap.reason, reports.us(gap.ends_at)) == ("agent stopped", coded.START_US + 30 * S)
    assert first.file is not None and gap.starts_at == first.file.ends_at


def test_a_camera_that_stalls_without_being_lost_leaves_a_gap_too(tmp_path: Path, index: recordings.Recordings) -> None:
    sent = coded.recorded(2)
    held_back = [
        packets.VideoPacket(one.format, one.pts, one.captured_us + 5 * S * (i >= 20), one.is_key, one.data)
        for i, one in enumerate(sent)
    ]
    record(tmp_path, index, held_back)
    told = [gap for link in links(index) for gap in link.gaps]
    assert [(reports.us(gap.starts_at), reports.us(gap.ends_at)) for gap in told] == [
        (sent[19].captured_us, sent[20].captured_us + 5 * S)
    ]
    assert "no picture came" in told[0].reason


def test_a_segment_that_a_kill_interrupted_is_closed_with_a_link_that_says_so(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    sent = coded.signed(coded.recorded(2))
    index.open_segment("yard", "yard/left.jks", sent[0].captured_us)
    header = segments.SegmentHeader("yard", sent[0].format)
    writer = segments.SegmentWriter(tmp_path / "recordings" / "yard" / "left.jks", header)
    for packet in sent:
        writer.append(packet)
    writer.close()
    record(tmp_path, index, coded.recorded(1, start_us=coded.START_US + 60 * S))
    left, after = links(index)
    assert left.file is not None
    assert (left.file.interrupted, left.file.sha256) == ("agent killed", writer.sha256())
    assert left.file.stream.camera_signature is not None
    assert [gap.reason for gap in after.gaps] == ["agent killed"]


def test_what_retention_removed_is_told_by_the_next_link_and_keeps_its_own(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    record(tmp_path, index, coded.recorded(8))
    first, second, third, _ = index.closed()
    removed(index, tmp_path, [first, second])
    record(tmp_path, index, coded.recorded(1, start_us=coded.START_US + 60 * S))
    told = links(index)[-1].removed
    assert [(one.first, one.last, one.removed_at) for one in told] == [(0, 1, messages.NOON)]
    assert [link.sequence for link in links(index)] == [0, 1, 2, 3, 4]
    assert third.sequence == 2


def test_a_held_segment_between_two_that_left_is_in_no_removal(tmp_path: Path, index: recordings.Recordings) -> None:
    record(tmp_path, index, coded.recorded(8))
    first, _, third, fourth = index.closed()
    removed(index, tmp_path, [first, third, fourth])
    subject = agent_state.chain(index)
    subject.tidy(reports.us(messages.NOON) + chain.TOLD_WITHIN_US)
    assert len(links(index)) == 4
    subject.tidy(reports.us(messages.NOON) + chain.TOLD_WITHIN_US + 1)
    last = links(index)[-1]
    assert (last.what, [(one.first, one.last) for one in last.removed]) == ("removal", [(0, 0), (2, 3)])


def test_old_links_are_pruned_only_with_a_link_that_names_the_last_of_them(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    record(tmp_path, index, coded.recorded(8))
    before = links(index)
    removed(index, tmp_path, index.closed()[:2])
    subject = agent_state.chain(index)
    subject.tidy(reports.us(messages.NOON) + chain.KEPT_US)
    assert [link.sequence for link in links(index) if link.what == "segment"] == [0, 1, 2, 3]
    subject.tidy(reports.us(messages.NOON) + chain.KEPT_US + 1)
    kept = links(index)
    assert [link.sequence for link in kept] == [2, 3, 4, 5]
    assert kept[-1].pruned == v1.Pruned(sequence=1, sha256=before[1].sha256())
    assert kept[0].previous == before[1].sha256()


def test_the_links_of_a_span_are_found_also_where_its_segments_are_gone(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    record(tmp_path, index, coded.recorded(8), coded.recorded(2, start_us=coded.START_US + 60 * S))
    removed(index, tmp_path, index.closed()[:2])
    subject = agent_state.chain(index)

    def found(begin_s: float, end_s: float) -> list[int]:
        span = recordings.Span("yard", coded.START_US + int(begin_s * S), coded.START_US + int(end_s * S))
        return [one.link.sequence for one in subject.links_of(span)]

    assert found(0.5, 1) == [0]
    assert found(3, 5) == [1, 2]
    assert found(5, 30) == [2, 3, 4]  # the gap is told by the link after it
    assert found(61, 500) == [4]
    assert found(-50, -40) == [0]
    assert agent_state.chain(index).links_of(recordings.Span("gate", 0, 1)) == ()


def test_more_gaps_than_a_link_holds_become_one_that_says_so() -> None:
    gaps = [recordings.Gap(i * S, i * S + 1000, "camera offline") for i in range(250)]
    told = chain._bounded(gaps)
    assert len(told) == wire.MAX_GAPS
    assert told[-1].reason.startswith("51 gaps")
    assert reports.us(told[-1].ends_at) == gaps[-1].end_us
