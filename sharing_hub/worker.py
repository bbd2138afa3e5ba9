"""Background work: small jobs, each in its own thread, each repeated for ever and safe to repeat.

Invariant: a job that fails is logged, counted and run again; it stops neither the others nor the hub.
"""

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from sharing_hub import couriers, settings
from sharing_hub import hub as hubs
from sharing_hub.domain import misuse
from sharing_hub.services import (
    backup,
    cameras,
    checkpoints,
    client_tokens,
    escalation,
    notice_writing,
    oversight,
    passkeys,
    recordings,
    retention,
    sessions,
    shelving,
    video_requests,
)

log = structlog.get_logger(__name__)

ROOM_AIM = 1.2
"""Retention under pressure goes on until this many times the free space asked for, so that uploads flow again."""
RETENTION_LOCK = backup.RETENTION_LOCK
"""Held while media are removed, and by a backup while it copies."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again.

    Attributes:
        every_s: seconds between the end of a run and the next.
    """

    name: str
    every_s: float
    run: Callable[[hubs.Hub], None]


class Worker:
    """Runs jobs from `start` to `stop`."""

    def __init__(self, hub: hubs.Hub, jobs: tuple[Job, ...]) -> None:
        self._hub = hub
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=(job,), name=f"job-{job.name}") for job in jobs]

    def start(self) -> None:
        """Begin; each job runs at once for the first time."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each job finish what it does, and end."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, job: Job) -> None:
        while not self._ending.is_set():
            try:
                job.run(self._hub)
            except Exception:  # the supervisor of the jobs: whatever happened, the next run is the remedy
                log.exception("a job failed", job=job.name)
                self._hub.counters.add("jobs_failed", job.name)
            self._ending.wait(job.every_s)


def jobs_of(chosen: settings.Settings) -> tuple[Job, ...]:
    """Return the hub's jobs."""
    return (
        Job("agent-silence", min(5.0, chosen.agents.silent_after_s / 3), notice_silence),
        Job("escalation", 2.0, escalate),
        Job("shelving", 5.0, bring_back),
        Job("notices", 0.25, write_messages),
        Job("retention", 60.0, retain),
        Job("requested-recordings", 5.0, hold_requested),
        Job("checkpoints", 60.0, sign_checkpoint),
        Job("uploads", 3600.0, tidy),
        Job("sessions", 3600.0, forget_sessions),
        Job("credentials", 600.0, forget_credentials),
        Job("looks", 24 * 3600.0, forget_looks),
        Job("monthly-review", 3600.0, open_review),
    )


def notice_silence(hub: hubs.Hub) -> None:
    """Raise the alarm for agents that fell silent; while the hub was away nobody could be heard, so that time does not count."""
    silent_after = timedelta(seconds=hub.settings.agents.silent_after_s)
    if hub.clock() - hub.opened_at <= silent_after:
        return
    with hub.database.writing() as session:
        count = cameras.notice_silence(session, silent_after, hub.rules, hub.clock())
    if count:
        hub.counters.add("agents_fell_silent", count=count)
        log.warning("agents fell silent", count=count)


def escalate(hub: hubs.Hub) -> None:
    """Call the shift leader, then the posted police, for what is urgent and nobody acknowledged."""
    with hub.database.reading() as session:  # the writer's turn only when there is something to do
        due = escalation.is_due(session, hub.clock())
    if due:
        with hub.database.writing() as session:
            hub.counters.add("incidents_escalated", count=escalation.escalate(session, hub.clock()))


def bring_back(hub: hubs.Hub) -> None:
    """Take back what was put aside until now."""
    with hub.database.reading() as session:
        due = shelving.is_due(session, hub.clock())
    if due:
        with hub.database.writing() as session:
            hub.counters.add("incidents_unshelved", count=shelving.bring_back(session, hub.clock()))


