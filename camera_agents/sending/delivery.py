"""The uplink's side of the outbox: what to send next, and what became of it. Invariant: only the hub's answer makes a row `sent`.

States: pending -> sent, or pending -> parked with the reason. An ending or a file waits until its event's report was answered;
when that report was parked, they are parked with it (by triggers in the schema).
"""

import datetime
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pydantic
import structlog

from camera_agents.sending import outbox
from sharing_hub.wire import v1

PATIENCE = 3
"""After so many failed attempts a file goes behind all others, so that one that always fails blocks nothing."""

_M = TypeVar("_M", bound=v1.Message)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PendingMedia:
    """A file to send."""

    signed: v1.SignedManifest
    path: Path
    restarts: int

    @property
    def media_id(self) -> UUID:
        return self.signed.manifest.media_id


@dataclass(frozen=True, slots=True)
class SpentFile:
    """A file that nothing waits for any more."""

    sha256: str
    path: Path
    length_bytes: int
    settled_at: datetime.datetime
    parked: bool


class Delivery:
    """What the uplink does with an outbox."""

    def __init__(self, box: outbox.Outbox) -> None:
        self._box = box
        self._store = box.store

    def next_batch(self, max_messages: int, max_bytes: int) -> v1.EventBatch:
        """Return reports, then endings whose reports were answered or are in this batch; empty when nothing waits.

        Args:
            max_messages: of both sorts together.
            max_bytes: of JSON, of each sort; one message is returned even if it alone is longer.
        """
        reports = self._read(v1.EventReport, "events", "", (max_messages, max_bytes))
        here = [str(report.event_id) for report in reports]
        unsent = "SELECT event_id FROM events WHERE state = 'pending'"
        marks = ",".join("?" * len(here))
        condition = f"AND (event_id NOT IN ({unsent}) OR event_id IN ({marks}))"
        endings = self._read(v1.EventEnd, "endings", condition, (max_messages - len(reports), max_bytes), *here)
        return v1.EventBatch(reports=tuple(reports), endings=tuple(endings))

    def record(self, reply: v1.BatchReply) -> int:
        """Keep the hub's answers (stored and duplicate are sent, refused is parked) and return how many rows they settled."""
        settled = 0
        with self._store.transaction() as cursor:
            for table, outcomes in (("events", reply.reports), ("endings", reply.endings)):
                for outcome in outcomes:
                    refused = outcome.result == "refused"
                    reason = (outcome.reason or "refused without a reason") if refused else None
                    settled += self._settle(cursor, table, outcome.event_id, reason)
        return settled

    def park_batch(self, batch: v1.EventBatch, reason: str) -> None:
        """Give up what the hub will never accept; the reason is counted."""
        with self._store.transaction() as cursor:
            for report in batch.reports:
                self._settle(cursor, "events", report.event_id, reason)
            for end in batch.endings:
                self._settle(cursor, "endings", end.event_id, reason)

    def defer(self, batch: v1.EventBatch) -> None:
        """Put what the hub failed on behind newer events, so that one it always fails on blocks nothing."""
        reports = [(str(report.event_id),) for report in batch.reports]
        endings = [(str(end.event_id),) for end in batch.endings]
        with self._store.transaction() as cursor:
            cursor.executemany("UPDATE events SET attempts = attempts + 1 WHERE event_id = ?", reports)
            cursor.executemany("UPDATE endings SET attempts = attempts + 1 WHERE event_id = ?", endings)

    def next_media(self) -> PendingMedia | None:
        """Return the file to send now: masked stills, clear stills, clips, then ranges; the oldest first."""
        rows = self._store.rows(
            "SELECT * FROM media WHERE state = 'pending'"
            " AND (event_id IS NULL OR event_id NOT IN (SELECT event_id FROM events WHERE state = 'pending'))"
            " ORDER BY attempts >= ?, rank, attempts, seq LIMIT 1",
            PATIENCE,
        )
        if not rows:
            return None
        row = rows[0]
        signed = v1.SignedManifest.model_validate_json(row["body"])
        return PendingMedia(signed, self._box.full_path(row["path"]), row["restarts"])

    def media_sent(self, media_id: UUID) -> None:
        """Keep that the hub holds the whole file."""
        with self._store.transaction() as cursor:
            self._settle(cursor, "media", media_id, None)

    def park_media(self, media_id: UUID, reason: str) -> None:
        """Give a file up; the reason is counted."""
        with self._store.transaction() as cursor:
            self._settle(cursor, "media", media_id, reason)

    def defer_media(self, media_id: UUID) -> None:
        """Count a failed attempt."""
        with self._store.transaction() as cursor:
            cursor.execute("UPDATE media SET attempts = attempts + 1 WHERE media_id = ?", (str(media_id),))

    def restart_media(self, media_id: UUID) -> int:
        """Count that an upload begins again at 0, and return how often it has."""
        with self._store.transaction() as cursor:
            cursor.execute("UPDATE media SET restarts = restarts + 1 WHERE media_id = ?", (str(media_id),))
            cursor.execute("SELECT restarts FROM media WHERE media_id = ?", (str(media_id),))
            return int(cursor.fetchone()[0])

    def refusals(self) -> list[v1.RangeState]:
        """Return the answers for ranges that could not be made and were not told yet."""
        query = "SELECT request_id, reason FROM plans WHERE state = 'failed' AND request_id IS NOT NULL AND told = 0"
        return [
            v1.RangeState(request_id=UUID(row["request_id"]), state="refused", reason=row["reason"])
            for row in self._store.rows(query)
        ]

    def refusal_told(self, request_id: UUID) -> None:
        """Keep that the refusal went out. (Should the hub have missed it, it asks again and is answered from the plan.)"""
        with self._store.transaction() as cursor:
            cursor.execute("UPDATE plans SET told = 1 WHERE request_id = ?", (str(request_id),))

    def spent_files(self) -> list[SpentFile]:
        """Return files of which every row is settled, the oldest first."""
        rows = self._store.rows(
            "SELECT sha256, min(path) AS path, max(length_bytes) AS length_bytes, max(settled_at) AS settled_at,"
            " max(state = 'parked') AS parked FROM media WHERE file_removed = 0"
            " GROUP BY sha256 HAVING sum(state = 'pending') = 0 ORDER BY settled_at"
        )
        return [
            SpentFile(
                sha256=row["sha256"],
                path=self._box.full_path(row["path"]),
                length_bytes=row["length_bytes"],
                settled_at=datetime.datetime.fromtimestamp(row["settled_at"], datetime.UTC),
                parked=bool(row["parked"]),
            )
            for row in rows
        ]

    def remove_file(self, sha256: str, unlink: Callable[[], None]) -> bool:
        """Remove a spent file unless a row that waits has come to need it; return whether it is gone.

        No commit can come between the look and the removal. A kill after the removal leaves the row saying the file is
        there; the next round removes what is gone already, and says so.
        """
        with self._store.transaction() as cursor:
            cursor.execute("SELECT 1 FROM media WHERE sha256 = ? AND state = 'pending'", (sha256,))
            if cursor.fetchone():
                return False
            unlink()
            cursor.execute("UPDATE media SET file_removed = 1 WHERE sha256 = ?", (sha256,))
        return True

    def listed_files(self) -> frozenset[str]:
        """Return the hashes of the files that the outbox counts on."""
        return frozenset(row[0] for row in self._store.rows("SELECT DISTINCT sha256 FROM media WHERE file_removed = 0"))

    def pending_media(self) -> list[PendingMedia]:
        """Return every file that still has to be sent."""
        return [
            PendingMedia(
                v1.SignedManifest.model_validate_json(row["body"]), self._box.full_path(row["path"]), row["restarts"]
            )
            for row in self._store.rows("SELECT * FROM media WHERE state = 'pending' ORDER BY rank, seq")
        ]

    def prune(self, sent_before: datetime.datetime, parked_before: datetime.datetime) -> int:
        """Forget rows that are done with and return how many: an event only once it ended and nothing of it waits."""
        old = "((state IN ('sent', 'made') AND settled_at < ?) OR (state IN ('parked', 'failed') AND settled_at < ?))"
        waiting = (
            "(SELECT event_id FROM endings WHERE state = 'pending' UNION"
            " SELECT event_id FROM media WHERE state = 'pending' AND event_id IS NOT NULL)"
        )
        removed = 0
        with self._store.transaction() as cursor:
            for query in (
                f"DELETE FROM events WHERE {old} AND ended = 1 AND event_id NOT IN {waiting}",  # noqa: S608
                f"DELETE FROM endings WHERE {old}",  # noqa: S608
                f"DELETE FROM media WHERE {old} AND file_removed = 1",  # noqa: S608
                f"DELETE FROM plans WHERE {old}",  # noqa: S608
            ):
                removed += cursor.execute(query, (sent_before.timestamp(), parked_before.timestamp())).rowcount
        return removed

    def _read(self, message: type[_M], table: str, condition: str, limit: tuple[int, int], *values: object) -> list[_M]:
        """Return pending messages in the order to send them; one that cannot be read any more is parked."""
        max_rows, max_bytes = limit
        query = f"SELECT event_id, body FROM {table} WHERE state = 'pending' {condition} ORDER BY attempts, seq LIMIT ?"  # noqa: S608
        messages: list[_M] = []
        taken_bytes = 0
        for event_id, body in self._store.rows(query, *values, max_rows):
            taken_bytes += len(body)
            if messages and taken_bytes > max_bytes:
                break
            try:
                messages.append(message.model_validate_json(body))
            except pydantic.ValidationError:
                with self._store.transaction() as cursor:
                    self._settle(cursor, table, event_id, "cannot be read by this version")
        return messages

    def _settle(self, cursor: sqlite3.Cursor, table: str, key: UUID | str, reason: str | None) -> int:
        """Move a pending row to `sent`, or to `parked` when there is a reason; return how many rows moved."""
        name = "media_id" if table == "media" else "event_id"
        if reason is not None:
            _log.warning("parked", what=table, id=str(key), reason=reason)
        cursor.execute(
            f"UPDATE {table} SET state = ?, reason = ?, settled_at = ? WHERE {name} = ? AND state = 'pending'",  # noqa: S608
            ("sent" if reason is None else "parked", (reason or "")[:500], self._box.clock().timestamp(), str(key)),
        )
        return cursor.rowcount
