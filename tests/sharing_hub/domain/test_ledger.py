"""An entry's bytes: every field, always the same, and read back only as they were."""

import dataclasses
from datetime import UTC, datetime

import pytest

from sharing_hub.domain import ledger

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ENTRY = ledger.Entry(
    AT, "look.live", ledger.Actor("operator", "김", "id", "leader"), ledger.Subject("camera", "gate"), why='="x"\n'
)


def test_an_entry_has_the_same_bytes_for_ever() -> None:
    assert ledger.canonical(ENTRY, 7).decode() == (
        '{"action":"look.live","actor":{"id":"id","kind":"operator","name":"김","role":"leader"},"at":"2026-11-22T12:00:00.000000Z",'
        '"camera_id":null,"decision":null,"details":{},"form":1,"imported":false,"incident_id":null,"index":7,"legal_basis":null,'
        '"purpose":null,"rule_ids":[],"source":null,"source_address":null,"subject":{"id":"gate","kind":"camera"},"why":"=\\"x\\"\\n"}'
    )


def test_every_field_of_an_entry_is_in_its_bytes() -> None:
    values = ledger.read(ledger.canonical(ENTRY, 7))
    assert tuple(values) == ledger.FIELDS
    assert {field.name for field in dataclasses.fields(ledger.Entry)} | {"form", "index"} == set(ledger.FIELDS)


@pytest.mark.parametrize(
    "change", [(":", ": "), ('"form":1', '"form":2'), ('"why":', '"x":'), ("김", "\\uae40"), ("{", "[")]
)
def test_other_bytes_are_not_read_as_an_entry(change: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ledger.read(ledger.canonical(ENTRY, 7).decode().replace(*change, 1))


def test_half_a_character_has_no_bytes() -> None:
    with pytest.raises(ValueError, match=r".+"):
        ledger.canonical(dataclasses.replace(ENTRY, why="\ud800"), 0)
