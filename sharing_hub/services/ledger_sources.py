"""The entries of the append-only tables: each row of `looks`, `incident_history` and `deletions` says itself what stands in the ledger.

The entry follows from the row alone, every column of it, so that the check can make it again and compare: a row altered afterwards is found.
"""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub.domain import ledger
from sharing_hub.store import tables

LOOKS, HISTORY, DELETIONS = "looks", "incident_history", "deletions"
TABLES = (LOOKS, HISTORY, DELETIONS)
FORGOTTEN = "looks"
"""Subject of the deletion row that says that looks past their time were removed."""
RULES_BETWEEN = ", "
"""What stands between the policies' names in a look's row."""
_BEFORE = re.compile(r"before (\S+)")
_HEX = re.compile("[0-9a-f]{32}")


def of_look(row: tables.Look) -> ledger.Entry:
    """Return the entry of a look, permitted or denied; one from before the policies keeps the form it was recorded in."""
    details: dict[str, ledger.Detail] = {"session_id": _text(row.session_id)}
    newer = {"agency_id": row.agency_id, "policy_version": row.policy_version, "grant_id": _text(row.grant_id)}
    if any(value is not None for value in newer.values()):
        details |= newer
    return ledger.Entry(
        at=row.at,
        action=f"look.{row.action}",
        actor=ledger.Actor("operator", row.operator_name, str(row.operator_id), row.role),
        subject=ledger.Subject("camera" if row.action in ("live", "request") else "media", row.subject_id),
        camera_id=row.camera_id,
        incident_id=_text(row.incident_id),
        decision=row.decision,
        rule_ids=tuple(row.rule.split(RULES_BETWEEN)),
        source_address=row.source_address,
        purpose=row.purpose,
        legal_basis=row.legal_basis,
        why=row.why,
        details=details,
        source=ledger.Source(LOOKS, row.look_id.hex),
    )


def of_change(row: tables.IncidentHistory) -> ledger.Entry:
    """Return the entry of a change to an incident."""
    return ledger.Entry(
        at=row.at,
        action=f"incident.{row.change}",
        actor=_who(row),
        subject=ledger.Subject("incident", str(row.incident_id)),
        incident_id=str(row.incident_id),
        why=row.reason,
        details={
            "from_state": row.from_state,
            "to_state": row.to_state,
            "note": row.note,
            "version": row.version,
            **({} if row.agency_id is None else {"agency_id": row.agency_id}),
        },
        source=ledger.Source(HISTORY, str(row.entry_id)),
    )


def of_deletion(row: tables.Deletion) -> ledger.Entry:
    """Return the entry of a deletion."""
    return ledger.Entry(
        at=row.at,
        action=f"{row.subject}.deleted",
        actor=ledger.HUB if row.actor == "retention" else ledger.Actor("operator", row.actor),
        subject=ledger.Subject(row.subject, row.subject_id),
        camera_id=row.camera_id,
        why=row.why,
        details={
            "actor": row.actor,
            "form": row.form,
            "sha256": row.sha256,
            "length_bytes": row.length_bytes,
        },
        source=ledger.Source(DELETIONS, str(row.deletion_id)),
    )


def named(session: Session, sources: list[ledger.Source]) -> dict[ledger.Source, ledger.Entry]:
    """Return the entries that these sources' rows make now; a row that is gone has none.

    Raises:
        ValueError: a row's columns were altered to what they cannot hold.
    """
    wanted = {table: [one.key for one in sources if one.table == table] for table in TABLES}
    numbers = {table: [int(key) for key in wanted[table] if key.isdecimal()] for table in (HISTORY, DELETIONS)}
    ids = [UUID(hex=key) for key in wanted[LOOKS] if _HEX.fullmatch(key)]
    look, change, deletion = tables.Look, tables.IncidentHistory, tables.Deletion
    found = [
        *map(of_look, session.scalars(select(look).where(look.look_id.in_(ids)))),
        *map(of_change, session.scalars(select(change).where(change.entry_id.in_(numbers[HISTORY])))),
        *map(
            of_deletion,
            session.scalars(select(deletion).where(deletion.deletion_id.in_(numbers[DELETIONS]))),
        ),
    ]
    return {entry.source: entry for entry in found if entry.source is not None}


def forgotten_before(values: dict[str, Any]) -> datetime | None:
    """Return until when an entry says that looks were removed because their time was over; None for every other entry."""
    if values["action"] != f"{FORGOTTEN}.deleted":
        return None
    try:
        found = _BEFORE.fullmatch(values["subject"]["id"])
        at = datetime.fromisoformat(found[1]) if found else None
    except (ValueError, TypeError, KeyError):
        return None
    return at if at is None or at.tzinfo else None


def _who(row: tables.IncidentHistory) -> ledger.Actor:
    """Return who changed an incident. (Entries older than the column of agencies have no word of one: none is added where there is none.)"""
    if row.agency_id is not None:
        return ledger.Actor("agency", row.operator_name, _text(row.operator_id))
    if row.operator_id is None and row.operator_name == ledger.HUB.name:
        return ledger.HUB
    return ledger.Actor("operator", row.operator_name, _text(row.operator_id))


def _text(key: UUID | None) -> str | None:
    return None if key is None else str(key)
