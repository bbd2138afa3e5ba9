"""The index of what is recorded: segments, gaps with their reasons, and holds, in SQLite.

Invariant: a segment's row is there before its file; a row that is not closed belongs to a file being written or left by a kill.
What can be derived again from the files (end, bytes) is only trusted once the row is closed.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from camera_agents import errors

_SCHEMA = """
CREATE TABLE IF NOT EXISTS segment (
    segment_id INTEGER PRIMARY KEY, camera_id TEXT NOT NULL, path TEXT NOT NULL UNIQUE,
    start_us INTEGER NOT NULL, end_us INTEGER, bytes INTEGER, frames INTEGER, sequence INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS segment_by_time ON segment (camera_id, start_us);
CREATE TABLE IF NOT EXISTS gap (
    gap_id INTEGER PRIMARY KEY, camera_id TEXT NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER, reason TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS gap_by_time ON gap (camera_id, start_us);
CREATE TABLE IF NOT EXISTS hold (
    hold_id TEXT PRIMARY KEY, camera_id TEXT NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS link (
    camera_id TEXT NOT NULL, sequence INTEGER NOT NULL, covered_us INTEGER, made_us INTEGER NOT NULL,
    body TEXT NOT NULL, signature TEXT NOT NULL, PRIMARY KEY (camera_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS removal (
    camera_id TEXT NOT NULL, sequence INTEGER NOT NULL, at_us INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (camera_id, sequence)
) STRICT, WITHOUT ROWID;
"""
_SEGMENT = "segment_id, camera_id, path, start_us, end_us, bytes, sequence"


@dataclass(frozen=True, slots=True)
class Segment:
    """One row: `end_us` and `length_bytes` are None while the file is being written. `path` is below the recordings folder.

    `sequence` is its link's in the camera's chain (`chain`); None for what is open, and for what was recorded before there were chains.
    """

    segment_id: int
    camera_id: str
    path: str
    start_us: int
    end_us: int | None
    length_bytes: int | None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A span without recording; `end_us` is None while it lasts."""

    start_us: int
    end_us: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """A span of one camera's time, microseconds of UTC."""

    camera_id: str
    start_us: int
    end_us: int

    def touches(self, segment: Segment) -> bool:
        """Say whether the segment has any of this span."""
        end_us = segment.end_us if segment.end_us is not None else self.end_us
        return segment.camera_id == self.camera_id and segment.start_us <= self.end_us and end_us >= self.start_us


class Recordings:
    """Thread-safe; every change is durable when its method returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
            if not self._db.execute("SELECT 1 FROM pragma_table_info('segment') WHERE name = 'sequence'").fetchone():
                self._db.execute("ALTER TABLE segment ADD COLUMN sequence INTEGER")
        except sqlite3.Error as e:
            raise errors.RecordingsError(f"{path}: {e}") from e

    def close(self) -> None:
        """Close the index."""
        with self._lock:
            self._db.close()

    def open_segment(self, camera_id: str, path: str, start_us: int) -> int:
        """Announce a file about to be written, end the camera's gap, and return the segment's id."""
        with self.transaction() as db:
            db.execute(
                "UPDATE gap SET end_us = max(start_us, ?) WHERE camera_id = ? AND end_us IS NULL", (start_us, camera_id)
            )
            row = db.execute(
                "INSERT INTO segment (camera_id, path, start_us) VALUES (?, ?, ?)", (camera_id, path, start_us)
            )
            return int(row.lastrowid or 0)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Change several tables at once, durable when the block ends (`chain`); nothing of it happened when it raises."""
        with self._access() as db, db:
            db.execute("BEGIN IMMEDIATE")
            yield db

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Read several tables as they stood at one moment, while others write."""
        with self._access() as db, db:
            db.execute("BEGIN")
            yield db

    def forget_segment(self, segment_id: int) -> None:
        """Remove the row of a file that is gone."""
        self._run("DELETE FROM segment WHERE segment_id = ?", (segment_id,))

    def unclosed(self) -> list[Segment]:
        """Return the segments a kill left behind; call it before anything is recorded."""
        return self._segments("WHERE end_us IS NULL", ())

    def find(self, span: Span) -> list[Segment]:
        """Return the camera's segments that have any of `span`, oldest first."""
        where = "WHERE camera_id = ? AND start_us <= ? AND (end_us IS NULL OR end_us >= ?) ORDER BY start_us"
        return self._segments(where, (span.camera_id, span.end_us, span.start_us))

    def closed(self) -> list[Segment]:
        """Return every closed segment, oldest first."""
        return self._segments("WHERE end_us IS NOT NULL ORDER BY start_us", ())

    def is_listed(self, segment: Segment) -> bool:
        """Say whether the segment is still in the index: retention may have removed it since it was read."""
        return bool(self._rows("SELECT 1 FROM segment WHERE segment_id = ?", (segment.segment_id,)))

    def newest_end_us(self, camera_id: str) -> int | None:
        """Return when the camera's recording last ended, None when nothing is recorded."""
        newest: int | None = self._rows("SELECT max(end_us) FROM segment WHERE camera_id = ?", (camera_id,))[0][0]
        return newest

    def total_bytes(self) -> int:
        """Return the bytes of all closed segments."""
        return int(self._rows("SELECT coalesce(sum(bytes), 0) FROM segment")[0][0])

    def open_gap(self, camera_id: str, start_us: int, reason: str) -> None:
        """Say that nothing is recorded from `start_us` on; while a gap lasts its first reason stands."""
        self._run(
            "INSERT INTO gap (camera_id, start_us, reason) SELECT ?, ?, ? "
            "WHERE NOT EXISTS (SELECT 1 FROM gap WHERE camera_id = ? AND end_us IS NULL)",
            (camera_id, start_us, reason, camera_id),
        )

    def gaps(self, span: Span) -> list[Gap]:
        """Return the camera's gaps that touch `span`, oldest first."""
        sql = "SELECT start_us, end_us, reason FROM gap WHERE camera_id = ? AND start_us <= ? AND (end_us IS NULL OR end_us >= ?) ORDER BY start_us"
        return [Gap(*row) for row in self._rows(sql, (span.camera_id, span.end_us, span.start_us))]

    def forget_gaps_before(self, end_us: int) -> None:
        """Remove gaps that ended before `end_us`, so that the index stays bounded."""
        self._run("DELETE FROM gap WHERE end_us < ?", (end_us,))

    def hold(self, hold_id: str, span: Span, reason: str) -> None:
        """Keep what is recorded of `span` from retention; a repeat of `hold_id` changes nothing."""
        self._run(
            "INSERT OR IGNORE INTO hold VALUES (?, ?, ?, ?, ?)",
            (hold_id, span.camera_id, span.start_us, span.end_us, reason),
        )

    def release(self, hold_id: str) -> None:
        """End a hold."""
        self._run("DELETE FROM hold WHERE hold_id = ?", (hold_id,))

    def holds(self) -> list[Span]:
        """Return the spans that are held."""
        return [Span(*row) for row in self._rows("SELECT camera_id, start_us, end_us FROM hold")]

    @contextlib.contextmanager
    def _access(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._db
            except sqlite3.Error as e:
                raise errors.RecordingsError(f"{self._path}: {e}") from e

    def _run(self, sql: str, values: Sequence[object]) -> None:
        with self._access() as db:
            db.execute(sql, values)

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._access() as db:
            return db.execute(sql, values).fetchall()

    def _segments(self, where: str, values: Sequence[object]) -> list[Segment]:
        return [Segment(*row) for row in self._rows(f"SELECT {_SEGMENT} FROM segment {where}", values)]  # noqa: S608


def closed_in(db: sqlite3.Connection, camera_id: str) -> list[Segment]:
    """Return a camera's closed segments as a snapshot has them."""
    rows = db.execute(f"SELECT {_SEGMENT} FROM segment WHERE camera_id = ? AND end_us IS NOT NULL", (camera_id,))  # noqa: S608
    return [Segment(*row) for row in rows]
