"""Access tokens of agencies' systems: given for a signed assertion (RFC 7523), shown with each request.

Invariants: an assertion is taken once, for this hub, within its five minutes; a token is 256 random bits, kept as its SHA-256, good for ten minutes and no
longer than its system, the key that asked for it and the system's agency are. Giving one is a ledger entry; it holds neither token nor assertion.

Steps of giving one: (1) the system that the assertion names is found, and its good keys; (2) one of them must have signed it; (3) audience, times and id are
checked; (4) the id is stored, a second time is a replay; (5) the token's hash and the entry are stored; the caller commits and then answers.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import times, viewers
from sharing_hub.services import book, client_keys, clients, ledger
from sharing_hub.store import identity_tables

LIFETIME = timedelta(minutes=10)
LONGEST_ASSERTION_S = 300
SKEW_S = 30
TOKEN_BYTES = 32
MAX_ASSERTION_CHARACTERS = 8000
MAX_TOKEN_CHARACTERS = 200
MAX_ID_CHARACTERS = 200
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CLIENTS, _KEYS = identity_tables.Client, identity_tables.ClientKey
_TOKENS, _USED = identity_tables.AccessToken, identity_tables.ClientAssertion


@dataclass(frozen=True, slots=True)
class Request:
    """What a system asks the token endpoint.

    Attributes:
        audiences: by which names this hub may be meant: its issuer and its token endpoint.
        scope: what is asked for, separated by spaces; empty: everything that the system may.
        source_address: where it was asked from.
    """

    assertion: str
    audiences: tuple[str, ...]
    scope: str = ""
    client_id: str | None = None
    source_address: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """A system whose token was proved."""

    viewer: viewers.Viewer
    scopes: tuple[str, ...]


def issue(session: Session, asked: Request, token: str, now: datetime) -> tuple[str, ...]:
    """Keep a token for the system that signed the assertion; return its scopes.

    Args:
        token: 32 random bytes as base64url; goes into the answer, and is not kept.

    Raises:
        TokenNotIssued: with OAuth's code: invalid_client where the system is not proved (alike for every reason that a stranger could learn from), invalid_scope.
    """
    claimed = _claims(asked.assertion)
    client = _client(session, claimed)
    key, claims = _signed(session, client, asked.assertion, now)
    _check(claims, client, asked, now)
    _spend(session, client, claims, now)
    scopes = tuple(sorted(set(asked.scope.split()))) or client.scopes
    if not set(scopes) <= set(client.scopes):
        raise errors.TokenNotIssued("invalid_scope", f"this system may have: {' '.join(client.scopes)}")
    row = _TOKENS(
        token_sha256=_hash(token), client_id=client.client_id, key_id=key.key_id, scopes=scopes, issued_at=now, expires_at=now + LIFETIME,
    )  # fmt: skip
    session.add(row)
    details: dict[str, entries.Detail] = {
        "agency_id": client.agency_id, "expires_at": entries.time_text(row.expires_at), "key_id": str(key.key_id), "scopes": " ".join(scopes),
    }  # fmt: skip
    actor = entries.Actor("client", client.name, str(client.client_id), "partner")
    subject = entries.Subject("client", str(client.client_id))
    signed_in = entries.Entry(
        now, "client.signed_in", actor, subject, source_address=asked.source_address, details=details
    )
    ledger.append(session, signed_in)
    return scopes


def resolve(session: Session, token: str, now: datetime, certificate_sha256: str | None = None) -> Caller:
    """Return the system of a token.

    Args:
        certificate_sha256: of the client certificate that the connection proved, in hexadecimal; None: it proved none.

    Raises:
        TokenRefused: the token is unknown or over, its key is retired, its system is disabled, or it needs another certificate.
    """
    found = session.execute(
        select(_TOKENS, _CLIENTS)
        .join(_CLIENTS, _CLIENTS.client_id == _TOKENS.client_id)
        .join(_KEYS, _KEYS.key_id == _TOKENS.key_id)
        .where(
            _TOKENS.token_sha256 == _hash(token[: MAX_TOKEN_CHARACTERS + 1]),
            _TOKENS.expires_at > now,
            _CLIENTS.disabled_at.is_(None),
            _good(now),
        )
    ).first()
    if found is None:
        raise errors.TokenRefused("the access token is unknown or over; ask the token endpoint for a new one")
    row, client = found
    bound = client.certificate_sha256
    if bound is not None and not hmac.compare_digest(bound, certificate_sha256 or ""):
        raise errors.TokenRefused("the access token is good with its system's client certificate only")
    viewer = viewers.Viewer(
        client.client_id,
        client.name,
        "partner",
        agency_id=client.agency_id,
        system=True,
        second_factor=True,  # its key proved it
        trained=times.korean_day(now) <= client.agreement_until,  # the agency answers for whoever sees it
        on_shift=True,
    )
    return Caller(viewer, row.scopes)


def forget(session: Session, now: datetime) -> None:
    """Delete tokens that are over, and ids of assertions that could not be shown again any more."""
    session.execute(sa.delete(_TOKENS).where(_TOKENS.expires_at <= now))
    session.execute(sa.delete(_USED).where(_USED.expires_at <= now))


def _claims(assertion: str) -> dict[str, Any]:
    """Return what an assertion says before anything is proved."""
    if len(assertion) > MAX_ASSERTION_CHARACTERS or not assertion.isascii():
        raise _unproved("the assertion is too long")
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, binascii.Error, ValueError, RecursionError) as e:
        raise _unproved("the assertion is not a JWT") from e
    if not isinstance(claims, dict):
        raise _unproved("the assertion is not a JWT")
    return claims


def _client(session: Session, claims: dict[str, Any]) -> identity_tables.Client:
    try:
        client_id = UUID(claims["iss"])
        return clients.living(session, client_id)
    except (KeyError, ValueError, TypeError, AttributeError, errors.NotFound) as e:
        raise _unproved("no such client, or the signature is not its own") from e


def _signed(
    session: Session, client: identity_tables.Client, assertion: str, now: datetime
) -> tuple[identity_tables.ClientKey, dict[str, Any]]:
    for key in session.scalars(select(_KEYS).where(_KEYS.client_id == client.client_id, _good(now))):
        try:
            return key, client_keys.verified(assertion, key.jwk)
        except errors.Unauthenticated:
            continue  # signed with another of its keys, perhaps
    raise _unproved("no such client, or the signature is not its own")


def _check(claims: dict[str, Any], client: identity_tables.Client, asked: Request, now: datetime) -> None:
    name = str(client.client_id)
    if claims.get("iss") != name or claims.get("sub") != name or asked.client_id not in (None, "", name):
        raise _unproved("iss, sub and client_id are all this client's id")
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]  # several audiences would let another server show the assertion here
    if not isinstance(audience, str) or audience not in asked.audiences:
        raise _unproved(f"aud is {' or '.join(asked.audiences)}, and nothing else")
    at = now.timestamp()
    ends, begins, made = (_time(claims, claim) for claim in ("exp", "nbf", "iat"))
    if ends is None or ends <= at - SKEW_S:
        raise _unproved("the assertion has expired, or has no exp")
    if ends > at + LONGEST_ASSERTION_S + SKEW_S:
        raise _unproved(f"the assertion lives longer than {LONGEST_ASSERTION_S} s")
    if any(time is not None and time > at + SKEW_S for time in (begins, made)):
        raise _unproved("the assertion is not valid yet; set the clock")
    if not isinstance(claims.get("jti"), str) or not 1 <= len(claims["jti"]) <= MAX_ID_CHARACTERS:
        raise _unproved(f"jti is text of 1 to {MAX_ID_CHARACTERS} characters")


def _spend(session: Session, client: identity_tables.Client, claims: dict[str, Any], now: datetime) -> None:
    digest = _hash(claims["jti"])
    if session.get(_USED, (client.client_id, digest)) is not None:
        raise _unproved("the assertion was used already; make a new one for every request")
    until = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=SKEW_S)
    session.add(_USED(client_id=client.client_id, jti_sha256=digest, expires_at=until))
    if book.in_force(session)[1].agency(client.agency_id) is None:
        raise _unproved("the client's agency is not active in the district's book")


def _time(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < times.LATEST.timestamp():
        raise _unproved(f"{name} is seconds since 1970")
    return float(value)


def _good(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(_KEYS.retired_at.is_(None), _KEYS.retired_at > now)


def _unproved(detail: str) -> errors.TokenNotIssued:
    return errors.TokenNotIssued("invalid_client", detail)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()  # JSON can hold half a character
