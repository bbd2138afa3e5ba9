import threading

from camera_agents import errors
from camera_agents.streams import capture, rtsp
from tests.support import waiting

DEADLINE_S = 20.0


class Attempts:
    """A camera that refuses every connection and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> rtsp.Connection:
        self.count += 1
        raise errors.CaptureError("offline", "nothing listens at the camera's address")


def running(subject: capture.Capture) -> threading.Thread:
    """Start `subject` on a thread."""
    thread = threading.Thread(target=subject.run)
    thread.start()
    return thread


def made(attempts: Attempts, *, wanted: bool) -> capture.Capture:
    hooks = capture.Hooks(lambda _: None, lambda _: None, lambda _: None)
    return capture.Capture("yard", attempts, hooks, wanted=wanted)


def test_a_stream_that_is_not_wanted_is_never_connected_not_even_to_be_stopped() -> None:
    attempts = Attempts()
    subject = made(attempts, wanted=False)
    waits = threading.Event()
    waiting_for = subject._wanted.wait

    def wait(timeout: float | None = None) -> bool:
        waits.set()
        return waiting_for(timeout)

    subject._wanted.wait = wait  # type: ignore[method-assign]
    thread = running(subject)
    assert waits.wait(DEADLINE_S)
    subject.stop()
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
    assert attempts.count == 0
    assert subject.condition.state == "stopped"


def test_a_camera_that_refuses_is_tried_again_until_it_is_told_to_stop() -> None:
    attempts = Attempts()
    subject = made(attempts, wanted=True)
    thread = running(subject)
    waiting.wait_until(lambda: attempts.count >= 2, DEADLINE_S, "a second attempt")
    subject.stop()
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
    assert subject.dropped["reconnects"] >= 1
