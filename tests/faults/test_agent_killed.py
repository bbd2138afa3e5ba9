"""The agent's own process, killed while it records and watches a real camera."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_agents import errors, supervisor
from camera_agents.recording import recordings, segments
from tests.support import agent_state, cameras, footage, waiting

pytestmark = pytest.mark.process
ROOT = Path(__file__).parents[2]
EVER = recordings.Span("yard", 0, 1 << 62)


@pytest.fixture(scope="module")
def camera() -> Iterator[cameras.SampleCamera]:
    with cameras.SampleCamera({"yard": footage.make()}) as started:
        yield started


@pytest.fixture
def agent_toml(tmp_path: Path, camera: cameras.SampleCamera) -> Path:
    agent_state.enrolled(tmp_path / "state")
    path = tmp_path / "agent.toml"
    path.write_text(
        '[agent]\nsite = "test"\nstate_dir = "state"\n[detector]\nmodel = ""\n'
        f'[[camera]]\nid = "yard"\nname = "Yard"\nurl = "{camera.url("yard")}"\n'
    )
    return path


@contextlib.contextmanager
def running(agent_toml: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (agent_toml.parent / "log").open("ab") as log:
        command = [sys.executable, "-m", "camera_agents", "run", str(agent_toml)]
        process = subprocess.Popen(command, cwd=ROOT, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def frames_on_disk(state: Path) -> int:
    total = 0
    for path in (state / supervisor.RECORDINGS_FOLDER).rglob(f"*{segments.SUFFIX}"):
        with contextlib.suppress(errors.SegmentDamaged), segments.SegmentReader(path) as reader:
            total += len(list(reader.entries()))
    return total


def record(agent_toml: Path, more_frames: int, number: signal.Signals) -> int:
    """Run the agent until so many more frames are on the disk, end it with `number`, and return its exit code."""
    state = agent_toml.parent / "state"
    wanted = frames_on_disk(state) + more_frames
    with running(agent_toml) as process:
        waiting.wait_until(lambda: frames_on_disk(state) >= wanted, 30.0, f"{wanted} frames on the disk")
        process.send_signal(number)
        return process.wait(20)


def check(agent_toml: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "camera_agents", "check", "--thorough", str(agent_toml)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_killed_again_and_again_it_loses_no_frame_on_the_disk_and_tells_every_gap(agent_toml: Path) -> None:
    state = agent_toml.parent / "state"
    kept = 0
    for round_number in range(3):
        record(agent_toml, 8 + 5 * round_number, signal.SIGKILL)
        now_on_disk = frames_on_disk(state)
        assert now_on_disk >= kept
        kept = now_on_disk
    assert record(agent_toml, 8, signal.SIGTERM) == 0
    index = recordings.Recordings(state / supervisor.RECORDINGS_FILE)
    try:
        assert index.unclosed() == []
        gaps = index.gaps(EVER)
        found = index.find(EVER)
    finally:
        index.close()
    assert [gap.reason for gap in gaps] == ["agent killed"] * 3 + ["agent stopped"]
    assert len(found) == 4
    outcome = check(agent_toml)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_sigterm_ends_it_in_order(agent_toml: Path) -> None:
    assert record(agent_toml, 10, signal.SIGTERM) == 0
    log = (agent_toml.parent / "log").read_text()
    assert "agent_stopped" in log
    assert "lane_failed" not in log


def test_a_configuration_with_faults_is_refused_with_file_and_line(agent_toml: Path) -> None:
    agent_toml.write_text(agent_toml.read_text().replace("site =", "sit ="))
    command = [sys.executable, "-m", "camera_agents", "run", str(agent_toml)]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert outcome.returncode == 2
    assert f"{agent_toml}:2: unknown key 'sit': did you mean 'site'?" in outcome.stderr
    assert cameras.PASSWORD not in outcome.stderr


def test_no_password_is_in_the_log(agent_toml: Path) -> None:
    record(agent_toml, 5, signal.SIGTERM)
    log = (agent_toml.parent / "log").read_text()
    assert "sample%20pass" not in log
    assert cameras.PASSWORD not in log
