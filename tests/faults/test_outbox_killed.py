import collections
import hashlib
import io
import multiprocessing
import random
import time
import uuid
from pathlib import Path

import pytest

from camera_agents import check
from tests.faults import outbox_writer
from tests.support import agent_state

ROUNDS = 30


@pytest.mark.process
def test_a_writer_killed_at_random_points_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    agent_state.enrolled(tmp_path)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.faults.outbox_writer"])
    chance = random.Random(20260701)
    said: list[outbox_writer.Acknowledged] = []
    for _ in range(ROUNDS):
        said += run_and_kill(processes, tmp_path, chance)
        out = io.StringIO()
        assert check.run(tmp_path, out) == 0, out.getvalue()
    assert len(said) > ROUNDS
    verify(tmp_path, said)


def run_and_kill(
    processes: multiprocessing.context.ForkServerContext, state_dir: Path, chance: random.Random
) -> list[outbox_writer.Acknowledged]:
    """Run a writer, kill it somewhere in its work, and return everything it acknowledged."""
    ours, theirs = processes.Pipe(duplex=False)
    writer = processes.Process(target=outbox_writer.write, args=(state_dir, theirs))
    writer.start()
    theirs.close()
    said = [ours.recv() for _ in range(chance.randrange(1, 12))]
    time.sleep(chance.uniform(0, 0.01))  # not waiting for anything: the point at which it is killed
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


def verify(state_dir: Path, said: list[outbox_writer.Acknowledged]) -> None:
    """Everything acknowledged is there exactly once; every file is whole under its hash; no more than the work in flight is open."""
    box = agent_state.open_outbox(state_dir)
    states = {
        "event": rows(box.store.rows("SELECT event_id, state FROM events")),
        "end": rows(box.store.rows("SELECT event_id, state FROM endings")),
        "media": rows(box.store.rows("SELECT media_id, state FROM media")),
    }
    for what, key in said:
        table = "event" if what == "settled" else what
        assert key in states[table], (what, key)
        if what == "settled":
            assert states["event"][key] == "sent"
    for name, acknowledged in collections.Counter(what for what, _ in said if what != "settled").items():
        assert acknowledged <= len(states[name]) <= acknowledged + ROUNDS
    assert len(box.open_plans()) <= ROUNDS
    box.close()
    for path in agent_state.open_media(state_dir).files():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem


def rows(found: list[tuple[str, str]]) -> dict[uuid.UUID, str]:
    assert len({key for key, _ in found}) == len(found)
    return {uuid.UUID(key): state for key, state in found}
