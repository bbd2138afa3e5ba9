"""The agent's requests to the hub: typed answers, typed errors, bounded in time and size. Every request may be repeated without harm."""

import asyncio
import datetime
import email.utils
import json
import ssl
from collections.abc import Callable
from typing import Protocol, TypeVar
from uuid import UUID

import httpx
import pydantic

from camera_agents import errors
from camera_agents.sending import identity
from sharing_hub.wire import v1

CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 15.0
REQUEST_TIMEOUT_S = 90.0
"""The whole of a request: a chunk over a slow link must fit in it (the uplink sizes chunks to about a second)."""
MAX_ANSWER_BYTES = 2 * 1024 * 1024
KEEP_ALIVE_S = 60.0
_TRUST_CLOCK_WITHIN_S = 5.0
_FINAL_EVENTS = frozenset({400, 409, 413, 422})
_FINAL_MEDIA = frozenset({400, 404, 409, 410, 413, 415})
_Answer = TypeVar("_Answer", bound=v1.Message)


class HubClient(Protocol):
    """What the uplink needs of a hub.

    Every method raises HubUnreachable, HubUnauthorised or HubBusy (try again), or HubRefused (never again).
    """

    async def send_events(self, batch: v1.EventBatch) -> v1.BatchReply: ...

    async def send_heartbeat(self, beat: v1.Heartbeat) -> v1.HeartbeatReply: ...

    async def announce(self, signed: v1.SignedManifest) -> v1.UploadStatus:
        """Tell what is coming and learn how much is there. Raises UploadDamaged as well."""
        ...

    async def send_chunk(self, media_id: UUID, offset_bytes: int, data: bytes) -> v1.UploadStatus:
        """Send bytes of an announced file. Raises UploadConflict and UploadDamaged as well."""
        ...

    async def close(self) -> None: ...


class HubClock:
    """The hub's time as far as it is known, so that a site with a wrong clock still has tokens the hub takes."""

    def __init__(self, clock: Callable[[], datetime.datetime]) -> None:
        self._clock = clock
        self._offset = datetime.timedelta()

    def __call__(self) -> datetime.datetime:
        """Return the hub's UTC where the agent's is clearly off, else the agent's."""
        off = abs(self._offset.total_seconds()) > _TRUST_CLOCK_WITHIN_S
        return self._clock() + (self._offset if off else datetime.timedelta())

    @property
    def offset_s(self) -> float:
        """How far the hub's clock is ahead of the agent's, as last seen."""
        return self._offset.total_seconds()

    def note(self, hub_at: datetime.datetime) -> None:
        """Take in that the hub said it was `hub_at` just now."""
        self._offset = hub_at - self._clock()


