"""Agents' tokens: a JWT signed with the agent's Ed25519 key, checked against the key it was enrolled with.

Invariant: only `alg` Ed25519 (RFC 9864's name for EdDSA over that curve) is taken, so `none` and a shared-secret HS256 never are.
"""

import base64
import binascii
import functools
import json
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from joserfc import errors as jose_errors
from joserfc import jwk, jwt

from sharing_hub import errors
from sharing_hub.wire import v1

ALGORITHM = "Ed25519"
LEEWAY_S = 30
MAX_TOKEN_CHARACTERS = 2000
REMEMBERED_TOKENS = 1024


def claimed_agent(token: str) -> UUID:
    """Return who the token says it is from, before anything is proved.

    Raises:
        Unauthenticated: it is not a token.
    """
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise errors.Unauthenticated("the token is too long")
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return UUID(claims["iss"])
    except (IndexError, binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise errors.Unauthenticated("this is not an agent's token") from e


def verify(token: str, public_key: str, now: datetime) -> None:
    """Check signature, audience and times.

    Args:
        public_key: raw Ed25519, base64url, of the agent that `claimed_agent` named.

    Raises:
        Unauthenticated: saying which of them is wrong.
    """
    at = int(now.timestamp())
    rules = jwt.JWTClaimsRegistry(
        now=at,
        leeway=LEEWAY_S,
        aud={"essential": True, "value": v1.AGENT_AUDIENCE},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )
    try:
        claims = dict(_signed_claims(token, public_key))
        rules.validate(claims)
    except (jose_errors.JoseError, ValueError) as e:
        raise errors.Unauthenticated(f"the agent's token was refused: {e}") from e
    if claims["exp"] - claims["iat"] > v1.AGENT_TOKEN_LIFETIME_S:
        raise errors.Unauthenticated(f"the agent's token lives longer than {v1.AGENT_TOKEN_LIFETIME_S} s")


@functools.lru_cache(maxsize=REMEMBERED_TOKENS)
def _signed_claims(token: str, public_key: str) -> Mapping[str, Any]:
    """Return what this key signed. Remembered, for an agent shows one token many times; its times are checked at every request."""
    key = jwk.OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public_key})
    return MappingProxyType(jwt.decode(token, key, algorithms=[ALGORITHM]).claims)
