"""RTSP 1.0 messages: bytes to requests, responses to bytes. Pure.

Source: RFC 2326.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from sample_streams.camera import errors

MAX_HEAD_BYTES = 16 * 1024
MAX_BODY_BYTES = 64 * 1024

_REASONS = {
    200: "OK",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Request Entity Too Large",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    459: "Aggregate Operation Not Allowed",
    461: "Unsupported Transport",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "RTSP Version Not Supported",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        method: upper case.
        url: as sent.
        headers: names in lower case.
    """

    method: str
    url: str
    headers: dict[str, str]

    def header(self, name: str) -> str:
        """Return a header's value, or nothing."""
        return self.headers.get(name.lower(), "")

    @property
    def path(self) -> tuple[str, ...]:
        """The URL's path, taken apart and decoded."""
        return tuple(unquote(part) for part in urlsplit(self.url).path.split("/") if part)

    @property
    def body_bytes(self) -> int:
        """How many bytes of body follow.

        Raises:
            RequestError: not a number, or more than MAX_BODY_BYTES.
        """
        text = self.header("content-length") or "0"
        if not text.isdecimal():
            raise errors.RequestError(400, "Content-Length is not a number")
        if int(text) > MAX_BODY_BYTES:
            raise errors.RequestError(413, "body too long")
        return int(text)


@dataclass(frozen=True, slots=True)
class Response:
    """One response."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def encode(self, sequence: str) -> bytes:
        """Return the bytes to send in answer to the request with this CSeq."""
        lines = [f"RTSP/1.0 {self.status} {_REASONS.get(self.status, 'Error')}", f"CSeq: {sequence}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True, slots=True)
class Transport:
    """What a client asks for in SETUP: a pair of interleaved channels or a pair of UDP ports."""

    interleaved: bool
    pair: tuple[int, int]


def parse(head: bytes) -> Request:
    """Read a request's head (everything up to the empty line).

    Raises:
        RequestError: not RTSP 1.0.
    """
    lines = head.decode("utf-8", "replace").split("\r\n")
    parts = lines[0].split()
    if len(parts) != 3 or not parts[2].startswith("RTSP/"):
        raise errors.RequestError(400, "not an RTSP request line")
    if parts[2] != "RTSP/1.0":
        raise errors.RequestError(505, "only RTSP/1.0 is spoken here")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return Request(parts[0].upper(), parts[1], headers)


def parse_transport(header: str) -> Transport:
    """Choose the first transport offered that the camera has.

    Raises:
        RequestError: 461 if there is none.
    """
    for offer in header.split(","):
        fields = [part.strip().lower() for part in offer.split(";")]
        if "multicast" in fields:
            continue
        if fields[0] == "rtp/avp/tcp":
            return Transport(True, _pair(fields, "interleaved", (0, 1)))
        if fields[0] in ("rtp/avp", "rtp/avp/udp") and any(f.startswith("client_port=") for f in fields):
            return Transport(False, _pair(fields, "client_port", (0, 0)))
    raise errors.RequestError(461, "only RTP/AVP and RTP/AVP/TCP, unicast")


def _pair(fields: list[str], name: str, default: tuple[int, int]) -> tuple[int, int]:
    for part in fields:
        match = re.fullmatch(rf"{name}=(\d+)(?:-(\d+))?", part)
        if match:
            first = int(match[1])
            second = int(match[2] or first + 1)
            if max(first, second) > (255 if name == "interleaved" else 65535):
                raise errors.RequestError(400, f"{name} out of range")
            return first, second
    return default
