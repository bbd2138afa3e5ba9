import asyncio
import contextlib
import datetime
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from camera_agents import errors
from camera_agents.sending import hub_client
from sharing_hub.wire import v1
from tests.support import agent_state, messages

BATCH = v1.EventBatch(endings=(v1.EventEnd(event_id=messages.report().event_id, ended_at=messages.NOON),))


@contextlib.contextmanager
def answering(*serves: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server whose connections are served by these functions, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            for serve in serves:
                with contextlib.suppress(OSError):
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(65536)
                        serve(connection)

        thread = threading.Thread(target=run)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(20)


def says(head: str, body: bytes = b"") -> Callable[[socket.socket], None]:
    text = f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
    return lambda connection: connection.sendall(text + body)


def send(state_dir: Path, url: str) -> v1.BatchReply:
    async def ask() -> v1.BatchReply:
        me = agent_state.enrolled(state_dir, url)
        hub = hub_client.HttpHub(me, hub_client.HubClock(agent_state.Clock()))
        try:
            return await hub.send_events(BATCH)
        finally:
            await hub.close()

    return asyncio.run(ask())


def test_a_connection_that_was_closed_while_idle_is_tried_once_more_at_once(tmp_path: Path) -> None:
    with answering(lambda connection: None, says("200 OK", b"{}")) as url:
        assert send(tmp_path, url) == v1.BatchReply()


def test_an_endless_answer_is_cut_off(tmp_path: Path) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(65536))

    with answering(talk) as url, pytest.raises(errors.HubBusy, match="more than"):
        send(tmp_path, url)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("302 Found\r\nLocation: http://elsewhere.example/", b""),
        ("404 Not Found", b'{"title": "no such path", "status": 404}'),
        ("200 OK", b"<html>sign in to the guest network</html>"),
        ("200 OK", b'{"surprise": 1}'),
        ("422 Unprocessable", b"<html>"),
        ("503 Unavailable", b""),
    ],
)
def test_what_is_not_the_hubs_final_word_is_tried_again_later(tmp_path: Path, head: str, body: bytes) -> None:
    with answering(says(head, body)) as url, pytest.raises(errors.HubBusy):
        send(tmp_path, url)


def test_the_wait_the_hub_asks_for_is_passed_on(tmp_path: Path) -> None:
    with answering(says("429 Slow down\r\nRetry-After: 7")) as url, pytest.raises(errors.HubBusy) as caught:
        send(tmp_path, url)
    assert caught.value.retry_after_s == 7.0


def test_a_problem_of_the_hub_is_final_and_keeps_its_words(tmp_path: Path) -> None:
    problem = v1.Problem(title="Unprocessable", status=422, detail="no such kind").model_dump_json().encode()
    with answering(says("422 Unprocessable", problem)) as url, pytest.raises(errors.HubRefused, match="no such kind"):
        send(tmp_path, url)


def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(errors.HubUnreachable):
        send(tmp_path, "http://127.0.0.1:1")


def test_a_small_difference_of_clocks_is_measured_and_left_alone() -> None:
    clock = agent_state.Clock()
    hub_clock = hub_client.HubClock(clock)
    hub_clock.note(clock() + datetime.timedelta(seconds=3))
    assert hub_clock.offset_s == 3.0
    assert hub_clock() == clock()
    hub_clock.note(clock() - datetime.timedelta(hours=1))
    assert hub_clock() == clock() - datetime.timedelta(hours=1)
