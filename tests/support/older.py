"""A hub's database as an older version of the software left it: its schema, and of today's rows what that schema has columns for."""

import contextlib
import sqlite3
from pathlib import Path

from sharing_hub.store import database, schema


def make_older(path: Path, revision: str) -> None:
    """Put the database at `path` back to the schema of `revision`, with its rows."""
    today = path.with_suffix(".today")
    path.rename(today)
    older = database.Database(path)
    schema.upgrade(older, revision)
    older.close()
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute("ATTACH ? AS today", (str(today),))
        for (table,) in raw.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            if table.startswith(("sqlite_", "alembic_")):
                continue
            both = [name for name in _columns(raw, "main", table) if name in _columns(raw, "today", table)]
            names = ", ".join(both)
            raw.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM today.{table}")  # noqa: S608 - no outside words
        raw.commit()


def _columns(raw: sqlite3.Connection, schema_name: str, table: str) -> list[str]:
    return [row[1] for row in raw.execute(f"PRAGMA {schema_name}.table_info({table})")]
