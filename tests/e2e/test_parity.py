"""The same pictures give the same events whether they come from a camera or from a file: what evaluation scores is what ships."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest

from camera_agents.configuration import settings_file
from detection import decoding, models, schedule, types
from detection.evaluation import files, work
from tests.support import cameras, hub_process, shipped, sites, waiting

pytestmark = pytest.mark.process
UNTIL_S = 21.0
"""How much of each clip is compared; nothing is raised within two seconds of it."""
APART_S = 0.5
FPS, EVERY = 15, 3
"""Of 15 pictures a second every third is looked at; on which of three the looks fall is chance for a camera, while a file's begin with its first.
It moves what is told of these clips by up to 0.4 s (when a vehicle was seen often enough). So a file is looked at in all three ways, and a camera
may be as late as any."""
ROUNDS = 3
"""A machine that is busy with other things may be late with pictures in one round; in one of three it is not, unless something is wrong."""
LAWN = "[[0.015, 0.5], [0.17, 0.53], [0.4, 0.66], [0.62, 0.8], [0.9, 0.955], [0.9, 1.0], [0.015, 1.0]]"
ZONES = {
    "lawn": f"""
[[camera.zone]]
name = "grass"
kind = "intrusion"
points = {LAWN}
[[camera.zone]]
name = "grass, long"
kind = "loitering"
points = {LAWN}
dwell_s = 3.0
[[camera.zone]]
name = "edge"
kind = "line_crossing"
points = [[0.73, 0.78], [0.73, 1.0]]
""",
    "road_wrong_way": """
[[camera.zone]]
name = "one way"
kind = "wrong_way"
points = [[0.61, 0.34], [0.39, 0.93]]
""",
}
ONCE = 'kinds_off = ["looped", "fire", "smoke", "fight", "fall", "crowd"]\n'
"""A clip that is begun anew after it was watched for a while is a replay, and would be told as one; and what asks models of its own
may be shed on a busy machine, which a file's run never is."""
EXPECTED = {"lawn": {"intrusion", "loitering", "line_crossing"}, "road_wrong_way": {"wrong_way"}}


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """One event, its times on the clip's own clock."""

    kind: str
    zone: str
    raised_s: float


def eyes_of(agent: sites.Agent) -> work.Eyes:
    """Return the models that the agent's settings name."""
    wanted = settings_file.load(agent.settings)
    return work.ModelChoice(wanted.detector.folder or models.default_folder(), wanted.detector.model).load()


def from_file(name: str, agent: sites.Agent, eyes: work.Eyes) -> list[Seen]:
    wanted = settings_file.load(agent.settings)
    camera = next(camera for camera in wanted.cameras if camera.camera_id == name)
    raised = files.watch(
        shipped.beginning(f"{name}.mp4", UNTIL_S), camera.profile, eyes.finder, further=eyes.further
    ).raised
    found = [Seen(str(r.kind), r.zone.name if r.zone else "", r.raised_s) for r in raised]
    return sorted(one for one in found if one.raised_s < UNTIL_S)


def in_all_ways(name: str, agent: sites.Agent, eyes: work.Eyes) -> list[list[Seen]]:
    """Return what the file gives for each choice of pictures to look at."""
    return [from_file(name, agent, eyes), *(_from_file_later(name, agent, eyes, frames) for frames in range(1, EVERY))]


def _from_file_later(name: str, agent: sites.Agent, eyes: work.Eyes, frames: int) -> list[Seen]:
    """Let so many more pictures pass after the first look, and all looks so fall on others."""
    usual = schedule.Walker._look
    passed = False

    def look(walker: schedule.Walker[decoding.VideoPacket], frame: types.Frame) -> types.Frame:
        nonlocal passed
        looked = usual(walker, frame)
        if not passed:
            walker._due_s += frames / FPS
        passed = True
        return looked

    with mock.patch.object(schedule.Walker, "_look", look):
        return from_file(name, agent, eyes)


