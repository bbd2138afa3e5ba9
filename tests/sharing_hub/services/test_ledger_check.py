"""Whoever changes the record by force, in the database itself, is found, and what was changed is named."""

# ruff: noqa: S608 - the statements are the forger's, made of the names of our own tables

import datetime
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharing_hub import hub as hubs
from sharing_hub.domain import merkle
from sharing_hub.services import checkpoints, ledger, ledger_check
from sharing_hub.store import ledger_tables, tables
from tests.support import hub_site, recorded

SIZE = 22
SIGNED = (5, 12, SIZE)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with checkpoints at SIGNED entries."""
    folder = tmp_path_factory.mktemp("hub")
    with hub_site.opened(folder) as hub:
        recorded.fill(hub)
        with hub.database.writing() as session:
            for size in SIGNED:
                root = ledger.frontier(session, size).root()
                note = hub.ledger_key.sign(size, root)
                session.add(ledger_tables.Checkpoint(size=size, made_at=hub.clock(), note=note))
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "hub")
    return tmp_path / "hub"


def faults(folder: Path, *kept: str) -> list[str]:
    with hub_site.opened(folder) as hub:
        return faults_of(hub, *kept)


def faults_of(hub: hubs.Hub, *kept: str) -> list[str]:
    with hub.database.reading() as session:
        return [str(fault) for fault in ledger_check.faults(session, hub.ledger_key.public, kept)]


def test_nothing_is_wrong_with_what_was_not_touched(folder: Path) -> None:
    assert faults(folder) == []
    with hub_site.opened(folder) as hub:
        assert len(recorded.entries(hub)) == SIZE


@pytest.mark.parametrize("index", range(SIZE))
def test_an_altered_entry_is_named(folder: Path, index: int) -> None:
    statement = "UPDATE ledger_entries SET body = replace(body, '\"form\":1', '\"form\": 1') WHERE entry_index = ?"
    assert recorded.force(folder, statement, index) == 1
    assert any(fault.startswith(f"ledger entry {index}: ") for fault in faults(folder)), faults(folder)


@pytest.mark.parametrize("index", range(SIZE))
def test_an_entry_altered_to_another_whole_entry_is_named(folder: Path, index: int) -> None:
    recorded.force(
        folder, "UPDATE ledger_entries SET body = replace(body, '2026', '2025') WHERE entry_index = ?", index
    )
    recorded.force(folder, "UPDATE ledger_entries SET at = replace(at, '2026', '2025') WHERE entry_index = ?", index)
    found = faults(folder)
    assert f"ledger entry {index}: does not give the hash stored" in found


@pytest.mark.parametrize("index", range(SIZE))
def test_a_removed_entry_is_named_with_or_without_its_hash(folder: Path, index: int) -> None:
    recorded.force(folder, "DELETE FROM ledger_entries WHERE entry_index = ?", index)
    assert any(fault.startswith(f"ledger entry {index}: is missing") for fault in faults(folder)), faults(folder)
    recorded.force(folder, "DELETE FROM ledger_nodes WHERE node = ?", index)
    assert any(fault.startswith(f"ledger entry {index}: is missing") for fault in faults(folder)), faults(folder)


@pytest.mark.parametrize("index", [0, 3, 10, SIZE - 1])
def test_a_removed_entry_whose_followers_moved_up_is_named(folder: Path, index: int) -> None:
    recorded.force(folder, "DELETE FROM ledger_entries WHERE entry_index = ?", index)
    for number in range(index + 1, SIZE):
        recorded.force(folder, "UPDATE ledger_entries SET entry_index = ? WHERE entry_index = ?", number - 1, number)
    assert any(fault.startswith(f"ledger entry {index}: ") for fault in faults(folder)), faults(folder)


@pytest.mark.parametrize("index", [0, 7, SIZE])
def test_an_inserted_entry_is_named(folder: Path, index: int) -> None:
    for number in reversed(range(index, SIZE)):
        recorded.force(folder, "UPDATE ledger_entries SET entry_index = ? WHERE entry_index = ?", number + 1, number)
    recorded.force(
        folder,
        "INSERT INTO ledger_entries SELECT ?, at, action, NULL, NULL, body FROM ledger_entries WHERE action = 'look.clip'",
        index,
    )
    assert any(fault.startswith(f"ledger entry {index}: ") for fault in faults(folder)), faults(folder)


@pytest.mark.parametrize(("one", "other"), [(0, 1), (4, 5), (6, 19)])
def test_two_entries_that_changed_places_are_named(folder: Path, one: int, other: int) -> None:
    for old, new in ((one, 99), (other, one), (99, other)):
        recorded.force(folder, "UPDATE ledger_entries SET entry_index = ? WHERE entry_index = ?", new, old)
    found = faults(folder)
    assert {f"ledger entry {one}", f"ledger entry {other}"} <= {fault.split(":")[0] for fault in found}


@pytest.mark.parametrize(
    ("column", "value"), [("at", "2020-01-01 00:00:00.000000"), ("at", "never"), ("action", "x"), ("source_key", "x")]
)
def test_an_altered_column_is_named(folder: Path, column: str, value: str) -> None:
    recorded.force(folder, f"UPDATE ledger_entries SET {column} = ? WHERE entry_index = 6", value)
    assert "ledger entry 6: its columns say something else than its text" in faults(folder)


def test_every_altered_or_removed_hash_is_named(folder: Path, original: Path, tmp_path: Path) -> None:
    with hub_site.opened(folder) as hub, hub.database.reading() as session:
        nodes = list(session.scalars(sa.select(ledger_tables.Node.node)))
    assert len(nodes) == 41
    for number, node in enumerate(nodes):
        copy = tmp_path / str(number)
        shutil.copytree(original, copy)
        change = "UPDATE ledger_nodes SET hash = zeroblob(32)" if number % 2 else "DELETE FROM ledger_nodes"
        recorded.force(copy, f"{change} WHERE node = ?", node)
        level, position = merkle.node_of(node)
        named = f"ledger entry {position}" if level == 0 else f"ledger hash {level}/{position}"
        assert any(fault.startswith(f"{named}: ") for fault in faults(copy)), (level, position)


SOURCES = {"looks": "look_id", "incident_history": "entry_id", "deletions": "deletion_id"}
OTHERS = {"DATETIME": "2020-01-01 00:00:00.000000", "CHAR(32)": "1" * 32, "INTEGER": 99, "BIGINT": 99}
COLUMNS = [
    (table, column.name, str(column.type.compile(dialect=sa.create_engine("sqlite://").dialect)))
    for table in SOURCES
    for column in tables.Table.metadata.tables[table].columns
]


@pytest.mark.parametrize(("table", "column", "kind"), COLUMNS)
def test_a_row_of_the_record_is_named_whichever_of_its_columns_is_altered(
    folder: Path, table: str, column: str, kind: str
) -> None:
    value = OTHERS.get(kind, "altered")
    key = SOURCES[table]
    assert recorded.force(
        folder, f"UPDATE {table} SET {column} = ? WHERE {key} = (SELECT max({key}) FROM {table})", value
    )
    assert [fault for fault in faults(folder) if fault.startswith("ledger entry ") and table in fault], faults(folder)


@pytest.mark.parametrize("table", SOURCES)
def test_a_row_of_the_record_that_was_removed_or_inserted_is_named(folder: Path, table: str) -> None:
    key = SOURCES[table]
    columns = ", ".join(column.name for column in tables.Table.metadata.tables[table].columns if column.name != key)
    value = "1" * 32 if table == "looks" else "77"
    recorded.force(folder, f"INSERT INTO {table} ({key}, {columns}) SELECT '{value}', {columns} FROM {table} LIMIT 1")
    (fault,) = faults(folder)
    assert fault.startswith(f"{table} row ")
    assert "inserted by hand" in fault
    recorded.force(folder, f"DELETE FROM {table} WHERE {key} = '{value}'")
    recorded.force(folder, f"DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})")
    (fault,) = faults(folder)
    assert f"of {table} was removed" in fault


def test_a_row_altered_to_what_cannot_be_read_is_named(folder: Path) -> None:
    recorded.force(folder, "UPDATE looks SET at = 'never', session_id = 'nobody' WHERE action = 'clip'")
    assert any("can no longer be read" in fault for fault in faults(folder)), faults(folder)


@pytest.mark.parametrize("size", SIGNED)
def test_an_altered_checkpoint_is_named(folder: Path, size: int) -> None:
    recorded.force(
        folder, f"UPDATE ledger_checkpoints SET note = replace(note, '{size}', '1{size}') WHERE size = {size}"
    )
    assert any(fault.startswith(f"checkpoint at {size} entries: ") for fault in faults(folder))


def test_a_checkpoint_signed_with_another_key_is_named(folder: Path, tmp_path: Path) -> None:
    with hub_site.opened(tmp_path / "other") as other, other.database.reading() as session:
        note = other.ledger_key.sign(12, ledger.frontier(session, 1).root())
    recorded.force(folder, "UPDATE ledger_checkpoints SET note = ? WHERE size = 12", note)
    found = faults(folder)
    assert "checkpoint at 12 entries: is not signed with the ledger's key" in found
    assert "checkpoint at 12 entries: entries 0 to 11 no longer give its root" in found


def forge(folder: Path) -> None:
    """Rewrite entry 4 with every hash above it: what somebody can do who has the database but not the key."""
    with hub_site.opened(folder) as hub, hub.database.reading() as session:
        bodies = list(session.scalars(sa.select(ledger_tables.Entry.body).order_by(ledger_tables.Entry.index)))
    bodies[4] = bodies[4].replace("north", "south")
    recorded.force(folder, "UPDATE ledger_entries SET body = ? WHERE entry_index = 4", bodies[4])
    tree = merkle.Frontier()
    for body in bodies:
        tree, made = merkle.append(tree, merkle.leaf_hash(body.encode()))
        for node, digest in made:
            recorded.force(folder, "UPDATE ledger_nodes SET hash = ? WHERE node = ?", digest, merkle.number_of(node))


def test_a_forged_tree_does_not_give_the_signed_roots(folder: Path) -> None:
    forge(folder)
    assert faults(folder) == [
        f"checkpoint at {size} entries: entries 0 to {size - 1} no longer give its root" for size in SIGNED
    ]


def test_a_forger_with_the_key_is_found_by_who_kept_a_checkpoint(folder: Path) -> None:
    with hub_site.opened(folder) as hub, hub.database.reading() as session:
        kept = checkpoints.note(session)
    forge(folder)
    recorded.force(folder, "DELETE FROM ledger_checkpoints")
    with hub_site.opened(folder) as hub:
        with hub.database.writing() as session:
            assert checkpoints.make(session, hub.ledger_key, hub.clock()) == SIZE
        assert faults_of(hub) == []
        assert faults_of(hub, kept) == [f"kept checkpoint 1: entries 0 to {SIZE - 1} no longer give its root"]


def test_a_ledger_cut_off_behind_a_checkpoint_is_found(folder: Path) -> None:
    for table, column in (("entries", "entry_index"), ("nodes", "(node & ((1 << 48) - 1)) << (node >> 48)")):
        recorded.force(folder, f"DELETE FROM ledger_{table} WHERE {column} >= 12")
    found = faults(folder)
    assert f"ledger entry 12: is missing: the checkpoint at {SIZE} entries covers {SIZE} entries, 12 are left" in found


def test_a_ledger_that_was_removed_altogether_is_found(folder: Path) -> None:
    for table in ("checkpoints", "nodes", "entries"):
        recorded.force(folder, f"DELETE FROM ledger_{table}")
    with hub_site.opened(folder) as hub, hub.database.reading() as session:
        # The hub begins a new one, which says so: the rows were imported, today.
        assert recorded.actions(hub).count("ledger.begun") == 1
        assert [values["imported"] for values in recorded.entries(hub)[:16]] == [True] * 16
        assert checkpoints.count(session) == 0


def test_without_the_key_signatures_count_as_unverified(folder: Path) -> None:
    with hub_site.opened(folder) as hub, hub.database.reading() as session:
        found = [str(fault) for fault in ledger_check.faults(session, None)]
    assert found == ["ledger key: is missing: no checkpoint's signature can be verified"]


def test_a_lie_about_forgotten_looks_hides_no_removed_look(folder: Path) -> None:
    """Only an entry of the ledger excuses a look that is gone, and only one older than the entry says."""
    recorded.force(folder, "DELETE FROM looks WHERE action = 'clip'")
    recorded.force(
        folder,
        "INSERT INTO deletions (at, actor, subject, subject_id, why) VALUES (?, 'retention', 'looks', ?, '1 rows')",
        "2026-11-22 12:00:00.000000",
        f"before {datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC).isoformat()}",
    )
    found = faults(folder)
    assert any("of looks was removed" in fault for fault in found)
    assert any(fault.startswith("deletions row ") for fault in found)


def test_a_key_made_anew_is_an_entry_and_old_checkpoints_are_verified_with_the_recorded_one(folder: Path) -> None:
    with hub_site.opened(folder) as hub:
        old = hub.ledger_key.public
    (folder / "ledger" / "ledger.key").unlink()
    with hub_site.opened(folder) as hub:
        assert recorded.actions(hub)[-1] == "ledger.key_made"
        with hub.database.writing() as session:
            checkpoints.make(session, hub.ledger_key, hub.clock())
        assert faults_of(hub) == []
        with hub.database.reading() as session:
            found = [str(fault) for fault in ledger_check.faults(session, old, only_this_key=True)]
    assert found == [f"checkpoint at {SIZE + 1} entries: is not signed with the ledger's key"]
