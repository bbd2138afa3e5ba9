"""The demo's site: the sample cameras, and one agent that watches them with the zones their ground truth names."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sample_streams import demo_hub, manifest, processes

READY_S = 30.0
SITE = "시연 현장 (demo)"
LINES = {"line_crossing": "line", "wrong_way": "direction"}
SKIPPED = {"none", "people"}


@dataclass(frozen=True, slots=True)
class Source:
    """One sample camera as the agent is told of it."""

    camera_id: str
    clip: manifest.Clip
    url: str
    sub_url: str | None


@dataclass(frozen=True, slots=True)
class Sources:
    """All sample cameras."""

    cameras: tuple[Source, ...]


def start_cameras(family: processes.Family, clips: manifest.Manifest) -> Sources:
    """Start one sample camera process that serves every clip in a loop.

    Raises:
        ProcessFailed: it did not become ready.
    """
    arguments: list[str] = ["--port", "0", "--user", "jikimi", "--password", "sample"]
    for clip in clips.clip:
        sub = f",sub={clip.sub.path}" if clip.sub else ""
        arguments += ["--camera", f"{_camera_id(clip)}={clip.main.path}{sub}"]
    child = family.start("cameras", "sample_streams.camera", arguments)
    ready = family.ready_line("cameras", child, READY_S)
    return Sources(tuple(_source(clip, ready["cameras"][_camera_id(clip)]) for clip in clips.clip))


def start_agent(family: processes.Family, folder: Path, hub: demo_hub.DemoHub, sources: Sources) -> None:
    """Write the agent's configuration, enrol it once, and start it."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "agent.toml"
    settings.write_text(configuration(folder / "state", hub.url, sources.cameras))
    settings.chmod(0o600)
    if not (folder / "state" / "identity").exists():
        family.run("enrolment", "camera_agents", ["enroll", str(settings), hub.make_token(SITE)])
    family.start("agent", "camera_agents", ["run", str(settings)])


def configuration(state: Path, hub_url: str, sources: Sequence[Source]) -> str:
    """Return the text of agent.toml for the sample cameras, with the zones of their ground truth."""
    parts = [f"[agent]\nsite = {_text(SITE)}\nstate_dir = {_text(str(state))}\n", f"[hub]\nurl = {_text(hub_url)}\n"]
    return "\n".join(parts + [_camera(source) for source in sources])


def _camera(source: Source) -> str:
    lines = [
        "[[camera]]",
        f"id = {_text(source.camera_id)}",
        f"name = {_text(source.clip.title_ko)}",
        f"url = {_text(source.url)}",
    ]
    if source.sub_url:
        lines.append(f"sub_url = {_text(source.sub_url)}")
    zones = [
        _zone(truth.kind, truth.zone, i)
        for i, truth in enumerate(source.clip.truth)
        if truth.zone and truth.kind not in SKIPPED
    ]
    return "\n".join(lines) + "\n" + "".join(zones)


def _zone(kind: str, points: tuple[manifest.Point, ...], number: int) -> str:
    drawn = ", ".join(f"[{x}, {y}]" for x, y in points)
    return f"\n[[camera.zone]]\nname = {_text(f'{kind}-{number}')}\nkind = {_text(kind)}\npoints = [{drawn}]\n"


def _source(clip: manifest.Clip, ready: dict[str, str]) -> Source:
    return Source(_camera_id(clip), clip, ready["main"], ready.get("sub"))


def _camera_id(clip: manifest.Clip) -> str:
    return clip.name.replace("_", "-")


def _text(value: str) -> str:
    """Return a TOML basic string; TOML's escapes for what JSON escapes are the same."""
    return json.dumps(value, ensure_ascii=False)
