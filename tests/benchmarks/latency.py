"""From an event to the alarm on the page: from the moment that raised it to the message at a signed-in browser's stream.

`raised_at` is the capture time of the frame in which the trigger's condition came true, so the trigger's dwell lies before it; where an
idle camera goes back to the frames before the key frame that showed movement, up to a look interval lies after it, and is not subtracted.
Real people step onto a lawn in every round of two looping cameras: one where nothing else moves, one where others walk all the time.
"""

import contextlib
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

from sample_streams import demo_hub, processes
from tests.benchmarks import figures, site, visits
from tests.support import cameras, commands, desk, sites

GOAL = "<= 1"
LONGEST_S = 600.0


@dataclass(slots=True)
class Seen:
    """The alarms of one camera as the page was told of them.

    Attributes:
        raised_s, arrived_s: seconds of UTC, one of each for every alarm.
    """

    raised_s: list[float] = field(default_factory=list)
    arrived_s: list[float] = field(default_factory=list)


def run(quick: bool) -> list[figures.Figure]:
    """Wait for enough alarms of both cameras."""
    wanted = 4 if quick else 20
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        place = Path(folder)
        clips = {name: visits.make(place, busy=name == "active") for name in ("idle", "active")}
        files = {name: clip.path for name, clip in clips.items()}
        with (
            cameras.SampleCamera(files, user=site.USER, password=site.PASSWORD) as sample,
            processes.Family(place / "logs") as family,
        ):
            hub = demo_hub.start(family, place / "hub", "127.0.0.1", 0)
            watched = [sites.Watched(name, sample.url(name), clip.zone) for name, clip in clips.items()]
            agent = sites.Agent(place / "agent", watched)
            enrolled = commands.run("camera_agents", "enroll", agent.settings, hub.make_token("bench"))
            if enrolled.returncode:
                raise RuntimeError(f"the agent cannot be enrolled: {enrolled.stderr}")
            with agent, contextlib.closing(hub.client):
                seen = listen(hub, list(clips), wanted)
            began_s = {name: _began_s(sample, name) for name in clips}
    return [figure for name in clips for figure in _figures(name, seen[name], began_s[name])]


def listen(hub: demo_hub.DemoHub, names: Sequence[str], wanted: int) -> dict[str, Seen]:
    """Follow the page's stream until every camera has raised `wanted` alarms.

    Raises:
        TimeoutError: they did not come.
    """
    seen = {name: Seen() for name in names}
    until_s = time.monotonic() + LONGEST_S
    with hub.client.stream("GET", "/v1/stream", timeout=httpx.Timeout(10, read=90)) as answer:
        events = desk.Events(answer)
        while any(len(one.raised_s) < wanted for one in seen.values()):
            name, data, _ = events.next()
            arrived_s = time.time()
            if time.monotonic() > until_s:
                raise TimeoutError(
                    f"too few alarms in {LONGEST_S:.0f} s: { {k: len(v.raised_s) for k, v in seen.items()} }"
                )
            if name == "incident" and data["kind"] == "intrusion":
                raised_s = datetime.fromisoformat(data["last_alarm_at"]).timestamp()
                camera = seen[data["camera_id"]]
                if raised_s not in camera.raised_s:  # told again when its media arrive
                    camera.raised_s.append(raised_s)
                    camera.arrived_s.append(arrived_s)
    return seen


def _began_s(sample: cameras.SampleCamera, name: str) -> float:
    """Return when a round of the clip began, in seconds of UTC."""
    stream = sample.state(name)["streams"]["main"]
    return float(stream["unix_s"]) - float(stream["position_s"])


def _figures(name: str, seen: Seen, began_s: float) -> list[figures.Figure]:
    late_s = sorted(arrived - raised for raised, arrived in zip(seen.raised_s, seen.arrived_s, strict=True))
    appeared_s = [(raised - began_s - visits.APPEARS_S) % visits.ROUND_S for raised in seen.raised_s]
    note = f"{len(late_s)} alarms; the trigger's own part (foot on the lawn to raised, dwell included): median {statistics.median(appeared_s):.1f} s"
    return [
        figures.Figure(f"event to page, from {name}, p50", statistics.median(late_s), "s", "", note),
        figures.Figure(
            f"event to page, from {name}, p95", late_s[min(len(late_s) - 1, int(0.95 * len(late_s)))], "s", GOAL
        ),
    ]
