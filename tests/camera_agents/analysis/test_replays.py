"""Records on the disk: whole, bounded, and gone through again from what the analysis kept."""

import uuid
from pathlib import Path

from camera_agents.analysis import replays
from detection import journal, pipeline, profile, types
from detection.evaluation import replay

MODEL = types.ModelUsed("scripted", "0" * 64)
WANTED = profile.default_profile()


def record() -> journal.Record:
    camera = pipeline.CameraPipeline(WANTED, MODEL)
    settings = profile.settings_sha256(WANTED)
    raised = types.Raised("k", types.Kind.CROWD, "crowd", 0.0, 0.0, 1.0, (), settings_sha256=settings)
    return journal.Record("", (), WANTED, (MODEL,), camera.snapshot(), (), raised)


def kept(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.replay")}


def test_a_record_is_kept_under_its_events_id_and_reads_back(tmp_path: Path) -> None:
    event_id = uuid.uuid4()
    assert replays.Replays(tmp_path / "replays").keep(event_id, record())
    assert replay.load(tmp_path / "replays" / f"{event_id}.replay") == record()


def test_the_oldest_leave_when_there_are_too_many_bytes(tmp_path: Path) -> None:
    size = len(record().to_bytes())
    store = replays.Replays(tmp_path, most_bytes=2 * size + size // 2)
    ids = [uuid.uuid4() for _ in range(4)]
    for event_id in ids:
        assert store.keep(event_id, record())
    assert kept(tmp_path) == {str(event_id) for event_id in ids[2:]}


def test_a_nearly_full_disk_keeps_its_room_for_alarms(tmp_path: Path) -> None:
    store = replays.Replays(tmp_path, free_bytes=lambda: 300 * 2**20)
    assert not store.keep(uuid.uuid4(), record())
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_left_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / "a.draft").write_bytes(b"half")
    replays.Replays(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_is_told_and_costs_nothing_else(tmp_path: Path) -> None:
    store = replays.Replays(tmp_path / "replays", free_bytes=lambda: 10**12)
    (tmp_path / "replays").rmdir()
    assert not store.keep(uuid.uuid4(), record())


def test_keeping_twice_leaves_one_whole_file(tmp_path: Path) -> None:
    event_id = uuid.uuid4()
    store = replays.Replays(tmp_path)
    for _ in range(2):
        assert store.keep(event_id, record())
    assert [path.name for path in tmp_path.iterdir()] == [f"{event_id}.replay"]
