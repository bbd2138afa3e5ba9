"""A city's login for tests: an OpenID provider on loopback that lets one person in at once, and can be told to lie."""

import base64
import contextlib
import datetime
import hashlib
import http.server
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwk, jws, jwt

CLIENT_ID, CLIENT_SECRET = "jikimi", "the hub's secret at the city"


class CityProvider:
    """What the provider knows.

    Attributes:
        url: its issuer.
        claims: of the person who is let in.
        lies: claims that are changed in the token; None leaves one out.
        key, algorithm: what tokens are signed with; the key set shows `shown`.
        asked: what came to the token endpoint.
    """

    def __init__(self, url: str, clock: Callable[[], datetime.datetime]) -> None:
        self.url = url
        self.claims: dict[str, Any] = {"sub": "u-1", "preferred_username": "choi", "groups": ["cctv"]}
        self.lies: dict[str, Any] = {}
        self.key: jwk.RSAKey | jwk.OctKey = jwk.RSAKey.generate_key(2048, parameters={"kid": "one"})
        self.algorithm = "RS256"
        self.shown = self.key
        self.asked: list[dict[str, str]] = []
        self._clock = clock
        self._codes: dict[str, dict[str, str]] = {}

    def configuration(self) -> dict[str, str]:
        """Return what it says of itself."""
        doors = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.url, **{name: f"{self.url}/{path}" for name, path in doors.items()}}

    def keys(self) -> dict[str, Any]:
        """Return the key set."""
        return {"keys": [dict(self.shown.as_dict(private=False))]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Let the person in; return where the browser is sent."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Return tokens for a code, once, to who proves to have asked for it."""
        self.asked.append(asked)
        begun = self._codes.pop(asked.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if begun is None or authorization != f"Basic {basic}" or begun["code_challenge"] != challenge:
            return None
        at = int(self._clock().timestamp())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": at, "exp": at + 300, "nonce": begun["nonce"], **self.claims}
        said = {name: value for name, value in {**claims, **self.lies}.items() if value is not None}
        registry = jws.JWSRegistry(algorithms=[self.algorithm])
        header = {"alg": self.algorithm, "kid": "one"}
        return {"id_token": jwt.encode(header, said, self.key, registry=registry), "token_type": "Bearer"}


@contextlib.contextmanager
def served(clock: Callable[[], datetime.datetime]) -> Iterator[CityProvider]:
    """Serve a provider on a free port of loopback."""

    class Doors(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                self.send_response(303)
                self.send_header("Location", provider.authorize(dict(parse_qsl(parts.query))))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._answer(provider.keys() if parts.path == "/keys" else provider.configuration())

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self._answer(provider.token(form, self.headers.get("Authorization", "")))

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

        def _answer(self, value: dict[str, Any] | None) -> None:
            body = json.dumps(value or {"error": "invalid_grant"}).encode()
            self.send_response(200 if value else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Doors)
    provider = CityProvider(f"http://127.0.0.1:{server.server_address[1]}", clock)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
