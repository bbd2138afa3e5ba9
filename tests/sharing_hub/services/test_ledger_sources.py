"""A look's entry follows from every column of its row, and a row from before the policies keeps the entry it was recorded with."""

import uuid
from typing import Any

import pytest

from sharing_hub.domain import ledger
from sharing_hub.services import ledger_sources
from sharing_hub.store import tables
from tests.support import messages

OLD: dict[str, Any] = {
    "look_id": uuid.UUID(int=1), "at": messages.NOON, "operator_id": uuid.UUID(int=2), "operator_name": "kim",
    "role": "operator", "session_id": uuid.UUID(int=3), "source_address": "::1", "action": "clip",
    "camera_id": "gate", "subject_id": "m", "incident_id": None, "why": "alarm", "decision": "permit",
    "rule": "operators-leaders-and-admins-look",
}  # fmt: skip
NEW: dict[str, Any] = {
    **OLD, "rule": "too-far, training-needed", "agency_id": "fire-119", "purpose": "emergency_response",
    "legal_basis": "18-2-3", "policy_version": "a1b2c3d4e5f6/7", "grant_id": uuid.UUID(int=4),
}  # fmt: skip


def entry(values: dict[str, Any]) -> bytes:
    return ledger.canonical(ledger_sources.of_look(tables.Look(**values)), 0)


def test_a_row_from_before_the_policies_keeps_its_entry() -> None:
    values = ledger.read(entry(OLD))
    assert values["rule_ids"] == ["operators-leaders-and-admins-look"]
    assert values["details"] == {"session_id": str(uuid.UUID(int=3))}
    assert (values["purpose"], values["legal_basis"]) == (None, None)


def test_a_newer_row_says_what_for_on_what_basis_and_by_which_policies() -> None:
    values = ledger.read(entry(NEW))
    assert values["rule_ids"] == ["too-far", "training-needed"]
    assert (values["purpose"], values["legal_basis"]) == ("emergency_response", "18-2-3")
    assert values["details"]["policy_version"] == "a1b2c3d4e5f6/7"


@pytest.mark.parametrize("column", ["agency_id", "purpose", "legal_basis", "policy_version", "grant_id", "rule"])
def test_a_column_changed_by_hand_makes_another_entry(column: str) -> None:
    other: Any = uuid.UUID(int=9) if column == "grant_id" else "other"
    assert entry(NEW) != entry(NEW | {column: other})
    if column != "rule":
        assert entry(OLD) != entry(OLD | {column: other})
        assert entry(NEW) != entry(NEW | {column: None})
