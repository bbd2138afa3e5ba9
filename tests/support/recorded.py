"""A hub in which something of every recorded kind was done, and hands that change its database by force."""

import datetime
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import ledger, viewers
from sharing_hub.services import agents, incidents, looks, operators, recordings, retention, sessions
from sharing_hub.store import ledger_tables, tables
from sharing_hub.wire import v1
from tests.support import desk, hub_media, hub_site, viewing

SOURCE = "192.0.2.10"
SUBJECTS = (
    looks.Subject("live", "gate", "gate"),
    looks.Subject("clip", "gate", "media-1"),
    looks.Subject("range", "gate", "media-2"),
)


def fill(hub: hubs.Hub) -> hub_site.Site:
    """Do something of every kind that is recorded."""
    site = hub_site.enrol(hub)
    kim, now = viewing.viewer(), hub.clock()
    held, gone = hub_media.store(hub, site, b"held"), hub_media.store(hub, site, b"gone")
    for subject in SUBJECTS:
        look(hub, kim, subject)
    with pytest.raises(errors.Refused):
        look(hub, viewing.viewer("auditor", "lee"), SUBJECTS[0], "curious")
    with hub.database.writing() as session:
        incident_id = session.scalars(sa.select(tables.Incident.incident_id)).first()
        assert incident_id is not None
        incidents.acknowledge(session, incident_id, kim, now)
        incidents.mark_false(session, incident_id, kim, "animal", "a cat", now)
    _people(hub)
    _video(hub, site, held, gone)
    return site


def look(
    hub: hubs.Hub,
    viewer: viewers.Viewer,
    subject: looks.Subject = SUBJECTS[0],
    why: str = "alarm",
    at: datetime.datetime | None = None,
) -> looks.Look:
    """Look at something, from the desk."""
    return looks.look(hub.database, hub.access, viewer, subject, looks.Reason(why, SOURCE), at or hub.clock())


def entries(hub: hubs.Hub) -> list[dict[str, Any]]:
    """Return every entry's values, in order."""
    with hub.database.reading() as session:
        return [
            ledger.read(body) for body in session.scalars(sa.select(ledger_tables.Entry.body).order_by("entry_index"))
        ]


def actions(hub: hubs.Hub) -> list[str]:
    """Return what was recorded, in order."""
    return [str(values["action"]) for values in entries(hub)]


def force(data_dir: Path, statement: str, *values: Any) -> int:
    """Change the database as somebody with the file would, triggers and keys off; return how many rows were changed."""
    with closing(sqlite3.connect(data_dir / "hub.db", isolation_level=None)) as raw:
        raw.execute("PRAGMA foreign_keys=OFF")
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        return raw.execute(statement, values).rowcount


def _people(hub: hubs.Hub) -> None:
    now = hub.clock()
    with hub.database.writing() as session:
        row = desk.operator_row("operator", now, name="park")
        session.add(row)
        session.flush()
        _, active = sessions.begin(session, row.operator_id, datetime.timedelta(hours=1), desk.SOURCE, now)
        sessions.end(session, active.session_id, now)
        operators.note_lock_out(session, row.operator_id, 15, SOURCE, now)
        operators.disable(session, "park", now)


def _video(hub: hubs.Hub, site: hub_site.Site, held: v1.MediaManifest, gone: v1.MediaManifest) -> None:
    now, kim = hub.clock(), viewing.viewer()
    with hub.database.writing() as session:
        until = now + datetime.timedelta(days=9)
        hold_id = retention.hold(session, held.media_id, "police 12-3", "investigation", until, now)
        retention.release(session, hold_id, now)
        retention.delete(session, [session.get_one(tables.Media, gone.media_id)], "kept for 30 days", now)
        span = (now - datetime.timedelta(minutes=2), now - datetime.timedelta(minutes=1))
        row = recordings.request(session, kim, held.camera_id, span, "investigation", now)
        recordings.hear(session, site.agent_id, v1.RangeState(request_id=row.request_id, state="accepted"), now)
        agents.revoke(session, site.agent_id, now)
        recordings.forget_agent(session, site.agent_id, now)
