"""The agent's own process beside real cameras and with its real detector, without a hub: everything lands in the outbox."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import pytest

from camera_agents import status, supervisor
from camera_agents.configuration import settings, settings_file
from tests.support import agent_state, cameras, footage, sites, waiting

pytestmark = pytest.mark.process
ROOT = Path(__file__).parents[2]
LAWN = "[[0.015, 0.5], [0.17, 0.53], [0.4, 0.66], [0.62, 0.8], [0.9, 0.955], [0.9, 1.0], [0.015, 1.0]]"


def write_settings(folder: Path, blocks: list[str], model: str = "nanodet") -> Path:
    agent_state.enrolled(folder / "state")
    path = folder / "agent.toml"
    head = (
        '[agent]\nsite = "test"\nstate_dir = "state"\n[clip]\nbefore_s = 10\nafter_s = 1\n'
        f'[detector]\nmodel = "{model}"\nworkers = 1\n'
    )
    path.write_text(head + "".join(blocks))
    return path


def block(camera_id: str, url: str, more: str = "") -> str:
    return f'[[camera]]\nid = "{camera_id}"\nname = "{camera_id}"\nurl = "{url}"\n{more}'


@contextlib.contextmanager
def running(path: Path) -> Iterator[None]:
    with (path.parent / "log").open("wb") as log:
        command = [sys.executable, "-m", "camera_agents", "run", str(path)]
        process = subprocess.Popen(command, cwd=ROOT, stderr=log)
        try:
            yield
            process.terminate()
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()


def rows(state: Path, sql: str) -> list[Any]:
    return sites.rows(state / "outbox.db", sql)


def test_somebody_on_the_lawn_becomes_an_event_with_stills_and_a_clip(tmp_path: Path) -> None:
    zone = f'{sites.only("intrusion")}[[camera.zone]]\nname = "lawn"\nkind = "intrusion"\npoints = {LAWN}\n'
    with cameras.SampleCamera({"yard": ROOT / "sample_streams/clips/lawn.mp4"}) as camera:
        path = write_settings(tmp_path, [block("yard", camera.url("yard"), zone)])
        state = tmp_path / "state"
        with running(path):
            waiting.wait_until(
                lambda: camera.state("yard")["streams"]["main"]["clients"], 60.0, "the agent's connection"
            )
            camera.restart(
                "yard"
            )  # nobody is on the lawn for the first ten seconds: there is a clip to be made of them
            query = "SELECT body FROM media WHERE path LIKE '%.mp4'"
            ((clip_body,),) = waiting.wait_until(lambda: rows(state, query)[:1], 90.0, "the first clip")
    event_id = json.loads(clip_body)["manifest"]["event_id"]
    ((body,),) = rows(state, f"SELECT body FROM events WHERE event_id = '{event_id}'")  # noqa: S608
    report = json.loads(body)
    assert report["kind"] == "intrusion"
    assert report["explanation"]["zone"]["name"] == "lawn"
    assert report["explanation"]["conditions"]
    assert report["explanation"]["models"][0]["name"] == "nanodet"
    assert abs(report["camera_clock"]["offset_s"]) < 1.0
    media = {
        json.loads(text)["manifest"]["form"]: (json.loads(text)["manifest"], state / kept)
        for text, kept in rows(state, f"SELECT body, path FROM media WHERE event_id = '{event_id}'")  # noqa: S608
    }
    assert set(media) == {"clip", "still", "masked_still"}
    assert media["masked_still"][0]["masking"] == "regions"
    clear, masked = (cv2.imread(str(media[form][1])) for form in ("still", "masked_still"))
    assert clear is not None and masked is not None
    x1, y1, x2, y2 = report["explanation"]["box"]
    height, width = clear.shape[:2]
    inside = (slice(int(y1 * height), int(y2 * height)), slice(int(x1 * width), int(x2 * width)))
    assert cv2.absdiff(clear[inside], masked[inside]).mean() > 3, "the one who stepped on the lawn is hidden"
    with av.open(str(media["clip"][1])) as clip:
        assert len(list(clip.decode(video=0))) > 30
    kept = state / "replays" / f"{event_id}.replay"
    command = [sys.executable, "-m", "detection", "replay", str(media["clip"][1]), "--state", str(kept)]
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.startswith("same event: intrusion"), again.stdout
    assert " 0 are not in the clip; regions differ in 0" in again.stdout, again.stdout


def test_cameras_in_trouble_disturb_no_other(tmp_path: Path) -> None:
    names = ("good", "dead", "stalling", "garbage")
    with cameras.SampleCamera({name: footage.make() for name in names}) as camera:
        wanted = settings_of(tmp_path, camera, names)
        agent = supervisor.Supervisor(wanted)
        agent.start()
        try:
            health = Health(agent)
            waiting.wait_until(lambda: all(health.state(name) == "online" for name in names), 40.0, "all online")
            camera.fault("dead", drop_s=600.0)
            camera.fault("stalling", stall=True)
            camera.fault("garbage", garbage=1.0)
            waiting.wait_until(lambda: health.state("garbage") == "garbage", 40.0, "garbage told")
            waiting.wait_until(lambda: health.state("dead") == "offline", 40.0, "the dead one told")
            waiting.wait_until(lambda: health.state("stalling") == "offline", 40.0, "the stalling one told")
            fps = float(camera.state("good")["streams"]["main"]["frames_per_s"])
            rate = waiting.wait_until(lambda: abs(health.fps("good") - fps) < 0.05 * fps, 30.0, "the good one's rate")
            assert rate
            assert health.state("good") == "online"
            assert health.dropped("good") == {}
            assert health.dropped("garbage")["undecodable_packets"] > 0
            assert health.dropped("dead")["reconnects"] > 0
        finally:
            agent.stop()


def settings_of(folder: Path, camera: cameras.SampleCamera, names: tuple[str, ...]) -> settings.Agent:
    blocks = [block(name, camera.url(name)) for name in names]
    return settings_file.load(write_settings(folder, blocks, model=""), {})


class Health:
    """What the agent says of its cameras."""

    def __init__(self, agent: supervisor.Supervisor) -> None:
        self._status: status.Status = agent.status

    def _of(self, camera_id: str) -> Any:
        return next(health for health in self._status.health() if health.camera_id == camera_id)

    def state(self, camera_id: str) -> str:
        return str(self._of(camera_id).state)

    def fps(self, camera_id: str) -> float:
        return float(self._of(camera_id).fps_in)

    def dropped(self, camera_id: str) -> dict[str, int]:
        return dict(self._of(camera_id).dropped)
