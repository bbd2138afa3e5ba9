"""A small hub for the agent's tests: real HTTP and WebSocket on a real socket, wire v1 checked, faults on request.

It keeps what a hub would keep (and so across `stop` and `start`), verifies tokens and signatures' owners, and does as scripted: the faults
of `next_answers` are used up one by one before a request is served.
"""

import asyncio
import collections
import contextlib
import datetime
import hashlib
import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fastapi
import uvicorn
from fastapi.responses import JSONResponse
from joserfc import errors as jose_errors
from joserfc import jwk, jwt

from camera_agents.sending import identity
from sharing_hub.wire import framing, v1
from tests.support import waiting


@dataclass
class Upload:
    """A file on its way."""

    manifest: v1.MediaManifest
    content: bytearray = field(default_factory=bytearray)
    complete: bool = False


@dataclass
class Answer:
    """What to answer instead of serving the request."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None


class Memory:
    """What the hub was given."""

    def __init__(self) -> None:
        self.reports: dict[uuid.UUID, v1.EventReport] = {}
        self.arrivals: list[uuid.UUID] = []
        self.endings: dict[uuid.UUID, v1.EventEnd] = {}
        self.batches: list[v1.EventBatch] = []
        self.beats: list[v1.Heartbeat] = []
        self.uploads: dict[uuid.UUID, Upload] = {}
        self.finished: list[uuid.UUID] = []
        self.chunks: list[tuple[uuid.UUID, int, int]] = []
        self.notices: list[v1.LiveState | v1.RangeState] = []
        self.units: list[framing.AccessUnit] = []
        self.channels = 0
        self.order: list[str] = []


class FakeHub:
    """A hub that can be stopped, started again on the same port, and told to misbehave.

    Attributes:
        refuse_events: a reason for each event id to refuse, or None.
        next_answers: by route name ("events", "heartbeat", "announce", "chunk", "enrolment"): answers to give first.
        damage_uploads: how many finished uploads to call damaged.
    """

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.memory = Memory()
        self.keys: dict[str, str] = {}
        self.secrets: set[str] = set()
        self.refuse_events: Callable[[v1.EventReport], str | None] = lambda report: None
        self.next_answers: dict[str, collections.deque[Answer]] = collections.defaultdict(collections.deque)
        self.damage_uploads = 0
        self.clock_offset = datetime.timedelta()
        self.block_chunks = threading.Event()
        self._certificate = certificate
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._channels: list[fastapi.WebSocket] = []

    @property
    def url(self) -> str:
        """The hub's base address."""
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self.port}"

    def know(self, me: identity.Identity) -> None:
        """Accept this agent's tokens."""
        self.keys[str(me.agent_id)] = identity.public_key(me.key)

    def __enter__(self) -> "FakeHub":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._socket.close()

    def start(self) -> None:
        """Listen (again)."""
        if self._socket.fileno() < 0:
            self._socket = socket.create_server(("127.0.0.1", self.port))
        key, chain = self._certificate or (None, None)
        config = uvicorn.Config(
            self._app(),
            log_config=None,
            date_header=False,
            lifespan="off",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
            ssl_keyfile=str(key) if key else None,
            ssl_certfile=str(chain) if chain else None,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, args=(self._server,), daemon=True)
        self._thread.start()
        waiting.wait_until(lambda: self._server is not None and self._server.started, 20, "the fake hub listening")

    def stop(self) -> None:
        """Stop listening and end every connection."""
        if self._server is None or self._thread is None:
            return
        self.block_chunks.clear()
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._server = self._thread = None
        self._socket.close()

    def command(self, command: v1.LiveStart | v1.LiveStop | v1.RangeRequest) -> None:
        """Send a command over the newest channel."""
        self.say(command.model_dump_json())

    def say(self, text: str) -> None:
        """Send any text over the newest channel."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._channels[-1].send_text(text), self._loop).result(10)

    def hang_up(self) -> None:
        """Close the newest channel."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._channels[-1].close(1012), self._loop).result(10)

    def _serve(self, server: uvicorn.Server) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            await server.serve(sockets=[self._socket])

        asyncio.run(main())

    def _app(self) -> fastapi.FastAPI:
        app = fastapi.FastAPI()
        for method, path, name, serve in (
            ("POST", "/v1/agent/enrolment", "enrolment", self._enrol),
            ("POST", "/v1/agent/events", "events", self._events),
            ("POST", "/v1/agent/heartbeat", "heartbeat", self._heartbeat),
            ("POST", "/v1/agent/media", "announce", self._announce),
            ("PATCH", "/v1/agent/media/{media_id}", "chunk", self._chunk),
        ):
            app.add_api_route(path, self._guarded(name, serve), methods=[method])
        app.add_api_websocket_route("/v1/agent/channel", self._channel)
        return app

    def _guarded(self, name: str, serve: Callable[[fastapi.Request], Any]) -> Callable[..., Any]:
        async def route(request: fastapi.Request) -> fastapi.Response:
            if name != "enrolment" and not self._knows(request.headers.get("Authorization", "")):
                now = datetime.datetime.now(datetime.UTC) + self.clock_offset
                return _problem(401, "unknown agent", {"Date": now.strftime("%a, %d %b %Y %H:%M:%S GMT")})
            if self.next_answers[name]:
                answer = self.next_answers[name].popleft()
                if answer.body is not None:
                    return JSONResponse(answer.body, answer.status, answer.headers)
                return _problem(answer.status, "scripted", answer.headers)
            self.memory.order.append(name)
            response: fastapi.Response = await serve(request)
            return response

        return route

    def _knows(self, header: str) -> bool:
        now_s = (datetime.datetime.now(datetime.UTC) + self.clock_offset).timestamp()
        for agent_id, public in self.keys.items():
            key = jwk.OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public})
            try:
                claims = jwt.decode(header.removeprefix("Bearer "), key, algorithms=["Ed25519"]).claims
            except (jose_errors.JoseError, ValueError):
                continue
            in_time = claims["iat"] - 30 <= now_s < claims["exp"] <= claims["iat"] + v1.AGENT_TOKEN_LIFETIME_S
            return bool(claims["iss"] == agent_id and claims["aud"] == v1.AGENT_AUDIENCE and in_time)
        return False

    async def _enrol(self, request: fastapi.Request) -> fastapi.Response:
        asked = v1.EnrolmentRequest.model_validate_json(await request.body())
        if asked.secret not in self.secrets:
            return _problem(403, "this token was used or never made")
        self.secrets.remove(asked.secret)
        agent_id = uuid.uuid4()
        self.keys[str(agent_id)] = asked.public_key
        return _message(v1.EnrolmentReply(agent_id=agent_id))

    async def _events(self, request: fastapi.Request) -> fastapi.Response:
        batch = v1.EventBatch.model_validate_json(await request.body())
        self.memory.batches.append(batch)
        reports = []
        for report in batch.reports:
            reason = self.refuse_events(report)
            known = report.event_id in self.memory.reports
            if reason is None and not known:
                self.memory.arrivals.append(report.event_id)
                self.memory.reports[report.event_id] = report
            result = "refused" if reason is not None else "duplicate" if known else "stored"
            reports.append(v1.Outcome(event_id=report.event_id, result=result, reason=reason or ""))
        for end in batch.endings:
            self.memory.endings.setdefault(end.event_id, end)
        endings = tuple(v1.Outcome(event_id=end.event_id, result="stored") for end in batch.endings)
        return _message(v1.BatchReply(reports=tuple(reports), endings=endings))

    async def _heartbeat(self, request: fastapi.Request) -> fastapi.Response:
        self.memory.beats.append(v1.Heartbeat.model_validate_json(await request.body()))
        return _message(v1.HeartbeatReply(hub_at=datetime.datetime.now(datetime.UTC) + self.clock_offset))

    async def _announce(self, request: fastapi.Request) -> fastapi.Response:
        signed = v1.SignedManifest.model_validate_json(await request.body())
        upload = self.memory.uploads.setdefault(signed.manifest.media_id, Upload(signed.manifest))
        return _message(self._status(upload))

    async def _chunk(self, request: fastapi.Request) -> fastapi.Response:
        upload = self.memory.uploads[uuid.UUID(request.path_params["media_id"])]
        data = await request.body()
        while self.block_chunks.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        offset_bytes = int(request.headers["Upload-Offset"])
        self.memory.chunks.append((upload.manifest.media_id, offset_bytes, len(data)))
        if offset_bytes != len(upload.content):
            return _message(self._status(upload), 409)
        upload.content += data
        if len(upload.content) == upload.manifest.length_bytes:
            self.damage_uploads, damaged = max(0, self.damage_uploads - 1), self.damage_uploads > 0
            if damaged or hashlib.sha256(upload.content).hexdigest() != upload.manifest.sha256:
                upload.content.clear()
                return _problem(422, "another hash")
            upload.complete = True
            self.memory.finished.append(upload.manifest.media_id)
        return _message(self._status(upload))

    def _status(self, upload: Upload) -> v1.UploadStatus:
        return v1.UploadStatus(
            media_id=upload.manifest.media_id, offset_bytes=len(upload.content), complete=upload.complete
        )

    async def _channel(self, channel: fastapi.WebSocket) -> None:
        if not self._knows(channel.headers.get("Authorization", "")):
            await channel.close(4401)
            return
        await channel.accept()
        self._channels.append(channel)
        self.memory.channels += 1
        with contextlib.suppress(fastapi.WebSocketDisconnect, RuntimeError):
            while True:
                message = await channel.receive()
                if message["type"] == "websocket.disconnect":
                    return
                if message.get("bytes") is not None:
                    self.memory.units.append(framing.unpack(message["bytes"]))
                elif message.get("text") is not None:
                    self.memory.notices.append(v1.AGENT_NOTICE.validate_json(message["text"]))


def _message(message: v1.Message, status: int = 200) -> fastapi.Response:
    return fastapi.Response(message.model_dump_json(), status, media_type="application/json")


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> fastapi.Response:
    body = v1.Problem(title="fault", status=status, detail=detail).model_dump()
    return JSONResponse(body, status, headers, media_type="application/problem+json")
