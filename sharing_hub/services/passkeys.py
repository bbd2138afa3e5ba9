"""Passkeys (WebAuthn): a person's second factor, registered and confirmed within a session.

Invariants: a challenge is 256 random bits for one session and one purpose, kept as its SHA-256 for five minutes, and spent by the first answer that names it,
right or wrong; an authenticator's counter only rises; who has a passkey adds and removes others only in a session in which one was confirmed, and nobody
removes their own last one (a stolen password must not be enough to replace it).

Source: W3C Web Authentication level 3, sections 7.1 and 7.2, as the library webauthn checks them.
"""

import base64
import binascii
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import sqlalchemy as sa
import webauthn
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn.helpers import structs
from webauthn.helpers.options_to_json_dict import options_to_json_dict

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import viewers
from sharing_hub.services import ledger, operators, sessions, views
from sharing_hub.store import identity_tables, tables

CHALLENGE_LIFETIME = timedelta(minutes=5)
MAX_PASSKEYS = 10
_MAX_CREDENTIAL_BYTES = 1023
_TIMEOUT_MS = 60_000
_TABLE = identity_tables.Passkey
_CHALLENGES = identity_tables.PasskeyChallenge

Purpose = Literal["register", "confirm"]
Text = Annotated[str, Field(max_length=16_384, pattern=r"^[A-Za-z0-9_-]*={0,2}$")]
T = TypeVar("T")


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")


class AuthenticatorAnswer(_Answer):
    """The bytes that an authenticator made, in base64url: a registration has `attestationObject`, a confirmation the others."""

    clientDataJSON: Text
    attestationObject: Text | None = None
    authenticatorData: Text | None = None
    signature: Text | None = None


class CredentialAnswer(_Answer):
    """What a browser gets from an authenticator, as `PublicKeyCredential.toJSON()` writes it."""

    id: Annotated[Text, Field(min_length=1)]
    rawId: Annotated[Text, Field(min_length=1)]
    type: Literal["public-key"]
    response: AuthenticatorAnswer


