"""The agents' channels: commands out, pictures in, and only the pictures that were asked for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from sharing_hub.live import channel, relay
from sharing_hub.wire import framing, v1
from tests.support import eventually

AGENT = UUID(int=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class ScriptedAgent:
    """An agent's end of the channel that a test plays by hand."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[bytes | str | None] = asyncio.Queue()
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.closed: tuple[int, str] | None = None

    async def frames(self) -> AsyncIterator[bytes | str]:
        while (frame := await self.said.get()) is not None:
            yield frame

    async def send(self, text: str) -> None:
        self.heard.put_nowait(text)

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)
        self.said.put_nowait(None)

    async def next_command(self) -> v1.LiveStart | v1.LiveStop | v1.RangeRequest:
        return v1.HUB_COMMAND.validate_json(await asyncio.wait_for(self.heard.get(), 5))


class Viewer:
    """Where units end up."""

    def __init__(self) -> None:
        self.units: list[framing.AccessUnit] = []
        self.reason: str | None = None

    def push(self, unit: framing.AccessUnit) -> None:
        self.units.append(unit)

    def gone(self, reason: str) -> None:
        self.reason = reason


class Notebook:
    """Who hears of recording requests."""

    def __init__(self) -> None:
        self.states: list[tuple[UUID, v1.RangeState]] = []

    async def range_state(self, agent_id: UUID, state: v1.RangeState) -> None:
        self.states.append((agent_id, state))


def play(scene: Callable[[channel.Channels, ScriptedAgent, Notebook], Coroutine[Any, Any, None]]) -> channel.Channels:
    """Connect a scripted agent and run the scene."""

    async def run() -> channel.Channels:
        channels, agent, notebook = channel.Channels(), ScriptedAgent(), Notebook()
        serving = asyncio.create_task(channels.serve(AGENT, agent, (), notebook))
        await asyncio.sleep(0)
        await scene(channels, agent, notebook)
        agent.said.put_nowait(None)
        await asyncio.wait_for(serving, 5)
        return channels

    return asyncio.run(run())


async def started(channels: channel.Channels, agent: ScriptedAgent, camera_id: str) -> Viewer:
    """Start a camera the way a relay does, with an agent that says yes."""
    viewer = Viewer()
    starting = asyncio.create_task(channels.start(AGENT, camera_id, viewer))
    assert await agent.next_command() == v1.LiveStart(camera_id=camera_id)
    agent.said.put_nowait(v1.LiveState(camera_id=camera_id, playable=True).model_dump_json())
    assert (await starting).playable
    return viewer


def frame(camera_id: str, pts: int = 0) -> bytes:
    return framing.pack(framing.AccessUnit(camera_id, True, pts, 0, b"\0\0\0\1\x65"))


def test_pictures_of_a_started_camera_reach_its_viewer_until_it_is_stopped() -> None:
    async def scene(channels: channel.Channels, agent: ScriptedAgent, notebook: Notebook) -> None:
        viewer = await started(channels, agent, "gate")
        agent.said.put_nowait(frame("gate", 5))
        await eventually.until(lambda: bool(viewer.units))
        channels.stop(AGENT, "gate")
        assert await agent.next_command() == v1.LiveStop(camera_id="gate")
        agent.said.put_nowait(frame("gate", 6))
        await eventually.until(lambda: bool(channels.dropped))
        assert [unit.pts for unit in viewer.units] == [5]

    assert play(scene).dropped == {"unit_not_asked_for": 1}


def test_pictures_that_were_not_asked_for_or_make_no_sense_are_counted_and_left_out() -> None:
    async def scene(channels: channel.Channels, agent: ScriptedAgent, notebook: Notebook) -> None:
        viewer = await started(channels, agent, "gate")
        for bad in (frame("other"), b"\2nonsense", frame("gate", channel.MAX_PTS + 1), "{}", "x" * 20_000):
            agent.said.put_nowait(bad)
        await eventually.until(lambda: channels.dropped.total() == 5)
        assert viewer.units == []

    assert play(scene).dropped == {
        "unit_not_asked_for": 1,
        "unit_not_understood": 1,
        "unit_time_out_of_range": 1,
        "notice_not_understood": 1,
        "notice_too_long": 1,
    }


def test_viewers_learn_why_the_pictures_end_when_the_agent_leaves() -> None:
    viewers = []

    async def scene(channels: channel.Channels, agent: ScriptedAgent, notebook: Notebook) -> None:
        viewers.append(await started(channels, agent, "gate"))

    assert play(scene).connected == frozenset()
    assert viewers[0].reason == "the agent's connection ended"


def test_a_camera_that_becomes_unplayable_ends_its_views_with_the_agents_words() -> None:
    async def scene(channels: channel.Channels, agent: ScriptedAgent, notebook: Notebook) -> None:
        viewer = await started(channels, agent, "gate")
        agent.said.put_nowait(v1.LiveState(camera_id="gate", playable=False, reason="B-frames").model_dump_json())
        await eventually.until(lambda: viewer.reason == "B-frames")

    play(scene)


def test_a_newer_connection_of_the_same_agent_replaces_the_older_one() -> None:
    async def scene(channels: channel.Channels, agent: ScriptedAgent, notebook: Notebook) -> None:
        viewer = await started(channels, agent, "gate")
        newer = ScriptedAgent()
        serving = asyncio.create_task(channels.serve(AGENT, newer, (), notebook))
        await eventually.until(lambda: agent.closed is not None)
        assert agent.closed is not None
        assert agent.closed[0] == channel.REPLACED
        assert viewer.reason is not None
        await started(channels, newer, "gate")
        newer.said.put_nowait(None)
        await serving

    play(scene)


def test_requests_that_waited_are_sent_on_connection_and_answers_are_passed_on() -> None:
    async def scene() -> list[tuple[UUID, v1.RangeState]]:
        channels, agent, notebook = channel.Channels(), ScriptedAgent(), Notebook()
        request = v1.RangeRequest(
            request_id=uuid4(), camera_id="gate", starts_at=NOON, ends_at=NOON + timedelta(seconds=20)
        )
        serving = asyncio.create_task(channels.serve(AGENT, agent, (request,), notebook))
        assert await agent.next_command() == request
        state = v1.RangeState(request_id=request.request_id, state="accepted")
        agent.said.put_nowait(state.model_dump_json())
        agent.said.put_nowait(None)
        await serving
        return notebook.states

    states = asyncio.run(scene())
    assert [(agent, state.state) for agent, state in states] == [(AGENT, "accepted")]


def test_an_agent_that_is_away_or_silent_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "ANSWER_TIMEOUT_S", 0.01)

    async def scene(channels: channel.Channels, agent: ScriptedAgent, notebook: Notebook) -> None:
        with pytest.raises(relay.AgentAway, match="did not answer"):
            await channels.start(AGENT, "gate", Viewer())
        with pytest.raises(relay.AgentAway, match="not connected"):
            await channels.start(UUID(int=2), "gate", Viewer())
        assert not channels.send(UUID(int=2), v1.LiveStop(camera_id="gate"))

    play(scene)


def test_commands_for_an_agent_that_takes_none_are_bounded_and_counted() -> None:
    async def scene(channels: channel.Channels, agent: ScriptedAgent, notebook: Notebook) -> None:
        sent = [channels.send(AGENT, v1.LiveStop(camera_id="gate")) for _ in range(channel.MAX_COMMANDS + 3)]
        assert sent.count(False) == 3

    assert play(scene).dropped == {"agent_takes_no_commands": 3}
