import contextlib
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from camera_agents.analysis import inference
from detection import settings, types

FRAME = types.Frame(0.0, np.zeros((64, 96), np.uint8), np.zeros((32, 48), np.uint8), np.zeros((32, 48), np.uint8))
REGIONS = ((0.0, 0.0, 96.0, 64.0),)


class Scripted:
    """A detector that waits until it may answer, and fails when told to."""

    model = types.ModelUsed("scripted", "0" * 64)

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.fails = False
        self.asked = threading.Semaphore(0)

    def detect(
        self, frame: types.Frame, regions: tuple[types.Box, ...], wanted: settings.DetectorSettings | None = None
    ) -> types.Detections:
        self.asked.release()
        self.may_answer.wait(10)
        if self.fails:
            raise RuntimeError("broken")
        return types.Detections.none()


@contextlib.contextmanager
def serving(pool: inference.Pool) -> Iterator[None]:
    def quietly(serve: object) -> None:
        with contextlib.suppress(RuntimeError):
            serve()  # type: ignore[operator]

    threads = [threading.Thread(target=quietly, args=(lane,)) for lane in pool.lanes()]
    for thread in threads:
        thread.start()
    yield
    pool.stop()
    for thread in threads:
        thread.join(10)


def test_without_a_detector_nothing_is_looked_for() -> None:
    pool = inference.Pool([])
    assert pool.model is None
    assert pool.detect(FRAME, REGIONS, 1.0) is None


def test_a_look_is_answered() -> None:
    session = Scripted()
    session.may_answer.set()
    pool = inference.Pool([session])
    with serving(pool):
        assert pool.detect(FRAME, REGIONS, 5.0) is not None
    assert pool.looks == 1


def test_a_look_nobody_came_to_in_time_is_shed_and_never_made() -> None:
    session = Scripted()
    pool = inference.Pool([session])
    with serving(pool):
        first = threading.Thread(target=pool.detect, args=(FRAME, REGIONS, 10.0))
        first.start()
        assert session.asked.acquire(timeout=5)
        assert pool.detect(FRAME, REGIONS, 0.01) is None
        session.may_answer.set()
        first.join(10)
    assert pool.looks == 1


@pytest.mark.filterwarnings("error")
def test_a_detector_that_fails_gives_no_answer_and_the_failure_goes_on_to_the_supervisor() -> None:
    session = Scripted()
    session.fails = True
    session.may_answer.set()
    pool = inference.Pool([session])
    failures: list[RuntimeError] = []

    def serve() -> None:
        try:
            pool.lanes()[0]()
        except RuntimeError as e:
            failures.append(e)

    thread = threading.Thread(target=serve)
    thread.start()
    assert pool.detect(FRAME, REGIONS, 5.0) is None
    thread.join(10)
    assert len(failures) == 1
