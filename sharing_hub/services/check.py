"""Checking: whether what the store says is true, for a hub that runs or rests.

A finding that is `wrong` breaks an invariant; the others are left-overs that the hub removes by itself.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sharing_hub.domain import notes
from sharing_hub.services import ledger_check, media
from sharing_hub.store import blobs, tables


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the check found.

    Attributes:
        wrong: an invariant is broken; False for a left-over.
    """

    wrong: bool
    subject: str
    what: str

    def __str__(self) -> str:
        return f"{'WRONG' if self.wrong else 'note'}: {self.subject}: {self.what}"


def of_running(
    reading: Callable[[], AbstractContextManager[Session]], store: blobs.BlobStore, ledger_key: notes.Key | None
) -> list[Finding]:
    """Return what is found beside a hub that may be running: what seems wrong is looked at once more, and only what stays wrong is.

    The database is read as it was at one moment and the media folder a moment later: a file that arrived between the two belongs to nothing, for that
    moment, and one that was just removed is missing.
    """
    with reading() as session:
        found = list(findings(session, store, ledger_key))
    if not any(one.wrong for one in found):
        return found
    with reading() as session:
        again = set(findings(session, store, ledger_key))
    return [one for one in found if not one.wrong or one in again]


def findings(session: Session, store: blobs.BlobStore, ledger_key: notes.Key | None) -> Iterator[Finding]:
    """Verify the database, the ledger, every media file and every count, and yield what is found.

    Args:
        ledger_key: the public key of the ledger.
    """
    yield from _database(session)
    yield from _triggers(session)
    yield from _ledger(session, ledger_key)
    yield from _counts(session)
    yield from _media(session, store)
    yield from _strays(session, store)


def _database(session: Session) -> Iterator[Finding]:
    for (line,) in session.execute(sa.text("PRAGMA integrity_check")):
        if line != "ok":
            yield Finding(True, "database", line)
    for table, row, parent, _ in session.execute(sa.text("PRAGMA foreign_key_check")):
        yield Finding(True, f"{table} row {row}", f"refers to a row that is missing in {parent}")


def _triggers(session: Session) -> Iterator[Finding]:
    present = set(session.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    for table in tables.APPEND_ONLY:
        for trigger in (f"{table}_no_update", f"{table}_no_delete"):
            if trigger not in present:
                yield Finding(True, table, f"the trigger {trigger} that keeps it append-only is missing")


def _ledger(session: Session, key: notes.Key | None) -> Iterator[Finding]:
    for fault in ledger_check.faults(session, key):
        yield Finding(True, fault.subject, fault.what)


def _counts(session: Session) -> Iterator[Finding]:
    incident, alarm = tables.Incident, tables.Alarm
    counted = (
        select(incident.incident_id, incident.alarm_count, func.count(alarm.alarm_id))
        .join(alarm, alarm.incident_id == incident.incident_id, isouter=True)
        .group_by(incident.incident_id)
        .having(func.count(alarm.alarm_id) != incident.alarm_count)
    )
    for incident_id, says, has in session.execute(counted):
        yield Finding(True, f"incident {incident_id}", f"says {says} alarms and has {has}")


def _media(session: Session, store: blobs.BlobStore) -> Iterator[Finding]:
    keys = dict(session.execute(select(tables.Agent.agent_id, tables.Agent.public_key)).all())
    hashed: dict[str, str | None] = {}
    for row in session.scalars(select(tables.Media).execution_options(yield_per=500)):
        subject = f"media {row.media_id}"
        if not media.is_signed(row.signed, keys.get(row.agent_id, "")):
            yield Finding(True, subject, "the manifest's signature is not its agent's")
        if (row.signed.manifest.sha256, row.signed.manifest.length_bytes) != (row.sha256, row.length_bytes):
            yield Finding(True, subject, "the row says something else than the signed manifest")
        if row.deleted_at is not None:
            continue
        if store.length_bytes(row.sha256) != row.length_bytes:
            yield Finding(
                True, subject, f"its file of {row.length_bytes} bytes is {store.length_bytes(row.sha256)} bytes"
            )
            continue
        if row.sha256 not in hashed:
            hashed[row.sha256] = _sha256(store, row.sha256)
        if hashed[row.sha256] != row.sha256:
            yield Finding(True, subject, "its file has another SHA-256")


def _strays(session: Session, store: blobs.BlobStore) -> Iterator[Finding]:
    table = tables.Media
    known = set(session.scalars(select(table.sha256).where(table.deleted_at.is_(None))))
    deleted = set(session.scalars(select(table.sha256).where(table.deleted_at.is_not(None))))
    uploads = {
        signed.manifest.media_id: signed.manifest.sha256 for signed in session.scalars(select(tables.Upload.signed))
    }
    for sha256, length in store.blobs():
        if sha256 in known or sha256 in uploads.values():
            continue
        if sha256 in deleted:
            yield Finding(False, f"file {sha256}", f"{length} bytes of deleted media, to be removed when the hub runs")
        else:
            yield Finding(True, f"file {sha256}", f"{length} bytes that belong to nothing")
    for media_id in store.partials():
        if media_id not in uploads:
            yield Finding(False, f"upload {media_id}", "a partial file that was not announced")


def _sha256(store: blobs.BlobStore, sha256: str) -> str:
    digest = hashlib.sha256()
    for piece in store.read(sha256):
        digest.update(piece)
    return digest.hexdigest()
