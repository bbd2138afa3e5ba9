"""What a ledger entry says, and the bytes that are hashed of it: canonical JSON (RFC 8785).

Every entry has every field, so that who reads one never wonders whether a fact was left out or did not exist. No picture, password or camera's
network address is ever in one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import rfc8785

FORM = 1
"""The form of an entry; another set of fields is another form, and the ledger then holds both."""
FIELDS = (
    "action", "actor", "at", "camera_id", "decision", "details", "form", "imported", "incident_id", "index", "legal_basis",
    "purpose", "rule_ids", "source", "source_address", "subject", "why",
)  # fmt: skip
BEGUN, KEY_MADE, SETTINGS = "ledger.begun", "ledger.key_made", "settings.changed"
"""Actions that the ledger itself is read by."""
Detail = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it.

    Attributes:
        kind: operator, agent, hub, or command line (whoever may read the data folder).
        actor_id: None where there is none.
    """

    kind: str
    name: str
    actor_id: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What it was done to."""

    kind: str
    subject_id: str


@dataclass(frozen=True, slots=True)
class Source:
    """The row that the entry was made of."""

    table: str
    key: str


HUB = Actor("hub", "hub")
COMMAND_LINE = Actor("command line", "command line")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was decided or done.

    Attributes:
        at: when, as the clock of whoever wrote it had it; entries are ordered by index, not by this.
        decision: permit or deny, where something was decided.
        rule_ids: the rules that decided.
        purpose, legal_basis: codes of the district's lists.
        why: the reason in words.
        imported: the entry was made afterwards, of a row older than the ledger.
    """

    at: datetime
    action: str
    actor: Actor
    subject: Subject
    camera_id: str | None = None
    incident_id: str | None = None
    purpose: str | None = None
    legal_basis: str | None = None
    decision: str | None = None
    rule_ids: tuple[str, ...] = ()
    source_address: str | None = None
    why: str | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)
    source: Source | None = None
    imported: bool = False


def canonical(entry: Entry, index: int) -> bytes:
    """Return the bytes that stand in the tree for `entry` at `index`.

    Raises:
        ValueError: a value has no canonical form (a number beyond 2^53, half a character).
    """
    return rfc8785.dumps(as_json(entry, index))


def as_json(entry: Entry, index: int) -> dict[str, Any]:
    """Return the entry as JSON values."""
    source = None if entry.source is None else {"key": entry.source.key, "table": entry.source.table}
    actor = entry.actor
    return {
        "action": entry.action,
        "actor": {"id": actor.actor_id, "kind": actor.kind, "name": actor.name, "role": actor.role},
        "at": time_text(entry.at),
        "camera_id": entry.camera_id,
        "decision": entry.decision,
        "details": dict(entry.details),
        "form": FORM,
        "imported": entry.imported,
        "incident_id": entry.incident_id,
        "index": index,
        "legal_basis": entry.legal_basis,
        "purpose": entry.purpose,
        "rule_ids": list(entry.rule_ids),
        "source": source,
        "source_address": entry.source_address,
        "subject": {"id": entry.subject.subject_id, "kind": entry.subject.kind},
        "why": entry.why,
    }


def time_text(at: datetime) -> str:
    """Return a time as entries have it: UTC, microseconds, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(body: str | bytes) -> dict[str, Any]:
    """Return the JSON values of an entry's bytes.

    Raises:
        ValueError: they are not an entry's canonical bytes.
    """
    values = json.loads(body)
    if not isinstance(values, dict) or tuple(sorted(values)) != FIELDS or values["form"] != FORM:
        raise ValueError("it does not have the fields of an entry")
    raw = body.encode() if isinstance(body, str) else body
    if rfc8785.dumps(values) != raw:
        raise ValueError("it is not in canonical form")
    return values
