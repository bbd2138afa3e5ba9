"""What is done is in the ledger with it, or is not done; what is older is imported once."""

import concurrent.futures
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import merkle
from sharing_hub.services import ingest, ledger, ledger_check, retention
from sharing_hub.store import database, ledger_tables, schema, tables
from sharing_hub.wire import v1
from tests.support import hub_site, messages, older, recorded, viewing

THING = entries.Subject("thing", "1")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        yield hub


def entry(hub: hubs.Hub, action: str = "test.done") -> entries.Entry:
    return entries.Entry(hub.clock(), action, entries.HUB, THING)


def faults(hub: hubs.Hub) -> list[str]:
    with hub.database.reading() as session:
        return [str(fault) for fault in ledger_check.faults(session, hub.ledger_key.public)]


def count(hub: hubs.Hub, table: type[tables.Table]) -> int:
    with hub.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_everything_that_is_done_is_recorded_in_order(hub: hubs.Hub) -> None:
    recorded.fill(hub)
    assert recorded.actions(hub) == [
        "ledger.begun", "ledger.key_made", "settings.changed", "agent.token_issued", "agent.enrolled", "look.live", "look.clip", "look.range", "look.live",
        "incident.acknowledge", "incident.mark_false", "operator.signed_in", "operator.signed_out", "operator.locked_out",
        "operator.disabled", "hold.placed", "hold.released", "media.deleted", "recording.requested", "recording.accepted",
        "agent.revoked", "recording.refused",
    ]  # fmt: skip
    assert faults(hub) == []


def test_an_entry_says_who_what_where_why_and_how_it_was_decided(hub: hubs.Hub) -> None:
    recorded.fill(hub)
    denied = recorded.entries(hub)[8]
    assert denied["decision"] == "deny"
    assert (denied["actor"]["name"], denied["actor"]["role"]) == ("lee", "auditor")
    assert (denied["camera_id"], denied["subject"]) == ("gate", {"id": "gate", "kind": "camera"})
    assert (denied["why"], denied["source_address"], denied["rule_ids"]) == (
        "curious",
        recorded.SOURCE,
        ["auditor-sees-no-picture"],
    )


def test_a_look_whose_entry_cannot_be_appended_is_denied_and_leaves_nothing(hub: hubs.Hub) -> None:
    with hub.database.writing() as session:
        session.execute(sa.text("ALTER TABLE ledger_nodes RENAME TO lost"))
    with pytest.raises(errors.Refused, match="put on record"):
        recorded.look(hub, viewing.viewer())
    assert count(hub, tables.Look) == 0


def test_a_ledger_with_its_last_entry_removed_takes_no_more(hub: hubs.Hub, tmp_path: Path) -> None:
    recorded.force(tmp_path, "DELETE FROM ledger_entries WHERE entry_index = 2")
    with pytest.raises(errors.Refused, match="put on record"):
        recorded.look(hub, viewing.viewer())
    with pytest.raises(errors.StoreError, match="changed by hand"), hub.database.writing() as session:
        ledger.append(session, entry(hub))
    assert count(hub, tables.Look) == 0


def test_what_is_undone_leaves_no_entry(hub: hubs.Hub) -> None:
    with pytest.raises(RuntimeError), hub.database.writing() as session:
        ledger.append(session, entry(hub))
        raise RuntimeError
    assert "test.done" not in recorded.actions(hub)
    assert faults(hub) == []


@pytest.mark.parametrize(("kind", "written"), [("fight", []), ("intrusion", ["incident.shared"])])
def test_taking_in_events_writes_no_entries_but_of_what_the_matrix_shares_at_once(
    hub: hubs.Hub, kind: str, written: list[str]
) -> None:
    site = hub_site.enrol(hub)
    before = recorded.actions(hub)
    with hub.database.writing() as session:
        reports = tuple(messages.report(kind=kind) for _ in range(3))
        delivery = ingest.Delivery(site.agent_id, v1.EventBatch(reports=reports), hub.clock())
        ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])
    assert recorded.actions(hub) == before + written


