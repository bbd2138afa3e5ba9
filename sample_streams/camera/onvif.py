"""The ONVIF device and media services of one camera, over HTTP on a port of its own.

Everything but the time asks for the password: as a WS-Security token or as HTTP digest, either is enough.
Source: ONVIF Core Specification 5 and 8.1, ONVIF Media Service Specification 5.
"""

import datetime
from collections.abc import Callable

from aiohttp import web

from sample_streams.camera import device, digest, errors, nal, rtp, soap, stream
from sample_streams.camera import web as listeners

DEVICE_PATH = "/onvif/device_service"
MEDIA_PATH = "/onvif/media_service"

_OPEN = "tds:GetSystemDateAndTime"


class Service:
    """One camera's ONVIF endpoint."""

    def __init__(
        self, camera: device.Device, credentials: digest.Credentials | None, stream_url: Callable[[str], str]
    ) -> None:
        """Describe the endpoint of `camera`; `stream_url` gives a stream's address without credentials."""
        self._camera = camera
        self._credentials = credentials
        self._gate = digest.Gate(credentials)
        self._stream_url = stream_url
        self._operations: dict[str, Callable[[soap.Message, str], str]] = {
            _OPEN: self._date_and_time,
            "tds:GetDeviceInformation": self._information,
            "tds:GetServices": self._services,
            "tds:GetCapabilities": self._capabilities,
            "trt:GetProfiles": self._profiles,
            "trt:GetStreamUri": self._stream_uri,
        }

    def application(self) -> web.Application:
        """Return what answers at both services' paths."""
        app = listeners.application()
        app.router.add_post(DEVICE_PATH, self._handle)
        app.router.add_post(MEDIA_PATH, self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            message = soap.parse(await request.read())
        except errors.RequestError as e:
            return _answer(soap.fault("ter:WellFormed", str(e)), 400)
        if message.operation != _OPEN and not self._admits(message, request):
            self._camera.counts["credentials refused"] += 1
            return self._refusal(message)
        operation = self._operations.get(message.operation)
        if operation is None:
            return _answer(soap.fault("ter:ActionNotSupported", f"{message.operation} is not supported"), 400)
        try:
            return _answer(soap.envelope(operation(message, f"http://{request.host}")), 200)
        except errors.RequestError as e:
            return _answer(soap.fault("ter:InvalidArgVal", str(e)), 400)

    def _admits(self, message: soap.Message, request: web.Request) -> bool:
        if self._camera.faults.refuse_credentials:
            return False
        if self._credentials is None:
            return True
        if message.token is not None:
            return soap.admits(message.token, self._credentials, self._now())
        return self._gate.admits(request.headers.get("Authorization", ""), request.method)

    def _refusal(self, message: soap.Message) -> web.Response:
        fault = soap.fault("ter:NotAuthorized", "Sender not authorized")
        if message.token is not None:
            return _answer(fault, 400)
        answer = _answer(fault, 401)
        answer.headers["WWW-Authenticate"] = self._gate.challenge()
        return answer

    def _now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self._camera.unix_s(), datetime.UTC)

    def _date_and_time(self, _message: soap.Message, _base: str) -> str:
        now, leaf, node = self._now(), soap.text, soap.node
        clock = node("tt:Time", *map(leaf, ("tt:Hour", "tt:Minute", "tt:Second"), (now.hour, now.minute, now.second)))
        day = node("tt:Date", *map(leaf, ("tt:Year", "tt:Month", "tt:Day"), (now.year, now.month, now.day)))
        content = node(
            "tds:SystemDateAndTime",
            leaf("tt:DateTimeType", "Manual"),
            leaf("tt:DaylightSavings", False),
            node("tt:TimeZone", leaf("tt:TZ", "UTC0")),
            node("tt:UTCDateTime", clock, day),
        )
        return node("tds:GetSystemDateAndTimeResponse", content)

    def _information(self, _message: soap.Message, _base: str) -> str:
        values = {
            "tds:Manufacturer": "Jikimi",
            "tds:Model": "Sample camera",
            "tds:FirmwareVersion": "1",
            "tds:SerialNumber": self._camera.name,
            "tds:HardwareId": "sample",
        }
        return soap.node("tds:GetDeviceInformationResponse", *(soap.text(*pair) for pair in values.items()))

    def _services(self, _message: soap.Message, base: str) -> str:
        version = soap.node("tds:Version", soap.text("tt:Major", 2), soap.text("tt:Minor", 60))
        services = [
            soap.node(
                "tds:Service",
                soap.text("tds:Namespace", soap.NAMESPACES[prefix]),
                soap.text("tds:XAddr", base + path),
                version,
            )
            for prefix, path in (("tds", DEVICE_PATH), ("trt", MEDIA_PATH))
        ]
        return soap.node("tds:GetServicesResponse", *services)

    def _capabilities(self, _message: soap.Message, base: str) -> str:
        flags = ("RTPMulticast", False), ("RTP_TCP", True), ("RTP_RTSP_TCP", True)
        streaming = soap.node("tt:StreamingCapabilities", *(soap.text(f"tt:{name}", has) for name, has in flags))
        content = soap.node(
            "tds:Capabilities",
            soap.node("tt:Device", soap.text("tt:XAddr", base + DEVICE_PATH)),
            soap.node("tt:Media", soap.text("tt:XAddr", base + MEDIA_PATH), streaming),
        )
        return soap.node("tds:GetCapabilitiesResponse", content)

    def _profiles(self, _message: soap.Message, _base: str) -> str:
        profiles = [_profile(name, playing) for name, playing in self._camera.streams.items()]
        return soap.node("trt:GetProfilesResponse", *profiles)

    def _stream_uri(self, message: soap.Message, _base: str) -> str:
        name = message.text("trt:ProfileToken")
        if name not in self._camera.streams:
            raise errors.RequestError(400, f"no profile {name!r}")
        content = soap.node(
            "trt:MediaUri",
            soap.text("tt:Uri", self._stream_url(name)),
            soap.text("tt:InvalidAfterConnect", False),
            soap.text("tt:InvalidAfterReboot", False),
            soap.text("tt:Timeout", "PT0S"),
        )
        return soap.node("trt:GetStreamUriResponse", content)


