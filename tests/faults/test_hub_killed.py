"""The hub is killed while events pour in: what it acknowledged is there, once, and nothing is wrong with its data."""

import http.client
import random
import sqlite3
import threading
import uuid
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import hub_process, hub_site, waiting

ROUNDS = 5
SENDERS = 3
BATCH = 20


class _Sender(threading.Thread):
    """Delivers until the hub is gone; what is not acknowledged is delivered again in the next round."""

    def __init__(self, url: str, site: hub_site.Site, camera_id: str, again: list[bytes]) -> None:
        super().__init__()
        self._connection = hub_process.Connection(url, site)
        self._camera_id = camera_id
        self.again = again
        self.acknowledged: set[uuid.UUID] = set()

    def run(self) -> None:
        """Deliver."""
        try:
            while True:
                body = self.again[0] if self.again else hub_process.events_body(self._camera_id, BATCH)[1]
                if not self.again:
                    self.again.append(body)
                status, answer = self._connection.post("/v1/agent/events", body)
                assert status == 200
                assert all(outcome["result"] in ("stored", "duplicate") for outcome in answer["reports"])
                self.acknowledged |= {uuid.UUID(outcome["event_id"]) for outcome in answer["reports"]}
                self.again.clear()
        except (OSError, http.client.HTTPException):
            self._connection.close()


def _wait_for(senders: list[_Sender], enough: int) -> None:
    waiting.wait_until(lambda: sum(len(sender.acknowledged) for sender in senders) >= enough, 60, "acknowledged events")


@pytest.mark.process
def test_every_acknowledged_event_is_stored_once_however_often_the_hub_is_killed(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    hub = hub_process.HubProcess(tmp_path / "hub").start()
    sites = [hub.enrol(f"site-{number}") for number in range(SENDERS)]
    again: list[list[bytes]] = [[] for _ in sites]
    acknowledged: set[uuid.UUID] = set()
    for _ in range(ROUNDS):
        senders = [_Sender(hub.url, site, f"cam-{n}", again[n]) for n, site in enumerate(sites)]
        for sender in senders:
            sender.start()
        _wait_for(senders, chance.randint(1, 200))
        hub.kill()
        for sender in senders:
            sender.join()
            acknowledged |= sender.acknowledged
        hub.start()
    assert hub.stop() == 0
    with closing(sqlite3.connect(tmp_path / "hub" / "hub.db")) as rows:
        stored = [uuid.UUID(hex=text) for (text,) in rows.execute("SELECT event_id FROM events")]
        (alarms,) = rows.execute("SELECT count(*) FROM alarms").fetchone()
    assert len(stored) == len(set(stored)) == alarms
    assert acknowledged <= set(stored)
    code, said = hub.check()
    assert (code, "nothing wrong" in said) == (0, True), said
