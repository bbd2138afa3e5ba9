import contextlib
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from camera_agents.analysis import inference
from detection import experts, settings, types

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


class Asked(experts.Experts):
    """Further models that wait until they may answer."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()
        self.asked = threading.Semaphore(0)

    @property
    def used(self) -> dict[str, types.ModelUsed]:
        return {"fire": types.ModelUsed("asked", "0" * 64)}

    def ask(self, task: str, blob: experts.Blob) -> experts.Answer | None:
        self.asked.release()
        self.may_answer.wait(10)
        return (np.zeros(1, np.float32),)


def test_a_look_does_not_wait_for_a_question_nor_two_questions_of_one_set_run_at_once() -> None:
    session, further = Scripted(), Asked()
    session.may_answer.set()
    pool = inference.Pool([session, session], [further])
    blob = np.zeros((1, 2, 2, 3), np.uint8)
    with serving(pool):
        waiting = [threading.Thread(target=pool.ask, args=("fire", blob, 10.0)) for _ in range(2)]
        for thread in waiting:
            thread.start()
        assert further.asked.acquire(timeout=5)
        assert pool.detect(FRAME, REGIONS, 5.0) is not None
        assert not further.asked.acquire(blocking=False)
        further.may_answer.set()
        for thread in waiting:
            thread.join(10)
    assert pool.questions["fire"] == 2


def test_a_question_for_a_model_that_is_not_there_is_not_answered() -> None:
    pool = inference.Pool([Scripted()], [Asked()])
    assert pool.ask("fight", np.zeros(1, np.uint8), 5.0) is None