def test_many_at_once_get_one_number_each(hub: hubs.Hub) -> None:
    other = database.Database(hub.database.path)  # as a command beside the hub

    def write(number: int) -> None:
        db = (hub.database, other)[number % 2]
        with db.writing() as session:
            ledger.append(session, entry(hub, f"test.{number}"), entry(hub, f"test.{number}"))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    other.close()
    found = recorded.entries(hub)
    assert [values["index"] for values in found] == list(range(83))
    names = [values["action"] for values in found[3:]]
    assert names[::2] == names[1::2]
    assert len(set(names)) == 40
    assert faults(hub) == []


def test_the_stored_frontier_is_that_of_the_entries(hub: hubs.Hub) -> None:
    with hub.database.writing() as session:
        for number in range(30):
            ledger.append(session, *[entry(hub)] * (number % 4 + 1))
        size = ledger.size_of(session)
        tree = merkle.Frontier()
        for body in session.scalars(sa.select(ledger_tables.Entry.body).order_by(ledger_tables.Entry.index)):
            tree, _ = merkle.append(tree, merkle.leaf_hash(body.encode()))
        assert ledger.frontier(session, size) == tree


def test_settings_are_recorded_when_they_change_and_only_then(tmp_path: Path) -> None:
    for changed in ({}, {}, {"media": {"min_free_bytes": 0, "keep_days": 7}}, {"rules": {"fire": {"alarm": False}}}):
        with hub_site.opened(tmp_path, **changed) as hub:
            found = [values for values in recorded.entries(hub) if values["action"] == "settings.changed"]
    assert [values["details"]["media.keep_days"] for values in found] == [30, 7, 30]
    assert found[2]["details"]["rules.fire.alarm"] is False


def test_nothing_is_appended_before_the_ledger_was_begun(tmp_path: Path) -> None:
    db = database.Database(tmp_path / "hub.db")
    schema.upgrade(db)
    happened = entries.Entry(messages.NOON, "test.done", entries.HUB, THING)
    with pytest.raises(errors.StoreError, match="not begun"), db.writing() as session:
        ledger.append(session, happened)
    db.close()


def test_rows_older_than_the_ledger_are_imported_once_in_the_order_of_time(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path) as hub:
        recorded.fill(hub)
    older.make_older(tmp_path / "hub.db", "0002")
    with closing(sqlite3.connect(tmp_path / "hub.db")) as raw:
        raw.execute("DROP TRIGGER looks_no_update")
        raw.execute("UPDATE looks SET at = '2020-11-01 00:00:00.000000' WHERE action = 'range'")
        raw.execute(
            "CREATE TRIGGER looks_no_update BEFORE UPDATE ON looks BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        )
        raw.commit()
    for _ in range(2):
        with hub_site.opened(tmp_path) as hub:
            found = recorded.entries(hub)
            assert faults(hub) == []
    begun = [values["action"] for values in found].index("ledger.begun")
    assert begun == 16
    assert [values["imported"] for values in found] == [True] * begun + [False] * (len(found) - begun)
    assert found[begun]["details"] == {"imported": 16}
    assert found[0]["action"] == "look.range"
    assert sorted(values["action"] for values in found[:begun] if values["source"] is None) == [
        "agent.enrolled", "agent.revoked", "hold.placed", "hold.released", "operator.created", "operator.disabled",
        "operator.signed_in", "operator.signed_out", "recording.requested",
    ]  # fmt: skip
    assert [values["action"] for values in found].count("ledger.begun") == 1


def test_looks_whose_time_is_over_may_go_and_the_ledger_says_so(hub: hubs.Hub) -> None:
    old = hub.clock() - timedelta(days=800)
    recorded.look(hub, viewing.viewer(), at=old)
    with hub.database.writing() as session:
        assert retention.forget_looks(session, hub.clock() - timedelta(days=740), hub.clock()) == 1
    assert count(hub, tables.Look) == 0
    assert recorded.actions(hub)[-1] == "looks.deleted"
    assert faults(hub) == []
