"""Live view in a real browser: Chromium plays, by WebRTC, what an agent pushes to a real hub process."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright import sync_api

from sharing_hub import hub as hubs
from sharing_hub import settings
from sharing_hub.api import callers
from sharing_hub.services import sessions
from sharing_hub.wire import v1
from tests.support import chromium, desk, hub_process, plain_http, push_agent, waiting

WAIT_S = 30.0
WATCH = """async (camera) => {
  const { watch } = await import("/static/js/whep.js");
  const { keepToken } = await import("/static/js/api.js");
  keepToken((await (await fetch("/v1/session")).json()).csrf);
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer { constructor(...all) { super(...all); window.peer = this; } };
  const video = document.createElement("video");
  video.muted = true;
  video.autoplay = true;
  document.body.append(video);
  window.firstPicture = null;
  const began = performance.now();
  video.requestVideoFrameCallback(() => { window.firstPicture = performance.now() - began; });
  window.ended = false;
  try {
    window.stopWatching = await watch(camera, "test", video, (reason) => { window.ended = true; window.endedBecause = reason; });
    return null;
  } catch (error) { return `${error.status} ${error.message}`; }
}"""
STATISTICS = """async () => {
  let found = {};
  (await window.peer.getStats()).forEach((one) => { if (one.type === "inbound-rtp" && one.kind === "video") found = one; });
  return { decoded: found.framesDecoded ?? 0, dropped: found.framesDropped ?? 0, width: found.frameWidth ?? 0, first: window.firstPicture };
}"""

pytestmark = [*chromium.MARKS, pytest.mark.process]


@dataclass(frozen=True)
class Room:
    """A hub process, an agent on its channel, and a page of the hub in Chromium with an operator's session."""

    agent: push_agent.PushAgent
    client: httpx.Client
    page: sync_api.Page

    def statistics(self) -> dict[str, Any]:
        """Return what Chromium counted of the video."""
        found: dict[str, Any] = self.page.evaluate(STATISTICS)
        return found


@pytest.fixture(scope="module")
def running() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def room(running: sync_api.Browser, tmp_path: Path) -> Iterator[Room]:
    now = datetime.now(UTC)
    with contextlib.ExitStack() as open_things:
        hub = open_things.enter_context(hub_process.HubProcess(tmp_path / "hub"))
        agent = open_things.enter_context(push_agent.PushAgent(hub.url, hub.enrol("north"), now))
        client = open_things.enter_context(plain_http.client(hub.url))
        agent.beat(client, "gate", "road")
        context = running.new_context()
        context.add_cookies([{"name": callers.COOKIE, "value": session_of(hub.data_dir, now), "url": hub.url}])
        page = context.new_page()
        page.goto(hub.url)
        yield Room(agent, client, page)
        context.close()


def session_of(data_dir: Path, now: datetime) -> str:
    """Begin an operator's session beside the running hub, and return its secret."""
    chosen = settings.Settings(data_dir=data_dir)
    with hubs.database_beside(chosen) as db:
        operator = desk.operator_row("operator", now)
        with db.writing() as session:
            session.add(operator)
            session.flush()
            return sessions.begin(session, operator.operator_id, timedelta(hours=1), desk.SOURCE, now)[0]


def test_chromium_plays_what_the_agent_pushes(room: Room) -> None:
    assert room.page.evaluate(WATCH, "gate") is None

    waiting.wait_until(lambda: room.statistics()["decoded"] > 60, WAIT_S, "60 pictures to be decoded")

    seen = room.statistics()
    print(f"first picture after {seen['first']:.0f} ms, {seen['decoded']} decoded, {seen['dropped']} dropped")
    assert seen["width"] == 960
    assert seen["first"] is not None
    room.page.evaluate("window.stopWatching()")
    waiting.wait_until(lambda: not room.agent.pushing, WAIT_S, "the push to stop with the last viewer")


def test_a_second_viewer_joins_in_the_middle_of_a_group_and_the_first_goes_on(room: Room) -> None:
    second = room.page.context.new_page()
    second.goto(room.page.url)
    assert room.page.evaluate(WATCH, "gate") is None
    waiting.wait_until(lambda: room.statistics()["decoded"] > 20, WAIT_S, "the first viewer's pictures")
    before = room.statistics()["decoded"]

    assert second.evaluate(WATCH, "gate") is None

    waiting.wait_until(lambda: second.evaluate(STATISTICS)["decoded"] > 20, WAIT_S, "the second viewer's pictures")
    waiting.wait_until(lambda: room.statistics()["decoded"] > before + 10, WAIT_S, "the first viewer to go on")
    assert [command.type for command in room.agent.commands] == ["live_start"]
    second.close()


def test_the_page_is_told_when_the_camera_cannot_be_played(room: Room) -> None:
    room.agent.refusals["road"] = "the stream has B-frames; not playable live yet, its clips are"

    refusal = room.page.evaluate(WATCH, "road")

    assert refusal.startswith("409")
    assert "B-frames" in refusal


def test_the_page_hears_at_once_why_a_view_ended(room: Room) -> None:
    room.page.evaluate(
        "import('/static/js/stream.js').then((stream) => stream.follow({ state() {}, resync() {} }) && 0)"
    )
    assert room.page.evaluate(WATCH, "gate") is None
    waiting.wait_until(lambda: room.statistics()["decoded"] > 5, WAIT_S, "pictures")

    room.agent.say(v1.LiveState(camera_id="gate", playable=False, reason="the camera now sends B-frames"))

    waiting.wait_until(lambda: room.page.evaluate("window.ended"), WAIT_S, "the page to notice")
    assert room.page.evaluate("window.endedBecause") == "the camera now sends B-frames"


def test_the_view_ends_by_itself_when_the_session_ends(room: Room) -> None:
    assert room.page.evaluate(WATCH, "gate") is None
    waiting.wait_until(lambda: room.statistics()["decoded"] > 5, WAIT_S, "pictures")

    room.page.evaluate("import('/static/js/api.js').then((api) => api.ask('DELETE', '/v1/session'))")

    waiting.wait_until(lambda: not room.agent.pushing, WAIT_S, "the hub to stop the push")
    waiting.wait_until(lambda: room.page.evaluate("window.ended"), WAIT_S, "the page to notice")
