"""The demo's site: the sample cameras, and one agent that watches them with the zones their ground truth names."""

import contextlib
import json
import threading
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import httpx

from sample_streams import demo_cameras, demo_hub, demo_places, manifest, processes

READY_S = 30.0
WATCHED_S = 30.0
"""How long the cameras wait for the agent before they begin their rounds without it."""
SITE = "시연 현장 (demo)"
USER, PASSWORD = "jikimi", "sample"  # of cameras that exist on this machine only, for as long as the demo runs
PASSWORD_VARIABLE = "SAMPLE_CAMERA_PASSWORD"  # noqa: S105 (a variable's name)
ZONED = {
    "intrusion", "line_crossing", "wrong_way", "loitering", "stopped_vehicle", "abandoned_object", "illegal_parking", "congestion", "flood",
}  # fmt: skip
"""Kinds for which the camera is given a zone: the one its ground truth draws, the whole picture where it draws none."""
DEAR = frozenset({"fire", "smoke", "fight", "fall", "crowd"})
"""Kinds that ask models of their own: on where a clip shows them only, so that two cores can watch all cameras of the demo."""


@dataclass(frozen=True, slots=True)
class Source:
    """One sample camera as the agent is told of it."""

    camera: demo_cameras.Camera
    url: str
    sub_url: str | None


@dataclass(frozen=True, slots=True)
class Sources:
    """All sample cameras, and the address at which their knobs are."""

    cameras: tuple[Source, ...]
    control: str


def start_cameras(family: processes.Family, clips: manifest.Manifest) -> Sources:
    """Start one sample camera process that plays the clips of the demo's cameras in turn, over and over.

    Raises:
        ProcessFailed: it did not become ready.
    """
    cameras = demo_cameras.cameras(clips)
    arguments: list[str] = ["--port", "0", "--control", "0", "--user", USER]
    for camera in cameras:
        arguments += ["--camera", camera.option()]
    child = family.start("cameras", "sample_streams.camera", arguments, {PASSWORD_VARIABLE: PASSWORD})
    ready = json.loads(family.ready_line("cameras", child, "{", READY_S))
    sources = tuple(_source(camera, ready["cameras"][camera.camera_id]["streams"]) for camera in cameras)
    return Sources(sources, ready["control"])


def start_agent(family: processes.Family, folder: Path, hub: demo_hub.DemoHub, sources: Sources) -> None:
    """Write the agent's configuration, enrol it once, and start it."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "agent.toml"
    settings.write_text(configuration(folder / "state", sources.cameras))
    settings.chmod(0o600)
    if not (folder / "state" / "identity").exists():
        family.run("enrolment", "camera_agents", ["enroll", str(settings), hub.make_token(SITE)])
    family.start("agent", "camera_agents", ["run", str(settings)])


def begin_rounds(sources: Sources, stop: threading.Event) -> None:
    """Let every camera begin its round once the agent watches them all, so that it misses nothing of the first."""
    names = [source.camera.camera_id for source in sources.cameras if not source.camera.faults]
    deadline_s = time.monotonic() + WATCHED_S
    with contextlib.suppress(httpx.HTTPError), httpx.Client(base_url=sources.control, timeout=5.0) as knobs:
        while time.monotonic() < deadline_s and not stop.wait(0.3):
            states = knobs.get("/cameras").json()
            if all(states[name]["streams"]["main"]["clients"] for name in names):
                break
        for name in names:
            knobs.post(f"/cameras/{name}/restart")


def configuration(state: Path, sources: Sequence[Source]) -> str:
    """Return the text of agent.toml for the sample cameras, with the zones of their ground truth."""
    return "\n".join([f"[agent]\nsite = {_text(SITE)}\nstate_dir = {_text(str(state))}\n", *map(_camera, sources)])


def _camera(source: Source) -> str:
    camera = source.camera
    lines = ["[[camera]]", f"id = {_text(camera.camera_id)}", f"name = {_text(camera.name)}"]
    lines += [f"url = {_text(source.url)}", *([f"sub_url = {_text(source.sub_url)}"] if source.sub_url else [])]
    lines += [_list("kinds", camera.only) if camera.only else _list("kinds_off", camera.off | (DEAR - camera.kinds))]
    lines += [f"user = {_text(USER)}", f"password = {_text(PASSWORD)}"]
    place = demo_places.of(camera.camera_id)
    lines += [f"latitude = {place.latitude}", f"longitude = {place.longitude}"] if place else []
    if camera.stretch:
        lines += _stretch(camera.stretch)
    zones = {(truth.kind, truth.zone) for clip in camera.clips for truth in clip.truth if truth.kind in ZONED}
    return (
        "\n".join(lines) + "\n" + "".join(_zone(kind, points, i) for i, (kind, points) in enumerate(sorted(zones), 1))
    )


def _stretch(stretch: demo_cameras.Stretch) -> list[str]:
    drawn = f"points = [{', '.join(f'[{x}, {y}]' for x, y in stretch.points)}]"
    size = [f"width_m = {stretch.width_m}", f"length_m = {stretch.length_m}"]
    zone = ['name = "speeding"', 'kind = "speeding"', f"limit_kmh = {stretch.limit_kmh}"]
    return ["\n[camera.calibration]", drawn, *size, "\n[[camera.zone]]", *zone, drawn]


def _list(key: str, words: AbstractSet[str]) -> str:
    return f"{key} = [{', '.join(_text(word) for word in sorted(words))}]"


def _zone(kind: str, points: tuple[manifest.Point, ...], number: int) -> str:
    drawn = ", ".join(f"[{x}, {y}]" for x, y in points)
    dwell = f"dwell_s = {demo_cameras.DWELL_S[kind]}\n" if kind in demo_cameras.DWELL_S else ""
    return f"\n[[camera.zone]]\nname = {_text(f'{kind}-{number}')}\nkind = {_text(kind)}\npoints = [{drawn}]\n{dwell}"


def _source(camera: demo_cameras.Camera, streams: dict[str, dict[str, str]]) -> Source:
    return Source(camera, streams["main"]["rtsp"], streams["sub"]["rtsp"] if "sub" in streams else None)


def _text(value: str) -> str:
    """Return a TOML basic string; TOML's escapes for what JSON escapes are the same."""
    return json.dumps(value, ensure_ascii=False)
