"""Retention: media go after their days, or earlier, oldest first, when the disk is nearly full. Held media never go. Rows outlive files.

Steps of a deletion: (1) one transaction sets `deleted_at` and writes a `deletions` row and its ledger entry; (2) the file is removed when no row needs it. A kill
between them leaves a file that nobody can reach; `sweep` removes it at the next start.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.services import ledger, ledger_sources
from sharing_hub.store import blobs, database, tables

BATCH = 200
ABANDONED_AFTER = timedelta(days=7)


def expired(session: Session, before: datetime, now: datetime) -> Sequence[tables.Media]:
    """Return some media received before `before` that nothing holds, oldest first."""
    return session.scalars(_unheld(now).where(tables.Media.received_at < before).limit(BATCH)).all()


def oldest(session: Session, need_bytes: int, now: datetime) -> Sequence[tables.Media]:
    """Return the oldest unheld media that together make room for `need_bytes` (as far as one batch goes)."""
    chosen: list[tables.Media] = []
    for row in session.scalars(_unheld(now).limit(BATCH)):
        if need_bytes <= 0:
            break
        chosen.append(row)
        need_bytes -= row.length_bytes
    return chosen


def delete(session: Session, rows: Iterable[tables.Media], why: str, now: datetime) -> None:
    """Mark media as deleted, and put it on record."""
    made: list[tables.Deletion] = []
    for row in rows:
        row.deleted_at = now
        made.append(
            tables.Deletion(
                at=now,
                actor="retention",
                subject="media",
                subject_id=str(row.media_id),
                camera_id=row.camera_id,
                form=row.form,
                sha256=row.sha256,
                length_bytes=row.length_bytes,
                why=why,
            )
        )
        database.note(session, "media", row.media_id)
    _record(session, made)


def leftovers(session: Session, store: blobs.BlobStore) -> set[str]:
    """Return the files in the folder that belong only to deleted media: a kill came before their removal."""
    return {sha256 for sha256, _ in store.blobs() if _is_dead(session, sha256)}


def sweep(session: Session, store: blobs.BlobStore, hashes: Iterable[str]) -> int:
    """Remove those files of deleted media that no other row and no upload needs; return how many.

    Runs inside a writing transaction, so that nothing is announced or completed meanwhile.
    """
    announced = {signed.manifest.sha256 for signed in session.scalars(select(tables.Upload.signed))}
    removed = 0
    for sha256 in hashes:
        if sha256 not in announced and _is_dead(session, sha256):
            store.delete(sha256)
            removed += 1
    return removed


def abandon_uploads(session: Session, store: blobs.BlobStore, now: datetime) -> int:
    """Throw away uploads that were announced a week ago and never finished; return how many. The agent may announce them again."""
    late = session.scalars(select(tables.Upload).where(tables.Upload.announced_at < now - ABANDONED_AFTER)).all()
    for upload in late:
        store.discard(upload.media_id)
        session.delete(upload)
    return len(late)


def forget_looks(session: Session, before: datetime, now: datetime) -> int:
    """Remove looks past their time, and put on record how many; the database refuses those younger than two years."""
    count = session.scalar(select(sa.func.count()).select_from(tables.Look).where(tables.Look.at < before)) or 0
    if count:
        session.execute(sa.delete(tables.Look).where(tables.Look.at < before))
        made = tables.Deletion(
            at=now,
            actor="retention",
            subject=ledger_sources.FORGOTTEN,
            subject_id=f"before {before.isoformat()}",
            why=f"{count} rows past their time",
        )
        _record(session, [made])
    return count


def hold(session: Session, media_id: UUID, owner: str, reason: str, expires_at: datetime, now: datetime) -> UUID:
    """Keep a media file from retention until `expires_at`; return the hold's id.

    Raises:
        NotFound: no such file, or it is deleted.
        Unprocessable: the hold has no owner or reason, or has expired already.
    """
    row = session.get(tables.Media, media_id)
    if row is None or row.deleted_at is not None:
        raise errors.NotFound(f"no media {media_id}")
    if not owner or not reason or expires_at <= now:
        raise errors.Unprocessable("a hold has an owner, a reason and an end in the future")
    made = tables.Hold(
        hold_id=uuid.uuid4(), media_id=media_id, owner=owner, reason=reason, created_at=now, expires_at=expires_at
    )
    session.add(made)
    details: dict[str, entries.Detail] = {
        "expires_at": entries.time_text(expires_at),
        "hold_id": str(made.hold_id),
        "sha256": row.sha256,
    }
    ledger.append(session, _of_hold(made, row, "hold.placed", now, details))
    return made.hold_id


def release(session: Session, hold_id: UUID, now: datetime) -> None:
    """End a hold early.

    Raises:
        NotFound: no such hold.
    """
    row = session.get(tables.Hold, hold_id)
    if row is None:
        raise errors.NotFound(f"no hold {hold_id}")
    if row.released_at is None:
        row.released_at = now
        held = session.get_one(tables.Media, row.media_id)
        ledger.append(session, _of_hold(row, held, "hold.released", now, {"hold_id": str(hold_id)}))


def _record(session: Session, made: list[tables.Deletion]) -> None:
    session.add_all(made)
    session.flush()  # the entries name the rows by their numbers
    if made:
        ledger.append(session, *map(ledger_sources.of_deletion, made))


def _of_hold(
    hold: tables.Hold, media: tables.Media, action: str, now: datetime, details: dict[str, entries.Detail]
) -> entries.Entry:
    return entries.Entry(
        at=now,
        action=action,
        actor=entries.Actor("owner", hold.owner),
        subject=entries.Subject("media", str(media.media_id)),
        camera_id=media.camera_id,
        why=hold.reason,
        details=details,
    )


def _is_dead(session: Session, sha256: str) -> bool:
    media = tables.Media
    ends = session.scalars(select(media.deleted_at).where(media.sha256 == sha256)).all()
    return bool(ends) and all(ends)


def _unheld(now: datetime) -> sa.Select[tables.Media]:
    held = exists().where(
        tables.Hold.media_id == tables.Media.media_id, tables.Hold.released_at.is_(None), tables.Hold.expires_at > now
    )
    media = tables.Media
    return select(media).where(media.deleted_at.is_(None), ~held).order_by(media.received_at, media.media_id)
