"""SOAP 1.2 envelopes: what ONVIF and WS-Discovery requests say, and answers to them. Pure.

Source: SOAP 1.2 part 1, WS-Security UsernameToken Profile 1.0, ONVIF Core Specification (5.11 faults, 5.12 security).
"""

import base64
import binascii
import datetime
import hashlib
import hmac
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from detection import plain_xml
from sample_streams.camera import digest, errors

NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "wsse": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "wsu": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "d": "http://schemas.xmlsoap.org/ws/2005/04/discovery",
    "dn": "http://www.onvif.org/ver10/network/wsdl",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tt": "http://www.onvif.org/ver10/schema",
    "ter": "http://www.onvif.org/ver10/error",
}
FRESH_S = 300

_PREFIXES = " ".join(f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in NAMESPACES.items())


@dataclass(frozen=True, slots=True)
class Token:
    """A WS-Security user name token with a digest."""

    user: str
    digest: str
    nonce: str
    created: str


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One request.

    Attributes:
        operation: prefix and local name of the body's element, such as "tds:GetServices".
        body: that element.
        header: None where there is none.
    """

    operation: str
    body: ElementTree.Element
    header: ElementTree.Element | None

    def text(self, *path: str) -> str:
        """Return the text at a path of "prefix:name" below the body's element, or nothing."""
        return (self.body.findtext("/".join(path), "", NAMESPACES)).strip()

    def header_text(self, name: str) -> str:
        """Return the text of a header, or nothing."""
        return "" if self.header is None else self.header.findtext(name, "", NAMESPACES).strip()

    @property
    def token(self) -> Token | None:
        """The user name token, if there is one."""
        found = None if self.header is None else self.header.find("wsse:Security/wsse:UsernameToken", NAMESPACES)
        if found is None:
            return None
        names = ("wsse:Username", "wsse:Password", "wsse:Nonce", "wsu:Created")
        return Token(*(found.findtext(name, "", NAMESPACES).strip() for name in names))


def parse(envelope: bytes) -> Message:
    """Read an envelope.

    Raises:
        RequestError: not a SOAP 1.2 envelope with one element in its body.
    """
    if plain_xml.declares_a_type(envelope):
        raise errors.RequestError(400, "SOAP has no document type")
    try:
        root = ElementTree.fromstring(envelope)  # noqa: S314 - bounded by the caller, and without DOCTYPE no entities
    except ElementTree.ParseError as e:
        raise errors.RequestError(400, f"not XML: {e}") from e
    body = root.find("s:Body", NAMESPACES)
    if body is None or not len(body):
        raise errors.RequestError(400, "not a SOAP 1.2 envelope")
    return Message(_short(body[0].tag), body[0], root.find("s:Header", NAMESPACES))


def admits(token: Token, credentials: digest.Credentials, now: datetime.datetime) -> bool:
    """Say whether a token proves the password and was made within five minutes of the camera's own time."""
    try:
        created = datetime.datetime.fromisoformat(token.created)
        nonce = base64.b64decode(token.nonce, validate=True)
    except (ValueError, binascii.Error):
        return False
    created = created if created.tzinfo else created.replace(tzinfo=datetime.UTC)
    secret = nonce + token.created.encode() + credentials.password.encode()
    expected = base64.b64encode(hashlib.sha1(secret, usedforsecurity=False).digest()).decode()
    is_fresh = abs((now - created).total_seconds()) <= FRESH_S
    return is_fresh and token.user == credentials.user and hmac.compare_digest(token.digest, expected)


def node(name: str, *content: str, **attributes: str) -> str:
    """Return an element around XML that is already escaped; use `text` for plain values."""
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{written}>{''.join(content)}</{name}>"


def text(name: str, value: object) -> str:
    """Return an element with a plain value."""
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return node(name, escape(written))


def envelope(body: str, header: str = "") -> bytes:
    """Return an envelope in which every prefix of NAMESPACES may be used."""
    inside = (node("s:Header", header) if header else "") + node("s:Body", body)
    return f'<?xml version="1.0" encoding="utf-8"?><s:Envelope {_PREFIXES}>{inside}</s:Envelope>'.encode()


def fault(subcode: str, reason: str) -> bytes:
    """Return a fault of the sender's with an ONVIF subcode such as "ter:NotAuthorized"."""
    code = node("s:Code", text("s:Value", "s:Sender"), node("s:Subcode", text("s:Value", subcode)))
    said = f'<s:Text xml:lang="en">{escape(reason)}</s:Text>'
    return envelope(node("s:Fault", code, node("s:Reason", said)))


def _short(tag: str) -> str:
    uri, _, name = tag.removeprefix("{").rpartition("}")
    prefix = next((prefix for prefix, known in NAMESPACES.items() if known == uri), uri)
    return f"{prefix}:{name}"
