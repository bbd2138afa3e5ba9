"""Answers WS-Discovery probes for network video transmitters, each camera for itself.

Source: WS-Discovery 1.0 (April 2005, the one ONVIF names), ONVIF Core Specification 7.
"""

import asyncio
import contextlib
import ipaddress
import socket
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from sample_streams.camera import errors, soap

GROUP = "239.255.255.250"
PORT = 3702
MAX_PROBE_BYTES = 16 * 1024

_TYPES = {"NetworkVideoTransmitter", "Device"}
_PROBE = soap.NAMESPACES["d"] + "/Probe"
_MATCHES = soap.NAMESPACES["d"] + "/ProbeMatches"
_ANONYMOUS = soap.NAMESPACES["a"] + "/role/anonymous"


@dataclass(frozen=True, slots=True)
class Announced:
    """A camera as discovery sees it.

    Attributes:
        name: of the camera.
        service_url: of its device service.
    """

    name: str
    service_url: str

    @property
    def scopes(self) -> tuple[str, ...]:
        """What it says of itself."""
        return (
            "onvif://www.onvif.org/type/video_encoder",
            "onvif://www.onvif.org/Profile/Streaming",
            f"onvif://www.onvif.org/name/{quote(self.name)}",
            "onvif://www.onvif.org/hardware/sample",
        )

    @property
    def endpoint(self) -> str:
        """Its lasting identity: the same at every start at the same address."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{self.service_url}#{self.name}").urn


def answers(probe: bytes, cameras: tuple[Announced, ...]) -> list[bytes]:
    """Return one answer for every camera the probe looks for.

    Raises:
        RequestError: not a probe.
    """
    message = soap.parse(probe)
    if message.header_text("a:Action") != _PROBE:
        raise errors.RequestError(400, "not a probe")
    types = {word.rpartition(":")[2] for word in message.text("d:Types").split()}
    scopes = message.text("d:Scopes").split()
    if not types <= _TYPES:
        return []
    found = [camera for camera in cameras if all(_has(camera, scope) for scope in scopes)]
    return [_matches(camera, message.header_text("a:MessageID")) for camera in found]


def _has(camera: Announced, scope: str) -> bool:
    """Match as rfc2396 says: by whole segments of the path, from the left."""
    return any(own == scope or own.startswith(scope.rstrip("/") + "/") for own in camera.scopes)


def _matches(camera: Announced, message_id: str) -> bytes:
    header = "".join(
        (
            soap.text("a:MessageID", uuid.uuid4().urn),
            soap.text("a:RelatesTo", message_id),
            soap.text("a:To", _ANONYMOUS),
            soap.text("a:Action", _MATCHES),
        )
    )
    match = soap.node(
        "d:ProbeMatch",
        soap.node("a:EndpointReference", soap.text("a:Address", camera.endpoint)),
        soap.text("d:Types", "dn:NetworkVideoTransmitter tds:Device"),
        soap.text("d:Scopes", " ".join(camera.scopes)),
        soap.text("d:XAddrs", camera.service_url),
        soap.text("d:MetadataVersion", 1),
    )
    return soap.envelope(soap.node("d:ProbeMatches", match), header)


class Responder(asyncio.DatagramProtocol):
    """Answers each probe to where it came from; anything else is counted and left."""

    def __init__(self, cameras: tuple[Announced, ...]) -> None:
        self.counts: Counter[str] = Counter()
        self._cameras = cameras
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers leave."""
        self._transport = cast(asyncio.DatagramTransport, transport)  # asyncio's own does not derive from that class

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        """Answer, if it is a probe."""
        if len(data) > MAX_PROBE_BYTES or self._transport is None:
            self.counts["too long"] += 1
            return
        try:
            for answer in answers(data, self._cameras):
                self._transport.sendto(answer, addr)
                self.counts["answered"] += 1
        except errors.RequestError:
            self.counts["not a probe"] += 1


async def listen_unicast(cameras: tuple[Announced, ...], host: str, port: int) -> tuple[asyncio.DatagramTransport, int]:
    """Answer probes sent to `host` itself (port 0: a free one) and return what to close, and the port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Responder(cameras), local_addr=(host, port))
    return transport, int(transport.get_extra_info("sockname")[1])


async def listen_multicast(cameras: tuple[Announced, ...], host: str) -> asyncio.DatagramTransport:
    """Answer probes sent to the discovery group on the interface of `host` and on the default one.

    Raises:
        OSError: port 3702 is held by someone who does not share it, or no interface could join.
    """
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        receiver.bind((GROUP, PORT))
        _join(receiver, host)
    except OSError:
        receiver.close()
        raise
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Responder(cameras), sock=receiver)
    return transport


def _join(receiver: socket.socket, host: str) -> None:
    joined = 0
    for interface in dict.fromkeys((ipaddress.IPv4Address(host), ipaddress.IPv4Address(0))):
        request = socket.inet_aton(GROUP) + interface.packed
        with contextlib.suppress(OSError):  # a machine without a default route still has its loopback
            receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
            joined += 1
    if not joined:
        raise OSError(f"no interface could join {GROUP} for discovery")
