"""An agency's system: its keys, the assertions that it signs, and how it asks for tokens."""

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
from joserfc import jwk, jws, jwt

from sharing_hub import hub as hubs
from sharing_hub.api import oauth
from sharing_hub.services import client_keys, client_tokens, clients

ISSUER = "http://127.0.0.1:8443"
"""The address of a hub under test, as its settings have it."""
Key = jwk.OKPKey | jwk.ECKey | jwk.RSAKey


def new_key() -> jwk.OKPKey:
    """Make an Ed25519 key."""
    return jwk.OKPKey.generate_key("Ed25519", auto_kid=True)


def public(*keys: Key) -> dict[str, Any]:
    """Return the keys' public parts as a JWK set."""
    return {"keys": [dict(key.as_dict(private=False)) for key in keys]}


@dataclass
class System:
    """A registered system and its key."""

    client_id: uuid.UUID
    key: Key = field(default_factory=new_key)
    algorithm: str = "Ed25519"

    def assertion(self, now: datetime.datetime, **changed: Any) -> str:
        """Sign an assertion; claims can be changed, None leaves one out."""
        at, name = int(now.timestamp()), str(self.client_id)
        claims = {"iss": name, "sub": name, "aud": ISSUER, "iat": at, "exp": at + 60, "jti": uuid.uuid4().hex}
        claims = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        registry = jws.JWSRegistry(algorithms=[self.algorithm])
        return jwt.encode({"alg": self.algorithm}, claims, self.key, algorithms=[self.algorithm], registry=registry)

    def request(self, now: datetime.datetime, scope: str = "", **changed: Any) -> client_tokens.Request:
        """Return what the token endpoint would be asked."""
        return client_tokens.Request(self.assertion(now, **changed), (ISSUER, ISSUER + oauth.TOKEN_PATH), scope)

    def ask(self, client: httpx.Client, now: datetime.datetime, assertion: str | None = None) -> httpx.Response:
        """Ask the token endpoint."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": client_tokens.ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(now),
        }
        return client.post(oauth.TOKEN_PATH, data=form)


def wanted(*keys: Key, agency_id: str = "fire-119", **changed: Any) -> clients.Wanted:
    """Return a system to be registered."""
    values: dict[str, Any] = {
        "agency_id": agency_id,
        "name": f"dispatch {uuid.uuid4().hex[:6]}",
        "keys": client_keys.read(public(*keys)),
        "agreement": "2026-17",
        "agreement_until": datetime.date(2027, 12, 31),
    }
    return clients.Wanted(**{**values, **changed})


def registered(hub: hubs.Hub, agency_id: str = "fire-119", **changed: Any) -> System:
    """Register a system with a key of its own."""
    key = new_key()
    with hub.database.writing() as session:
        made = clients.add(session, wanted(key, agency_id=agency_id, **changed), hub.clock())
    return System(made.client_id, key)
