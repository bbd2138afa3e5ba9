"""Bringing a database to this version's schema, and saying which one it has."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from sharing_hub.store import database as databases

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(database: databases.Database, to: str = "head") -> None:
    """Apply what is missing of the schema's history, up to the revision `to`; a repeat does nothing."""
    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def revision(database: databases.Database) -> str | None:
    """Return the revision the database has; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Return the revision of this version's schema."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config
