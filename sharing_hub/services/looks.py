"""Looks: every still, clip, range and live view passes `look`, which puts on record who looks at what, when, why and from where.

Invariants: the row and its ledger entry are committed before the first byte may leave; a denied look is a row too; any error is a denial. Rows are
append-only (triggers in the database). The policies decide (`services.access`), in the transaction that records what they decided.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from sharing_hub import errors
from sharing_hub.domain import access as questions
from sharing_hub.domain import actions, viewers
from sharing_hub.services import access, ledger, ledger_sources
from sharing_hub.store import database, tables

Action = Literal["still", "masked_still", "clip", "range", "live", "request"]
MAX_WHY_CHARACTERS = 200
_ACTIONS: Mapping[Action, actions.Action] = {
    "still": "ViewStill", "masked_still": "ViewStill", "clip": "ViewRecorded", "range": "ViewRecorded", "live": "ViewLive",
    "request": "ViewRecorded",
}  # fmt: skip

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at.

    Attributes:
        subject_id: the media id, the recording request's id, or for live the camera id.
        incident_id: the incident it belongs to, where there is one.
        masked: the level that its bytes are masked to.
        recorded_at: when its first picture was taken; None for live.
        lent: what another hub lets this one see, where the camera stands there.
    """

    action: Action
    camera_id: str
    subject_id: str
    incident_id: UUID | None = None
    masked: actions.MaskLevel = "none"
    recorded_at: datetime | None = None
    lent: questions.Lent | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody looks, and from where.

    Attributes:
        why: in words.
        purpose, legal_basis: codes of the district's lists; None takes what follows from the grant or the incident.
    """

    why: str
    source_address: str
    purpose: str | None = None
    legal_basis: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A permitted look; whoever holds it may send the bytes of its subject."""

    look_id: UUID
    at: datetime
    viewer: viewers.Viewer
    subject: Subject


def look(
    db: database.Database, gate: access.Access, viewer: viewers.Viewer, subject: Subject, reason: Reason, now: datetime
) -> Look:
    """Decide whether `viewer` may look, commit the decision, and return the permission.

    Raises:
        Unprocessable: the reason is empty or too long (nothing is decided).
        Refused: denied, or the record could not be written.
    """
    if not 1 <= len(reason.why.strip()) <= MAX_WHY_CHARACTERS:
        raise errors.Unprocessable(f"say why you look, in 1 to {MAX_WHY_CHARACTERS} characters")
    try:
        with db.writing() as session:
            decided = gate.decide(session, asked(viewer, subject, reason), now)
            row = _row(viewer, subject, reason, decided, now)
            session.add(row)
            ledger.append(session, ledger_sources.of_look(row))
            granted = Look(row.look_id, now, viewer, subject)
    except (SQLAlchemyError, OSError, ValueError, errors.StoreError) as e:
        log.error("a look was denied: it could not be put on record", error=str(e), camera_id=subject.camera_id)
        raise errors.Refused("the look could not be put on record, so it is denied") from e
    if not decided.decision.permitted:
        raise errors.LookDenied(decided.decision.rule_ids, decided.decision.reasons)
    return granted


def still_permitted(
    db: database.Database, gate: access.Access, viewer: viewers.Viewer, subject: Subject, reason: Reason, now: datetime
) -> bool:
    """Say whether a look that is on record may go on; any error says no."""
    try:
        with db.reading() as session:
            return gate.decide(session, asked(viewer, subject, reason), now).decision.permitted
    except (SQLAlchemyError, OSError, ValueError, errors.StoreError) as e:
        log.error("a look was ended: it could not be decided whether it may go on", error=str(e))
        return False


def asked(viewer: viewers.Viewer, subject: Subject, reason: Reason) -> access.Asked:
    """Return the question of a look."""
    return access.Asked(
        viewer,
        _ACTIONS[subject.action],
        subject.camera_id,
        subject.incident_id,
        purpose=reason.purpose,
        legal_basis=reason.legal_basis,
        masked=subject.masked,
        recorded_at=subject.recorded_at,
        lent=subject.lent,
    )


def _row(
    viewer: viewers.Viewer, subject: Subject, reason: Reason, decided: access.Decided, now: datetime
) -> tables.Look:
    about, decision = decided.question.circumstances, decided.decision
    return tables.Look(
        look_id=uuid.uuid4(),
        at=now,
        operator_id=viewer.operator_id,
        operator_name=viewer.name,
        role=viewer.role,
        session_id=viewer.session_id,
        source_address=reason.source_address,
        action=subject.action,
        camera_id=subject.camera_id,
        subject_id=subject.subject_id,
        incident_id=subject.incident_id or about.incident_id,
        why=reason.why.strip(),
        decision="permit" if decision.permitted else "deny",
        rule=ledger_sources.RULES_BETWEEN.join(decision.rule_ids),
        agency_id=viewer.agency_id,
        purpose=bounded(about.purpose),
        legal_basis=bounded(about.legal_basis),
        policy_version=decision.policy_version,
        grant_id=about.grant.grant_id if about.grant else None,
    )


def bounded(code: str | None) -> str | None:
    """Return a code as it is kept: what somebody made up is cut to the column's length."""
    return None if code is None else code[:40]
