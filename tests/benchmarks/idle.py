"""Idle cameras: what the agent costs while nothing happens, recording included, against Debian's `motion` on the same stream in the same span.

Nothing is subtracted: the agent's figure holds its whole process with recording, ring, heartbeats and its connection to a running hub.
"""

import contextlib
import tempfile
import time
from pathlib import Path

from tests.benchmarks import cost, figures, footage, peer, site
from tests.support import waiting

SETTLE_S = 10.0
SIZE_PX = (footage.WIDTH_PX, footage.HEIGHT_PX)
SUB_PX = (640, 360)
MANY = 4
CAMERA = "gate"


def run(quick: bool) -> list[figures.Figure]:
    """Measure one camera with key frames every second, one with rare key frames and a sub stream, and several in one agent."""
    span_s = 20.0 if quick else 60.0
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        often = footage.idle_clip(Path(folder))
        rare = footage.idle_clip(Path(folder), gop_s=10.0, seconds=30)
        small = footage.idle_clip(Path(folder), size=SUB_PX)
        found = _against_peer("idle 720p15, key frames every 1 s", site.Wanted({CAMERA: often}), span_s, "<= 0.40")
        wanted = site.Wanted({CAMERA: rare}, {CAMERA: small})
        found += _against_peer("idle 720p15, every 10 s, sub stream 360p", wanted, span_s, "<= 0.45")
        return [*found, _each_of_many(site.Wanted({f"{CAMERA}-{i}": often for i in range(MANY)}), span_s)]


def _against_peer(name: str, wanted: site.Wanted, span_s: float, goal: str) -> list[figures.Figure]:
    program = peer.find()
    with site.started(wanted) as running, contextlib.ExitStack() as stack:
        pids = [running.agent.pid]
        if program is not None:
            url = running.sample.url(CAMERA, credentials=False)
            pids.append(stack.enter_context(peer.watching(program, url, SIZE_PX, footage.FPS)))
        _settle(running, wanted)
        costs = cost.over(pids, span_s)
    ours = costs[0].cpu_ms_per_s
    note = "the whole agent: recording, heartbeats and uplink included"
    if program is None:
        return [
            figures.Figure(name, ours, "ms/s", "", f"{note}; no ratio: motion is not installed, and that needs root")
        ]
    theirs = costs[1].cpu_ms_per_s
    return [
        figures.Figure(name, ours, "ms/s", "", note),
        figures.Figure(f"{peer.version(program)}, the same main stream and span", theirs, "ms/s"),
        figures.Figure(f"{name}, ratio", ours / theirs, "", goal),
    ]


def _each_of_many(wanted: site.Wanted, span_s: float) -> figures.Figure:
    with site.started(wanted) as running:
        _settle(running, wanted)
        total = cost.over([running.agent.pid], span_s)[0].cpu_ms_per_s
    return figures.Figure(
        f"idle 720p15, each of {MANY} in one agent", total / MANY, "ms/s", "", f"{total:.0f} ms/s in all"
    )


def _settle(running: site.Running, wanted: site.Wanted) -> None:
    """Wait until every camera is looked at as an idle one is, and a while longer."""
    mode = "sub" if wanted.subs else "key_frames"
    waiting.wait_until(lambda: set(running.decode_modes().values()) == {mode}, 90, f"decode mode {mode}")
    time.sleep(SETTLE_S)
