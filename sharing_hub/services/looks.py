"""Looks: every still, clip, range and live view passes `look`, which puts on record who looks at what, when, why and from where.

Invariants: the row and its ledger entry are committed before the first byte may leave; a denied look is a row too; any error is a denial. Rows are
append-only (triggers in the database). The sharing policy will take the place of the one rule here; the record stays.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from sharing_hub import errors
from sharing_hub.domain import viewers
from sharing_hub.services import ledger, ledger_sources
from sharing_hub.store import database, tables

Action = Literal["still", "masked_still", "clip", "range", "live", "request"]
MAX_WHY_CHARACTERS = 200
PERMIT_RULE = "operators-leaders-and-admins-look"
DENY_RULE = "deny-by-default"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at.

    Attributes:
        subject_id: the media id, the recording request's id, or for live the camera id.
        incident_id: the incident it belongs to, where there is one.
    """

    action: Action
    camera_id: str
    subject_id: str
    incident_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A permitted look; whoever holds it may send the bytes of its subject."""

    look_id: UUID
    at: datetime
    viewer: viewers.Viewer
    subject: Subject


def look(
    db: database.Database, viewer: viewers.Viewer, subject: Subject, why: str, source_address: str, now: datetime
) -> Look:
    """Decide whether `viewer` may look, commit the decision, and return the permission.

    Raises:
        Unprocessable: `why` is empty or too long (nothing is decided).
        Refused: denied, or the record could not be written.
    """
    why = why.strip()
    if not 1 <= len(why) <= MAX_WHY_CHARACTERS:
        raise errors.Unprocessable(f"say why you look, in 1 to {MAX_WHY_CHARACTERS} characters")
    permitted = viewers.sees_pictures(viewer)
    row = _row(viewer, subject, why, source_address, now)
    row.decision, row.rule = ("permit", PERMIT_RULE) if permitted else ("deny", DENY_RULE)
    granted = Look(row.look_id, now, viewer, subject)
    try:
        with db.writing() as session:
            session.add(row)
            ledger.append(session, ledger_sources.of_look(row))
    except (SQLAlchemyError, OSError, ValueError, errors.StoreError) as e:
        log.error("a look was denied: it could not be put on record", error=str(e), camera_id=subject.camera_id)
        raise errors.Refused("the look could not be put on record, so it is denied") from e
    if not permitted:
        raise errors.Refused(f"the role {viewer.role} does not look at pictures; the attempt is on record")
    return granted


def _row(viewer: viewers.Viewer, subject: Subject, why: str, source_address: str, now: datetime) -> tables.Look:
    return tables.Look(
        look_id=uuid.uuid4(),
        at=now,
        operator_id=viewer.operator_id,
        operator_name=viewer.name,
        role=viewer.role,
        session_id=viewer.session_id,
        source_address=source_address,
        action=subject.action,
        camera_id=subject.camera_id,
        subject_id=subject.subject_id,
        incident_id=subject.incident_id,
        why=why,
    )
