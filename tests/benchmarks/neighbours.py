"""Bad neighbours: whether a dead, a stalling and a garbage camera change what good cameras beside them get, in the same agent.

Spans alone and beside the bad ones take turns, so that a busy machine disturbs both alike. The frames are counted where they end up:
in the segment files and in what the agent tells of its looks.
"""

import statistics
import time
from dataclasses import dataclass, field

from camera_agents import supervisor
from camera_agents.recording import segments
from sample_streams import manifest
from tests.benchmarks import figures, site
from tests.support import sites

GOOD = ("path", "yard")
BAD: dict[str, dict[str, object]] = {
    "dead": {"drop_s": 3600.0},
    "stalling": {"stall": True},
    "garbage": {"garbage": 1.0},
}
FPS = 15.0
TABLES = "[hub]\nheartbeat_s = 2\n"
SETTLE_S = 20.0  # longer than the ten seconds over which the agent tells rates
SAMPLE_S = 2.0


@dataclass(slots=True)
class Span:
    """What the good cameras got.

    Attributes:
        fps: frames recorded per second, one value for each camera and span.
        looks: looks per second as the agent told them, one value for each camera and sample.
    """

    fps: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)


def run(quick: bool) -> list[figures.Figure]:
    """Watch two good cameras beside three in order, then beside the same three dead, stalling and sending garbage, in turns."""
    rounds, span_s = (1, 20.0) if quick else (3, 40.0)
    clips = manifest.load()
    busy, quiet = clips.find("vtest").main.path, clips.find("normal").main.path
    got = {False: Span(), True: Span()}
    with site.started(
        site.Wanted(dict.fromkeys(GOOD, busy) | dict.fromkeys(BAD, quiet), agent_tables=TABLES)
    ) as running:
        for spoilt in (False, True) * rounds:
            _spoil(running, spoilt)
            time.sleep(SETTLE_S)
            _observe(running, got[spoilt], span_s)
    return [
        *_difference("frames per second of good cameras", got[False].fps, got[True].fps),
        *_difference("looks per second of good cameras", got[False].looks, got[True].looks),
    ]


def _spoil(running: site.Running, spoilt: bool) -> None:
    for name, knobs in BAD.items():
        if spoilt:
            running.sample.fault(name, **knobs)
        else:
            running.sample.heal(name)


def _observe(running: site.Running, span: Span, span_s: float) -> None:
    began_s = time.time()
    while time.time() < began_s + span_s:
        time.sleep(SAMPLE_S)
        rows: dict[str, float] = {
            row[0]: row[1] for row in sites.hub_rows(running.hub, "SELECT camera_id, fps_analysed FROM cameras")
        }
        span.looks += [rows[name] for name in GOOD]
    span.fps += [_recorded(running, name, began_s, began_s + span_s - 1) / (span_s - 1) for name in GOOD]


def _recorded(running: site.Running, name: str, from_s: float, until_s: float) -> int:
    """Count the frames on disk that were captured in a span of UTC."""
    count = 0
    for path in (running.agent.state_dir / supervisor.RECORDINGS_FOLDER / name).rglob(f"*{segments.SUFFIX}"):
        with segments.SegmentReader(path) as reader:
            count += sum(from_s <= entry.captured_us / 1e6 < until_s for entry in reader.entries())
    return count


def _difference(name: str, alone: list[float], beside: list[float]) -> list[figures.Figure]:
    was, is_now = statistics.median(alone), statistics.median(beside)
    return [
        figures.Figure(name, is_now, "per s", "", f"beside bad ones; {was:.3f} beside good ones"),
        figures.Figure(f"{name}, change", abs(is_now - was) / was * 100, "%", "<= 2"),
    ]
