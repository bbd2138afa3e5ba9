"""A hub that is told to stop ends its open streams and channels at once, and leaves nothing running."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from sharing_hub import hub as hubs
from sharing_hub import settings
from sharing_hub.api import callers
from sharing_hub.services import sessions
from tests.support import desk, hub_process, plain_http, push_agent, waiting

pytestmark = pytest.mark.process


def test_open_streams_and_channels_do_not_keep_the_hub_from_stopping(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    ended = threading.Event()
    with hub_process.HubProcess(tmp_path / "hub") as hub:
        with hubs.database_beside(settings.Settings(data_dir=hub.data_dir)) as db, db.writing() as session:
            operator = desk.operator_row("operator", now)
            session.add(operator)
            session.flush()
            secret, _ = sessions.begin(session, operator.operator_id, timedelta(hours=1), desk.SOURCE, now)

        def follow() -> None:
            with plain_http.client(hub.url, cookies={callers.COOKIE: secret}) as browser:
                try:
                    with browser.stream("GET", "/v1/stream", timeout=60) as response:
                        for _ in response.iter_lines():
                            following.set()
                except httpx.TransportError:
                    pass
            ended.set()

        following = threading.Event()
        reader = threading.Thread(target=follow)
        reader.start()
        with push_agent.PushAgent(hub.url, hub.enrol("north"), now):
            waiting.wait_until(following.is_set, 20, "the stream")
            code = hub.stop()
        reader.join()
    assert code in (0, -15)
    assert ended.is_set()
