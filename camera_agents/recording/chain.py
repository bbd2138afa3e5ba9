"""The chains of this agent's recordings: a signed link for each finished segment and each file cut from them, one chain a camera.

Invariant: a segment's row is closed, and its link written, in one transaction; a link names the hash of the one before it; what is pruned is named
by a link that stays. So whatever is killed when, a chain has no hole, and a segment that counts as closed has its link.
"""

import bisect
import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from camera_agents.analysis import reports
from camera_agents.recording import recordings
from camera_agents.sending import identity
from sharing_hub.wire import chain as wire
from sharing_hub.wire import v1

KEPT_US = 180 * 86_400 * 1_000_000
"""Links older than this are pruned, once their segments are gone."""
TOLD_WITHIN_US = 600 * 1_000_000
"""A removal that no segment's link took along in this time gets a link of its own."""
_REMOVALS_READ = 5000


@dataclass(frozen=True, slots=True)
class Finished:
    """A segment that is whole on the disk.

    Attributes:
        missing: what is missing within it or just before it without a gap in the index.
    """

    segment_id: int
    camera_id: str
    end_us: int
    file: v1.ChainFile
    missing: Sequence[recordings.Gap] = ()


class Chain:
    """Every camera's chain. Safe to use from every thread; what a method did is durable when it returns.

    Args:
        clock: the agent's UTC.
    """

    def __init__(
        self, index: recordings.Recordings, me: identity.Identity, software: str, clock: Callable[[], datetime]
    ) -> None:
        self._index = index
        self._me = me
        self._software = software
        self._clock = clock

    def close_segment(self, done: Finished) -> None:
        """Say that a segment is whole and durable, and give it its link."""
        start_us = reports.us(done.file.starts_at)
        with self._index.transaction() as db:
            head = _head(db, done.camera_id)
            covered_us = head[2] if head else None
            gaps = [*_gaps(db, done.camera_id, covered_us, start_us), *done.missing]
            covered_us = max(done.end_us, covered_us or 0)
            sequence = self._append(
                db, done.camera_id, "segment", covered_us, file=done.file, gaps=_bounded(gaps)
            ).link.sequence
            db.execute(
                "UPDATE segment SET end_us = ?, bytes = ?, frames = ?, sequence = ? WHERE segment_id = ?",
                (done.end_us, done.file.length_bytes, done.file.frames, sequence, done.segment_id),
            )

    def add_file(self, camera_id: str, what: Literal["clip", "range"], file: v1.ChainFile) -> v1.SignedLink:
        """Give a file that was cut from the recording its link, and return it."""
        with self._index.transaction() as db:
            return self._append(db, camera_id, what, None, file=file)

    def links_of(self, span: recordings.Span) -> tuple[v1.SignedLink, ...]:
        """Return the links that account for a span, from that of the segment or gap it begins in to that of the one it ends in.

        None between them is left out, but at most as many as a message holds are returned. They are found whether or not the segments are still there.
        """
        with self._index.snapshot() as db:
            head = _head(db, span.camera_id)
            if head is None or head[2] is None:
                return ()
            first = _accounting(db, span.camera_id, span.start_us, head[0])
            last = _accounting(db, span.camera_id, min(span.end_us, head[2]), head[0])
            rows = db.execute(
                "SELECT body, signature FROM link WHERE camera_id = ? AND sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?",
                (span.camera_id, first, last, wire.MAX_LINKS),
            ).fetchall()
        return tuple(
            v1.SignedLink(link=v1.ChainLink.model_validate_json(body), signature=signature) for body, signature in rows
        )

    def covered_us(self, camera_id: str) -> int | None:
        """Return up to when the camera's chain accounts for its time, None where it has not begun."""
        with self._index.snapshot() as db:
            head = _head(db, camera_id)
        return head[2] if head else None

    def note_removals(self, leaving: Sequence[recordings.Segment], reason: str, now_us: int) -> None:
        """Write down that segments are about to be removed; the next link of their camera tells it."""
        rows = [(one.camera_id, one.sequence, now_us, reason) for one in leaving if one.sequence is not None]
        if rows:
            with self._index.transaction() as db:
                db.executemany("INSERT OR IGNORE INTO removal VALUES (?, ?, ?, ?)", rows)

    def tidy(self, now_us: int) -> None:
        """Tell removals that no segment's link took along, and prune links that are old and whose segments are gone."""
        with self._index.snapshot() as db:
            late = db.execute("SELECT DISTINCT camera_id FROM removal WHERE at_us < ?", (now_us - TOLD_WITHIN_US,))
            untold = [camera_id for (camera_id,) in late]
            old = [camera_id for camera_id, made_us in _oldest(db) if made_us < now_us - KEPT_US]
        for camera_id in untold:
            with self._index.transaction() as db:
                self._append(db, camera_id, "removal", None)
        for camera_id in old:
            self._prune(camera_id, now_us - KEPT_US)

    def _prune(self, camera_id: str, before_us: int) -> None:
        with self._index.transaction() as db:
            (last,) = db.execute(
                "SELECT min(s) - 1 FROM (SELECT min(sequence) AS s FROM link WHERE camera_id = ?1 AND made_us >= ?2"
                " UNION ALL SELECT min(sequence) FROM segment WHERE camera_id = ?1"
                " UNION ALL SELECT max(sequence) FROM link WHERE camera_id = ?1)",
                (camera_id, before_us),
            ).fetchone()
            row = db.execute("SELECT body FROM link WHERE camera_id = ? AND sequence = ?", (camera_id, last)).fetchone()
            if row is None:
                return  # the oldest link is still needed
            self._append(db, camera_id, "pruned", None, pruned=v1.Pruned(sequence=last, sha256=_sha256(row[0])))
            db.execute("DELETE FROM link WHERE camera_id = ? AND sequence <= ?", (camera_id, last))

    def _append(
        self, db: sqlite3.Connection, camera_id: str, what: Any, covered_us: int | None, **more: Any
    ) -> v1.SignedLink:
        """Write the next link of a chain; `covered_us` is what it accounts for up to, None where that is as before."""
        head = _head(db, camera_id)
        now = self._clock()
        link = v1.ChainLink(
            camera_id=camera_id,
            sequence=head[0] + 1 if head else 0,
            previous=_sha256(head[1]) if head else wire.FIRST,
            what=what,
            made_at=now,
            removed=() if what in ("clip", "range") else _take_removals(db, camera_id),
            software=self._software,
            **more,
        )
        body = link.signed_bytes()
        signed = v1.SignedLink(link=link, signature=self._me.signature_of(body))
        covered_us = covered_us if covered_us is not None or head is None else head[2]
        values = (camera_id, link.sequence, covered_us, reports.us(now), body.decode(), signed.signature)
        db.execute("INSERT INTO link VALUES (?, ?, ?, ?, ?, ?)", values)
        return signed