def from_hub(name: str, hub: hub_process.HubProcess, begun_s: float) -> list[Seen]:
    rows = sites.hub_rows(
        hub,
        "SELECT kind, json_extract(explanation, '$.zone.name'), raised_at FROM events WHERE camera_id = ?",
        name,
    )
    found = [
        Seen(kind, zone or "", datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() - begun_s)
        for kind, zone, at in rows
    ]
    return sorted(one for one in found if 0 <= one.raised_s < UNTIL_S)


def begin(camera: cameras.SampleCamera, name: str) -> float:
    """Play a clip from its beginning once it is watched, and return the UTC of its first picture."""
    waiting.wait_until(lambda: camera.state(name)["streams"]["main"]["clients"], 30.0, "the agent's connection")
    # Well inside the clip, so that a beginning that is seen then is the one asked for and not the end of a round.
    waiting.wait_until(lambda: camera.state(name)["streams"]["main"]["position_s"] > 3.0, 10.0, "the clip's inside")
    camera.restart(name)
    waiting.wait_until(lambda: camera.state(name)["streams"]["main"]["position_s"] < 2.0, 10.0, "the clip's beginning")
    playing = camera.state(name)["streams"]["main"]
    return float(playing["unix_s"]) - float(playing["position_s"])


def play(camera: cameras.SampleCamera, agent: sites.Agent) -> Mapping[str, float]:
    """Let the agent watch the compared part of every clip; return when each clip began."""
    begun = {name: begin(camera, name) for name in ZONES}

    def is_over(name: str) -> bool:
        playing = camera.state(name)["streams"]["main"]
        return float(playing["unix_s"]) - begun[name] > UNTIL_S + 1.0

    sites.wait_for(agent, lambda: all(is_over(name) for name in ZONES), UNTIL_S + 30.0, "the clips' compared part")
    return begun


def differences(by_file: Mapping[str, list[list[Seen]]], by_camera: Mapping[str, list[Seen]]) -> list[str]:
    """Return what a camera's events have that a file's have not, or at other times."""
    found = []
    for name, ways in by_file.items():
        told = f"{name}: file {ways}, camera {by_camera[name]}"
        if any([(e.kind, e.zone) for e in by_camera[name]] != [(e.kind, e.zone) for e in way] for way in ways):
            found.append(f"other events: {told}")
            continue
        for seen, *others in zip(by_camera[name], *ways, strict=True):
            times_s = [one.raised_s for one in others]
            if not min(times_s) - APART_S <= seen.raised_s <= max(times_s) + APART_S:
                found.append(f"another time: {told}")
    return found


def settled_differences(
    agent: sites.Agent, hub: hub_process.HubProcess, by_file: Mapping[str, list[list[Seen]]], begun: Mapping[str, float]
) -> list[str]:
    """Return the differences that are left once what was raised has had time to reach the hub."""

    def apart() -> list[str]:
        return differences(by_file, {name: from_hub(name, hub, begun[name]) for name in ZONES})

    with contextlib.suppress(TimeoutError):
        sites.wait_for(agent, lambda: not apart(), 15.0, "the same events")
    return apart()


def test_a_camera_and_a_file_give_the_same_events(tmp_path: Path) -> None:
    clips = {name: shipped.CLIPS / f"{name}.mp4" for name in ZONES}
    with cameras.SampleCamera(clips) as camera, sites.make_hub(tmp_path) as hub:
        watched = [sites.Watched(name, camera.url(name), ONCE + tables) for name, tables in ZONES.items()]
        agent = sites.Agent(tmp_path / "agent", watched, "[detector]\nworkers = 1\n").enrol(hub)
        eyes = eyes_of(agent)
        by_file = {name: in_all_ways(name, agent, eyes) for name in ZONES}
        for name, ways in by_file.items():
            assert all({one.kind for one in way} == EXPECTED[name] for way in ways), ways
        told: list[list[str]] = []
        with agent:
            for _ in range(ROUNDS):
                begun = play(camera, agent)
                told.append(settled_differences(agent, hub, by_file, begun))
                if not told[-1]:
                    break
            dropped = {name: row["dropped"] for name, row in sites.camera_rows(hub).items()}
            assert agent.stop() == 0
        assert not told[-1], (told, dropped)
