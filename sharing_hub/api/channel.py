"""The agents' channel: WebSocket /v1/agent/channel, with the bearer token in the Authorization header."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import agent, dependencies, problems, streams
from sharing_hub.services import agents, recordings
from sharing_hub.wire import v1

ROUTER = APIRouter(prefix="/v1/agent")


@ROUTER.websocket("/channel")
async def channel(hub: dependencies.HubHere, open_streams: streams.Here, socket: WebSocket) -> None:
    """Carry an agent's channel: commands out, pictures in, until either side ends."""
    try:
        caller = await agent.the_agent(hub, socket.headers.get("authorization", ""))
    except errors.Unauthenticated as e:
        await socket.send_denial_response(problems.answer(e.status, e.title, e.detail))
        return
    await socket.accept()
    pending = await run_in_threadpool(_pending, hub, caller)
    await open_streams.channels.serve(caller.agent_id, SocketPeer(socket), pending, open_streams)


class SocketPeer:
    """An agent's WebSocket, as `live.channel` sees it."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def frames(self) -> AsyncIterator[bytes | str]:
        """Yield what the agent sends until it leaves."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            yield message.get("bytes") or message.get("text") or ""

    async def send(self, text: str) -> None:
        """Send a command; to an agent that has left nothing is sent."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._socket.send_text(text)

    async def close(self, code: int, reason: str) -> None:
        """End the connection; harmless when it has ended."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._socket.close(code, reason[:100])


def _pending(hub: hubs.Hub, caller: agents.Caller) -> tuple[v1.RangeRequest, ...]:
    with hub.database.reading() as session:
        return recordings.pending(session, caller.agent_id)