class PasskeyView(views.View):
    """A person's passkey."""

    passkey_id: UUID
    label: str
    added_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The hub as authenticators know it: its name on the network, and the address of its page (scheme, host, port)."""

    rp_id: str
    origin: str
    name: str = "지킴이 Jikimi"


def registration_options(
    session: Session, viewer: viewers.Viewer, party: RelyingParty, challenge: bytes, now: datetime
) -> dict[str, Any]:
    """Return what the browser asks a new authenticator, and remember the challenge.

    Raises:
        Refused: the person has passkeys and confirmed none in this session.
        Conflict: the person has as many as there may be.
    """
    rows = _rows(session, viewer.operator_id)
    _require_addable(viewer, rows)
    _remember(session, viewer, "register", challenge, now)
    options = webauthn.generate_registration_options(
        rp_id=party.rp_id,
        rp_name=party.name,
        user_id=viewer.operator_id.bytes,
        user_name=viewer.name,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.DISCOURAGED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(rows),
    )
    return options_to_json_dict(options)


def confirmation_options(
    session: Session, viewer: viewers.Viewer, party: RelyingParty, challenge: bytes, now: datetime
) -> dict[str, Any]:
    """Return what the browser asks the person's authenticators, and remember the challenge.

    Raises:
        Conflict: the person has no passkey.
    """
    rows = _rows(session, viewer.operator_id)
    if not rows:
        raise errors.Conflict("you have no passkey; register one first")
    _remember(session, viewer, "confirm", challenge, now)
    options = webauthn.generate_authentication_options(
        rp_id=party.rp_id, challenge=challenge, timeout=_TIMEOUT_MS, allow_credentials=_descriptors(rows)
    )
    return options_to_json_dict(options)


def spend(session: Session, viewer: viewers.Viewer, purpose: Purpose, answer: CredentialAnswer, now: datetime) -> bytes:
    """Return the challenge that an answer names, which is good no more. Commit this before the answer is checked.

    Raises:
        Refused: it was not asked of this session for this purpose, was answered already, or is too old.
    """
    challenge = _challenge_in(answer)
    row = session.get(_CHALLENGES, (viewer.session_id, purpose))
    if row is None or row.challenge_sha256 != _hash(challenge) or row.expires_at <= now:
        raise errors.Refused(
            "the challenge was not asked of this session, was answered already or is too old; begin again"
        )
    session.delete(row)
    return challenge


def register(
    session: Session,
    viewer: viewers.Viewer,
    party: RelyingParty,
    answer: CredentialAnswer,
    challenge: bytes,
    label: str,
    now: datetime,
) -> PasskeyView:
    """Keep a new passkey.

    Raises:
        Unprocessable: the answer is not a registration for this hub and challenge.
        Refused, Conflict: as `registration_options`; or the passkey is known already.
    """
    _require_addable(viewer, _rows(session, viewer.operator_id))
    found = _checked(
        lambda: webauthn.verify_registration_response(
            credential=answer.model_dump(exclude_none=True),
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
        )
    )
    if len(found.credential_id) > _MAX_CREDENTIAL_BYTES:
        raise errors.Unprocessable("the passkey's id is too long")
    if session.scalar(select(_TABLE.passkey_id).where(_TABLE.credential_id == found.credential_id)) is not None:
        raise errors.Conflict("this passkey is, or was, registered already")
    row = _TABLE(
        passkey_id=uuid.uuid4(), operator_id=viewer.operator_id, credential_id=found.credential_id,
        public_key=found.credential_public_key, sign_count=found.sign_count, label=label, added_at=now,
    )  # fmt: skip
    session.add(row)
    _record(session, "passkey.added", row, operators.actor(session.get_one(tables.Operator, viewer.operator_id)), now)
    return PasskeyView.model_validate(row)


def confirm(
    session: Session,
    viewer: viewers.Viewer,
    party: RelyingParty,
    answer: CredentialAnswer,
    challenge: bytes,
    now: datetime,
) -> tuple[str, sessions.Active]:
    """Take an authenticator's answer as the second factor of the viewer's session; return the session's new secret, and the session.

    Raises:
        Unauthenticated: it is no passkey of the viewer, or the answer is wrong.
        Refused: the viewer is no person within a session.
    """
    if viewer.session_id is None:
        raise errors.Refused("a passkey is confirmed within a person's session")
    row = next((one for one in _rows(session, viewer.operator_id) if one.credential_id == _bytes(answer.rawId)), None)
    if row is None:
        raise errors.Unauthenticated("this is no passkey of yours")
    counted = row.sign_count
    try:
        found = _checked(
            lambda: webauthn.verify_authentication_response(
                credential=answer.model_dump(exclude_none=True),
                expected_challenge=challenge,
                expected_rp_id=party.rp_id,
                expected_origin=party.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=counted,
            )
        )
    except errors.Unprocessable as e:
        raise errors.Unauthenticated(e.detail) from e
    row.sign_count, row.last_used_at = found.new_sign_count, now
    secret, active = sessions.prove_second_factor(session, viewer.session_id, now)
    by = operators.actor(session.get_one(tables.Operator, viewer.operator_id))
    _record(session, "passkey.confirmed", row, by, now, {"session_id": str(viewer.session_id)})
    return secret, active


def listed(session: Session, operator_id: UUID) -> list[PasskeyView]:
    """Return somebody's passkeys, oldest first."""
    return [PasskeyView.model_validate(row) for row in _rows(session, operator_id)]


def counts(session: Session, operator_id: UUID | None = None) -> dict[UUID, int]:
    """Return how many passkeys people have; nobody's zero is in it."""
    statement = select(_TABLE.operator_id, sa.func.count()).where(_TABLE.removed_at.is_(None))
    if operator_id is not None:
        statement = statement.where(_TABLE.operator_id == operator_id)
    return {person: count for person, count in session.execute(statement.group_by(_TABLE.operator_id))}  # noqa: C416


