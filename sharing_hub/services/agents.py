"""Agents: enrolment with one-time tokens, and who is calling.

Invariants: an enrolment secret is kept only as its hash, works once and for a day; a revoked agent is refused at its next request; its cameras
pass to the one agent that its site then has, whichever came first, the enrolment or the revocation. Tokens, enrolments and revocations are ledger entries.
"""

import base64
import hashlib
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.services import ledger, tokens
from sharing_hub.store import database, tables
from sharing_hub.wire import v1

REVOKED = "the agent was revoked"
_AGENTS = tables.core(tables.Agent).c
# Made once: it runs with every request of every agent.
_AGENT = select(_AGENTS.site, _AGENTS.public_key, _AGENTS.revoked_at).where(_AGENTS.agent_id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class Caller:
    """An agent whose token was proved.

    Attributes:
        public_key: raw Ed25519, base64url.
    """

    agent_id: UUID
    site: str
    public_key: str


def issue_token(session: Session, site: str, created_by: str, now: datetime, lifetime: timedelta) -> str:
    """Make a one-time secret with which `site` may enrol, and return it: it is not kept."""
    secret = secrets.token_urlsafe(32)
    row = tables.EnrolmentToken(
        token_id=uuid.uuid4(),
        secret_sha256=_hash(secret),
        site=site,
        created_by=created_by,
        created_at=now,
        expires_at=now + lifetime,
    )
    session.add(row)
    details: dict[str, entries.Detail] = {"expires_at": entries.time_text(row.expires_at), "site": site}
    subject = entries.Subject("enrolment token", str(row.token_id))
    by = entries.COMMAND_LINE if created_by == entries.COMMAND_LINE.name else entries.Actor("operator", created_by)
    ledger.append(session, entries.Entry(now, "agent.token_issued", by, subject, details=details))
    return secret


def enrol(session: Session, request: v1.EnrolmentRequest, now: datetime) -> UUID:
    """Take a site's key against its one-time secret and return the agent's id.

    A repeat with the same secret and key (the answer was lost) gives the same id.

    Raises:
        Refused: the secret is unknown, expired or used, or the key belongs to another agent.
    """
    _key_bytes(request.public_key)
    token = session.scalar(
        select(tables.EnrolmentToken).where(tables.EnrolmentToken.secret_sha256 == _hash(request.secret))
    )
    holder = session.scalar(select(tables.Agent).where(tables.Agent.public_key == request.public_key))
    if token is None:
        raise errors.Refused("the enrolment token is unknown here; ask the hub's administrator for a new one")
    if token.used_at is not None:
        if holder is not None and holder.agent_id == token.agent_id and holder.revoked_at is None:
            return holder.agent_id
        raise errors.Refused("the enrolment token was used already; ask the hub's administrator for a new one")
    if token.expires_at <= now:
        raise errors.Refused("the enrolment token has expired; ask the hub's administrator for a new one")
    if holder is not None:
        raise errors.Refused("this key is enrolled already; remove the agent's identity folder to make a new one")
    agent = tables.Agent(
        agent_id=uuid.uuid4(),
        site=token.site,
        public_key=request.public_key,
        software=request.software,
        enrolled_at=now,
    )
    session.add(agent)
    token.used_at, token.agent_id = now, agent.agent_id
    session.flush()
    details: dict[str, entries.Detail] = {
        "public_key": agent.public_key,
        "software": agent.software,
        "token_id": str(token.token_id),
    }
    _record(session, "agent.enrolled", agent, entries.Actor("agent", agent.site, str(agent.agent_id)), now, details)
    _hand_over(session, token.site)
    return agent.agent_id


def authenticate(session: Session, token: str, now: datetime) -> Caller:
    """Return who is calling, proved by its token.

    Raises:
        Unauthenticated: no such agent, revoked, or the token is wrong.
    """
    agent_id = tokens.claimed_agent(token)
    agent = session.connection().execute(_AGENT, {"id": agent_id}).one_or_none()
    if agent is None:
        raise errors.Unauthenticated("no such agent is enrolled here")
    tokens.verify(token, agent.public_key, now)
    if agent.revoked_at is not None:
        raise errors.Unauthenticated("this agent was revoked; enrol it again with a new token")
    return Caller(agent_id, agent.site, agent.public_key)


def revoke(session: Session, agent_id: UUID, now: datetime, by: entries.Actor = entries.COMMAND_LINE) -> None:
    """Refuse an agent from now on; its rows stay, and its cameras read offline: nobody tells of them any more.

    Raises:
        NotFound: no such agent.
    """
    agent = session.get(tables.Agent, agent_id)
    if agent is None:
        raise errors.NotFound(f"no agent {agent_id}")
    if agent.revoked_at is None:
        agent.revoked_at = now
        _record(session, "agent.revoked", agent, by, now)
    for camera in session.scalars(select(tables.Camera).where(tables.Camera.agent_id == agent_id)):
        camera.state, camera.detail = "offline", REVOKED
        database.note(session, "camera", camera.camera_id)
    session.flush()
    _hand_over(session, agent.site)


def revoked(session: Session, agent_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of the agents that were revoked."""
    table = tables.Agent
    found = session.scalars(
        select(table.agent_id).where(table.agent_id.in_(list(agent_ids)), table.revoked_at.is_not(None))
    )
    return frozenset(found)


def _hand_over(session: Session, site: str) -> None:
    """Give the cameras of the site's revoked agents to its only other one; else its events would be refused as those of another's cameras."""
    table = tables.Agent
    of_site = select(table.agent_id).where(table.site == site)
    living = session.scalars(of_site.where(table.revoked_at.is_(None))).all()
    if len(living) != 1:
        return
    orphaned = tables.Camera.agent_id.in_(of_site.where(table.revoked_at.is_not(None)))
    for camera in session.scalars(select(tables.Camera).where(orphaned)):
        camera.agent_id = living[0]
        database.note(session, "camera", camera.camera_id)


def _record(
    session: Session,
    action: str,
    agent: tables.Agent,
    by: entries.Actor,
    now: datetime,
    details: dict[str, entries.Detail] | None = None,
) -> None:
    subject = entries.Subject("agent", str(agent.agent_id))
    ledger.append(session, entries.Entry(now, action, by, subject, details={"site": agent.site, **(details or {})}))


def _key_bytes(public_key: str) -> bytes:
    raw = base64.urlsafe_b64decode(public_key + "=")
    if len(raw) != 32 or base64.urlsafe_b64encode(raw).decode().rstrip("=") != public_key:
        raise errors.Unprocessable("public_key is not a raw Ed25519 key in base64url")
    return raw


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