class HttpHub:
    """A hub over HTTP(S).

    Args:
        me: whose tokens are shown and whose pinned authority is trusted.
        clock: corrected by what the hub says.
    """

    def __init__(self, me: identity.Identity, clock: HubClock) -> None:
        self._clock = clock
        self._tokens = identity.Tokens(me, clock)
        self._client = httpx.AsyncClient(
            base_url=me.hub_url,
            verify=me.tls(),
            timeout=httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            limits=httpx.Limits(max_connections=8, keepalive_expiry=KEEP_ALIVE_S),
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def bearer(self) -> str:
        """Return the value of the Authorization header."""
        return f"Bearer {self._tokens.current()}"

    async def send_events(self, batch: v1.EventBatch) -> v1.BatchReply:
        """POST reports and endings."""
        status, body = await self._ask("POST", "/v1/agent/events", batch.model_dump_json().encode())
        if status in _FINAL_EVENTS:
            _refuse(status, body)
        return _read(v1.BatchReply, status, body)

    async def send_heartbeat(self, beat: v1.Heartbeat) -> v1.HeartbeatReply:
        """POST the sign of life and take in the hub's time."""
        status, body = await self._ask("POST", "/v1/agent/heartbeat", beat.model_dump_json().encode())
        reply = _read(v1.HeartbeatReply, status, body)
        self._clock.note(reply.hub_at)
        return reply

    async def announce(self, signed: v1.SignedManifest) -> v1.UploadStatus:
        """POST a manifest and learn how much of the file the hub holds."""
        status, body = await self._ask("POST", "/v1/agent/media", signed.model_dump_json().encode())
        if status == 422:  # the manifest, or a file that was whole but for its hash before the hub was killed
            raise errors.UploadDamaged(_words(body))
        if status in _FINAL_MEDIA:
            _refuse(status, body)
        return _read(v1.UploadStatus, status, body)

    async def send_chunk(self, media_id: UUID, offset_bytes: int, data: bytes) -> v1.UploadStatus:
        """PATCH the bytes from `offset_bytes` on."""
        headers = {"Upload-Offset": str(offset_bytes), "Content-Type": "application/octet-stream"}
        status, body = await self._ask("PATCH", f"/v1/agent/media/{media_id}", data, headers)
        if status == 409:
            raise errors.UploadConflict(_parse(v1.UploadStatus, body))
        if status == 422:
            raise errors.UploadDamaged(_words(body))
        if status in _FINAL_MEDIA:
            _refuse(status, body)
        return _read(v1.UploadStatus, status, body)

    async def _ask(
        self, method: str, path: str, content: bytes, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Return status and body; a connection that the hub closed while it was idle is tried once more at once."""
        shown = {"Content-Type": "application/json", **(headers or {}), "Authorization": self.bearer()}
        request = self._client.build_request(method, path, content=content, headers=shown)
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                try:
                    answer, body = await self._exchange(request)
                except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                    answer, body = await self._exchange(request)
        except (httpx.HTTPError, TimeoutError, OSError, ssl.SSLError) as e:
            raise errors.HubUnreachable(f"{method} {request.url}: {type(e).__name__} {e}".rstrip()) from e
        if answer.status_code in (401, 403):
            self._doubt_token(answer)
            raise errors.HubUnauthorised(f"{method} {request.url}: {answer.status_code}")
        _raise_if_busy(answer)
        return answer.status_code, body

    async def _exchange(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        answer = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > MAX_ANSWER_BYTES:
                    raise errors.HubBusy(f"{request.url} answered more than {MAX_ANSWER_BYTES} bytes")
        finally:
            await answer.aclose()
        return answer, bytes(body)

    def _doubt_token(self, answer: httpx.Response) -> None:
        """Make the next token by the hub's own time: a wrong clock at the site is the usual cause of a refused token."""
        self._tokens.renew()
        said = answer.headers.get("Date", "")
        try:
            self._clock.note(email.utils.parsedate_to_datetime(said))
        except (TypeError, ValueError):
            return


def _raise_if_busy(answer: httpx.Response) -> None:
    status = answer.status_code
    if status >= 500 or status in (408, 425, 429):
        after = answer.headers.get("Retry-After", "")
        raise errors.HubBusy(f"{answer.request.url}: {status}", float(after) if after.isdecimal() else 0.0)


def _read(message: type[_Answer], status: int, body: bytes) -> _Answer:
    if not 200 <= status < 300:
        raise errors.HubBusy(f"status {status} where {message.__name__} was due")
    return _parse(message, body)


def _parse(message: type[_Answer], body: bytes) -> _Answer:
    try:
        return message.model_validate_json(body)
    except pydantic.ValidationError as e:
        raise errors.HubBusy(f"the answer is not {message.__name__}") from e


def _refuse(status: int, body: bytes) -> None:
    """Raise HubRefused if a hub said so (problem+json); a proxy's page in between is not the hub's word."""
    try:
        problem = v1.Problem.model_validate(json.loads(body))
    except (ValueError, pydantic.ValidationError) as e:
        raise errors.HubBusy(f"status {status} without a reason") from e
    raise errors.HubRefused(problem)


def _words(body: bytes) -> str:
    """Return what a problem says, or that it says nothing."""
    try:
        problem = v1.Problem.model_validate(json.loads(body))
    except (ValueError, pydantic.ValidationError):
        return "the hub gave no reason"
    return problem.detail or problem.title
