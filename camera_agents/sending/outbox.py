"""What the agent decided and has not yet delivered. Invariant: a method that returned is durable, and a repeat of it is harmless.

This is the side of those who decide (pipelines, clip maker, channel); `delivery` is the side of the uplink. Both write the same file.
Every step that changes durable state is numbered in DESIGN.md.
"""

import datetime
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

import pydantic
import structlog

from camera_agents.sending import outbox_store
from sharing_hub.wire import v1

Topic = Literal["event", "media", "plan", "refusal"]
"""What a commit added: something to report, a file to send, a clip to make, a request to refuse."""

RANKS: dict[v1.MediaForm, int] = {"masked_still": 0, "still": 1, "clip": 2, "range": 3}
"""The order in which media are sent: lower first."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """A clip or range that was decided on and is not yet a file; exactly one of event_id and request_id is given."""

    plan_id: UUID
    camera_id: str
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    event_id: UUID | None = None
    request_id: UUID | None = None

    def __post_init__(self) -> None:
        if (self.event_id is None) == (self.request_id is None):
            raise ValueError("a plan belongs to an event or to a request")
        if self.ends_at <= self.starts_at:
            raise ValueError("a plan ends after it starts")


@dataclass(frozen=True, slots=True)
class OpenBehaviour:
    """An event whose end was never told."""

    event_id: UUID
    camera_id: str
    kind: v1.Kind
    raised_at: datetime.datetime


class Outbox:
    """The durable list, safe to use from every thread.

    Args:
        path: the SQLite file; its folder must exist. Media paths under that folder are kept relative to it.
        clock: the agent's UTC.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime.datetime]) -> None:
        self.store = outbox_store.Store(path, owner=True)
        self.clock = clock
        self._folder = path.parent.resolve()
        self._listeners: list[Callable[[Topic], None]] = []

    def close(self) -> None:
        """Close the file."""
        self.store.close()

    def listen(self, listener: Callable[[Topic], None]) -> None:
        """Call `listener` after each commit that adds work, in the committing thread: it must return at once."""
        self._listeners.append(listener)

    def commit_event(
        self, report: v1.EventReport, plan: ClipPlan | None, stills: Sequence[tuple[v1.SignedManifest, Path]] = ()
    ) -> None:
        """Keep `report`, the clip it needs and, where they are already made, its stills, in one transaction.

        Stills that come here cannot be lost by a kill between the event and its pictures; commit_media serves those made later.
        """
        event_id = str(report.event_id)
        with self.store.transaction() as cursor:
            cursor.execute(
                "INSERT OR IGNORE INTO events (event_id, camera_id, kind, raised_at, body, committed_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (event_id, report.camera_id, report.kind, report.raised_at.timestamp(), _body(report), self._now_s()),
            )
            if cursor.rowcount == 0:
                return  # a repeat: its plan and stills were kept with it
            if plan is not None:
                self._insert_plan(cursor, plan)
            for signed, path in stills:
                self._insert_media(cursor, signed, path)
        self._tell("event")
        if plan is not None:
            self._tell("plan")
        if stills:
            self._tell("media")

    def commit_end(self, end: v1.EventEnd) -> None:
        """Keep the end of an event. The first end told stands."""
        with self.store.transaction() as cursor:
            cursor.execute("UPDATE events SET ended = 1 WHERE event_id = ?", (str(end.event_id),))
            cursor.execute(
                "INSERT OR IGNORE INTO endings (event_id, body, committed_at) VALUES (?, ?, ?)",
                (str(end.event_id), _body(end), self._now_s()),
            )
        self._tell("event")

    def commit_range(self, request: v1.RangeRequest) -> v1.RangeState:
        """Keep the hub's request as a plan (its plan_id is the request_id) and return the answer to give.

        A repeat of a request that failed meanwhile is answered `refused` with the reason.
        """
        plan = ClipPlan(
            request.request_id, request.camera_id, request.starts_at, request.ends_at, request_id=request.request_id
        )
        with self.store.transaction() as cursor:
            added = self._insert_plan(cursor, plan)
        if added:
            self._tell("plan")
        return self.range_state(request.request_id) or v1.RangeState(request_id=request.request_id, state="accepted")

    def range_state(self, request_id: UUID) -> v1.RangeState | None:
        """Return what the hub is answered about a request that was committed, or None for one never seen."""
        rows = self.store.rows("SELECT state, reason FROM plans WHERE request_id = ?", str(request_id))
        if not rows:
            return None
        failed = rows[0]["state"] == "failed"
        return v1.RangeState(request_id=request_id, state="refused" if failed else "accepted", reason=rows[0]["reason"])

    def open_plans(self) -> list[ClipPlan]:
        """Return the clips and ranges decided and not yet made, oldest first."""
        return [_plan(row) for row in self.store.rows("SELECT * FROM plans WHERE state = 'open' ORDER BY seq")]

    def commit_media(self, signed: v1.SignedManifest, path: Path, closes: UUID | None) -> None:
        """Keep a file that is already whole under its hash as something to send, and close the plan it was made for."""
        with self.store.transaction() as cursor:
            self._insert_media(cursor, signed, path)
            if closes is not None:
                cursor.execute(
                    "UPDATE plans SET state = 'made', settled_at = ? WHERE plan_id = ? AND state = 'open'",
                    (self._now_s(), str(closes)),
                )
        self._tell("media")

    def fail_plan(self, plan_id: UUID, reason: str) -> None:
        """Close a plan that nothing on the disk can serve. The reason is counted, and told to the hub for a range."""
        with self.store.transaction() as cursor:
            cursor.execute(
                "UPDATE plans SET state = 'failed', reason = ?, settled_at = ? WHERE plan_id = ? AND state = 'open'",
                (reason[:500], self._now_s(), str(plan_id)),
            )
        _log.warning("a clip could not be made", plan_id=str(plan_id), reason=reason)
        self._tell("refusal")

    def explanation(self, event_id: UUID) -> v1.Explanation | None:
        """Return why an event was raised, None for one that is not here any more or cannot be read."""
        rows = self.store.rows("SELECT body FROM events WHERE event_id = ?", str(event_id))
        try:
            return v1.EventReport.model_validate_json(rows[0]["body"]).explanation if rows else None
        except pydantic.ValidationError:
            return None

    def open_behaviours(self) -> list[OpenBehaviour]:
        """Return events without an end, oldest first: at start-up their ends must be told, for the agent that saw them is gone."""
        rows = self.store.rows("SELECT event_id, camera_id, kind, raised_at FROM events WHERE ended = 0 ORDER BY seq")
        return [
            OpenBehaviour(UUID(row["event_id"]), row["camera_id"], row["kind"], _at(row["raised_at"])) for row in rows
        ]

    def backlog(self, now: datetime.datetime) -> v1.Backlog:
        """Return how much is decided and not yet delivered, and how much was parked or could not be made."""
        (events, oldest) = self.store.rows(
            "SELECT count(*), min(committed_at) FROM (SELECT committed_at FROM events WHERE state = 'pending'"
            " UNION ALL SELECT committed_at FROM endings WHERE state = 'pending')"
        )[0]
        (media, media_bytes, oldest_media) = self.store.rows(
            "SELECT count(*), coalesce(sum(length_bytes), 0), min(committed_at) FROM media WHERE state = 'pending'"
        )[0]
        since = min((t for t in (oldest, oldest_media) if t is not None), default=now.timestamp())
        parked = sum(sum(reasons.values()) for reasons in self.parked().values())
        return v1.Backlog(
            events=events,
            media=media,
            media_bytes=media_bytes,
            parked=parked,
            oldest_s=max(0.0, now.timestamp() - since),
        )

    def parked(self) -> dict[str, dict[str, int]]:
        """Return what was given up: see `parked`."""
        return parked(self.store)

    def full_path(self, kept: str) -> Path:
        """Return where the file is that a row names by `kept`."""
        return self._folder / kept

    def _insert_plan(self, cursor: sqlite3.Cursor, plan: ClipPlan) -> bool:
        cursor.execute(
            "INSERT OR IGNORE INTO plans (plan_id, camera_id, starts_at, ends_at, event_id, request_id, committed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                str(plan.plan_id),
                plan.camera_id,
                plan.starts_at.isoformat(),
                plan.ends_at.isoformat(),
                _text(plan.event_id),
                _text(plan.request_id),
                self._now_s(),
            ),
        )
        return cursor.rowcount > 0

    def _insert_media(self, cursor: sqlite3.Cursor, signed: v1.SignedManifest, path: Path) -> None:
        manifest = signed.manifest
        where = path.resolve()
        kept = where.relative_to(self._folder) if where.is_relative_to(self._folder) else where
        cursor.execute(
            "INSERT OR IGNORE INTO media (media_id, event_id, rank, sha256, length_bytes, path, body, committed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                str(manifest.media_id),
                _text(manifest.event_id),
                RANKS[manifest.form],
                manifest.sha256,
                manifest.length_bytes,
                str(kept),
                _body(signed),
                self._now_s(),
            ),
        )

    def _now_s(self) -> float:
        return self.clock().timestamp()

    def _tell(self, topic: Topic) -> None:
        for listener in self._listeners:
            listener(topic)


