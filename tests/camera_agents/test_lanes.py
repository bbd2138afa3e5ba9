import threading

from camera_agents import lanes


def test_what_fails_is_started_again_and_counted() -> None:
    ran = threading.Semaphore(0)
    done = threading.Event()

    def run() -> None:
        ran.release()
        if lane.restarts == 0:
            raise ValueError("once")
        done.wait(10)

    lane = lanes.Lane("test", run, done.set)
    lane.start()
    assert ran.acquire(timeout=10)
    assert ran.acquire(timeout=10)
    lane.stop()
    assert lane.join(10)
    assert lane.restarts == 1


def test_what_returns_is_not_started_again() -> None:
    runs: list[int] = []
    lane = lanes.Lane("test", lambda: runs.append(1), lambda: None)
    lane.start()
    assert lane.join(10)
    assert runs == [1]
