"""Detector sessions shared by all cameras: one thread each, first come first served, at most one look per camera waiting.

Invariant: nobody who feeds packets waits here. A camera's analysis thread waits for its own look only, so looks of different cameras take
turns; what comes too late for that is shed by the analysis thread, and counted.
"""

import queue
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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
        further: the models for other questions, one set for each detector; none at all means that nothing else is asked.
    """

    def __init__(self, detectors: Sequence[detector.Detector], further: Sequence[experts.Experts] = ()) -> None:
        self.model: types.ModelUsed | None = detectors[0].model if detectors else None
        self.further: Mapping[str, types.ModelUsed] = further[0].used if further else {}
        self._detectors = tuple(detectors)
        self._experts = tuple(further) or tuple(experts.Experts() for _ in self._detectors)
        self._requests: queue.SimpleQueue[_Request | _Question | None] = queue.SimpleQueue()
        self.looks = 0
        self.questions: Counter[str] = Counter()
        """Questions answered, by task."""

    @property
    def models(self) -> tuple[types.ModelUsed, ...]:
        """Every model that may have a part in a result."""
        return (*(() if self.model is None else (self.model,)), *self.further.values())

    def lanes(self) -> list[Callable[[], None]]:
        """Return one function for each session that serves until `stop`."""
        pairs = zip(self._detectors, self._experts, strict=True)
        return [lambda one=one, further=further: self._serve(one, further) for one, further in pairs]  # type: ignore[misc]

    def stop(self) -> None:
        """Let every session finish its look and end."""
        for _ in self._detectors:
            self._requests.put(None)

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
        self._requests.put(_Question(task, blob, answer))
        return _wait_for(answer, timeout_s)

    def _serve(self, session: detector.Detector, further: experts.Experts) -> None:
        while (request := self._requests.get()) is not None:
            if not request.answer.set_running_or_notify_cancel():
                continue  # nobody waits for it any more
            try:
                if isinstance(request, _Question):
                    request.answer.set_result(further.ask(request.task, request.blob))
                    self.questions[request.task] += 1
                else:
                    request.answer.set_result(session.detect(request.frame, request.regions, request.wanted))
                    self.looks += 1
            finally:
                if not request.answer.done():  # the failure itself goes to the supervisor
                    request.answer.set_exception(errors.LookFailed("the detector failed"))


def _wait_for(answer: "Future[T]", timeout_s: float) -> T | None:
    try:
        return answer.result(timeout_s)
    except (TimeoutError, CancelledError, errors.LookFailed):
        answer.cancel()
        return None
