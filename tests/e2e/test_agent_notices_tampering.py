"""A camera whose feed is played again and one whose clock is wrong, beside the agent's own process: what its health kinds are for."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import test_agent_watches as agents
from tests.support import cameras, waiting

pytestmark = pytest.mark.process
LOOP_S = 9.73
"""The length of the clip, which the sample camera plays in a loop."""


def reports(state: Path, kind: str) -> list[dict[str, Any]]:
    return [
        one for (body,) in agents.rows(state, "SELECT body FROM events") if (one := json.loads(body))["kind"] == kind
    ]


def test_a_replayed_feed_and_a_wrong_clock_become_events(tmp_path: Path) -> None:
    clip = agents.ROOT / "sample_streams/clips/one_way.mp4"
    with cameras.SampleCamera({"replayed": clip, "late": clip}) as camera:
        off = 'kinds_off = ["looped"]\n'
        blocks = [agents.block("replayed", camera.url("replayed")), agents.block("late", camera.url("late"), off)]
        camera.fault("late", clock_jump_s=-30.0)
        state = tmp_path / "state"
        with agents.running(agents.write_settings(tmp_path, blocks, model="")):
            waiting.wait_until((state / "outbox.db").exists, 30.0, "the outbox")
            (drift,) = waiting.wait_until(lambda: reports(state, "clock_drift"), 60.0, "the wrong clock")
            (loop,) = waiting.wait_until(lambda: reports(state, "looped"), 90.0, "the replayed feed")
    assert drift["camera_id"] == "late"
    assert drift["camera_clock"]["offset_s"] == pytest.approx(-30, abs=2)
    assert loop["camera_id"] == "replayed"
    values = {one["name"]: one for one in loop["explanation"]["conditions"]}
    assert values["loop_length"]["value"] == pytest.approx(LOOP_S, abs=0.5)
    assert values["repeating"]["silent_threshold"] > values["repeating"]["value"]
