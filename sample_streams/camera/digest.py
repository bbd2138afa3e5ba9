"""Digest access authentication, the server's side, for RTSP and HTTP alike; Basic is refused.

Source: RFC 2069 and RFC 2617 (MD5, because that is what cameras and FFmpeg speak). The password never leaves here.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

REALM = "Jikimi sample camera"
_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass(frozen=True, slots=True)
class Credentials:
    """The one account of a camera; kept out of every representation."""

    user: str
    password: str = field(repr=False)


class Gate:
    """Asks for a digest and checks it; one per server, so that its nonces are its own."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._credentials = credentials
        self._key = secrets.token_bytes(16)

    @property
    def is_open(self) -> bool:
        """Say whether nobody is asked for a password."""
        return self._credentials is None

    def challenge(self) -> str:
        """Return a WWW-Authenticate value."""
        salt = secrets.token_hex(8)
        return f'Digest realm="{REALM}", nonce="{salt}{self._seal(salt)}", algorithm=MD5, qop="auth"'

    def admits(self, authorization: str, method: str) -> bool:
        """Say whether an Authorization header answers one of this gate's challenges with the right password."""
        if self._credentials is None:
            return True
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() != "digest":
            return False
        given = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
        nonce = given.get("nonce", "")
        if not hmac.compare_digest(nonce[16:], self._seal(nonce[:16])):
            return False
        expected = answer(self._credentials, method, given)
        return hmac.compare_digest(given.get("response", ""), expected) and given.get("username") == (
            self._credentials.user
        )

    def _seal(self, salt: str) -> str:
        return hmac.new(self._key, salt.encode(), "sha256").hexdigest()[:32]


def answer(credentials: Credentials, method: str, given: dict[str, str]) -> str:
    """Return the response the parameters of a challenge call for.

    Args:
        credentials: whose.
        method: of the request.
        given: uri, nonce and, with qop, nc and cnonce.
    """
    secret = _md5(f"{credentials.user}:{REALM}:{credentials.password}")
    request = _md5(f"{method}:{given.get('uri', '')}")
    if "qop" in given:
        middle = [given["nonce"], given.get("nc", ""), given.get("cnonce", ""), given["qop"]]
    else:
        middle = [given.get("nonce", "")]
    return _md5(":".join([secret, *middle, request]))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
