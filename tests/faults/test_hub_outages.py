"""The hub is away, cut off in the middle, or fed with altered files: the agent goes on, and what it committed arrives whole and once."""

import contextlib
import functools
import itertools
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import cameras, hub_process, link, sites

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

CLIPS = Path("sample_streams/clips").resolve()
SHORT_CLIPS = "[hub]\nheartbeat_s = 1\n[clip]\nbefore_s = 1\nafter_s = 1\n"
RANKS = {"masked_still": 0, "still": 1, "clip": 2}


@pytest.fixture(scope="module")
def sample() -> Iterator[cameras.SampleCamera]:
    """A camera past which people walk all the time, and one with a large picture."""
    with cameras.SampleCamera({"path": CLIPS / "one_way.mp4", "wide": CLIPS / "vtest.mp4"}) as running:
        yield running


def watched(sample: cameras.SampleCamera, name: str, lines: int) -> list[sites.Watched]:
    """Return the camera with so many lines across the path."""
    return [sites.Watched(name, sample.url(name), sites.vertical_lines(lines))]


def count(agent: sites.Agent, where: str, table: str = "events") -> int:
    """Return how many rows of the outbox there are."""
    found = agent.outbox(f"SELECT count(*) FROM {table} WHERE {where}")  # noqa: S608
    return int(found[0][0]) if found else 0


def settled(agent: sites.Agent, table: str) -> bool:
    """Say whether nothing waits in the table."""
    return not count(agent, "state != 'sent'", table)


def recorded_bytes(agent: sites.Agent) -> int:
    """Return the bytes in segment files: they grow while the agent records."""
    return sum(file.stat().st_size for file in (agent.state_dir / "recordings").rglob("*.jks"))


def test_while_the_hub_is_away_everything_is_kept_and_then_delivered_in_order(
    tmp_path: Path, sample: cameras.SampleCamera
) -> None:
    with (
        sites.make_hub(tmp_path) as hub,
        sites.Agent(tmp_path, watched(sample, "path", 8), SHORT_CLIPS).enrol(hub) as agent,
    ):
        sites.wait_for(agent, lambda: sites.hub_rows(hub, "SELECT 1 FROM events"), 60, "the first event at the hub")
        hub.stop()
        recorded = recorded_bytes(agent)
        with refusing(hub) as attempts:
            sites.wait_for(agent, lambda: count(agent, "state = 'pending'") >= 5, 60, "events committed without a hub")
            sites.wait_for(
                agent, lambda: count(agent, "state = 'pending' AND rank = 2", "media") >= 3, 60, "clips without a hub"
            )
            sites.wait_for(agent, lambda: recorded_bytes(agent) > recorded, 30, "more recorded without a hub")
            sites.wait_for(agent, lambda: len(attempts) >= 4, 60, "calls at the hub that is away")
            waits = list(attempts)
        waiting = {row[0] for row in agent.outbox("SELECT event_id FROM events WHERE state = 'pending'")}
        files = agent.outbox("SELECT media_id, event_id FROM media WHERE state = 'pending'")
        own_files = {hexed(media_id) for media_id, event_id in files if event_id in waiting}
        hub.start()
        sites.wait_for(agent, lambda: arrived(hub, "events", waiting), 60, "every event of the outage at the hub")
        sites.wait_for(agent, lambda: arrived(hub, "media", own_files), 60, "every file of the outage at the hub")
        verify_order(hub, waiting, own_files)
    assert len(waits) < 200  # it kept trying, and not in a tight loop
    gaps = {round(b - a, 2) for a, b in itertools.pairwise(waits)}
    assert len(gaps) > 1  # not all after the same wait


