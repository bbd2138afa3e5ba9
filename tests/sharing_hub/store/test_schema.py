"""The schema's history gives exactly the tables that the code knows, and keeps the record append-only."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sharing_hub.store import database, metadata, schema, tables

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path):  # type: ignore[no-untyped-def]
    db = database.Database(tmp_path / "hub.db")
    schema.upgrade(db)
    yield db
    db.close()


def test_the_history_makes_the_tables_of_the_code(db: database.Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata.METADATA) == []


def test_upgrading_twice_changes_nothing(db: database.Database) -> None:
    schema.upgrade(db)
    assert schema.revision(db) == schema.head()


def test_a_deletion_row_can_be_neither_changed_nor_removed(db: database.Database) -> None:
    with db.writing() as session:
        session.add(tables.Deletion(at=NOON, actor="retention", subject="media", subject_id="x", why="30 days"))
    for statement in ("UPDATE deletions SET why='other'", "DELETE FROM deletions"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), db.writing() as session:
            session.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("at", "kept"), [(datetime(2999, 1, 1, tzinfo=UTC), True), (datetime(2020, 1, 1, tzinfo=UTC), False)]
)
def test_only_looks_past_two_years_can_be_removed(db: database.Database, at: datetime, kept: bool) -> None:
    with db.writing() as session:
        session.add(
            tables.Look(
                look_id=uuid4(), at=at, operator_id=uuid4(), operator_name="kim", role="operator", source_address="::1",
                action="clip", camera_id="gate", subject_id="m", why="alarm", decision="permit", rule="role",
            )
        )  # fmt: skip
    if kept:
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), db.writing() as session:
            session.execute(sa.delete(tables.Look))
    else:
        with db.writing() as session:
            session.execute(sa.delete(tables.Look))
    with db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(tables.Look)) == int(kept)
