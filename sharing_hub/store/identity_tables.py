"""Tables of identity: invitations, passkeys, and agencies' systems with their keys and tokens.

Invariants: of a secret (invitation, access token, challenge, an assertion's id) only the SHA-256 is kept; rows of people, clients and keys are ended, never
deleted; challenges, assertions' ids and access tokens go once nothing can be done with them any more.
"""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from sharing_hub.store import columns, tables


class Invitation(tables.Table):
    """A link with which one person makes an account: used once, within its days."""

    __tablename__ = "invitations"

    invitation_id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    agency_id: Mapped[str] = mapped_column(String(40), index=True)
    unit: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(20))
    trained_until: Mapped[date | None] = mapped_column(sa.Date())
    made_by_name: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    operator_id: Mapped[UUID | None] = mapped_column(ForeignKey("operators.operator_id"))


class Passkey(tables.Table):
    """A person's WebAuthn credential: the public key that checks what the authenticator signs."""

    __tablename__ = "passkeys"

    passkey_id: Mapped[UUID] = mapped_column(primary_key=True)
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operators.operator_id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary(2048))
    sign_count: Mapped[int]
    label: Mapped[str] = mapped_column(String(60))
    added_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class PasskeyChallenge(tables.Table):
    """What an authenticator was asked to sign, for one session and one purpose; gone when it is answered."""

    __tablename__ = "passkey_challenges"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("operator_sessions.session_id"), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(10), primary_key=True)
    """register or confirm."""
    challenge_sha256: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Client(tables.Table):
    """An agency's system."""

    __tablename__ = "clients"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    scopes: Mapped[tuple[str, ...]] = mapped_column(columns.WireValue(tuple[str, ...]))
    agreement: Mapped[str] = mapped_column(String(100))
    """The agreement in which the agency answers for whoever sees what the system fetches: their training among it."""
    agreement_until: Mapped[date] = mapped_column(sa.Date())
    certificate_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the only client certificate that its tokens are good with; None: any connection."""
    made_by_name: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class ClientKey(tables.Table):
    """A public key of an agency's system. It is good until it is retired, which may be a time to come; a retired one never comes back."""

    __tablename__ = "client_keys"

    key_id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.client_id"), index=True)
    kid: Mapped[str] = mapped_column(String(100))
    thumbprint: Mapped[str] = mapped_column(String(43), unique=True)
    """RFC 7638, SHA-256."""
    jwk: Mapped[Mapping[str, str]] = mapped_column(columns.WireValue(dict[str, str]))
    added_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class ClientAssertion(tables.Table):
    """The id of an assertion that was used, kept for as long as the assertion could be shown again."""

    __tablename__ = "client_assertions"

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.client_id"), primary_key=True)
    jti_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AccessToken(tables.Table):
    """What a system shows with each request. It is good no longer than its client and the key that asked for it."""

    __tablename__ = "access_tokens"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.client_id"), index=True)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("client_keys.key_id"))
    scopes: Mapped[tuple[str, ...]] = mapped_column(columns.WireValue(tuple[str, ...]))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
