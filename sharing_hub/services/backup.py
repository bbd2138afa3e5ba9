"""Backup and restore of a data folder: database, media, authority, the keys of ledger and webhooks.

A backup is a data folder (or a tar of one) with a `backup.json`. It can be made while the hub runs: the database is copied by SQLite's own
backup, then every file its rows name is copied under its hash; retention waits meanwhile. It gets its name only when it is whole.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sharing_hub import errors, ledger_key, webhook_key
from sharing_hub.services import check
from sharing_hub.store import blobs, database, schema

DATABASE = "hub.db"
MANIFEST = "backup.json"
RETENTION_LOCK = "retention.lock"
_KEPT = ("authority", ledger_key.FOLDER, webhook_key.FOLDER)


def make(data_dir: Path, target: Path, now: datetime) -> None:
    """Write a backup of `data_dir` to `target`: a new folder, or a new file where its name ends in .tar.

    Raises:
        StoreError: the target exists, or there is no hub's data here.
    """
    if target.exists():
        raise errors.StoreError(f"{target}: exists already; name a new folder or .tar file")
    if not (data_dir / DATABASE).exists():
        raise errors.StoreError(f"{data_dir}: holds no {DATABASE}; give the data folder of a hub")
    part = target.with_name(target.name + ".part")
    folder = part if target.suffix != ".tar" else target.with_name(target.name + ".folder")
    for rest in (part, folder):
        _remove(rest)
    folder.mkdir(mode=0o700, parents=True)
    try:
        _fill(data_dir, folder, now)
        if target.suffix == ".tar":
            _pack(folder, part)
        part.rename(target)
        _sync(target.parent)
    finally:
        _remove(folder)
        _remove(part)


def restore(source: Path, data_dir: Path) -> list[check.Finding]:
    """Make a data folder of a backup, verify it, and return what the verification found.

    Raises:
        StoreError: the data folder is in use, the source is no backup, or it is damaged: nothing is put in place then.
    """
    if data_dir.exists() and any(data_dir.iterdir()):
        raise errors.StoreError(f"{data_dir}: is not empty; restore never overwrites: name a new folder")
    part = data_dir.with_name(data_dir.name + ".part")
    _remove(part)
    try:
        _unpack(source, part)
        found = _verify(part)
        wrong = [finding for finding in found if finding.wrong]
        if wrong:
            raise errors.StoreError(f"{source}: the backup is damaged: " + "; ".join(map(str, wrong[:5])))
        (part / MANIFEST).unlink()
        if data_dir.exists():
            data_dir.rmdir()
        part.rename(data_dir)
        _sync(data_dir.parent)
        return found
    finally:
        _remove(part)


def _fill(data_dir: Path, folder: Path, now: datetime) -> None:
    with _no_retention(data_dir):
        _copy_database(data_dir / DATABASE, folder / DATABASE)
        _copy_media(folder / DATABASE, data_dir / "media", folder / "media")
    for name in _KEPT:
        if (data_dir / name).exists():
            shutil.copytree(data_dir / name, folder / name)
    with closing(sqlite3.connect(folder / DATABASE)) as copy:
        (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    about = {"made_at": now.isoformat(), "schema": revision, "database_sha256": _sha256(folder / DATABASE)}
    (folder / MANIFEST).write_text(json.dumps(about, indent=1))


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")  # one file, no journal beside it


def _copy_media(copy: Path, source: Path, target: Path) -> None:
    with closing(sqlite3.connect(copy)) as rows:
        hashes = [sha256 for (sha256,) in rows.execute("SELECT DISTINCT sha256 FROM media WHERE deleted_at IS NULL")]
    for sha256 in hashes:
        folder = target / sha256[:2]
        folder.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(source / sha256[:2] / sha256, folder / sha256)
        except FileNotFoundError as e:
            raise errors.StoreError(
                f"{source}: the file {sha256} is missing, so the backup would not be whole; see `jikimi-hub check`"
            ) from e


def _verify(folder: Path) -> list[check.Finding]:
    about = json.loads((folder / MANIFEST).read_text())
    if _sha256(folder / DATABASE) != about["database_sha256"]:
        return [check.Finding(True, DATABASE, "has another SHA-256 than the backup says")]
    if about["schema"] != schema.head():
        return [
            check.Finding(
                True,
                DATABASE,
                f"has schema {about['schema']}, not {schema.head()}: restore with that version, then migrate",
            )
        ]
    db = database.Database(folder / DATABASE)
    try:
        with db.reading() as session:
            return list(check.findings(session, blobs.FolderBlobs(folder / "media"), ledger_key.public_of(folder)))
    finally:
        db.close()


def _unpack(source: Path, part: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, part)
    elif source.is_file() and tarfile.is_tarfile(source):
        part.mkdir(mode=0o700, parents=True)
        with tarfile.open(source) as tar:
            tar.extractall(part, filter="data")
    else:
        raise errors.StoreError(f"{source}: is neither a backup folder nor a .tar of one")
    if not (part / MANIFEST).exists():
        raise errors.StoreError(f"{source}: holds no {MANIFEST}; it is no backup of this hub")


def _pack(folder: Path, target: Path) -> None:
    with open(target, "xb", opener=_private) as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            tar.add(folder, arcname=".")
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _no_retention(data_dir: Path) -> Iterator[None]:
    with (data_dir / RETENTION_LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _private(path: str, flags: int) -> int:
    """Open a new file that only its owner reads: it holds pictures and keys."""
    return os.open(path, flags, 0o600)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