def verify_order(hub: hub_process.HubProcess, waiting: set[str], files: set[str]) -> None:
    """Alarms came before the files of these alarms, and the files by rank."""
    events = [
        at
        for key, at in sites.hub_rows(hub, "SELECT event_id, received_at FROM events")
        if hexed(key) in {hexed(w) for w in waiting}
    ]
    media = [
        (at, RANKS[form])
        for key, form, at in sites.hub_rows(hub, "SELECT media_id, form, received_at FROM media ORDER BY received_at")
        if hexed(key) in files
    ]
    assert max(events) <= min(at for at, _ in media)
    ranks = [rank for _, rank in media]
    assert ranks == sorted(ranks) and set(ranks) == {0, 1, 2}


@contextlib.contextmanager
def refusing(hub: hub_process.HubProcess) -> Iterator[list[float]]:
    """Take the hub's place at its port: note when somebody calls, and hang up."""
    attempts: list[float] = []
    port = int(hub.url.rpartition(":")[2].strip("/"))
    with socket.create_server(("127.0.0.1", port)) as listener:

        def hang_up() -> None:
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = listener.accept()
                    attempts.append(time.monotonic())
                    caller.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        try:
            yield attempts
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_report_whose_answer_was_lost_is_sent_again_and_stored_once(
    tmp_path: Path, sample: cameras.SampleCamera
) -> None:
    with (
        sites.make_hub(tmp_path) as hub,
        sites.Agent(tmp_path, watched(sample, "path", 8), SHORT_CLIPS).enrol(hub) as agent,
    ):
        sites.wait_for(agent, lambda: count(agent, "state = 'sent'") >= 5, 60, "events at the hub")
        agent.stop()
        sent = [row[0] for row in agent.outbox("SELECT event_id FROM events WHERE state = 'sent'")]
        with closing(sqlite3.connect(agent.state_dir / "outbox.db")) as db, db:
            db.execute("UPDATE events SET state = 'pending', settled_at = NULL")
            db.execute("UPDATE endings SET state = 'pending', settled_at = NULL")
            db.execute("UPDATE media SET state = 'pending', settled_at = NULL")
        agent.configure([sites.Watched("path", sample.url("path"), sites.only("blinded"))], SHORT_CLIPS)
        agent.start()
        for table in ("events", "endings", "media"):
            sites.wait_for(agent, functools.partial(settled, agent, table), 60, f"{table} again")
        for table in ("events", "alarms"):
            stored = [hexed(row[0]) for row in sites.hub_rows(hub, f"SELECT event_id FROM {table}")]  # noqa: S608
            assert len(stored) == len(set(stored)) and set(stored) >= {hexed(event_id) for event_id in sent}
        files = [hexed(row[0]) for row in sites.hub_rows(hub, "SELECT media_id FROM media")]
        assert len(files) == len(set(files)) == count(agent, "state = 'sent'", "media")
        assert hub.check()[0] == 0


def test_an_upload_cut_by_the_hubs_end_goes_on_where_it_stood(tmp_path: Path, sample: cameras.SampleCamera) -> None:
    with sites.make_hub(tmp_path) as hub, link.Link(int(hub.url.rpartition(":")[2])) as slow:
        clips = "[hub]\nheartbeat_s = 1\n[clip]\nbefore_s = 2\nafter_s = 6\n"
        agent = sites.Agent(tmp_path, watched(sample, "wide", 1), clips).enrol(hub, slow.url)
        with agent:
            sites.wait_for(agent, lambda: count(agent, "rank = 2", "media"), 90, "a clip")
            slow.conditions.bytes_per_s = 150_000
            length = sites.wait_for(agent, lambda: uploading(hub), 60, "an upload of a clip half done")
            hub.kill()
            held, killed_s = partial_bytes(hub), time.time()
            agent.stop()
            agent.configure([sites.Watched("wide", sample.url("wide"), sites.only("blinded"))], clips)  # no new events
            slow.conditions.bytes_per_s = None
            carried = slow.carried_bytes
            agent.start()
            hub.start()
            sites.wait_for(
                agent, lambda: not count(agent, "state = 'open'", "plans"), 60, "the clips that were planned"
            )
            sites.wait_for(agent, lambda: settled(agent, "media"), 60, "every file to be sent")
            due = agent.outbox("SELECT sum(length_bytes) FROM media WHERE settled_at >= ?", killed_s)[0][0]
            assert held >= length // 4
            assert slow.carried_bytes - carried < due - held // 2, "what the hub held was sent again"
            assert not count(agent, "state = 'parked'", "media")
        assert hub.check()[0] == 0


