import datetime
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_agents import errors, supervisor
from camera_agents.analysis import reports
from camera_agents.configuration import settings
from camera_agents.recording import recorder, recordings
from camera_agents.sending import mediastore, outbox
from detection import errors as detection_errors
from detection import profile
from tests.support import agent_state, coded, fake_hub, messages, waiting

DEADLINE_S = 60.0
NOBODY_THERE = "rtsp://operator:secret@127.0.0.1:1/stream"


@pytest.fixture
def hub() -> Iterator[fake_hub.FakeHub]:
    with fake_hub.FakeHub() as running:
        yield running


def wanted(state_dir: Path, *camera_ids: str, model: str = "") -> settings.Agent:
    recording = settings.Recording(True, settings.SPOOL)
    source = settings.Source(NOBODY_THERE)
    cameras = tuple(
        settings.Camera(camera_id, camera_id, source, source, recording, profile.default_profile())
        for camera_id in camera_ids
    )
    return settings.Agent("test", state_dir, cameras, detector=settings.Detector(model=model), heartbeat_s=1.0)


def enrolled(state_dir: Path, hub: fake_hub.FakeHub) -> None:
    hub.know(agent_state.enrolled(state_dir, hub.url))


def leave_behind(state_dir: Path, recorded_s: float) -> uuid.UUID:
    """Leave what a killed agent leaves: an open behaviour, and pictures recorded until after it was raised."""
    begin = reports.at_us(coded.START_US)
    report = messages.report(camera_id="yard", started_at=begin, raised_at=begin + datetime.timedelta(seconds=1))
    box = agent_state.open_outbox(state_dir)
    box.commit_event(report, None)
    box.close()
    (state_dir / supervisor.RECORDINGS_FOLDER).mkdir()
    index = recordings.Recordings(state_dir / supervisor.RECORDINGS_FILE)
    writer = recorder.Recorder(state_dir / supervisor.RECORDINGS_FOLDER, index, agent_state.chain(index))
    writer.start()
    for packet in coded.recorded(recorded_s):
        writer.write("yard", packet)
    writer.stop()
    index.close()
    return report.event_id


def test_with_no_camera_reachable_it_runs_says_so_and_stops(tmp_path: Path, hub: fake_hub.FakeHub) -> None:
    enrolled(tmp_path, hub)
    before = set(threading.enumerate())
    agent = supervisor.Supervisor(wanted(tmp_path, "yard", "gate"))
    agent.start()
    try:

        def told() -> bool:
            return any({camera.state for camera in beat.health} == {"offline"} for beat in hub.memory.beats)

        waiting.wait_until(told, DEADLINE_S, "a heartbeat that tells of both cameras")
    finally:
        agent.stop()
    names = {f"{role}-{camera}" for role in ("capture", "watch") for camera in ("yard", "gate")}
    assert not [thread.name for thread in set(threading.enumerate()) - before if thread.name in names]
    beat = hub.memory.beats[-1]
    assert [camera.camera_id for camera in beat.cameras] == ["yard", "gate"]
    assert "secret" not in beat.model_dump_json()


def test_an_agent_without_cameras_starts_and_stops(tmp_path: Path, hub: fake_hub.FakeHub) -> None:
    enrolled(tmp_path, hub)
    agent = supervisor.Supervisor(wanted(tmp_path))
    agent.start()
    agent.stop()
    assert agent.status.cameras() == ()


def test_what_is_committed_when_it_is_told_to_stop_goes_out_first(tmp_path: Path, hub: fake_hub.FakeHub) -> None:
    enrolled(tmp_path, hub)
    box = agent_state.open_outbox(tmp_path)
    waiting_reports = [messages.report(camera_id="yard") for _ in range(20)]
    for report in waiting_reports:
        box.commit_event(report, None)
    box.close()
    agent = supervisor.Supervisor(wanted(tmp_path, "yard"))
    agent.start()
    agent.stop()
    assert set(hub.memory.reports) == {report.event_id for report in waiting_reports}


def test_what_an_agent_that_was_killed_left_open_is_ended_when_its_camera_was_last_recorded(
    tmp_path: Path, hub: fake_hub.FakeHub
) -> None:
    enrolled(tmp_path, hub)
    event_id = leave_behind(tmp_path, recorded_s=4)
    agent = supervisor.Supervisor(wanted(tmp_path, "yard"))
    agent.start()
    try:
        waiting.wait_until(lambda: event_id in hub.memory.endings, DEADLINE_S, "the end of the behaviour")
    finally:
        agent.stop()
    after = hub.memory.endings[event_id].ended_at - reports.at_us(coded.START_US)
    assert datetime.timedelta(seconds=3.8) < after <= datetime.timedelta(seconds=4.1)


def test_what_was_recorded_outlasts_agents_that_find_no_camera(tmp_path: Path, hub: fake_hub.FakeHub) -> None:
    enrolled(tmp_path, hub)
    leave_behind(tmp_path, recorded_s=2)
    for _ in range(2):
        agent = supervisor.Supervisor(wanted(tmp_path, "yard"))
        agent.start()
        agent.stop()
    index = recordings.Recordings(tmp_path / supervisor.RECORDINGS_FILE)
    everything = recordings.Span("yard", 0, 1 << 62)
    assert len(index.find(everything)) == 1
    assert [gap.reason for gap in index.gaps(everything)] == ["agent stopped"]  # one gap: its first reason stands
    index.close()


def test_drafts_that_a_kill_left_are_removed(tmp_path: Path, hub: fake_hub.FakeHub) -> None:
    enrolled(tmp_path, hub)
    store = mediastore.MediaStore(tmp_path / supervisor.MEDIA_FOLDER)
    draft = store.folder / "tmp" / "cut.mp4"
    draft.write_bytes(b"half a clip")
    agent = supervisor.Supervisor(wanted(tmp_path))
    agent.start()
    agent.stop()
    assert not draft.exists()


def test_without_enrolment_it_refuses_to_run_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(errors.NotEnrolled, match="enroll"):
        supervisor.Supervisor(wanted(tmp_path, "yard"))


def test_a_model_that_the_manifest_does_not_have_is_refused_before_anything_is_opened(
    tmp_path: Path, hub: fake_hub.FakeHub
) -> None:
    enrolled(tmp_path, hub)
    with pytest.raises(detection_errors.ModelError, match="no-such-model"):
        supervisor.Supervisor(wanted(tmp_path, "yard", model="no-such-model"))
    outbox.Outbox(tmp_path / supervisor.OUTBOX_FILE, agent_state.Clock()).close()  # its lock was not taken


def test_as_many_detector_sessions_are_made_as_asked_for() -> None:
    pool = supervisor.load_pool(settings.Detector(model="nanodet", workers=2), frozenset())
    assert len(pool.lanes()) == 2
    assert pool.model is not None
    assert pool.model.name == "nanodet"


def test_three_detector_sessions_share_one_set_of_further_models() -> None:
    pool = supervisor.load_pool(settings.Detector(model="nanodet", workers=4), frozenset({"fire"}))
    assert len(pool.lanes()) == 4 + 2


def test_only_models_that_a_camera_has_questions_for_are_loaded() -> None:
    chosen = settings.Detector(model="nanodet", workers=1)

    pool = supervisor.load_pool(chosen, frozenset({"fire"}))

    assert set(pool.further) == {"fire"}
    assert {model.name for model in supervisor.known_models(chosen)} > {model.name for model in pool.models}


def test_no_model_means_no_detector() -> None:
    pool = supervisor.load_pool(settings.Detector(model=""), frozenset({"fire"}))
    assert pool.lanes() == []
    assert pool.model is None
    assert not pool.further
