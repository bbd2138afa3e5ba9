"""A backup is made while the hub works, restored elsewhere, and verified; damage anywhere is found."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.services import backup, check
from sharing_hub.store import tables
from tests.support import hub_media, hub_site, messages


def filled(hub: hubs.Hub) -> hub_site.Site:
    site = hub_site.enrol(hub)
    for content in (b"one", b"two", b"two"):
        hub_media.store(hub, site, content)
    return site


def findings(hub: hubs.Hub) -> list[str]:
    with hub.database.reading() as session:
        return [str(finding) for finding in check.findings(session, hub.blobs, hub.ledger_key.public)]


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_a_running_hub_is_backed_up_and_restored_with_everything(tmp_path: Path, name: str) -> None:
    with hub_site.opened(tmp_path / "hub") as hub:
        site = filled(hub)
        backup.make(tmp_path / "hub", tmp_path / name, messages.NOON)
        hub_media.store(hub, site, b"after the backup")
    assert backup.restore(tmp_path / name, tmp_path / "new") == []
    with hub_site.opened(tmp_path / "new") as hub:
        assert findings(hub) == []
        assert len(list(hub.blobs.blobs())) == 2
        with hub.database.reading() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(tables.Media)) == 3
        assert hub_media.store(hub, site, b"goes on").media_id
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["hub", "new", name])


def test_restore_never_overwrites(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path / "hub"):
        backup.make(tmp_path / "hub", tmp_path / "backup", messages.NOON)
    with pytest.raises(errors.StoreError, match="not empty"):
        backup.restore(tmp_path / "backup", tmp_path / "hub")
    with pytest.raises(errors.StoreError, match="exists already"):
        backup.make(tmp_path / "hub", tmp_path / "backup", messages.NOON)


def a_media_file(folder: Path) -> Path:
    return next(path for path in sorted((folder / "media").glob("??/*")))


def flip_media(folder: Path) -> None:
    a_media_file(folder).write_bytes(b"eno")


def flip_database(folder: Path) -> None:
    data = bytearray((folder / "hub.db").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "hub.db").write_bytes(data)


@pytest.mark.parametrize("damage", [flip_media, flip_database, lambda folder: a_media_file(folder).unlink()])
def test_a_damaged_backup_is_not_put_in_place(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    with hub_site.opened(tmp_path / "hub") as hub:
        filled(hub)
        backup.make(tmp_path / "hub", tmp_path / "backup", messages.NOON)
    damage(tmp_path / "backup")
    with pytest.raises(errors.StoreError, match="damaged"):
        backup.restore(tmp_path / "backup", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE incidents SET alarm_count = 7", "says 7 alarms and has 1"),
        ("DROP TRIGGER looks_no_update", "looks_no_update"),
        ("UPDATE media SET length_bytes = 2", "something else than the signed manifest"),
        ("UPDATE media SET signed = replace(signed, '960', '961')", "signature is not its agent's"),
        ("DELETE FROM media", "belong to nothing"),
        ("PRAGMA foreign_keys=OFF; DELETE FROM cameras", "missing in cameras"),
    ],
)
def test_check_finds_what_was_changed_by_hand(tmp_path: Path, statement: str, found: str) -> None:
    with hub_site.opened(tmp_path) as hub:
        hub_media.store(hub, hub_site.enrol(hub), b"x")
        assert findings(hub) == []
        with hub.database.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.executescript(statement)
        assert any(found in finding and "WRONG" in finding for finding in findings(hub)), findings(hub)


def test_check_finds_a_missing_and_an_altered_file_and_notes_a_stray_upload(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path) as hub:
        site = hub_site.enrol(hub)
        hub_media.store(hub, site, b"one")
        a_media_file(tmp_path).write_bytes(b"eno")
        assert any("another SHA-256" in finding for finding in findings(hub))
        shutil.rmtree(a_media_file(tmp_path).parent)
        (tmp_path / "media" / "partial" / "00000000-0000-0000-0000-000000000001").write_bytes(b"x")
        assert sorted(finding.split(":")[0] for finding in findings(hub)) == ["WRONG", "note"]


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_nobody_else_may_read_a_backup(tmp_path: Path, name: str) -> None:
    with hub_site.opened(tmp_path / "hub"):
        backup.make(tmp_path / "hub", tmp_path / name, messages.NOON)
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_a_backup_that_could_not_be_whole_is_refused_with_words_and_leaves_nothing(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path / "hub") as hub:
        filled(hub)
        a_media_file(tmp_path / "hub").unlink()
        with pytest.raises(errors.StoreError, match="is missing"):
            backup.make(tmp_path / "hub", tmp_path / "backup", messages.NOON)
    assert [path.name for path in tmp_path.iterdir()] == ["hub"]
