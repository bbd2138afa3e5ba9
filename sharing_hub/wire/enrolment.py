"""How a site joins a hub: the one-time token, and what is said when it is shown."""

import base64
from typing import Annotated
from uuid import UUID

from pydantic import Field

from sharing_hub.wire.values import Message, Name, PublicKey, Sha256

AGENT_AUDIENCE = "jikimi-hub"
"""The `aud` claim of an agent's token: a JWT (alg "Ed25519", RFC 9864) with iss = agent id, iat, exp <= iat + 300 s and a random jti."""
AGENT_TOKEN_LIFETIME_S = 300
ENROLMENT_PREFIX = "jk1."


class EnrolmentToken(Message):
    """What an administrator hands to a site, once: where the hub is, how to know it, and a secret that works once.

    Attributes:
        hub_url: the hub's base address.
        secret: one-time secret, url-safe.
        authority_sha256: SHA-256 of the DER form of the hub's own certificate authority; None where the public web's authorities vouch.
    """

    hub_url: Annotated[str, Field(max_length=300, pattern=r"^https?://")]
    secret: Annotated[str, Field(min_length=20, max_length=100)]
    authority_sha256: Sha256 | None = None

    def text(self) -> str:
        """Return the token as one line to copy."""
        raw = base64.urlsafe_b64encode(self.model_dump_json().encode())
        return ENROLMENT_PREFIX + raw.decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "EnrolmentToken":
        """Read a token from the line an administrator copied.

        Raises:
            ValueError: it is not a Jikimi enrolment token.
        """
        if not text.startswith(ENROLMENT_PREFIX):
            raise ValueError(f"an enrolment token begins with {ENROLMENT_PREFIX!r}")
        body = text.strip().removeprefix(ENROLMENT_PREFIX)
        try:
            return cls.model_validate_json(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except ValueError as e:
            raise ValueError("the enrolment token is damaged: copy the whole line again") from e


class EnrolmentRequest(Message):
    """POST /v1/agent/enrolment: a site shows its one-time secret and its public key (raw Ed25519, base64url)."""

    secret: Annotated[str, Field(min_length=20, max_length=100)]
    public_key: PublicKey
    site: Name
    software: Name


class EnrolmentReply(Message):
    """The hub's answer: the agent's id from now on, and the authority to pin (PEM), where the hub has its own."""

    agent_id: UUID
    authority_pem: Annotated[str, Field(max_length=20_000)] | None = None
