"""SIGKILL of agent and hub at random points, again and again, under load: what the invariants A1 to A4 promise, on what is left on the disk.

Load: cameras whose people cross many lines, so that events, stills, clips and uploads are always under way somewhere when the kill comes.
"""

import itertools
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from camera_agents.recording import segments
from tests.support import cameras, commands, hub_process, sites, waiting

pytestmark = [pytest.mark.process, pytest.mark.timeout(1200)]

ROUNDS = 30
SEED = 20260701
LONGEST_RUN_S = 3.5
DRAIN_S = 90.0
CLIPS = Path("sample_streams/clips").resolve()
BUSY = {"path": "normal.mp4", "crowd": "one_way.mp4", "back": "wrong_way.mp4"}
TABLES = "[clip]\nbefore_s = 1\nafter_s = 2\n"
TUNING = """
[camera.behaviour]
patience_s = 1
[camera.recording]
days = 1
"""


QUIET = sites.only("blinded")


@dataclass(slots=True)
class Witness:
    """What was seen right after each kill, before anything was started again."""

    committed: set[str] = field(default_factory=set)
    made_media: set[str] = field(default_factory=set)
    kills: Counter[str] = field(default_factory=Counter)
    lost_tails_s: list[float] = field(default_factory=list)
    whole_frames: dict[str, int] = field(default_factory=dict)
    torn_files: int = 0


def test_nothing_committed_is_lost_or_stored_twice_in_thirty_kills(tmp_path: Path) -> None:
    chance, witness = random.Random(SEED), Witness()
    files = {name: CLIPS / file for name, file in BUSY.items()}
    with cameras.SampleCamera(files) as sample, sites.make_hub(tmp_path) as hub:
        watched = [sites.Watched(name, sample.url(name), sites.vertical_lines(12) + TUNING) for name in files]
        with sites.Agent(tmp_path, watched, TABLES).enrol(hub, way=commands.run) as agent:
            sites.wait_for(agent, lambda: agent.outbox("SELECT 1 FROM events"), 60, "the first event")
            for _ in range(ROUNDS):
                time.sleep(chance.uniform(0.1, LONGEST_RUN_S))  # not waiting for anything: the point of the kill
                kill_one_or_both(agent, hub, witness, chance)
            drain(agent, hub, [sites.Watched(name, sample.url(name), QUIET) for name in files])
            assert agent.stop() == 0
        verify_checks(agent, hub)
    verify_exactly_once(agent, hub, witness)
    verify_media(agent, hub, witness)
    verify_recordings(agent, witness)
    verify_cut_clips(agent, hub)
    assert witness.kills["agent"] >= ROUNDS // 3 and witness.kills["hub"] >= ROUNDS // 3
    assert len(witness.committed) >= 2 * ROUNDS  # there was load


def kill_one_or_both(agent: sites.Agent, hub: hub_process.HubProcess, witness: Witness, chance: random.Random) -> None:
    """Kill what chance says, look at what it left, and start it again."""
    victim = chance.choice(("agent", "agent", "hub", "hub", "both"))
    if victim != "hub":
        killed_at_s = agent.kill()
        witness.kills["agent"] += 1
        look_at_recordings(agent, witness, killed_at_s)
    if victim != "agent":
        hub.kill()
        witness.kills["hub"] += 1
    witness.committed |= {row[0] for row in agent.outbox("SELECT event_id FROM events")}
    witness.made_media |= {row[0] for row in agent.outbox("SELECT media_id FROM media")}
    if victim != "hub":
        agent.start()
    if victim != "agent":
        hub.start()


def look_at_recordings(agent: sites.Agent, witness: Witness, killed_at_s: float) -> None:
    """Note how much of each file that was being written is whole, and how far from the kill it ends."""
    newest_s: list[float] = []
    for (path,) in agent.recordings("SELECT path FROM segment WHERE end_us IS NULL"):
        file = agent.state_dir / "recordings" / path
        if not file.exists() or file.stat().st_size == 0:
            continue
        with segments.SegmentReader(file) as reader:
            good, end = reader.whole()
        witness.torn_files += end != file.stat().st_size
        if good:
            witness.whole_frames[path] = len(good)
            newest_s.append(good[-1].captured_us / 1e6)
    witness.lost_tails_s += [killed_at_s - at_s for at_s in newest_s]


def drain(agent: sites.Agent, hub: hub_process.HubProcess, quiet: list[sites.Watched]) -> None:
    """Take the load away and wait until all that was decided is made, sent and settled."""
    agent.stop()
    agent.configure(quiet, TABLES + '[detector]\nmodel = ""\n')
    agent.start()

    def waiting_rows() -> bool:
        open_rows = [
            agent.outbox("SELECT count(*) FROM events WHERE state = 'pending'"),
            agent.outbox("SELECT count(*) FROM endings WHERE state = 'pending'"),
            agent.outbox("SELECT count(*) FROM media WHERE state = 'pending'"),
            agent.outbox("SELECT count(*) FROM plans WHERE state = 'open'"),
        ]
        return all(found == [(0,)] for found in open_rows)

    sites.wait_for(agent, waiting_rows, DRAIN_S, "the outbox to drain")
    waiting.wait_until(lambda: not sites.hub_rows(hub, "SELECT 1 FROM uploads"), DRAIN_S, "the last upload")