def _profile(name: str, playing: stream.Stream) -> str:
    return soap.node("trt:Profiles", soap.text("tt:Name", name), _source(playing), _encoder(name, playing), token=name)


def _source(playing: stream.Stream) -> str:
    content = playing.own
    bounds = soap.node("tt:Bounds", x="0", y="0", width=str(content.width_px), height=str(content.height_px))
    return soap.node(
        "tt:VideoSourceConfiguration",
        soap.text("tt:Name", "picture"),
        soap.text("tt:UseCount", 2),
        soap.text("tt:SourceToken", "picture"),
        bounds,
        token="picture",  # noqa: S106 - ONVIF's word for an identifier
    )


def _encoder(name: str, playing: stream.Stream) -> str:
    content = playing.playing.content
    leaf = soap.text
    rate = round(rtp.TICKS_PER_S / content.picture_ticks())
    size = soap.node("tt:Resolution", leaf("tt:Width", content.width_px), leaf("tt:Height", content.height_px))
    kbits = round(content.bytes * 8 / 1000 / (content.period_ticks / rtp.TICKS_PER_S))
    limits = soap.node(
        "tt:RateControl",
        leaf("tt:FrameRateLimit", rate),
        leaf("tt:EncodingInterval", 1),
        leaf("tt:BitrateLimit", max(1, kbits)),
    )
    # The media service knows H.264 only; like most cameras, this one writes H265 where its successor would.
    is_h264 = content.codec is nal.Codec.H264
    length = len(content.units) // max(1, sum(unit.is_key for unit in content.units))
    h264 = soap.node("tt:H264", leaf("tt:GovLength", length), leaf("tt:H264Profile", "High")) if is_h264 else ""
    nowhere = soap.node("tt:Address", leaf("tt:Type", "IPv4"), leaf("tt:IPv4Address", "0.0.0.0"))  # noqa: S104
    multicast = soap.node("tt:Multicast", nowhere, leaf("tt:Port", 0), leaf("tt:TTL", 0), leaf("tt:AutoStart", False))
    return soap.node(
        "tt:VideoEncoderConfiguration",
        leaf("tt:Name", name),
        leaf("tt:UseCount", 1),
        leaf("tt:Encoding", "H264" if is_h264 else "H265"),
        size,
        leaf("tt:Quality", 5),
        limits,
        h264,
        multicast,
        leaf("tt:SessionTimeout", "PT60S"),
        token=name,
    )


def _answer(envelope: bytes, status: int) -> web.Response:
    return web.Response(body=envelope, status=status, content_type="application/soap+xml", charset="utf-8")
