"""The schema's history gives exactly the tables that the code knows, and keeps the record append-only."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from sharing_hub import errors
from sharing_hub.store import database, metadata, schema, tables

OLD_INCIDENT = (
    "INSERT INTO agents (agent_id, site, public_key, software, enrolled_at) VALUES ('0000000000000000000000000000000a', 'north', 'k', 's', '2026-01-01 00:00:00')",
    "INSERT INTO cameras (camera_id, agent_id, name, recording, kinds, zones, first_seen_at, state, detail, decode_mode, codec, width_px, height_px,"
    " fps_in, fps_analysed, look_interval_s, bytes_in, dropped, coverage) VALUES ('gate', '0000000000000000000000000000000a', 'gate', 0, '[]', '[]', '2026-01-01 00:00:00', 'online',"
    " '', 'none', '', 0, 0, 0, 0, 0, 0, '{}', '[]')",
    "INSERT INTO events (event_id, camera_id, agent_id, kind, started_at, raised_at, received_at, score, explanation, software)"
    " VALUES ('0000000000000000000000000000000e', 'gate', '0000000000000000000000000000000a', 'fire', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, '{}', 's')",
    "INSERT INTO incidents (incident_id, camera_id, kind, severity, state, opened_at, last_alarm_at, alarm_count, first_event_id, latest_event_id, version)"
    " VALUES ('00000000000000000000000000000001', 'gate', 'fire', 1, 'new', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, '0000000000000000000000000000000e', '0000000000000000000000000000000e', 1)",
    "INSERT INTO alarms VALUES ('00000000000000000000000000000002', '0000000000000000000000000000000e', '00000000000000000000000000000001', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    "INSERT INTO incident_history (incident_id, at, operator_name, change, from_state, to_state, version)"
    " VALUES ('00000000000000000000000000000001', '2026-01-01 00:00:00', 'kim', 'acknowledge', 'new', 'acknowledged', 2)",
)  # fmt: skip
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


def test_what_an_older_hub_kept_of_incidents_is_kept_and_calls_nobody(tmp_path: Path) -> None:
    db = database.Database(tmp_path / "old.db")
    schema.upgrade(db, "0004")
    with db.writing() as session:
        for statement in OLD_INCIDENT:
            session.execute(sa.text(statement))
    schema.upgrade(db)
    with db.reading() as session:
        kept = session.scalars(sa.select(tables.Incident)).one()
        assert session.scalars(sa.select(tables.Alarm)).one().incident_id == kept.incident_id
        assert session.scalar(sa.text("PRAGMA foreign_keys")) == 1
    assert (kept.camera_id, kept.known_at, kept.digest, kept.escalation_level) == ("gate", kept.opened_at, False, 2)
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), db.writing() as session:
        session.execute(sa.text("DELETE FROM incident_history"))
    with pytest.raises(sa.exc.IntegrityError, match="FOREIGN KEY"), db.writing() as session:
        session.execute(sa.text("DELETE FROM incidents"))
    db.close()


def test_a_reference_broken_by_hand_stops_no_upgrade_and_one_that_the_upgrade_would_break_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = database.Database(tmp_path / "old.db")
    schema.upgrade(db, "0004")
    with db.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        for statement in (
            "PRAGMA foreign_keys=OFF",
            "INSERT INTO grant_cameras VALUES ('00000000000000000000000000000000', 'gate')",
            "PRAGMA foreign_keys=ON",
        ):
            raw.cursor().execute(statement)
    before = schema.revision(db)
    monkeypatch.setattr("alembic.command.upgrade", _break_one_more)
    with pytest.raises(errors.StoreError, match="grant_cameras"):
        schema.upgrade(db)
    monkeypatch.undo()
    assert schema.revision(db) == before
    schema.upgrade(db)
    assert schema.revision(db) == schema.head()
    with db.reading() as session:
        assert len(session.scalars(sa.text("SELECT camera_id FROM grant_cameras")).all()) == 1
    db.close()


def _break_one_more(config: Config, to: str) -> None:
    config.attributes["connection"].exec_driver_sql(
        "INSERT INTO grant_cameras VALUES ('11111111111111111111111111111111', 'yard')"
    )


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
