"""The agent's disk fills: recordings and media give way, held recordings stay, alarms keep flowing, and the operators are told."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_agents.recording import recordings
from tests.support import cameras, hub_process, sites

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

CLIPS = Path("sample_streams/clips").resolve()
QUICK = "[hub]\nheartbeat_s = 1\n[clip]\nbefore_s = 1\nafter_s = 1\n"
MIB = 2**20


@pytest.fixture(scope="module")
def watched() -> Iterator[list[sites.Watched]]:
    """A camera past which people walk all the time."""
    with cameras.SampleCamera({"path": CLIPS / "one_way.mp4"}) as running:
        yield [sites.Watched("path", running.url("path"), sites.vertical_lines(8))]


def test_the_oldest_recordings_leave_first_held_ones_never_and_alarms_go_on(
    tmp_path: Path, watched: list[sites.Watched]
) -> None:
    room = "[disk]\nwarn_free_gib = 0\nmin_free_gib = 0\nstop_free_gib = 0\n"
    none = "[disk]\nwarn_free_gib = 900000\nmin_free_gib = 900000\nstop_free_gib = 900000\n"
    with sites.make_hub(tmp_path) as hub, sites.Agent(tmp_path, watched, QUICK + room).enrol(hub) as agent:
        agent.stop()
        paths = [record_one_segment(agent) for _ in range(3)]
        hold(agent, paths[1])
        agent.configure(watched, QUICK + none)
        before = alarms(hub)
        agent.start()
        told = sites.wait_for(agent, lambda: disk(hub).get("warning"), 40, "the operators to be told")
        assert "disk full" in told and "alarms are kept" in told
        sites.wait_for(agent, lambda: alarms(hub) > before + 2, 60, "alarms on a full disk")
        sites.wait_for(agent, lambda: dropped(hub).get("seconds_not_recorded"), 30, "the seconds lost to be counted")
        folder = agent.state_dir / "recordings"
        sites.wait_for(agent, lambda: not (folder / paths[0]).exists() and not (folder / paths[2]).exists(), 60, "room")
        assert (folder / paths[1]).exists()
        assert agent.recordings("SELECT path FROM segment") == [(paths[1],)]
        assert agent.recordings("SELECT reason FROM gap WHERE end_us IS NULL")
        agent.configure(watched, QUICK + room)
        agent.stop()
        agent.start()
        sites.wait_for(agent, lambda: not disk(hub).get("warning"), 40, "the all-clear")
        sites.wait_for(agent, lambda: agent.recordings("SELECT 1 FROM segment WHERE end_us IS NULL"), 40, "recording")
        assert agent.stop() == 0
        assert agent.check().returncode == 0


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk needs root")
def test_on_a_disk_that_is_truly_full_alarms_flow_as_long_as_a_byte_is_left(
    tmp_path: Path, watched: list[sites.Watched]
) -> None:
    limits = "[disk]\nwarn_free_gib = 0.29\nmin_free_gib = 0.1\nstop_free_gib = 0.05\n"
    with (
        small_disk(tmp_path / "disk", 400) as folder,
        sites.make_hub(tmp_path) as hub,
        sites.Agent(folder, watched, QUICK + limits, log_path=tmp_path / "agent.log").enrol(hub) as agent,
    ):
        sites.wait_for(agent, lambda: files(hub), 60, "the first still, while there is room")
        assert not disk(hub)["warning"]
        leave(folder, 30 * MIB)
        sites.wait_for(agent, lambda: "disk full" in disk(hub).get("warning", ""), 40, "the operators to be told")
        before, stills = alarms(hub), files(hub, "form != 'clip'")
        sites.wait_for(agent, lambda: alarms(hub) > before + 3, 60, "alarms beside a nearly full disk")
        sites.wait_for(agent, lambda: dropped(hub).get("stills_not_kept"), 30, "the stills lost to be counted")
        assert files(hub, "form != 'clip'") <= stills + 2  # what was under way
        sites.wait_for(agent, lambda: full(folder), 30, "the disk to be full to the last byte")
        leave(folder, 380 * MIB)
        before = alarms(hub)
        sites.wait_for(agent, lambda: alarms(hub) > before + 1, 90, "alarms after the disk was emptied")
        sites.wait_for(agent, lambda: not disk(hub)["warning"], 40, "the all-clear")
        assert agent.stop() == 0
        found = agent.check()
        assert found.returncode == 0, found.stdout


def record_one_segment(agent: sites.Agent) -> str:
    """Run the agent until it records, end it, and return the segment's path."""
    before = {row[0] for row in agent.recordings("SELECT path FROM segment")}
    agent.start()

    def recorded() -> list[str]:
        new = [row[0] for row in agent.recordings("SELECT path FROM segment") if row[0] not in before]
        folder = agent.state_dir / "recordings"
        return [path for path in new if (folder / path).exists() and (folder / path).stat().st_size > 50_000]

    path: str = sites.wait_for(agent, recorded, 40, "a segment")[0]
    assert agent.stop() == 0
    return path


def hold(agent: sites.Agent, path: str) -> None:
    """Hold what the segment has."""
    ((start_us, end_us),) = agent.recordings("SELECT start_us, end_us FROM segment WHERE path = ?", path)
    index = recordings.Recordings(agent.state_dir / "recordings.db")
    middle_us = (start_us + end_us) // 2
    index.hold("case 112", recordings.Span("path", middle_us, middle_us), "evidence")
    index.close()


@contextlib.contextmanager
def small_disk(folder: Path, size_mib: int) -> Iterator[Path]:
    """Mount a disk of that size."""
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", str(folder)]
    done = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this machine does not let root mount: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def leave(folder: Path, free_bytes: int) -> None:
    """Fill the disk with something else so that this much is free (or take that away)."""
    ballast = folder / "ballast"
    for file in (ballast, folder / "more"):
        file.unlink(missing_ok=True)
    usage = os.statvfs(folder)
    length = usage.f_bavail * usage.f_frsize - free_bytes
    if length > 0:
        with ballast.open("wb") as opened:
            os.posix_fallocate(opened.fileno(), 0, length)


def full(folder: Path) -> bool:
    """Say whether nothing at all is free any more, taking what was freed meanwhile."""
    usage = os.statvfs(folder)
    if usage.f_bavail:
        with contextlib.suppress(OSError), (folder / "more").open("ab") as file:
            file.write(bytes(usage.f_bavail * usage.f_frsize))
    return not os.statvfs(folder).f_bavail


def alarms(hub: hub_process.HubProcess) -> int:
    """Return how many alarms the hub has raised."""
    return int(sites.hub_rows(hub, "SELECT count(*) FROM alarms")[0][0])


def files(hub: hub_process.HubProcess, where: str = "1") -> int:
    """Return how many media files the hub holds."""
    return int(sites.hub_rows(hub, f"SELECT count(*) FROM media WHERE {where}")[0][0])  # noqa: S608


def disk(hub: hub_process.HubProcess) -> dict[str, str]:
    """Return what the agent last told of its disk."""
    found = sites.hub_rows(hub, "SELECT disk FROM agents")
    made: dict[str, str] = json.loads(found[0][0]) if found and found[0][0] else {}
    return made


def dropped(hub: hub_process.HubProcess) -> dict[str, int]:
    """Return what the camera's agent counts as dropped."""
    made: dict[str, int] = sites.camera_rows(hub)["path"]["dropped"]
    return made
