"""Bringing a database to this version's schema, and saying which one it has."""

from collections import Counter
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from sharing_hub import errors
from sharing_hub.store import database as databases

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(database: databases.Database, to: str = "head") -> None:
    """Apply what is missing of the schema's history, up to the revision `to`; a repeat does nothing.

    SQLite changes a column by making its table anew, which other tables' rows refer to meanwhile: references are checked at the end, not on the way.

    Raises:
        StoreError: afterwards a row refers to one that is missing, and did not before; nothing was changed.
    """
    if to == "head" and revision(database) == head():
        return
    config = _config()
    with database.engine.connect() as connection:
        _enforce_references(connection, False)
        try:
            with connection.begin():
                before = _broken_references(connection)
                config.attributes["connection"] = connection
                command.upgrade(config, to)
                for table, parent in _broken_references(connection) - before:
                    raise errors.StoreError(
                        f"the upgrade was undone: rows of {table} would lose those of {parent} that they refer to"
                    )
        finally:
            _enforce_references(connection, True)


def revision(database: databases.Database) -> str | None:
    """Return the revision the database has; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Return the revision of this version's schema."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _enforce_references(connection: sa.Connection, on: bool) -> None:
    """Say whether SQLite checks references; it listens outside of a transaction only, so not through SQLAlchemy, which would begin one."""
    raw = connection.connection.dbapi_connection
    assert raw is not None  # noqa: S101 - the connection is open
    raw.cursor().execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _broken_references(connection: sa.Connection) -> Counter[tuple[str, str]]:
    """Count the rows that refer to one that is missing, by table and the table they refer to. (By hand only; `jikimi-hub check` names them.)"""
    return Counter((row[0], row[2]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check"))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config