def verify_checks(agent: sites.Agent, hub: hub_process.HubProcess) -> None:
    """Both `check` commands, as processes, find nothing wrong: the hub's while it runs, the agent's at rest."""
    found = agent.check(commands.run)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "0 findings" in found.stdout
    code, said = hub.check(commands.run)
    assert code == 0 and "WRONG" not in said, said


def verify_exactly_once(agent: sites.Agent, hub: hub_process.HubProcess, witness: Witness) -> None:
    """Every event that was ever in the outbox is at the hub, once, with one alarm, and nothing was given up."""
    in_outbox = {row[0] for row in agent.outbox("SELECT event_id FROM events")}
    assert witness.committed <= in_outbox, "a committed event left the outbox"
    assert agent.outbox("SELECT DISTINCT state FROM events") == [("sent",)]
    assert agent.outbox("SELECT DISTINCT state FROM endings") == [("sent",)]
    at_hub = Counter(str(row[0]).replace("-", "") for row in sites.hub_rows(hub, "SELECT event_id FROM events"))
    own = {event_id.replace("-", "") for event_id in in_outbox}
    assert own <= set(at_hub), f"{len(own - set(at_hub))} of {len(own)} committed events are not at the hub"
    assert set(at_hub.values()) == {1}
    alarms = Counter(row[0] for row in sites.hub_rows(hub, "SELECT event_id FROM alarms"))
    assert set(alarms.values()) <= {1}
    counted = sites.hub_rows(hub, "SELECT sum(alarm_count) FROM incidents")
    assert counted == [(len(alarms),)]
    still_going = agent.outbox("SELECT count(*) FROM events WHERE ended = 0")
    assert still_going == [(0,)], "an event that a killed agent saw begin was never ended"


def verify_media(agent: sites.Agent, hub: hub_process.HubProcess, witness: Witness) -> None:
    """Every file that was ever in the outbox is at the hub, whole, once; every clip was made, or failed for want of any recording."""
    own = {row[0].replace("-", "") for row in agent.outbox("SELECT media_id FROM media")}
    assert witness.made_media <= {row[0] for row in agent.outbox("SELECT media_id FROM media")}
    assert agent.outbox("SELECT DISTINCT state, reason FROM media") == [("sent", "")]
    at_hub = {str(row[0]).replace("-", "") for row in sites.hub_rows(hub, "SELECT media_id FROM media")}
    assert own == at_hub
    states: dict[str, int] = dict(agent.outbox("SELECT state, count(*) FROM plans GROUP BY state"))
    assert set(states) <= {"made", "failed"}
    assert states["made"] > states.get("failed", 0)


def verify_recordings(agent: sites.Agent, witness: Witness) -> None:
    """What was whole at a kill is whole now; frames more than a second apart have a gap with a reason between them."""
    lengths: dict[str, int] = dict(agent.recordings("SELECT path, frames FROM segment"))
    for path, frames in witness.whole_frames.items():
        assert lengths.get(path) == frames, f"{path} had {frames} whole frames after a kill and has {lengths.get(path)}"
    holes = 0
    for name in BUSY:
        gaps = agent.recordings("SELECT start_us, end_us, reason FROM gap WHERE camera_id = ?", name)
        for before_us, after_us in itertools.pairwise(recorded_us(agent, name)):
            if after_us - before_us <= 1_000_000:
                continue
            holes += 1
            told = [reason for start, end, reason in gaps if start < after_us and (end is None or end > before_us)]
            assert any(told), f"{name}: {(after_us - before_us) / 1e6:.1f} s without frames and without a gap"
    assert holes >= witness.kills["agent"]  # kills were seen in the recordings at all
    assert witness.lost_tails_s and statistics.median(witness.lost_tails_s) < 1.0, witness.lost_tails_s


def recorded_us(agent: sites.Agent, camera_id: str) -> Iterator[int]:
    """Yield when each recorded frame of the camera was captured, in order; every record must have its checksum."""
    query = "SELECT path, frames, end_us FROM segment WHERE camera_id = ? ORDER BY start_us"
    for path, frames, end_us in agent.recordings(query, camera_id):
        assert end_us is not None, f"{path} was never closed"
        with segments.SegmentReader(agent.state_dir / "recordings" / path) as reader:
            good, _ = reader.whole()
            assert len(good) == frames
            yield from (entry.captured_us for entry in good)


def verify_cut_clips(agent: sites.Agent, hub: hub_process.HubProcess) -> None:
    """A clip without the end that was planned says why, one with a hole tells it, and there were such clips."""
    query = "SELECT event_id, ends_at, cut, gaps FROM media WHERE form = 'clip'"
    planned: dict[str, str] = dict(agent.outbox("SELECT event_id, ends_at FROM plans WHERE state = 'made'"))
    wanted = {event_id.replace("-", ""): datetime.fromisoformat(ends_at) for event_id, ends_at in planned.items()}
    told = 0
    for event_id, ends_at, cut, gaps in sites.hub_rows(hub, query):
        short_s = (wanted[event_id.replace("-", "")] - hub_time(ends_at)).total_seconds()
        assert short_s < 1.1 or cut, f"a clip ends {short_s:.1f} s early and does not say why"
        told += bool(cut) and bool(json.loads(gaps))
    assert told, "no kill cut a clip"


def hub_time(text: str) -> datetime:
    """Return a time as the hub's database keeps it."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