def test_a_file_altered_on_the_agents_disk_is_parked_told_and_never_shown(
    tmp_path: Path, sample: cameras.SampleCamera
) -> None:
    with (
        sites.make_hub(tmp_path) as hub,
        sites.Agent(tmp_path, watched(sample, "path", 4), SHORT_CLIPS).enrol(hub) as agent,
    ):
        sites.wait_for(agent, lambda: sites.camera_rows(hub), 60, "the first heartbeat")
        hub.stop()
        stills = "SELECT media_id, sha256, path FROM media WHERE state = 'pending' AND rank = 1 GROUP BY sha256"
        sites.wait_for(agent, lambda: len(agent.outbox(stills)) > 1, 60, "stills without a hub")
        agent.stop()  # files are kept by their hash: the same picture raised again would put the altered file right
        media_id, sha256, path = agent.outbox(stills)[0]
        altered = agent.state_dir / path
        content = bytearray(altered.read_bytes())
        content[len(content) // 2] ^= 1
        altered.write_bytes(content)
        assert "does not have its hash" in agent.check().stdout
        agent.configure([sites.Watched("path", sample.url("path"), sites.only("blinded"))], SHORT_CLIPS)
        agent.start()
        hub.start()
        parked = "SELECT reason FROM media WHERE media_id = ? AND state = 'parked'"
        reason = sites.wait_for(agent, lambda: agent.outbox(parked, media_id), 60, "the file to be given up")
        assert "altered" in reason[0][0]
        sites.wait_for(agent, lambda: backlog(hub).get("parked"), 30, "a heartbeat that tells of it")
        sites.wait_for(agent, lambda: count(agent, "state = 'sent' AND rank = 1", "media"), 60, "other stills")
        assert hexed(media_id) not in {hexed(row[0]) for row in sites.hub_rows(hub, "SELECT media_id FROM media")}
        assert not list((hub.data_dir / "media").rglob(f"{sha256}*"))
        agent.stop()
        code, said = hub.check()
        assert code == 0, said


def uploading(hub: hub_process.HubProcess) -> int:
    """Return the length of a clip's upload of which the hub holds between a quarter and three quarters, else 0."""
    for (signed,) in sites.hub_rows(hub, "SELECT signed FROM uploads"):
        manifest = json.loads(signed)["manifest"]
        length = int(manifest["length_bytes"])
        if manifest["form"] == "clip" and length / 4 <= partial_bytes(hub) <= length * 3 / 4:
            return length
    return 0


def partial_bytes(hub: hub_process.HubProcess) -> int:
    """Return how many bytes of unfinished uploads the hub holds."""
    found = 0
    for file in (hub.data_dir / "media").rglob("*"):
        if file.is_file() and "part" in str(file.relative_to(hub.data_dir / "media")):
            found += file.stat().st_size
    return found


def backlog(hub: hub_process.HubProcess) -> dict[str, float]:
    """Return what the agent last told of what it holds."""
    found = sites.hub_rows(hub, "SELECT backlog FROM agents")
    made: dict[str, float] = json.loads(found[0][0]) if found and found[0][0] else {}
    return made


def arrived(hub: hub_process.HubProcess, table: str, ids: set[str]) -> bool:
    """Say whether the hub has all of these."""
    key = "event_id" if table == "events" else "media_id"
    there = {hexed(row[0]) for row in sites.hub_rows(hub, f"SELECT {key} FROM {table}")}  # noqa: S608
    return {hexed(one) for one in ids} <= there


def hexed(key: str) -> str:
    """Return an id as both databases have it, without dashes."""
    return key.replace("-", "")
