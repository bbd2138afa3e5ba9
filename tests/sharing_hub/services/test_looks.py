"""Every look is on record before it is allowed, and nothing is allowed without the record."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.services import looks
from sharing_hub.store import tables
from tests.support import hub_site, viewing

CLIP = looks.Subject("clip", "gate", "media-1")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        yield hub


def look(hub: hubs.Hub, role: str, why: str = "alarm") -> looks.Look:
    reason = looks.Reason(why, "10.0.0.7")
    return looks.look(hub.database, hub.access, viewing.viewer(role), CLIP, reason, hub.clock())


def rows(hub: hubs.Hub) -> list[tables.Look]:
    with hub.database.reading() as session:
        return list(session.scalars(sa.select(tables.Look)))


def test_a_look_is_on_record_with_who_what_when_why_and_from_where(hub: hubs.Hub) -> None:
    permitted = look(hub, "operator")
    (row,) = rows(hub)
    assert row.look_id == permitted.look_id
    assert (row.operator_name, row.role, row.action, row.camera_id, row.subject_id) == (
        "kim",
        "operator",
        "clip",
        "gate",
        "media-1",
    )
    assert (row.at, row.why, row.source_address, row.decision) == (hub.clock(), "alarm", "10.0.0.7", "permit")


@pytest.mark.parametrize(
    ("role", "rule"), [("auditor", "auditor-sees-no-picture"), ("visitor", "deny-by-default"), ("", "deny-by-default")]
)
def test_a_denied_look_is_on_record_too(hub: hubs.Hub, role: str, rule: str) -> None:
    with pytest.raises(errors.Refused):
        look(hub, role)
    (row,) = rows(hub)
    assert (row.role, row.decision, row.rule) == (role, "deny", rule)


@pytest.mark.parametrize("why", ["", "  ", "x" * 201])
def test_a_look_needs_a_reason(hub: hubs.Hub, why: str) -> None:
    with pytest.raises(errors.Unprocessable):
        look(hub, "operator", why)


def test_what_cannot_be_put_on_record_is_denied(hub: hubs.Hub) -> None:
    with hub.database.writing() as session:
        session.execute(sa.text("ALTER TABLE looks RENAME TO lost"))
    with pytest.raises(errors.Refused, match="put on record"):
        look(hub, "admin")
