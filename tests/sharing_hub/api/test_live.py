"""Live view, recordings and the agents' channel, over real HTTP, WebSocket and WebRTC."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiortc
import httpx
import pytest
import sqlalchemy as sa
import websockets.exceptions
import websockets.sync.client

from sharing_hub import hub as hubs
from sharing_hub.live import network
from sharing_hub.services import agents
from sharing_hub.store import tables
from sharing_hub.wire import v1
from tests.support import desk, hub_site, messages, push_agent, waiting

WAIT_S = 20.0
SDP = {"Content-Type": "application/sdp"}


@dataclass(frozen=True)
class Room:
    """A served hub, an agent on its channel, and an operator at the page."""

    hub: hubs.Hub
    client: httpx.Client
    site: hub_site.Site
    agent: push_agent.PushAgent
    browser: httpx.Client

    def looks(self) -> list[tuple[str, str]]:
        """Return action and decision of every look."""
        with self.hub.database.reading() as session:
            return [(row.action, row.decision) for row in session.scalars(sa.select(tables.Look))]

    def metric(self, name: str) -> float:
        """Return a metric's value."""
        lines = self.client.get("/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with hub_site.opened(tmp_path) as hub, hub_site.served(hub) as client:
        site = hub_site.enrol(hub)
        with (
            push_agent.PushAgent(str(client.base_url), site, messages.NOON) as agent,
            desk.signed_in(hub, client, name="kim") as browser,
        ):
            agent.beat(client, "gate")
            yield Room(hub, client, site, agent, browser)


class Watcher:
    """A browser's WebRTC, made of aiortc: it decodes what it gets."""

    def __init__(self) -> None:
        self.peer = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        transceiver = self.peer.addTransceiver("video", direction="recvonly")
        network.confine(transceiver.sender, network.Network(), "127.0.0.1", random.Random(1))

    async def post(self, browser: httpx.Client, path: str = "/v1/live/gate?why=patrol") -> httpx.Response:
        """Post the offer and take the answer."""
        await self.peer.setLocalDescription(await self.peer.createOffer())
        answer = await asyncio.to_thread(browser.post, path, content=self.peer.localDescription.sdp, headers=SDP)
        if answer.status_code == 201:
            await self.peer.setRemoteDescription(aiortc.RTCSessionDescription(answer.text, "answer"))
        return answer

    async def frames(self, count: int) -> int:
        """Decode so many pictures and return the last one's width."""
        track = self.peer.getTransceivers()[0].receiver.track
        width = 0
        for _ in range(count):
            frame: Any = await asyncio.wait_for(track.recv(), WAIT_S)
            width = frame.width
        return width


def play(scene: Callable[[Watcher], Coroutine[Any, Any, None]]) -> None:
    """Run a scene with a watcher and close it."""

    async def run() -> None:
        watcher = Watcher()
        try:
            await scene(watcher)
        finally:
            await watcher.peer.close()

    asyncio.run(asyncio.wait_for(run(), 60))


def test_an_operator_watches_a_camera_and_the_look_is_on_record_before(room: Room) -> None:
    async def scene(watcher: Watcher) -> None:
        answer = await watcher.post(room.browser)
        assert answer.status_code == 201
        assert answer.headers["content-type"].startswith("application/sdp")
        assert room.looks() == [("live", "permit")]
        assert await watcher.frames(30) == 960
        assert (await asyncio.to_thread(room.browser.delete, answer.headers["location"])).status_code == 204

    play(scene)
    waiting.wait_until(lambda: not room.agent.pushing, WAIT_S, "the push to stop with the last viewer")
    assert [command.type for command in room.agent.commands] == ["live_start", "live_stop"]


def test_logging_out_ends_the_view(room: Room) -> None:
    async def scene(watcher: Watcher) -> None:
        await watcher.post(room.browser)
        await watcher.frames(1)
        assert (await asyncio.to_thread(room.browser.delete, "/v1/session")).status_code == 204

    play(scene)
    waiting.wait_until(lambda: not room.agent.pushing, WAIT_S, "the push to stop")


def test_a_session_that_ends_elsewhere_ends_the_view(room: Room) -> None:
    async def scene(watcher: Watcher) -> None:
        await watcher.post(room.browser)
        await watcher.frames(1)
        with room.hub.database.writing() as session:
            session.execute(sa.update(tables.OperatorSession).values(ended_at=room.hub.clock()))
        await asyncio.to_thread(
            waiting.wait_until, lambda: room.metric("jikimi_live_viewers") == 0, WAIT_S, "the view to end"
        )

    play(scene)


@pytest.mark.parametrize("codec", ["hevc", "vp9"])
def test_a_camera_whose_codec_browsers_do_not_play_says_so_and_offers_clips(room: Room, codec: str) -> None:
    room.agent.beat(room.client, "gate", codec=codec)
    answer = room.browser.post("/v1/live/gate?why=patrol", content="v=0", headers=SDP)
    assert answer.status_code == 409
    assert answer.json()["title"] == "Not playable live yet"
    assert "clips" in answer.json()["detail"]
    assert room.agent.commands == []


def test_a_camera_with_b_frames_is_refused_in_its_agents_words(room: Room) -> None:
    room.agent.refusals["gate"] = "the stream has B-frames; not playable live yet, its clips are"

    async def scene(watcher: Watcher) -> None:
        answer = await watcher.post(room.browser)
        assert answer.status_code == 409
        assert "B-frames" in answer.json()["detail"]

    play(scene)
    waiting.wait_until(lambda: len(room.agent.commands) == 2, WAIT_S, "the stop")


def test_an_agent_that_left_is_said_in_words(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path) as hub, hub_site.served(hub) as client:
        site = hub_site.enrol(hub)
        beat = push_agent.heartbeat("gate", now=messages.NOON)
        hub_site.post(client, site, "/v1/agent/heartbeat", beat)

        async def scene(watcher: Watcher) -> None:
            answer = await watcher.post(browser)
            assert answer.status_code == 409
            assert answer.json()["title"] == "The camera's agent is not connected"

        with desk.signed_in(hub, client) as browser:
            play(scene)


def test_offers_that_are_none_and_callers_that_may_not_are_refused(room: Room) -> None:
    path = "/v1/live/gate?why=patrol"
    assert room.browser.post(path, content="hello", headers=SDP).status_code == 422
    assert room.browser.post(path, json={}).status_code == 422
    assert room.browser.post("/v1/live/gate", content="v=0", headers=SDP).status_code == 422
    assert room.browser.post("/v1/live/nowhere?why=x", content="v=0", headers=SDP).status_code == 404
    assert room.browser.post(path, content="x" * 70_000, headers=SDP).status_code == 413
    assert room.browser.delete("/v1/live/views/guessed").status_code == 404
    assert room.client.post(path, content="v=0", headers=SDP).status_code == 401
    with desk.signed_in(room.hub, room.client, "auditor") as auditor:
        assert auditor.post(path, content="v=0", headers=SDP).status_code == 403
    assert ("live", "deny") in room.looks()


def test_another_session_cannot_stop_a_view(room: Room) -> None:
    async def scene(watcher: Watcher) -> None:
        location = (await watcher.post(room.browser)).headers["location"]
        with desk.signed_in(room.hub, room.client) as other:
            assert (await asyncio.to_thread(other.delete, location)).status_code == 404
        await watcher.frames(1)

    play(scene)


def test_a_recording_is_asked_for_accepted_and_delivered(room: Room) -> None:
    body = {
        "camera_id": "gate",
        "starts_at": messages.after(-120).isoformat(),
        "ends_at": messages.after(-60).isoformat(),
        "why": "complaint 7",
    }
    asked = room.browser.post("/v1/recordings", json=body)
    assert (asked.status_code, asked.json()["state"]) == (202, "requested")
    path = f"/v1/recordings/{asked.json()['request_id']}"
    waiting.wait_until(
        lambda: room.browser.get(path).json()["state"] == "accepted", WAIT_S, "the agent to have accepted"
    )
    assert room.looks() == [("request", "permit")]
    assert [one["why"] for one in room.browser.get("/v1/recordings?camera_id=gate").json()["items"]] == ["complaint 7"]
    assert room.browser.get("/v1/recordings?camera_id=yard").json()["items"] == []


def test_a_recording_that_the_agent_refuses_says_why(room: Room) -> None:
    room.agent.refused_ranges = "nothing was recorded then"
    span = {"starts_at": messages.after(-120).isoformat(), "ends_at": messages.after(-60).isoformat()}
    asked = room.browser.post("/v1/recordings", json={"camera_id": "gate", "why": "x", **span}).json()
    path = f"/v1/recordings/{asked['request_id']}"
    waiting.wait_until(lambda: room.browser.get(path).json()["state"] == "refused", WAIT_S, "the refusal")
    assert room.browser.get(path).json()["reason"] == "nothing was recorded then"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"camera_id": "nowhere"}, 404),
        ({"starts_at": messages.after(-30).isoformat()}, 422),
        ({"ends_at": messages.after(600).isoformat()}, 422),
        ({"why": ""}, 422),
        ({"extra": 1}, 422),
    ],
)
def test_a_recording_that_cannot_be_is_refused(room: Room, changed: dict[str, Any], status: int) -> None:
    body = {
        "camera_id": "gate",
        "starts_at": messages.after(-120).isoformat(),
        "ends_at": messages.after(-60).isoformat(),
        "why": "x",
    }
    assert room.browser.post("/v1/recordings", json={**body, **changed}).status_code == status


