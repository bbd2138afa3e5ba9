"""The outbox's file: opening, schema and transactions. Invariant: a transaction that returned is on the disk.

SQLite in WAL mode with synchronous=FULL: every commit is one fsync of the log, and a process killed at any point leaves either all or none of a
transaction. One connection serves every thread, one at a time.
"""

import contextlib
import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from camera_agents import errors

VERSION = 1
_BUSY_MS = 5000
_SCHEMA = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    camera_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    raised_at REAL NOT NULL,
    body TEXT NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'parked')),
    reason TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    committed_at REAL NOT NULL,
    settled_at REAL
);
CREATE TABLE endings (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'parked')),
    reason TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    committed_at REAL NOT NULL,
    settled_at REAL
);
CREATE TABLE plans (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    plan_id TEXT NOT NULL UNIQUE,
    camera_id TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    event_id TEXT,
    request_id TEXT UNIQUE,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'made', 'failed')),
    reason TEXT NOT NULL DEFAULT '',
    told INTEGER NOT NULL DEFAULT 0,
    committed_at REAL NOT NULL,
    settled_at REAL
);
CREATE TABLE media (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    media_id TEXT NOT NULL UNIQUE,
    event_id TEXT,
    rank INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    length_bytes INTEGER NOT NULL,
    path TEXT NOT NULL,
    body TEXT NOT NULL,
    file_removed INTEGER NOT NULL DEFAULT 0,
    restarts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'parked')),
    reason TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    committed_at REAL NOT NULL,
    settled_at REAL
);
CREATE INDEX events_to_send ON events (attempts, seq) WHERE state = 'pending';
CREATE INDEX events_going_on ON events (seq) WHERE ended = 0;
CREATE INDEX events_parked ON events (seq) WHERE state = 'parked';
CREATE INDEX endings_to_send ON endings (attempts, seq) WHERE state = 'pending';
CREATE INDEX endings_parked ON endings (seq) WHERE state = 'parked';
CREATE INDEX plans_to_make ON plans (seq) WHERE state = 'open';
CREATE INDEX plans_failed ON plans (seq) WHERE state = 'failed';
CREATE INDEX media_to_send ON media (rank, seq) WHERE state = 'pending';
CREATE INDEX media_parked ON media (seq) WHERE state = 'parked';
CREATE INDEX media_by_file ON media (sha256);
CREATE TRIGGER report_parked AFTER UPDATE OF state ON events WHEN new.state = 'parked' BEGIN
    UPDATE endings SET state = 'parked', reason = 'its report was refused', settled_at = new.settled_at
        WHERE event_id = new.event_id AND state = 'pending';
    UPDATE media SET state = 'parked', reason = 'its report was refused', settled_at = new.settled_at
        WHERE event_id = new.event_id AND state = 'pending';
    UPDATE plans SET state = 'failed', reason = 'its report was refused', settled_at = new.settled_at
        WHERE event_id = new.event_id AND state = 'open';
END;
CREATE TRIGGER ending_of_a_parked_report AFTER INSERT ON endings
WHEN EXISTS (SELECT 1 FROM events WHERE event_id = new.event_id AND state = 'parked') BEGIN
    UPDATE endings SET state = 'parked', reason = 'its report was refused', settled_at = new.committed_at
        WHERE seq = new.seq;
END;
CREATE TRIGGER media_of_a_parked_report AFTER INSERT ON media
WHEN EXISTS (SELECT 1 FROM events WHERE event_id = new.event_id AND state = 'parked') BEGIN
    UPDATE media SET state = 'parked', reason = 'its report was refused', settled_at = new.committed_at
        WHERE seq = new.seq;
END;
"""


class Store:
    """An open outbox file.

    Args:
        owner: True for the agent whose outbox it is, of which there can be one at a time; False to look into it.

    Raises:
        OutboxError: the file is damaged, made by a newer version, in use by another agent, or cannot be written.
    """

    def __init__(self, path: Path, owner: bool = False) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._ownership = _own(path) if owner else None
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as e:
            self._disown()
            raise errors.OutboxError(f"{path}: cannot open the outbox ({e}): check the folder and its owner") from e
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; what was committed stays."""
        with self._lock:
            self._connection.close()
            self._disown()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Cursor]:
        """Yield a cursor inside one transaction, durable when the block ends, undone when it raises.

        Raises:
            OutboxError: it could not be made durable (disk full, damaged file).
        """
        with self._lock:
            try:
                cursor = self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield cursor
                except BaseException:
                    self._connection.rollback()
                    raise
                cursor.execute("COMMIT")
            except sqlite3.Error as e:
                if self._connection.in_transaction:
                    self._connection.rollback()
                raise errors.OutboxError(f"{self.path}: {e}") from e

    def rows(self, query: str, *values: object) -> list[Any]:
        """Return the rows that `query` finds."""
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.Error as e:
                raise errors.OutboxError(f"{self.path}: {e}") from e

    def _disown(self) -> None:
        if self._ownership is not None:
            self._ownership.close()

    def _prepare(self) -> None:
        try:
            self._connection.row_factory = sqlite3.Row
            self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise errors.OutboxError(f"{self.path} was made by a newer version: install that version again")
            if version == 0:
                self._connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
        except sqlite3.DatabaseError as e:
            raise errors.OutboxError(
                f"{self.path}: {e}. Run `jikimi-agent check`; if the outbox is damaged, move it aside and keep it"
            ) from e


def _own(path: Path) -> IO[bytes]:
    """Take the lock beside the outbox; the system lets go of it when the process ends, however it ends."""
    try:
        file = path.with_suffix(".lock").open("ab")
    except OSError as e:
        raise errors.OutboxError(f"{path}: cannot open the outbox ({e}): check the folder and its owner") from e
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        file.close()
        raise errors.OutboxError(f"{path} is in use by another agent: each agent needs a state_dir of its own") from e
    return file
