"""Detector sessions shared by all cameras: one thread each, first come first served, at most one look per camera waiting.

Invariant: nobody who feeds packets waits here. A camera's analysis thread waits for its own look only, so looks of different cameras take
turns; what comes too late for that is shed by the analysis thread, and counted.
"""

import queue
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass

from camera_agents import errors
from detection import detector, settings, types

_USUAL = settings.DetectorSettings()


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    frame: types.Frame
    regions: tuple[types.Box, ...]
    wanted: settings.DetectorSettings
    answer: "Future[types.Detections]"


class Pool:
    """Runs `detectors`; none at all means that no object is ever looked for. Each of `lanes` wants a thread of its own."""

    def __init__(self, detectors: Sequence[detector.Detector]) -> None:
        self.model: types.ModelUsed | None = detectors[0].model if detectors else None
        self._detectors = tuple(detectors)
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self.looks = 0

    def lanes(self) -> list[Callable[[], None]]:
        """Return one function for each session that serves until `stop`."""
        return [lambda each=each: self._serve(each) for each in self._detectors]  # type: ignore[misc]

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
        try:
            return answer.result(timeout_s)
        except (TimeoutError, CancelledError, errors.LookFailed):
            answer.cancel()
            return None

    def _serve(self, session: detector.Detector) -> None:
        while (request := self._requests.get()) is not None:
            if not request.answer.set_running_or_notify_cancel():
                continue  # nobody waits for it any more
            try:
                request.answer.set_result(session.detect(request.frame, request.regions, request.wanted))
                self.looks += 1
            finally:
                if not request.answer.done():  # the failure itself goes to the supervisor
                    request.answer.set_exception(errors.LookFailed("the detector failed"))
