"""Detector sessions shared by all cameras, and fewer sets of the models for further questions: one thread each, first come first served, at most
one look per camera waiting.

Invariant: nobody who feeds packets waits here. A camera's analysis thread waits for its own look only, so looks of different cameras take
turns; what comes too late for that is shed by the analysis thread, and counted.
"""

import contextlib
import functools
import queue
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import TypeVar

from camera_agents import errors
from detection import detector, experts, settings, types

_USUAL = settings.DetectorSettings()
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    frame: types.Frame
    regions: tuple[types.Box, ...]
    wanted: settings.DetectorSettings
    answer: "Future[types.Detections]"


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    task: str
    blob: experts.Blob
    answer: "Future[experts.Answer | None]"


class Pool:
    """Runs `detectors`; none at all means that no object is ever looked for. Each of `lanes` wants a thread of its own.

    Args:
        further: sets of the models for other questions, each answering one question at a time; none at all means that nothing else is asked.
    """

    def __init__(self, detectors: Sequence[detector.Detector], further: Sequence[experts.Experts] = ()) -> None:
        self.model: types.ModelUsed | None = detectors[0].model if detectors else None
        self.further: Mapping[str, types.ModelUsed] = further[0].used if further else {}
        self._detectors = tuple(detectors)
        self._experts = tuple(further) if self.further else ()
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._questions: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self.looks = 0
        self.questions: Counter[str] = Counter()
        """Questions answered, by task."""

    @property
    def models(self) -> tuple[types.ModelUsed, ...]:
        """Every model that may have a part in a result."""
        return (*(() if self.model is None else (self.model,)), *self.further.values())

    def lanes(self) -> list[Callable[[], None]]:
        """Return one function for each session and each set of further models that serves until `stop`."""
        looking = [functools.partial(self._look, session) for session in self._detectors]
        return [*looking, *(functools.partial(self._answer, further) for further in self._experts)]

    def stop(self) -> None:
        """Let every session finish what it is at and end."""
        for _ in self._detectors:
            self._requests.put(None)
        for _ in self._experts:
            self._questions.put(None)

    def detect(
        self,
        frame: types.Frame,
        regions: tuple[types.Box, ...],
        timeout_s: float,
        wanted: settings.DetectorSettings = _USUAL,
    ) -> types.Detections | None:
        """Return what is in `regions`, or None when no session came to it in time, or it failed.

        Args:
            wanted: the camera's own thresholds.
        """
        if not self._detectors:
            return None
        answer: Future[types.Detections] = Future()
        self._requests.put(_Request(frame, regions, wanted, answer))
        return _wait_for(answer, timeout_s)

    def ask(self, task: str, blob: experts.Blob, timeout_s: float) -> experts.Answer | None:
        """Return the answer of the model for `task`, or None when no session came to it in time, or it failed, or there is none."""
        if task not in self.further:
            return None
        answer: Future[experts.Answer | None] = Future()
        self._questions.put(_Question(task, blob, answer))
        return _wait_for(answer, timeout_s)

    def _look(self, session: detector.Detector) -> None:
        while (request := self._requests.get()) is not None:
            with _promised(request.answer) as is_wanted:
                if is_wanted:
                    request.answer.set_result(session.detect(request.frame, request.regions, request.wanted))
                    self.looks += 1

    def _answer(self, further: experts.Experts) -> None:
        while (question := self._questions.get()) is not None:
            with _promised(question.answer) as is_wanted:
                if is_wanted:
                    question.answer.set_result(further.ask(question.task, question.blob))
                    self.questions[question.task] += 1


@contextlib.contextmanager
def _promised(answer: "Future[T]") -> Iterator[bool]:
    """Say whether somebody still waits for an answer, and let nobody wait for one that failed."""
    is_wanted = answer.set_running_or_notify_cancel()
    try:
        yield is_wanted
    finally:
        if is_wanted and not answer.done():  # the failure itself goes to the supervisor
            answer.set_exception(errors.LookFailed("the detector failed"))


def _wait_for(answer: "Future[T]", timeout_s: float) -> T | None:
    try:
        return answer.result(timeout_s)
    except (TimeoutError, CancelledError, errors.LookFailed):
        answer.cancel()
        return None
