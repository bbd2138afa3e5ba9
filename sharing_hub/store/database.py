"""The database: one engine, reading and writing transactions, migrations at start.

Invariants: a writing transaction is durable when `writing()` returns (SQLite WAL, synchronous=FULL); writers of this process queue in turn;
what changed is published only after the commit.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from sharing_hub import errors

BUSY_TIMEOUT_MS = 15_000
_CHANGES = "changes"
_IMMEDIATE = "jikimi_immediate"

Topic = Literal["incident", "camera", "media", "grant", "book", "message", "request"]
Publish = Callable[[Topic, str], None]


def note(session: Session, topic: Topic, key: object) -> None:
    """Remember within this transaction that something changed; it is published after the commit, and once."""
    changes: dict[tuple[Topic, str], None] = session.info.setdefault(_CHANGES, {})
    changes[topic, str(key)] = None


class Database:
    """One SQLite file in WAL mode.

    Args:
        path: the file; its folder exists.
        publish: called after each commit with each change, from whichever thread committed; must not block or raise.
    """

    def __init__(self, path: Path, publish: Publish = lambda topic, key: None) -> None:
        self.path = path
        self._publish = publish
        self.engine = sa.create_engine(
            f"sqlite:///{path}",
            pool_size=50,
            max_overflow=50,
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
            hide_parameters=True,  # an error is logged, and hashes of secrets and CSRF tokens are parameters
        )
        event.listen(self.engine, "connect", _configure)
        event.listen(self.engine, "begin", _begin)
        self._writers = self.engine.execution_options(**{_IMMEDIATE: True})
        self._turn = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one state of the database and changes nothing; its rows can be read after it."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session  # closing it undoes everything and lets the rows go as they are (a rollback would empty them)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session whose changes are committed, durably, when the block ends, and undone when it raises.

        Begin and end it in one thread: it holds this process's turn to write.
        """
        with self._turn, Session(self._writers, expire_on_commit=False) as session, session.begin():
            yield session
        for topic, key in session.info.pop(_CHANGES, ()):
            self._publish(topic, key)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def require_current(database: Database, revision: str | None, head: str | None) -> None:
    """Refuse a database whose schema is not this version's.

    Raises:
        StoreError: naming both revisions and the remedy.
    """
    if revision != head:
        raise errors.StoreError(
            f"{database.path}: schema {revision} is not this version's {head}; run `jikimi-hub migrate` with this configuration"
        )


def _configure(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own rule begins too late
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get(_IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