def _sha256(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _head(db: sqlite3.Connection, camera_id: str) -> tuple[int, str, int | None] | None:
    """Return sequence, body and covered time of a chain's newest link."""
    row: tuple[int, str, int | None] | None = db.execute(
        "SELECT sequence, body, covered_us FROM link WHERE camera_id = ? ORDER BY sequence DESC LIMIT 1", (camera_id,)
    ).fetchone()
    return row


def _oldest(db: sqlite3.Connection) -> list[tuple[str, int]]:
    """Return each chain's camera and when its oldest link was made, without reading the chains."""
    found: list[tuple[str, int]] = []
    camera_id = ""
    while row := db.execute(
        "SELECT camera_id, made_us FROM link WHERE camera_id > ? ORDER BY camera_id, sequence LIMIT 1", (camera_id,)
    ).fetchone():
        found.append(row)
        camera_id = row[0]
    return found


def _accounting(db: sqlite3.Connection, camera_id: str, at_us: int, newest: int) -> int:
    """Return the sequence of the first link with which the chain accounts for the time up to `at_us`, one beyond `newest` where none does.

    What is accounted for only grows along a chain, so it is found by halving, in a score of look-ups.
    """
    (low,) = db.execute("SELECT min(sequence) FROM link WHERE camera_id = ?", (camera_id,)).fetchone()
    high = newest + 1
    while low < high:
        middle = (low + high) // 2
        query = "SELECT covered_us FROM link WHERE camera_id = ? AND sequence = ?"
        (covered_us,) = db.execute(query, (camera_id, middle)).fetchone()
        low, high = (low, middle) if covered_us is not None and covered_us >= at_us else (middle + 1, high)
    return int(low)


def _gaps(db: sqlite3.Connection, camera_id: str, covered_us: int | None, start_us: int) -> list[recordings.Gap]:
    """Return the gaps between what the chain accounts for so far and a segment that starts at `start_us`."""
    if covered_us is None:
        return []
    rows = db.execute(
        "SELECT start_us, end_us, reason FROM gap WHERE camera_id = ? AND end_us > ? AND start_us < ? ORDER BY start_us",
        (camera_id, covered_us, start_us),
    )
    return [recordings.Gap(*row) for row in rows]


def _bounded(gaps: Sequence[recordings.Gap]) -> tuple[v1.Gap, ...]:
    """Return the gaps as the wire has them; those beyond its bound are one, which says how many it stands for."""
    rest = gaps[wire.MAX_GAPS - 1 :]
    if len(rest) > 1:
        ends_us = max(gap.end_us or gap.start_us for gap in rest)
        reason = f"{len(rest)} gaps with recording between them; the first: {rest[0].reason}"
        gaps = [*gaps[: wire.MAX_GAPS - 1], recordings.Gap(rest[0].start_us, ends_us, reason)]
    return tuple(
        v1.Gap(
            starts_at=reports.at_us(gap.start_us),
            ends_at=reports.at_us(max(gap.start_us, gap.end_us or gap.start_us)),
            reason=gap.reason[:500],
        )
        for gap in gaps
    )


def _take_removals(db: sqlite3.Connection, camera_id: str) -> tuple[v1.Removal, ...]:
    """Take what was removed and not yet told, as runs between which no segment is kept."""
    rows = db.execute(
        "SELECT sequence, at_us, reason FROM removal WHERE camera_id = ? ORDER BY sequence LIMIT ?",
        (camera_id, _REMOVALS_READ),
    ).fetchall()
    if not rows:
        return ()
    kept = db.execute(
        "SELECT sequence FROM segment WHERE camera_id = ?1 AND sequence BETWEEN ?2 AND ?3"
        " AND sequence NOT IN (SELECT sequence FROM removal WHERE camera_id = ?1) ORDER BY sequence",
        (camera_id, rows[0][0], rows[-1][0]),
    )
    edges = [sequence for (sequence,) in kept]
    runs: list[tuple[int, int, int, str]] = []
    for sequence, at_us, reason in rows:
        if runs and runs[-1][3] == reason and bisect.bisect(edges, runs[-1][1]) == bisect.bisect(edges, sequence):
            runs[-1] = (runs[-1][0], sequence, max(at_us, runs[-1][2]), reason)
        else:
            runs.append((sequence, sequence, at_us, reason))
    taken = runs[: wire.MAX_REMOVALS]
    db.execute("DELETE FROM removal WHERE camera_id = ? AND sequence <= ?", (camera_id, taken[-1][1]))
    return tuple(
        v1.Removal(first=first, last=last, removed_at=reports.at_us(at_us), reason=reason[:500])
        for first, last, at_us, reason in taken
    )
