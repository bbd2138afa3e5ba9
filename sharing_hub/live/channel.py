"""The agents' channels: what the hub asks of agents, and the pictures they push.

An agent opens its WebSocket itself; nothing listens at the site. Commands go out as JSON text, access units come in as binary frames
(`wire.framing`), notices as JSON text.
Invariants: one channel per agent, the newest; a unit is taken only for a camera that this agent was asked to push (so never for another
agent's), anything else is counted and left out; the commands waiting for an agent are bounded.
"""

import asyncio
import collections
import contextlib
from collections.abc import AsyncIterator
from typing import Protocol
from uuid import UUID

import pydantic
import structlog

from sharing_hub.live import relay
from sharing_hub.wire import framing, v1

ANSWER_TIMEOUT_S = 5.0
MAX_COMMANDS = 256
MAX_NOTICE_CHARS = 16_384
MAX_PTS = 1 << 62
REPLACED = 4001
TOO_SLOW = 4002
NOT_UNDERSTOOD = 4003

log = structlog.get_logger(__name__)


class Peer(Protocol):
    """An agent's WebSocket, accepted and authenticated."""

    def frames(self) -> AsyncIterator[bytes | str]:
        """Yield what the agent sends until it leaves."""

    async def send(self, text: str) -> None:
        """Send a command."""

    async def close(self, code: int, reason: str) -> None:
        """End the connection; harmless when it has ended."""


class Notices(Protocol):
    """Who is told what agents say of recording requests."""

    async def range_state(self, agent_id: UUID, state: v1.RangeState) -> None:
        """Keep an agent's word on a recording request."""


class Channels:
    """Every agent that is connected now; used on the event loop only.

    Attributes:
        dropped: frames and notices left out, by reason.
    """

    def __init__(self) -> None:
        self.dropped: collections.Counter[str] = collections.Counter()
        self.units_in = 0
        self._channels: dict[UUID, _Channel] = {}

    @property
    def connected(self) -> frozenset[UUID]:
        """The agents with a channel."""
        return frozenset(self._channels)

    async def serve(self, agent_id: UUID, peer: Peer, pending: tuple[v1.RangeRequest, ...], notices: Notices) -> None:
        """Carry one agent's channel until it ends; an older channel of the same agent ends first."""
        older = self._channels.get(agent_id)
        channel = _Channel(agent_id, peer, self)
        self._channels[agent_id] = channel
        if older is not None:
            await older.end("replaced by a newer connection of the same agent", REPLACED)
        for request in pending:
            channel.send(request)
        log.info("agent connected", agent_id=str(agent_id), pending_requests=len(pending))
        try:
            await channel.run(notices)
        finally:
            if self._channels.get(agent_id) is channel:
                del self._channels[agent_id]
            channel.let_go("the agent's connection ended")
            log.info("agent disconnected", agent_id=str(agent_id))

    def send(self, agent_id: UUID, command: v1.LiveStart | v1.LiveStop | v1.RangeRequest) -> bool:
        """Send a command if the agent is connected; say whether it is."""
        channel = self._channels.get(agent_id)
        return channel is not None and channel.send(command)

    async def start(self, agent_id: UUID, camera_id: str, sink: relay.Sink) -> v1.LiveState:
        """Ask the agent to push, and return its word on whether the camera can be played.

        Raises:
            AgentAway: no channel, or no answer in time.
        """
        channel = self._channels.get(agent_id)
        if channel is None:
            raise relay.AgentAway("the camera's agent is not connected to the hub; its clips stay available")
        return await channel.start(camera_id, sink)

    def stop(self, agent_id: UUID, camera_id: str) -> None:
        """Ask the agent to push no more; harmless when it does not."""
        channel = self._channels.get(agent_id)
        if channel is not None:
            channel.stop(camera_id)

    async def end(self, agent_id: UUID, reason: str) -> None:
        """End an agent's channel (its key was revoked)."""
        channel = self._channels.get(agent_id)
        if channel is not None:
            await channel.end(reason, 1008)

    async def end_all(self) -> None:
        """End every channel: the hub is stopping."""
        for channel in tuple(self._channels.values()):
            await channel.end("the hub is stopping", 1001)


