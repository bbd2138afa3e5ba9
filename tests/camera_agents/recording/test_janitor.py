from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_agents.configuration import settings
from camera_agents.recording import janitor, recorder, recordings
from tests.support import agent_state, coded

S = 1_000_000
FOREVER = settings.Keep(seconds=1e9, max_bytes=1 << 50)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[recordings.Recordings]:
    opened = recordings.Recordings(tmp_path / "recordings.db")
    yield opened
    opened.close()


def make(
    tmp_path: Path,
    index: recordings.Recordings,
    keep: settings.Keep = FOREVER,
    limits: settings.Disk | None = None,
    needed: tuple[recordings.Span, ...] = (),
) -> tuple[janitor.Janitor, recorder.Recorder]:
    folder = tmp_path / "recordings"
    writer = recorder.Recorder(folder, index, agent_state.chain(index), segment_s=2.0)
    writer.start()
    for packet in coded.recorded(8):
        writer.write("yard", packet)
    writer.stop()
    chosen = limits or settings.Disk(warn_bytes=0, free_bytes=0, stop_bytes=0)
    return janitor.Janitor(
        folder, index, writer, chosen, {"yard": keep}, lambda: needed, agent_state.chain(index)
    ), writer


def files(tmp_path: Path) -> int:
    return len(list((tmp_path / "recordings").rglob("*.jks")))


def test_what_is_too_old_leaves_with_its_row(tmp_path: Path, index: recordings.Recordings) -> None:
    subject, _ = make(tmp_path, index, settings.Keep(seconds=5, max_bytes=1 << 50))
    subject.work(coded.START_US + 8 * S)
    assert files(tmp_path) == len(index.closed()) == 3


def test_what_a_decided_clip_needs_stays(tmp_path: Path, index: recordings.Recordings) -> None:
    span = recordings.Span("yard", coded.START_US, coded.START_US + S)
    subject, _ = make(tmp_path, index, settings.Keep(seconds=0.1, max_bytes=1), needed=(span,))
    subject.work(coded.START_US + 100 * S)
    assert [segment.start_us for segment in index.closed()] == [coded.START_US]


def test_on_a_full_disk_everything_but_the_held_leaves_and_recording_stops(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    subject, _writer = make(tmp_path, index, limits=settings.Disk(1 << 60, 1 << 60, 1 << 60))
    index.hold("h1", recordings.Span("yard", coded.START_US + 3 * S, coded.START_US + 3 * S), "incident")
    subject.work(coded.START_US + 8 * S)
    assert [segment.start_us for segment in index.closed()] == [coded.START_US + 2 * S]
    assert "nothing is recorded" in subject.disk().warning


def test_the_operators_are_told_before_anything_leaves(tmp_path: Path, index: recordings.Recordings) -> None:
    subject, _ = make(tmp_path, index, limits=settings.Disk(1 << 60, 0, 0))
    subject.work(coded.START_US + 8 * S)
    assert "nearly full" in subject.disk().warning
    assert files(tmp_path) == 4


def test_a_row_whose_file_is_gone_is_removed_in_its_turn(tmp_path: Path, index: recordings.Recordings) -> None:
    subject, _ = make(tmp_path, index, settings.Keep(seconds=5, max_bytes=1 << 50))
    (tmp_path / "recordings" / index.closed()[0].path).unlink()
    subject.work(coded.START_US + 8 * S)
    assert len(index.closed()) == 3
