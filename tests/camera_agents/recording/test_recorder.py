import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from camera_agents.recording import recorder, recordings, segments
from camera_agents.streams import packets
from tests.support import agent_state, coded, waiting


@pytest.fixture
def index(tmp_path: Path) -> Iterator[recordings.Recordings]:
    opened = recordings.Recordings(tmp_path / "recordings.db")
    yield opened
    opened.close()


def record(
    tmp_path: Path, index: recordings.Recordings, sent: Sequence[packets.VideoPacket], segment_s: float = 2.0
) -> None:
    subject = recorder.Recorder(tmp_path / "recordings", index, agent_state.chain(index), segment_s)
    subject.recover(["yard"])
    subject.start()
    for packet in sent:
        subject.write("yard", packet)
    subject.stop()


def everything(index: recordings.Recordings) -> list[recordings.Segment]:
    return index.find(recordings.Span("yard", 0, 1 << 62))


def frames_on_disk(tmp_path: Path, index: recordings.Recordings) -> int:
    total = 0
    for segment in everything(index):
        with segments.SegmentReader(tmp_path / "recordings" / segment.path) as reader:
            total += len(reader.whole()[0])
    return total


def test_segments_are_as_long_as_asked_and_each_begins_with_a_key_frame(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    record(tmp_path, index, coded.recorded(7))
    found = everything(index)
    assert len(found) == 4
    for segment in found:
        with segments.SegmentReader(tmp_path / "recordings" / segment.path) as reader:
            assert next(reader.entries()).is_key
    assert frames_on_disk(tmp_path, index) == 7 * coded.FPS


def test_a_change_of_format_begins_a_new_segment(tmp_path: Path, index: recordings.Recordings) -> None:
    small = coded.recorded(1)
    large = coded.recorded(1, width=128, height=96, start_us=coded.START_US + 1_000_000)
    record(tmp_path, index, [*small, *large], segment_s=60)
    widths = []
    for segment in everything(index):
        with segments.SegmentReader(tmp_path / "recordings" / segment.path) as reader:
            widths.append(reader.header.format.width_px)
    assert widths == [96, 128]


def test_a_stop_leaves_a_gap_that_the_next_start_ends(tmp_path: Path, index: recordings.Recordings) -> None:
    record(tmp_path, index, coded.recorded(1))
    later_us = coded.START_US + 30_000_000
    record(tmp_path, index, coded.recorded(1, start_us=later_us))
    first, last = index.gaps(recordings.Span("yard", 0, 1 << 62))
    assert (first.reason, first.end_us) == ("agent stopped", later_us)
    assert last.end_us is None


def test_a_kill_is_found_at_the_next_start_and_told_as_a_gap(tmp_path: Path, index: recordings.Recordings) -> None:
    sent = coded.recorded(2)
    path = Path("yard") / "left.jks"
    index.open_segment("yard", str(path), sent[0].captured_us)
    writer = segments.SegmentWriter(tmp_path / "recordings" / path, segments.SegmentHeader("yard", sent[0].format))
    for packet in sent:
        writer.append(packet)
    writer.close()
    os.truncate(tmp_path / "recordings" / path, writer.length_bytes - 3)
    subject = recorder.Recorder(tmp_path / "recordings", index, agent_state.chain(index))
    subject.recover(["yard"])
    assert index.unclosed() == []
    assert frames_on_disk(tmp_path, index) == len(sent) - 1
    (gap,) = index.gaps(recordings.Span("yard", 0, 1 << 62))
    assert (gap.reason, gap.start_us, gap.end_us) == ("agent killed", sent[-2].captured_us, None)


def test_a_lost_camera_closes_its_segment_and_says_why(tmp_path: Path, index: recordings.Recordings) -> None:
    sent = coded.recorded(1)
    subject = recorder.Recorder(tmp_path / "recordings", index, agent_state.chain(index))
    subject.start()
    for packet in sent:
        subject.write("yard", packet)
    subject.interrupt("yard", "camera offline")
    subject.stop()
    (gap,) = index.gaps(recordings.Span("yard", 0, 1 << 62))
    assert (gap.reason, gap.start_us) == ("camera offline", sent[-1].captured_us)


def test_a_disk_that_fails_costs_counted_seconds_and_a_gap(
    tmp_path: Path, index: recordings.Recordings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    subject = recorder.Recorder(tmp_path / "recordings", index, agent_state.chain(index), segment_s=60)
    subject.start()
    monkeypatch.setattr(os, "writev", full)
    for packet in coded.recorded(4):
        subject.write("yard", packet)
    subject.stop()
    assert subject.seconds_not_recorded("yard") == 3
    assert everything(index) == []


def test_while_paused_nothing_is_recorded_and_every_second_is_counted(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    subject = recorder.Recorder(tmp_path / "recordings", index, agent_state.chain(index))
    subject.start()
    subject.pause("disk nearly full")
    for packet in coded.recorded(3):
        subject.write("yard", packet)
    subject.stop()
    assert everything(index) == []
    assert subject.seconds_not_recorded("yard") == 2


def test_an_error_nobody_thought_of_costs_one_packet_and_not_the_recording_of_every_camera(
    tmp_path: Path, index: recordings.Recordings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = coded.recorded(2)
    append = segments.SegmentWriter.append

    def fail_once(self: segments.SegmentWriter, packet: packets.VideoPacket) -> None:
        if packet is sent[20]:
            raise ValueError("unforeseen")
        append(self, packet)

    monkeypatch.setattr(segments.SegmentWriter, "append", fail_once)
    subject = recorder.Recorder(tmp_path / "recordings", index, agent_state.chain(index), 60.0)
    subject.start()
    for packet in sent:
        subject.write("yard", packet)
    waiting.wait_until(lambda: frames_on_disk(tmp_path, index) == len(sent) - 1, 20.0, "the rest being recorded")
    subject.stop()
