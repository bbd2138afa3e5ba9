"""The hub is killed between an append and its checkpoint: what was answered is in the ledger, and the next checkpoint covers it."""

import random
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from sharing_hub import hub as hubs
from sharing_hub import settings
from sharing_hub.api import callers
from sharing_hub.services import sessions
from tests.support import desk, hub_process, plain_http, waiting

ROUNDS = 3
READERS = 2
EMPTY_REGISTER = "/v1/registers/c.csv?month=2020-01"


class _Reader(threading.Thread):
    """Asks for a register, which is an entry each time, until the hub is gone."""

    def __init__(self, url: str, secret: str) -> None:
        super().__init__()
        self._browser = plain_http.client(url, cookies={callers.COOKIE: secret}, timeout=30)
        self.answered = 0

    def run(self) -> None:
        """Ask."""
        try:
            while True:
                assert self._browser.get(EMPTY_REGISTER).status_code == 200
                self.answered += 1
        except httpx.TransportError:
            self._browser.close()


def _signed_in(folder: Path) -> str:
    now = datetime.now(UTC)
    with hubs.database_beside(settings.Settings(data_dir=folder)) as db, db.writing() as session:
        auditor = desk.operator_row("auditor", now)
        session.add(auditor)
        session.flush()
        return sessions.begin(session, auditor.operator_id, timedelta(hours=1), desk.SOURCE, now)[0]


def _counts(folder: Path) -> tuple[int, int]:
    """Return how many registers are recorded as handed out, and how many entries no checkpoint covers."""
    with closing(sqlite3.connect(folder / "hub.db")) as rows:
        (exported,) = rows.execute("SELECT count(*) FROM ledger_entries WHERE action = 'register.exported'").fetchone()
        (size,) = rows.execute("SELECT count(*) FROM ledger_entries").fetchone()
        (signed,) = rows.execute("SELECT coalesce(max(size), 0) FROM ledger_checkpoints").fetchone()
    return exported, size - signed


@pytest.mark.process
def test_what_was_answered_is_recorded_and_signed_later_however_often_the_hub_is_killed(tmp_path: Path) -> None:
    chance = random.Random(20261128)
    hub = hub_process.HubProcess(tmp_path / "hub").start()
    secret, answered, left_unsigned = _signed_in(hub.data_dir), 0, 0
    for _ in range(ROUNDS):
        readers = [_Reader(hub.url, secret) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        enough = chance.randint(1, 60)
        waiting.wait_until(lambda: sum(r.answered for r in readers) >= enough, 60, "registers")  # noqa: B023
        hub.kill()
        for reader in readers:
            reader.join()
            answered += reader.answered
        exported, unsigned = _counts(hub.data_dir)
        assert answered <= exported <= answered + ROUNDS * READERS
        left_unsigned += unsigned
        hub.start()
        waiting.wait_until(lambda: _counts(hub.data_dir)[1] == 0, 60, "a checkpoint over everything")
    assert left_unsigned > 0
    assert hub.stop() == 0
    code, said = hub.check()
    assert (code, "nothing wrong" in said) == (0, True), said
