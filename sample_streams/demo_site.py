"""The demo's site: the sample cameras, and one agent that watches them with the zones their ground truth names."""

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from sample_streams import demo_hub, manifest, processes

READY_S = 30.0
SITE = "시연 현장 (demo)"
USER, PASSWORD = "jikimi", "sample"  # of cameras that exist on this machine only, for as long as the demo runs
PASSWORD_VARIABLE = "SAMPLE_CAMERA_PASSWORD"  # noqa: S105 (a variable's name)
SHOWN = (
    "vtest",
    "lawn",
    "abandoned",
    "road_wrong_way",
    "road_stopped",
    "road_fire",
    "one_way",
    "blinded",
    "sprayed",
    "defocused",
    "moved",
    "frozen",
)
"""The clips that are cameras of the demo, as many as two cores can watch; the others, and twins that show nothing, are left to `evaluate`."""
ZONED = {
    "intrusion", "line_crossing", "wrong_way", "loitering", "stopped_vehicle", "abandoned_object", "illegal_parking", "congestion", "flood",
}  # fmt: skip
"""Kinds for which the camera is given a zone: the one its ground truth draws, the whole picture where it draws none."""
LOOP_TOLD = "one_way"
"""Every sample camera plays its clip in a loop, which a camera of a district must not; one of them is watched for that."""
HEALTH = frozenset({"offline", "frozen", "blinded", "sprayed", "defocused", "moved"})
DEAR = frozenset({"fire", "smoke", "fight", "fall", "crowd"})
"""Kinds that ask models of their own: on where a clip shows them only, so that two cores can watch all cameras of the demo."""
DWELLS = frozenset({"loitering", "stopped_vehicle", "abandoned_object", "illegal_parking"})
DWELL_S = 10.0
"""How long somebody must stay in the demo, as in the clips' labels; a district would wait longer."""


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
    """Start one sample camera process that serves the clips of `SHOWN` in a loop.

    Raises:
        ProcessFailed: it did not become ready.
    """
    arguments: list[str] = ["--port", "0", "--user", USER]
    shown = [clips.find(name) for name in SHOWN]
    for clip in shown:
        sub = f",sub={clip.sub.path}" if clip.sub else ""
        arguments += ["--camera", f"{_camera_id(clip)}={clip.main.path}{sub}"]
    child = family.start("cameras", "sample_streams.camera", arguments, {PASSWORD_VARIABLE: PASSWORD})
    ready = json.loads(family.ready_line("cameras", child, "{", READY_S))
    return Sources(tuple(_source(clip, ready["cameras"][_camera_id(clip)]["streams"]) for clip in shown))


def start_agent(family: processes.Family, folder: Path, hub: demo_hub.DemoHub, sources: Sources) -> None:
    """Write the agent's configuration, enrol it once, and start it."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "agent.toml"
    settings.write_text(configuration(folder / "state", sources.cameras))
    settings.chmod(0o600)
    if not (folder / "state" / "identity").exists():
        family.run("enrolment", "camera_agents", ["enroll", str(settings), hub.make_token(SITE)])
    family.start("agent", "camera_agents", ["run", str(settings)])


def configuration(state: Path, sources: Sequence[Source]) -> str:
    """Return the text of agent.toml for the sample cameras, with the zones of their ground truth."""
    return "\n".join([f"[agent]\nsite = {_text(SITE)}\nstate_dir = {_text(str(state))}\n", *map(_camera, sources)])


def _camera(source: Source) -> str:
    lines = ["[[camera]]", f"id = {_text(source.camera_id)}", f"name = {_text(source.clip.title_ko)}"]
    lines += [f"url = {_text(source.url)}", *([f"sub_url = {_text(source.sub_url)}"] if source.sub_url else [])]
    lines += _kinds(source.clip)
    lines += [f"user = {_text(USER)}", f"password = {_text(PASSWORD)}"]
    zones = {(truth.kind, truth.zone) for truth in source.clip.truth if truth.kind in ZONED}
    return (
        "\n".join(lines) + "\n" + "".join(_zone(kind, points, i) for i, (kind, points) in enumerate(sorted(zones), 1))
    )


def _kinds(clip: manifest.Clip) -> list[str]:
    """Say what a camera is watched for: all that it can be, or itself alone where its clip is about that."""
    if clip.name == LOOP_TOLD:
        return [_list("kinds", {"looped"})]
    if all(truth.kind in HEALTH for truth in clip.truth):
        return [_list("kinds", HEALTH)]
    shown = {truth.kind for truth in clip.truth}
    return [_list("kinds_off", {"looped"} | (DEAR - shown))]


def _list(key: str, words: AbstractSet[str]) -> str:
    return f"{key} = [{', '.join(_text(word) for word in sorted(words))}]"


def _zone(kind: str, points: tuple[manifest.Point, ...], number: int) -> str:
    drawn = ", ".join(f"[{x}, {y}]" for x, y in points)
    dwell = f"dwell_s = {DWELL_S}\n" if kind in DWELLS else ""
    return f"\n[[camera.zone]]\nname = {_text(f'{kind}-{number}')}\nkind = {_text(kind)}\npoints = [{drawn}]\n{dwell}"


def _source(clip: manifest.Clip, streams: dict[str, dict[str, str]]) -> Source:
    return Source(_camera_id(clip), clip, streams["main"]["rtsp"], streams["sub"]["rtsp"] if "sub" in streams else None)


def _camera_id(clip: manifest.Clip) -> str:
    return clip.name.replace("_", "-")


def _text(value: str) -> str:
    """Return a TOML basic string; TOML's escapes for what JSON escapes are the same."""
    return json.dumps(value, ensure_ascii=False)