def parked(store: outbox_store.Store) -> dict[str, dict[str, int]]:
    """Return what was given up and is still listed: {"events" | "endings" | "media" | "plans": {reason: count}}."""
    queries = {
        "events": "SELECT reason, count(*) FROM events WHERE state = 'parked' GROUP BY reason",
        "endings": "SELECT reason, count(*) FROM endings WHERE state = 'parked' GROUP BY reason",
        "media": "SELECT reason, count(*) FROM media WHERE state = 'parked' GROUP BY reason",
        "plans": "SELECT reason, count(*) FROM plans WHERE state = 'failed' GROUP BY reason",
    }
    return {name: dict(store.rows(query)) for name, query in queries.items()}


def _body(message: v1.Message) -> str:
    return message.model_dump_json()


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _at(time_s: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(time_s, datetime.UTC)


def _plan(row: sqlite3.Row) -> ClipPlan:
    return ClipPlan(
        plan_id=UUID(row["plan_id"]),
        camera_id=row["camera_id"],
        starts_at=datetime.datetime.fromisoformat(row["starts_at"]),
        ends_at=datetime.datetime.fromisoformat(row["ends_at"]),
        event_id=UUID(row["event_id"]) if row["event_id"] else None,
        request_id=UUID(row["request_id"]) if row["request_id"] else None,
    )
