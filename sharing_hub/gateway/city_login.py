"""The city's own login, asked over the network: discovery, the address to send people to, and the signed token for the code they come back with.

Invariants: nothing but https is spoken (plain http to this machine only, for trials); redirects are not followed; an answer is 256 KiB and 10 s at most; a
token counts only with the provider's signature (no `none`, no shared secret), this hub as its audience, and the nonce of the login it was asked for.

Source: OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3; Discovery 1.0; RFC 7636.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import errors as jose_errors
from joserfc import jwk, jwt

from sharing_hub import city_settings, errors, settings

ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519")
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
KEPT = timedelta(hours=1)
LEEWAY_S = 30
_MAX_BYTES = 256 * 1024
_DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Provider:
    """What the city's login says of itself."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class CityLogin:
    """Speaks with one provider; what it says of itself is kept for an hour. Safe to use from any thread.

    Args:
        secret: the hub's at the provider; None for a public client.
    """

    def __init__(self, issuer: str, client_id: str, secret: str | None, scope: str) -> None:
        self.issuer = issuer
        self._client_id, self._secret, self._scope = client_id, secret, scope
        self._lock = threading.Lock()
        self._known: tuple[datetime, Provider] | None = None

    def address(self, redirect_uri: str, state: str, nonce: str, verifier: str, now: datetime) -> str:
        """Return where to send a person.

        Raises:
            Busy: the provider cannot be asked.
        """
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": self._scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        endpoint = self._provider(now).authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def claims(self, code: str, redirect_uri: str, nonce: str, verifier: str, now: datetime) -> dict[str, Any]:
        """Return what the provider's signed token says of whoever came back with `code`.

        Raises:
            Busy: the provider cannot be asked.
            Refused: it gives no token for the code, or the token is wrong.
        """
        provider = self._provider(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._client_id,
            "code_verifier": verifier,
        }
        answer = self._ask("POST", provider.token_endpoint, form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise errors.Refused("the city's login gave no token; begin again")
        keys = self._ask("GET", provider.jwks_uri)
        return self._checked(token, keys, nonce, now)

    def _checked(self, token: str, keys: Mapping[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            signers = jwk.KeySet.import_key_set({"keys": [key for key in keys["keys"] if key.get("kty") != "oct"]})
            claims = dict(jwt.decode(token, signers, algorithms=list(ALGORITHMS)).claims)
            rules.validate(claims)
        except (jose_errors.JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as e:
            raise errors.Refused(f"the city's token was refused: {type(e).__name__}") from e
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self._client_id:
            raise errors.Refused("the city's token is meant for others too")
        return claims

    def _provider(self, now: datetime) -> Provider:
        with self._lock:
            if self._known is not None and now - self._known[0] < KEPT:
                return self._known[1]
        said = self._ask("GET", self.issuer.rstrip("/") + _DISCOVERY)
        if said.get("issuer") != self.issuer:
            raise errors.Busy("the city's login calls itself by another name than [city_login] issuer", 60)
        try:
            found = Provider(*(_safe(said[name]) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")))
        except (KeyError, ValueError, TypeError) as e:
            raise errors.Busy("the city's login names no https addresses for its doors", 60) from e
        with self._lock:
            self._known = (now, found)
        return found

    def _ask(self, method: str, url: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        auth = (self._client_id, self._secret) if form is not None and self._secret is not None else None
        try:
            with (
                httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client,
                client.stream(method, url, data=form, auth=auth) as answer,
            ):
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > _MAX_BYTES:
                        raise errors.Busy("the city's login answers with too much", 60)
        except (httpx.HTTPError, httpx.InvalidURL) as e:
            raise errors.Busy(f"the city's login cannot be reached ({type(e).__name__})", 10) from e
        if answer.status_code >= 500:
            raise errors.Busy(f"the city's login answers {answer.status_code}", 10)
        if answer.status_code != 200:
            raise errors.Refused(f"the city's login answers {answer.status_code}; begin again")
        try:
            said = json.loads(body)
        except (ValueError, RecursionError) as e:
            raise errors.Busy("the city's login answers with what is no JSON", 60) from e
        if not isinstance(said, dict):
            raise errors.Busy("the city's login answers with what is no JSON object", 60)
        return said


def of(chosen: city_settings.CityLogin) -> CityLogin | None:
    """Return the city's login of the settings; None where there is none.

    Raises:
        SettingsError: the file with the secret cannot be read.
    """
    if chosen.issuer is None:
        return None
    try:
        secret = chosen.client_secret_file.read_text().strip() if chosen.client_secret_file else None
    except OSError as e:
        raise errors.SettingsError(f"[city_login] {chosen.client_secret_file}: cannot be read ({e.strerror})") from e
    return CityLogin(chosen.issuer, chosen.client_id, secret, chosen.scope)


def texts(value: Any) -> Sequence[str]:
    """Return a claim that holds one text or several."""
    found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [text for text in found if isinstance(text, str)]


def _challenge(verifier: str) -> str:
    """Return what PKCE shows of a verifier beforehand (S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _safe(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and settings.is_loopback(parts.hostname or "")):
        return url
    raise ValueError(f"{url} is not https")
