import multiprocessing
import random
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from camera_agents import check
from camera_agents.recording import chain_check, recorder, recordings, recordings_check
from camera_agents.sending import identity
from sharing_hub.wire import v1
from tests.faults import chain_writer
from tests.support import agent_state, coded

ROUNDS = 15
ROUND_US = 1_000_000_000


@pytest.mark.process
def test_a_recorder_killed_at_random_points_leaves_a_chain_without_a_hole(tmp_path: Path) -> None:
    me = agent_state.enrolled(tmp_path)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.faults.chain_writer"])
    chance = random.Random(20261128)
    said: list[chain_writer.Acknowledged] = []
    for number in range(ROUNDS):
        said += run_and_kill(processes, tmp_path, coded.START_US + number * ROUND_US, chance)
        assert findings(tmp_path) == []
    recover(tmp_path, me)
    assert findings(tmp_path) == []
    verify(tmp_path, said)


def run_and_kill(
    processes: multiprocessing.context.ForkServerContext, state_dir: Path, begin_us: int, chance: random.Random
) -> list[chain_writer.Acknowledged]:
    """Run a writer, kill it somewhere in its work, and return everything it acknowledged."""
    ours, theirs = processes.Pipe(duplex=False)
    writer = processes.Process(target=chain_writer.write, args=(state_dir, begin_us, theirs))
    writer.start()
    theirs.close()
    said = [ours.recv() for _ in range(chance.randrange(1, 20))]
    time.sleep(chance.uniform(0, 0.02))  # not waiting for anything: the point at which it is killed
    writer.kill()
    writer.join()
    try:
        while ours.poll(1):
            said.append(ours.recv())
    except (EOFError, OSError):  # the last message may be cut
        pass
    ours.close()
    writer.close()
    return said


def findings(state_dir: Path) -> list[str]:
    """Return what `check` finds in the state that a kill left."""
    index_path, folder = state_dir / "recordings.db", state_dir / "recordings"
    found: Iterable[check.Finding] = (
        *chain_check.find(index_path, folder, state_dir, thorough=True),
        *recordings_check.find(index_path, folder, thorough=True),
    )
    return [str(one) for one in found]


def recover(state_dir: Path, me: identity.Identity) -> None:
    """Start and stop as an agent after the last kill."""
    index = recordings.Recordings(state_dir / "recordings.db")
    recorder.Recorder(state_dir / "recordings", index, agent_state.chain(index, me)).recover([chain_writer.CAMERA])
    assert index.unclosed() == []
    index.close()


def verify(state_dir: Path, said: list[chain_writer.Acknowledged]) -> None:
    """Every segment and clip acknowledged has its link, and every removal is told or waits to be."""
    index = recordings.Recordings(state_dir / "recordings.db")
    with index.snapshot() as db:
        links = [v1.ChainLink.model_validate_json(body) for (body,) in db.execute("SELECT body FROM link")]
        waiting = {sequence for (sequence,) in db.execute("SELECT sequence FROM removal")}
    index.close()
    sequences = {link.file.name: link.sequence for link in links if link.file and link.what == "segment"}
    clips = {link.sha256() for link in links if link.what == "clip"}
    told = waiting.union(*(range(one.first, one.last + 1) for link in links for one in link.removed))
    assert {what for what, _ in said} >= {"segment", "clip"}
    for what, name in said:
        if what == "clip":
            assert name in clips
        else:
            assert name in sequences
        if what == "removed":
            assert sequences[name] in told
