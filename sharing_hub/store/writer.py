"""The single writer: many small jobs, one durable transaction.

A commit costs a sync of the disk, so what arrives while one runs is committed together with the next.
Invariants: a job's future has its result only after the commit; the queue is bounded; a job that breaks its group is tried again alone, so that
it breaks nothing but itself.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.store import database

Job = TypeVar("Job")
Result = TypeVar("Result")
Handle = Callable[[Session, Sequence[Job]], Sequence[Result]]
RETRY_AFTER_S = 1


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Job, Result]):
    job: Job
    future: "Future[Result]"


class GroupWriter(Generic[Job, Result]):
    """A thread that commits jobs in groups.

    Args:
        handle: does a group's work in the session and returns a result for each job, in order; it never commits.
        queue_length: jobs that may wait; more are refused.
        group: jobs in one transaction at most.
        linger_s: how long to wait at most for as many jobs as the group before had: senders that were answered together send again
            together. A lone sender is not kept waiting.
    """

    def __init__(
        self,
        db: database.Database,
        handle: Handle[Job, Result],
        queue_length: int = 256,
        group: int = 64,
        linger_s: float = 0.005,
    ) -> None:
        self._db = db
        self._handle = handle
        self._group = group
        self._linger_s = linger_s
        self._expected = 1
        self._queue: queue.Queue[_Waiting[Job, Result] | None] = queue.Queue(queue_length)
        self._thread = threading.Thread(target=self._run, name="group-writer")

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Commit what waits and end."""
        self._queue.put(None)
        self._thread.join()

    def submit(self, job: Job) -> "Future[Result]":
        """Hand in a job; its future is done after the commit.

        Raises:
            Busy: too many jobs wait.
        """
        future: Future[Result] = Future()
        try:
            self._queue.put_nowait(_Waiting(job, future))
        except queue.Full as e:
            raise errors.Busy("the hub takes in more than it can write", RETRY_AFTER_S) from e
        return future

    def _run(self) -> None:
        ending = False
        while not ending:
            waiting, ending = self._gather()
            if waiting:
                self._commit(waiting)

    def _gather(self) -> tuple[list[_Waiting[Job, Result]], bool]:
        first = self._queue.get()
        if first is None:
            return [], True
        waiting = [first]
        until = time.monotonic() + self._linger_s
        while len(waiting) < self._group:
            patience_s = until - time.monotonic() if len(waiting) < self._expected else 0.0
            try:
                item = self._queue.get(block=patience_s > 0, timeout=max(0.0, patience_s))
            except queue.Empty:
                break
            if item is None:
                return waiting, True
            waiting.append(item)
        self._expected = len(waiting)
        return waiting, False

    def _commit(self, waiting: list[_Waiting[Job, Result]]) -> None:
        wanted = [one for one in waiting if one.future.set_running_or_notify_cancel()]
        try:
            results = self._attempt(wanted)
        except Exception as e:  # this thread supervises the jobs: each failure goes to whoever waits for it
            if len(wanted) == 1:
                wanted[0].future.set_exception(e)
                return
            for one in wanted:
                self._commit_alone(one)
            return
        for one, result in zip(wanted, results, strict=True):
            one.future.set_result(result)

    def _commit_alone(self, one: _Waiting[Job, Result]) -> None:
        try:
            result = self._attempt([one])[0]
        except Exception as e:  # as above
            one.future.set_exception(e)
        else:
            one.future.set_result(result)

    def _attempt(self, wanted: list[_Waiting[Job, Result]]) -> Sequence[Result]:
        if not wanted:
            return []
        with self._db.writing() as session:
            return self._handle(session, [one.job for one in wanted])