def remove(session: Session, viewer: viewers.Viewer, passkey_id: UUID, now: datetime) -> None:
    """Remove one of the viewer's own passkeys.

    Raises:
        NotFound: the viewer has no such passkey.
        Refused: no passkey was confirmed in this session, or it is the last one.
    """
    rows = _rows(session, viewer.operator_id)
    row = next((one for one in rows if one.passkey_id == passkey_id), None)
    if row is None:
        raise errors.NotFound(f"no passkey {passkey_id} of yours")
    if not viewer.second_factor:
        raise errors.Refused("confirm a passkey in this session first")
    if len(rows) == 1:
        raise errors.Refused("this is your last passkey; register another first, or ask your lead to remove it")
    row.removed_at = now
    _record(session, "passkey.removed", row, operators.actor(session.get_one(tables.Operator, viewer.operator_id)), now)


def remove_all(
    session: Session, operator: tables.Operator, now: datetime, by: entries.Actor = entries.COMMAND_LINE
) -> int:
    """Remove every passkey of somebody and end that person's sessions; return how many there were."""
    rows = _rows(session, operator.operator_id)
    for row in rows:
        row.removed_at = now
        _record(session, "passkey.removed", row, by, now)
    sessions.end_all(session, operator.operator_id, now)
    return len(rows)


def forget_challenges(session: Session, now: datetime) -> None:
    """Delete challenges that nobody answered in time."""
    session.execute(sa.delete(_CHALLENGES).where(_CHALLENGES.expires_at <= now))


def _rows(session: Session, operator_id: UUID) -> list[identity_tables.Passkey]:
    mine = select(_TABLE).where(_TABLE.operator_id == operator_id, _TABLE.removed_at.is_(None))
    return list(session.scalars(mine.order_by(_TABLE.added_at, _TABLE.passkey_id)))


def _require_addable(viewer: viewers.Viewer, rows: list[identity_tables.Passkey]) -> None:
    if rows and not viewer.second_factor:
        raise errors.Refused("confirm a passkey that you have in this session first")
    if len(rows) >= MAX_PASSKEYS:
        raise errors.Conflict(f"you have {MAX_PASSKEYS} passkeys already; remove one first")


def _descriptors(rows: list[identity_tables.Passkey]) -> list[structs.PublicKeyCredentialDescriptor]:
    return [structs.PublicKeyCredentialDescriptor(id=row.credential_id) for row in rows]


def _remember(session: Session, viewer: viewers.Viewer, purpose: Purpose, challenge: bytes, now: datetime) -> None:
    """Keep the one challenge that this session may answer for this purpose, in place of the one before."""
    if viewer.session_id is None:
        raise errors.Refused("passkeys belong to people, within a session")
    row = session.get(_CHALLENGES, (viewer.session_id, purpose))
    if row is None:
        row = _CHALLENGES(session_id=viewer.session_id, purpose=purpose)
        session.add(row)
    row.challenge_sha256, row.expires_at = _hash(challenge), now + CHALLENGE_LIFETIME


def _checked(check: Callable[[], T]) -> T:
    try:
        return check()
    except Exception as e:  # hostile bytes make the library's parsers raise more than its own errors: each is a refusal
        raise errors.Unprocessable(f"the passkey's answer was refused: {type(e).__name__}: {str(e)[:200]}") from e


def _challenge_in(answer: CredentialAnswer) -> bytes:
    try:
        said = json.loads(_bytes(answer.response.clientDataJSON))
        challenge = _bytes(said["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise errors.Refused("the answer names no challenge") from e
    if said.get("crossOrigin"):  # the library leaves this to us
        raise errors.Refused("the answer was made within another site's page")
    return challenge


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except binascii.Error as e:
        raise errors.Unprocessable("the passkey's answer is not in base64url") from e


def _record(
    session: Session,
    action: str,
    row: identity_tables.Passkey,
    by: entries.Actor,
    now: datetime,
    details: dict[str, entries.Detail] | None = None,
) -> None:
    subject = entries.Subject("operator", str(row.operator_id))
    named: dict[str, entries.Detail] = {"label": row.label, "passkey_id": str(row.passkey_id), **(details or {})}
    ledger.append(session, entries.Entry(now, action, by, subject, details=named))


def _hash(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()
