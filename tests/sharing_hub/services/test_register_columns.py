"""Register rows of what agencies were let look at, and the Korean words of everything that is put on record."""

import ast
import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import pytest

from sharing_hub.domain import incidents, ledger, requests
from sharing_hub.services import register_columns, register_words
from tests.support import messages

PACKAGE = Path(register_words.__file__).parents[1]
NAMES = {"fire-119": "소방 119 상황실"}
RECORDERS = {"Entry", "record", "_record"}


def look(agency_id: str | None, decision: str = "permit", action: str = "look.clip") -> Mapping[str, object]:
    entry = ledger.Entry(
        messages.NOON, action, ledger.Actor("operator", "dispatch", "1", "partner"), ledger.Subject("media", "m-1"),
        camera_id="road", purpose="emergency_response", legal_basis="18-2-3", decision=decision, why="fire",
        details={"agency_id": agency_id},
    )  # fmt: skip
    return ledger.as_json(entry, 7)


def recorded_actions() -> Iterator[str]:
    """Return the actions that the code names where it makes an entry."""
    for path in PACKAGE.rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in RECORDERS:
                said = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "action")]
                yield from (one.value for one in said if _is_action(one))  # type: ignore[attr-defined]


def _is_action(node: ast.expr) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    area, _, done = node.value.partition(".")
    return area.isalpha() and done.replace("_", "").isalpha()


def test_a_look_of_another_agency_is_a_provision_with_recipient_purpose_and_basis() -> None:
    at = messages.NOON.astimezone(register_columns.KOREA).strftime("%Y-%m-%d %H:%M:%S")
    row = register_columns.KINDS["a"].cells(look("fire-119"), NAMES)
    assert row is not None
    assert row[:7] == (
        "road / m-1", "소방 119 상황실", "emergency_response", "18-2-3", "개인영상정보 (personal video)", at, "영상 열람",
    )  # fmt: skip
    video = register_columns.KINDS["b"].cells(look("fire-119"), NAMES)
    assert video is not None
    assert (video[0], video[6], video[8]) == ("제공", "소방 119 상황실", "영상 열람")


@pytest.mark.parametrize("values", [look("district"), look(None), look("fire-119", "deny")])
def test_the_districts_own_look_and_a_refused_one_are_no_provision(values: Mapping[str, object]) -> None:
    assert register_columns.KINDS["a"].cells(values, NAMES) is None


def test_an_agency_that_left_the_book_is_named_by_its_id() -> None:
    row = register_columns.KINDS["a"].cells(look("old-agency"), NAMES)
    assert row is not None
    assert row[1] == "old-agency"


def test_everything_that_is_put_on_record_has_korean_words() -> None:
    known = set(recorded_actions())
    assert {"grant.revoked", "client.added", "export.made", "message.written"} <= known
    steps = (*get_args(incidents.Change), *get_args(incidents.SideStep))
    known |= {f"incident.{step}" for step in steps} | {f"request.{state}" for state in get_args(requests.State)}
    known -= {"request.requested"}  # a request is recorded as asked
    assert sorted(known - set(register_words.DONE)) == []


def test_the_access_record_leaves_out_what_machines_did() -> None:
    entry = ledger.Entry(datetime.datetime.now(datetime.UTC), "grant.issued", ledger.HUB, ledger.Subject("grant", "1"))
    assert register_columns.KINDS["c"].cells(ledger.as_json(entry, 0), NAMES) is None