def write_messages(hub: hubs.Hub) -> None:
    """Write the messages of what was decided to be told."""
    with hub.database.reading() as session:
        due = notice_writing.is_due(session)
    while due:
        with hub.database.writing() as session:
            count = notice_writing.write_out(session, couriers.sender_of(hub), hub.rules, hub.clock())
        hub.counters.add("notices_written", count=count)
        due = count == notice_writing.MAX_AT_ONCE


def retain(hub: hubs.Hub) -> None:
    """Remove media past their days, then the oldest as long as the disk is nearly full."""
    with _alone(hub) as allowed:
        if not allowed:
            return
        while _expire(hub):
            pass
        while _make_room(hub):
            pass


def hold_requested(hub: hubs.Hub) -> None:
    """Hold the recordings of requests for video that have arrived."""
    with hub.database.writing() as session:
        video_requests.hold_arrived(session, hub.clock())


def sign_checkpoint(hub: hubs.Hub) -> None:
    """Sign the ledger as it is, where it has grown."""
    with hub.database.writing() as session:
        size = checkpoints.make(session, hub.ledger_key, hub.clock())
    if size is not None:
        hub.counters.add("ledger_checkpoints")


def tidy(hub: hubs.Hub) -> None:
    """Give up uploads and recording requests that nobody finishes, and remove files a kill left behind."""
    now = hub.clock()
    with hub.database.writing() as session:
        hub.counters.add("uploads_abandoned", count=retention.abandon_uploads(session, hub.blobs, now))
        hub.counters.add("recordings_given_up", count=recordings.give_up(session, now))
    with hub.database.reading() as session:
        hashes = retention.leftovers(session, hub.blobs)
    with _alone(hub) as allowed:
        if allowed and hashes:
            _removed(hub, hashes, "left by a kill")


def forget_sessions(hub: hubs.Hub) -> None:
    """Remove sessions that ended long ago."""
    with hub.database.writing() as session:
        sessions.forget(session, hub.clock())


def open_review(hub: hubs.Hub) -> None:
    """Open the review of the access record of the month that ended, once."""
    with hub.database.writing() as session:
        oversight.open_due(session, misuse.Limits(), hub.clock())


def forget_credentials(hub: hubs.Hub) -> None:
    """Remove access tokens, used assertions and challenges that are over."""
    now = hub.clock()
    with hub.database.writing() as session:
        client_tokens.forget(session, now)
        passkeys.forget_challenges(session, now)


def forget_looks(hub: hubs.Hub) -> None:
    """Remove the record of looks past its time."""
    now = hub.clock()
    with hub.database.writing() as session:
        retention.forget_looks(session, now - timedelta(days=hub.settings.media.looks_keep_days), now)


def _expire(hub: hubs.Hub) -> bool:
    now, days = hub.clock(), hub.settings.media.keep_days
    with hub.database.writing() as session:
        rows = retention.expired(session, now - timedelta(days=days), now)
        retention.delete(session, rows, f"kept for {days} days", now)
        hashes = {row.sha256 for row in rows}
    return _removed(hub, hashes, "days")


def _make_room(hub: hubs.Hub) -> bool:
    now, wanted, free = hub.clock(), hub.settings.media.min_free_bytes, hub.blobs.free_bytes()
    if free >= wanted * 1.1:
        return False
    with hub.database.writing() as session:
        rows = retention.oldest(session, int(wanted * ROOM_AIM) - free, now)
        retention.delete(session, rows, "the media disk was nearly full", now)
        hashes = {row.sha256 for row in rows}
    if not hashes:
        log.error("the media disk is nearly full and everything on it is held or of others; media are refused")
    return _removed(hub, hashes, "disk nearly full")


def _removed(hub: hubs.Hub, hashes: set[str], reason: str) -> bool:
    if not hashes:
        return False
    with hub.database.writing() as session:
        hub.counters.add("media_removed", reason, retention.sweep(session, hub.blobs, hashes))
    return True


@contextmanager
def _alone(hub: hubs.Hub) -> Iterator[bool]:
    """Say whether media may be removed now: not while a backup copies them."""
    with (hub.settings.data_dir / RETENTION_LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
