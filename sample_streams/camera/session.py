"""One RTSP connection, from accept to close: requests in, responses and media out."""

import asyncio
import secrets
from dataclasses import dataclass

from sample_streams.camera import device, digest, errors, rtsp, sdp, stream, subscriber, wires

TIMEOUT_S = 60
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
_ABUSE_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class House:
    """What all connections share.

    Attributes:
        devices: by name.
        gate: who may come in.
        udp: the ports datagrams leave from.
    """

    devices: dict[str, device.Device]
    gate: digest.Gate
    udp: wires.UdpPorts


class Session:
    """One client's connection; `run` is its life."""

    def __init__(self, house: House, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._house = house
        self._reader = reader
        self._writer = writer
        self._id = secrets.token_hex(8)
        self._device: device.Device | None = None
        self._stream: stream.Stream | None = None
        self._wire: subscriber.Wire | None = None
        self._client: subscriber.Subscriber | None = None

    async def run(self) -> None:
        """Serve the client until it leaves, is thrown out or goes silent."""
        try:
            while True:
                request = await self._next_request()
                if request is None or not await self._serve(request):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            return
        finally:
            self._leave()
            self._writer.transport.abort() if self._is_dropped else self._writer.close()

    @property
    def _is_dropped(self) -> bool:
        return self._device is not None and self._device.refuses

    async def _next_request(self) -> rtsp.Request | None:
        """Read up to the next request, past interleaved reports of the client; None at the end."""
        while True:
            async with asyncio.timeout(self._patience_s()):
                first = await self._reader.read(1)
                if not first:
                    return None
                if first == b"$":
                    header = await self._reader.readexactly(3)
                    await self._reader.readexactly(int.from_bytes(header[1:], "big"))
                    continue
                if first in b"\r\n":
                    continue
                head = first + await self._reader.readuntil(b"\r\n\r\n")
                try:
                    request = rtsp.parse(head[:-4])
                    await self._reader.readexactly(request.body_bytes)
                except errors.RequestError as e:
                    await self._answer("0", rtsp.Response(e.status))
                    return None
                return request

    def _patience_s(self) -> float | None:
        """An interleaved client is gone when its connection is; any other must speak now and then."""
        return None if isinstance(self._wire, wires.Interleaved) and self._client else TIMEOUT_S * 1.5

    async def _serve(self, request: rtsp.Request) -> bool:
        """Answer one request; say whether to go on."""
        target = self._house.devices.get(request.path[0]) if request.path else None
        if target is not None:
            if not await self._is_willing(target):
                return False
            if request.method == "DESCRIBE" and target.faults.endless_sdp and self._admits(request, target):
                await self._describe_for_ever(request)
                return False
        try:
            response = self._respond(request, target)
        except errors.RequestError as e:
            response = rtsp.Response(e.status)
        await self._answer(request.header("cseq"), response)
        if request.method == "PLAY" and response.status == 200:
            self._play()
        return request.method != "TEARDOWN"

    async def _is_willing(self, target: device.Device) -> bool:
        if self._device is not target:
            self._leave()
            self._device = target
            target.hang_ups.add(self._hang_up)
        while target.faults.hang and not self._reader.at_eof():  # noqa: ASYNC110 - no event says the client left
            await asyncio.sleep(_ABUSE_PAUSE_S)
        if target.refuses:
            target.counts["connections refused"] += 1
        return not target.refuses

    def _respond(self, request: rtsp.Request, target: device.Device | None) -> rtsp.Response:
        if request.method == "OPTIONS":
            return rtsp.Response(headers={"Public": _METHODS})
        if request.method not in _METHODS.split(", "):
            raise errors.RequestError(501, request.method)
        if not self._admits(request, target):
            return rtsp.Response(401, {"WWW-Authenticate": self._house.gate.challenge()})
        if target is None:
            raise errors.RequestError(404, "no such camera")
        if request.method in ("GET_PARAMETER", "SET_PARAMETER"):
            return rtsp.Response(headers=self._session_header())
        if request.method == "DESCRIBE":
            return self._describe(request, target)
        if request.method == "SETUP":
            return self._set_up(request, target)
        if self._stream is None or request.header("session").partition(";")[0] != self._id:
            raise errors.RequestError(454, "no such session")
        if request.method == "PLAY":
            return self._start(request)
        self._pause()
        return rtsp.Response(headers=self._session_header())

    def _admits(self, request: rtsp.Request, target: device.Device | None) -> bool:
        authorization = request.header("authorization")
        refused = target is not None and target.faults.refuse_credentials
        if not refused and self._house.gate.admits(authorization, request.method):
            return True
        if target is not None and authorization:
            target.counts["credentials refused"] += 1
        return False

    def _describe(self, request: rtsp.Request, target: device.Device) -> rtsp.Response:
        if target.faults.redirect_loop:
            return rtsp.Response(302, {"Location": request.url})
        playing = self._find(request, target)
        host = self._writer.get_extra_info("sockname")[0]
        headers = {"Content-Base": request.url.rstrip("/") + "/", "Content-Type": "application/sdp"}
        return rtsp.Response(
            headers=headers, body=sdp.describe(playing.playing.content, host, odd=target.faults.odd_sdp)
        )

    def _find(self, request: rtsp.Request, target: device.Device) -> stream.Stream:
        name = request.path[1] if len(request.path) > 1 and request.path[1] != sdp.CONTROL else "main"
        if name not in target.streams:
            raise errors.RequestError(404, "no such stream")
        return target.streams[name]

    def _set_up(self, request: rtsp.Request, target: device.Device) -> rtsp.Response:
        found = self._find(request, target)
        asked = rtsp.parse_transport(request.header("transport"))
        self._pause()
        self._stream = found
        first, second = asked.pair
        if asked.interleaved:
            self._wire = wires.Interleaved(self._writer.transport, asked.pair)
            transport = f"RTP/AVP/TCP;unicast;interleaved={first}-{second}"
        else:
            self._wire = self._datagrams(asked.pair)
            ours = "-".join(map(str, self._house.udp.numbers))
            transport = f"RTP/AVP;unicast;client_port={first}-{second};server_port={ours}"
        return rtsp.Response(headers={"Transport": transport, **self._session_header()})

    def _datagrams(self, ports: tuple[int, int]) -> wires.Datagrams:
        if self._writer.get_extra_info("sslcontext") is not None:
            raise errors.RequestError(461, "over TLS only interleaved")
        # Only ever back to whoever asked: a `destination` in the request is not heeded.
        return wires.Datagrams(self._house.udp, self._writer.get_extra_info("peername")[0], ports)

    def _start(self, request: rtsp.Request) -> rtsp.Response:
        if self._client is None and self._stream is not None and self._wire is not None:
            self._client = self._stream.prepare(self._wire)
        sequence = self._client.sequence & 0xFFFF if self._client else 0
        info = f"url={request.url.rstrip('/')}/{sdp.CONTROL};seq={sequence}"
        return rtsp.Response(headers={"Range": "npt=now-", "RTP-Info": info, **self._session_header()})

    def _play(self) -> None:
        """Begin to send; only after the answer is on its way, or clients take media for it."""
        if self._client is not None and self._stream is not None:
            self._stream.subscribe(self._client)

    def _pause(self) -> None:
        if self._client is not None and self._stream is not None:
            self._stream.unsubscribe(self._client)
        self._client = None

    def _session_header(self) -> dict[str, str]:
        return {"Session": f"{self._id};timeout={TIMEOUT_S}"}

    async def _answer(self, sequence: str, response: rtsp.Response) -> None:
        self._writer.write(response.encode(sequence))
        await self._writer.drain()

    async def _describe_for_ever(self, request: rtsp.Request) -> None:
        head = rtsp.Response(headers={"Content-Type": "application/sdp", "Content-Length": str(2**30)})
        await self._answer(request.header("cseq"), head)
        while not self._reader.at_eof():
            self._writer.write(b"a=x-padding:" + b"0" * 4000 + b"\r\n")
            await self._writer.drain()
            await asyncio.sleep(_ABUSE_PAUSE_S)

    def _hang_up(self) -> None:
        self._writer.transport.abort()

    def _leave(self) -> None:
        self._pause()
        self._stream = self._wire = None
        if self._device is not None:
            self._device.hang_ups.discard(self._hang_up)
            self._device = None