def test_what_was_asked_while_the_agent_was_away_is_sent_when_it_comes_back(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path) as hub, hub_site.served(hub) as client:
        site = hub_site.enrol(hub)
        hub_site.post(client, site, "/v1/agent/heartbeat", push_agent.heartbeat("gate", now=messages.NOON))
        span = {"starts_at": messages.after(-120).isoformat(), "ends_at": messages.after(-60).isoformat()}
        with desk.signed_in(hub, client) as browser:
            asked = browser.post("/v1/recordings", json={"camera_id": "gate", "why": "x", **span}).json()
        with push_agent.PushAgent(str(client.base_url), site, messages.NOON) as agent:
            waiting.wait_until(lambda: bool(agent.commands), WAIT_S, "the request")
            (command,) = agent.commands
    assert isinstance(command, v1.RangeRequest)
    assert str(command.request_id) == asked["request_id"]


@pytest.mark.parametrize("authorization", ["", "Bearer nonsense", "Basic YTpi"])
def test_a_channel_without_a_good_token_is_refused(room: Room, authorization: str) -> None:
    url = str(room.client.base_url).replace("http", "ws") + "/v1/agent/channel"
    headers = {"Authorization": authorization}
    with (
        pytest.raises(websockets.exceptions.InvalidStatus) as refused,
        websockets.sync.client.connect(url, additional_headers=headers, proxy=None),
    ):
        pass
    assert refused.value.response.status_code == 401