class _Channel:
    """One agent's connection."""

    def __init__(self, agent_id: UUID, peer: Peer, owner: Channels) -> None:
        self._agent_id = agent_id
        self._peer = peer
        self._owner = owner
        self._commands: asyncio.Queue[str] = asyncio.Queue(MAX_COMMANDS)
        self._sinks: dict[str, relay.Sink] = {}
        self._answers: dict[str, asyncio.Future[v1.LiveState]] = {}

    async def run(self, notices: Notices) -> None:
        """Read and write until either side ends."""
        writing = asyncio.create_task(self._write())
        try:
            async for frame in self._peer.frames():
                if isinstance(frame, str):
                    await self._heard(frame, notices)
                else:
                    self._unit(frame)
        finally:
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing

    def send(self, command: v1.LiveStart | v1.LiveStop | v1.RangeRequest) -> bool:
        """Queue a command; an agent that takes none is told nothing more (its requests stay in the database)."""
        try:
            self._commands.put_nowait(command.model_dump_json())
        except asyncio.QueueFull:
            self._owner.dropped["agent_takes_no_commands"] += 1
            return False
        return True

    async def start(self, camera_id: str, sink: relay.Sink) -> v1.LiveState:
        """Ask for a camera's pictures and wait for the agent's word."""
        answer: asyncio.Future[v1.LiveState] = asyncio.get_running_loop().create_future()
        self._sinks[camera_id], self._answers[camera_id] = sink, answer
        try:
            if not self.send(v1.LiveStart(camera_id=camera_id)):
                raise relay.AgentAway("the camera's agent takes no commands; try again shortly")
            return await asyncio.wait_for(answer, ANSWER_TIMEOUT_S)
        except TimeoutError as e:
            raise relay.AgentAway(f"the camera's agent did not answer within {ANSWER_TIMEOUT_S:.0f} s") from e
        finally:
            self._answers.pop(camera_id, None)

    def stop(self, camera_id: str) -> None:
        """Take no more of a camera's pictures."""
        if self._sinks.pop(camera_id, None) is not None:
            self.send(v1.LiveStop(camera_id=camera_id))

    async def end(self, reason: str, code: int) -> None:
        """Close the connection from this side."""
        self.let_go(reason)
        await self._peer.close(code, reason)

    def let_go(self, reason: str) -> None:
        """Tell everyone who waits for this agent that nothing will come; harmless when repeated."""
        sinks, self._sinks = self._sinks, {}
        for sink in sinks.values():
            sink.gone(reason)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(relay.AgentAway(reason))

    async def _write(self) -> None:
        while True:
            await self._peer.send(await self._commands.get())

    async def _heard(self, text: str, notices: Notices) -> None:
        if len(text) > MAX_NOTICE_CHARS:
            self._owner.dropped["notice_too_long"] += 1
            return
        try:
            notice = v1.AGENT_NOTICE.validate_json(text)
        except pydantic.ValidationError:
            self._owner.dropped["notice_not_understood"] += 1
            return
        if isinstance(notice, v1.RangeState):
            await notices.range_state(self._agent_id, notice)
        else:
            self._live_state(notice)

    def _live_state(self, state: v1.LiveState) -> None:
        answer = self._answers.get(state.camera_id)
        if answer is not None and not answer.done():
            answer.set_result(state)
        elif not state.playable and (sink := self._sinks.pop(state.camera_id, None)) is not None:
            sink.gone(state.reason or "the camera's stream can no longer be played live")

    def _unit(self, frame: bytes) -> None:
        try:
            unit = framing.unpack(frame)
        except framing.FramingError:
            self._owner.dropped["unit_not_understood"] += 1
            return
        sink = self._sinks.get(unit.camera_id)
        if sink is None:
            self._owner.dropped["unit_not_asked_for"] += 1
        elif unit.pts > MAX_PTS:
            self._owner.dropped["unit_time_out_of_range"] += 1
        else:
            self._owner.units_in += 1
            sink.push(unit)
