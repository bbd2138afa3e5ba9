"""Looks at what the caller's scope does not hold: answered as if there were no such thing, and on record all the same.

Invariants: the row and its ledger entry are those of a denied look; what is done, and how long it takes, is the same whether there is such a thing or not,
so that nobody learns from the answer which ids exist.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import viewers
from sharing_hub.services import access, ledger, ledger_sources, looks
from sharing_hub.store import database, tables

Door = Literal["media", "live", "request"]
NOT_VISIBLE, NOT_FOUND = "not-visible", "not-found"
"""What stands where a decision names its policies: it exists and is not the caller's; there is none, or none any more."""
_FORMS: Mapping[str, looks.Action] = {
    "still": "still", "masked_still": "masked_still", "clip": "clip", "range": "range",
}  # fmt: skip

log = structlog.get_logger(__name__)


def concerns(viewer: viewers.Viewer) -> bool:
    """Say whether something can be there that the viewer's scope does not hold; the district's people see every row."""
    return not viewers.sees_rows(viewer)


def put_on_record(
    db: database.Database, gate: access.Access, viewer: viewers.Viewer, door: Door, subject_id: str, reason: looks.Reason,
    now: datetime,
) -> None:  # fmt: skip
    """Keep that somebody asked for a picture of a file (`media`) or a camera (`live`, `request`) outside their scope.

    What cannot be put on record is logged: it was refused already.
    """
    try:
        with db.writing() as session:
            row = _row(session, gate, viewer, door, subject_id, reason, now)
            session.add(row)
            ledger.append(session, ledger_sources.of_look(row))
    except (SQLAlchemyError, OSError, ValueError, errors.StoreError) as e:
        log.error("a refused look could not be put on record", error=str(e), subject_id=subject_id)


def _row(
    session: Session, gate: access.Access, viewer: viewers.Viewer, door: Door, subject_id: str, reason: looks.Reason,
    now: datetime,
) -> tables.Look:  # fmt: skip
    action, camera_id, exists = _found(session, door, subject_id)
    version, _ = gate.book(session)
    return tables.Look(
        look_id=uuid.uuid4(), at=now, operator_id=viewer.operator_id, operator_name=viewer.name, role=viewer.role,
        session_id=viewer.session_id, source_address=reason.source_address, action=action, camera_id=camera_id,
        subject_id=subject_id, why=reason.why.strip()[: looks.MAX_WHY_CHARACTERS], decision="deny",
        rule=NOT_VISIBLE if exists else NOT_FOUND, agency_id=viewer.agency_id, purpose=looks.bounded(reason.purpose),
        legal_basis=looks.bounded(reason.legal_basis), policy_version=gate.engine.version(version),
    )  # fmt: skip


def _found(session: Session, door: Door, subject_id: str) -> tuple[looks.Action, str, bool]:
    """Return the action, the camera, and whether there is such a thing; of a file that is none the camera is not known."""
    if door != "media":
        return door, subject_id, session.get(tables.Camera, subject_id) is not None
    row = session.get(tables.Media, UUID(subject_id))
    if row is None:
        return "clip", "", False
    return _FORMS.get(row.form, "clip"), row.camera_id, row.deleted_at is None