def test_a_revoked_agent_loses_its_channel_at_once(room: Room) -> None:
    with desk.signed_in(room.hub, room.client, "admin") as admin:
        (shown,) = admin.get("/v1/agents").json()["items"]
        assert (shown["connected"], shown["cameras"]) == (True, 1)
        assert admin.post(f"/v1/agents/{room.site.agent_id}/revoke").status_code == 204
        waiting.wait_until(
            lambda: not admin.get("/v1/agents").json()["items"][0]["connected"], WAIT_S, "the channel to end"
        )


def test_an_agent_revoked_by_the_command_line_loses_its_channel_too(room: Room) -> None:
    with room.hub.database.writing() as session:
        agents.revoke(session, room.site.agent_id, room.hub.clock())
    waiting.wait_until(
        lambda: not room.browser.get("/v1/agents").json()["items"][0]["connected"], WAIT_S, "the channel to end"
    )


def test_a_token_made_by_an_administrator_enrols_a_site(room: Room) -> None:
    assert room.browser.post("/v1/agents/tokens", json={"site": "east"}).status_code == 403
    with desk.signed_in(room.hub, room.client, "admin") as admin:
        line = admin.post("/v1/agents/tokens", json={"site": "east"}).json()["token"]
    token = v1.EnrolmentToken.parse(line)
    with room.hub.database.writing() as session:
        request = v1.EnrolmentRequest(secret=token.secret, public_key="A" * 43, site="east", software="t")
        assert agents.enrol(session, request, room.hub.clock())
