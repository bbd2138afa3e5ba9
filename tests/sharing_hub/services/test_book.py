"""The district's book: two people change it, and every step is on record."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import district
from sharing_hub.services import book
from sharing_hub.store import ledger_tables
from tests.support import hub_site, messages, viewing

KIM = viewing.viewer(role="privacy_officer", name="Kim")
LEE = viewing.viewer(role="admin", name="Lee")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        yield hub


def renamed(hub: hubs.Hub) -> district.District:
    with hub.database.reading() as session:
        return dataclasses.replace(book.in_force(session)[1], name_en="Another")


def propose(hub: hubs.Hub, on_top_of: int = 1) -> int:
    changed = renamed(hub)
    with hub.database.writing() as session:
        return book.propose(session, KIM, changed, on_top_of, "a new name", messages.after(1))


def name_in_force(hub: hubs.Hub) -> tuple[int, str]:
    with hub.database.reading() as session:
        version, found = book.in_force(session)
        return version, found.name_en


def test_a_change_comes_into_force_when_somebody_else_approves_it(hub: hubs.Hub) -> None:
    version = propose(hub)
    assert name_in_force(hub) == (1, "The district")
    with hub.database.writing() as session:
        book.decide(session, LEE, version, True, messages.after(2))
    assert name_in_force(hub) == (2, "Another")
    with hub.database.reading() as session:
        table = ledger_tables.Entry
        actions = session.scalars(
            sa.select(table.action).where(table.action.like("book.%")).order_by(table.index)
        ).all()
    assert actions == ["book.proposed", "book.approved"]


def test_nobody_approves_a_change_of_their_own(hub: hubs.Hub) -> None:
    version = propose(hub)
    with hub.database.writing() as session, pytest.raises(errors.Refused, match="two people"):
        book.decide(session, KIM, version, True, messages.after(2))
    assert name_in_force(hub)[0] == 1


def test_a_rejected_change_never_comes_into_force_and_is_decided_once(hub: hubs.Hub) -> None:
    version = propose(hub)
    with hub.database.writing() as session:
        book.decide(session, LEE, version, False, messages.after(2))
    with hub.database.writing() as session, pytest.raises(errors.Conflict, match="rejected already"):
        book.decide(session, LEE, version, True, messages.after(3))
    assert name_in_force(hub)[0] == 1


def test_a_change_of_an_older_version_and_a_second_one_that_waits_are_conflicts(hub: hubs.Hub) -> None:
    with pytest.raises(errors.Conflict, match="version 1 is in force"):
        propose(hub, on_top_of=0)
    propose(hub)
    with pytest.raises(errors.Conflict, match="waits"):
        propose(hub)


@pytest.mark.parametrize("role", ["operator", "leader", "auditor", "partner", "nonsense"])
def test_only_administrators_and_privacy_officers_change_the_book(hub: hubs.Hub, role: str) -> None:
    changed = renamed(hub)
    with hub.database.writing() as session, pytest.raises(errors.Refused):
        book.propose(session, viewing.viewer(role=role), changed, 1, "why", messages.after(1))


def test_a_book_is_read_as_it_was_written_and_a_wrong_one_named(hub: hubs.Hub) -> None:
    found = renamed(hub)
    assert book.read(book.write(found)) == found
    with pytest.raises(errors.Unprocessable, match="_by_camera"):
        book.read(book.write(found).replace(b'"name_ko"', b'"_by_camera": {}, "name_ko"', 1))
    with pytest.raises(errors.Unprocessable, match=r"limits\.live_radius_m"):
        book.read(book.write(found).replace(b'"live_radius_m": 500.0', b'"live_radius_m": "far"'))
    with pytest.raises(errors.Unprocessable, match="colour"):
        book.read(book.write(found).replace(b'"name_ko"', b'"colour": 1, "name_ko"', 1))
    with pytest.raises(errors.TooLarge):
        book.read(b" " * (book.MAX_BYTES + 1))
