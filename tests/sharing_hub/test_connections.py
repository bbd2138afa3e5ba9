"""Slow, giant and idle clients at a real hub process: each is cut or refused with words, is counted, and hurts nobody else."""

import asyncio
import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from sharing_hub import connections, counters
from tests.support import hub_process, plain_http, waiting

HEAD = b"POST /v1/session HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
MOST = 24


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hub_process.HubProcess]:
    folder = tmp_path_factory.mktemp("hub")
    config = folder / "hub.toml"
    config.write_text(
        f"data_dir = {json.dumps(str(folder / 'data'))}\n[server]\nhead_within_s = 1.0\nbody_within_s = 1.5\n"
        f"body_pause_s = 0.7\nmax_connections = {MOST}\n[access]\nsecond_factor = false\ntraining = false\n"
    )
    with hub_process.HubProcess(folder / "data", config=config) as process:
        yield process


@pytest.fixture
def client(hub: hub_process.HubProcess) -> Iterator[httpx.Client]:
    with plain_http.client(hub.url) as client:
        yield client


@contextlib.contextmanager
def connected(hub: hub_process.HubProcess) -> Iterator[socket.socket]:
    """Give a plain connection to the hub."""
    address = httpx.URL(hub.url)
    with socket.create_connection((address.host, address.port), timeout=30) as connection:
        yield connection


def is_cut(answer: bytes, status: bytes) -> bool:
    """Say whether a connection ended with this status, or with nothing: a reset, for more had come than was read, takes the answer along."""
    return not answer or answer.startswith(b"HTTP/1.1 " + status + b" ")


def said(connection: socket.socket) -> bytes:
    """Return everything that comes until the hub closes the connection. (One that it leaves open ends in a time-out, which is raised.)"""
    told = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65_536):
            told += piece
    return told


@contextlib.contextmanager
def dribbled(connection: socket.socket, piece: bytes) -> Iterator[None]:
    """Send a piece every tenth of a second meanwhile, for as long as the connection takes any."""
    over = threading.Event()

    def dribble() -> None:
        with contextlib.suppress(OSError):
            while not over.wait(0.1):
                connection.sendall(piece)

    thread = threading.Thread(target=dribble)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def cut(client: httpx.Client) -> dict[str, float]:
    """Return how many requests were cut, by reason, as the metrics of this machine say."""
    name = "jikimi_requests_cut_total{"
    lines = [line for line in client.get("/metrics").text.splitlines() if line.startswith(name)]
    return {line.split('"')[1]: float(line.split()[-1]) for line in lines}


@pytest.mark.parametrize("sent", [b"", b"GET /v1/session HTTP/1.1\r\nX-A: "])
def test_a_head_that_does_not_come_is_cut_and_counted(
    hub: hub_process.HubProcess, client: httpx.Client, sent: bytes
) -> None:
    before = cut(client).get("head too slow", 0)
    with connected(hub) as connection:
        connection.sendall(sent)
        assert said(connection).startswith(b"HTTP/1.1 408 ")
    assert cut(client)["head too slow"] > before


def test_a_head_byte_by_byte_is_cut_though_something_always_comes(hub: hub_process.HubProcess) -> None:
    with connected(hub) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-A: ")
        with dribbled(connection, b"a"):
            assert is_cut(said(connection), b"408")


def test_so_is_the_second_head_on_a_connection(hub: hub_process.HubProcess) -> None:
    with connected(hub) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: hub\r\n\r\nGET / HTTP/1.1\r\nX-A: ")
        with dribbled(connection, b"a"):
            assert b"\r\n\r\n" in said(connection)


@pytest.mark.parametrize(
    ("head", "piece", "reason"),
    [
        (b"Content-Length: 1000\r\n\r\n{", b"", "body paused"),
        (b"Content-Length: 1000\r\n\r\n{", b" ", "body too slow"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", "body too slow"),
    ],
)
def test_a_body_that_does_not_end_is_answered_408_and_counted(
    hub: hub_process.HubProcess, client: httpx.Client, head: bytes, piece: bytes, reason: str
) -> None:
    before = cut(client).get(reason, 0)
    with connected(hub) as connection:
        connection.sendall(HEAD + head)
        with dribbled(connection, piece) if piece else contextlib.nullcontext():
            answer = said(connection)
    assert is_cut(answer, b"408"), answer[:200]
    if not piece:
        assert b"application/problem+json" in answer
        assert b"x-request-id" in answer.lower()
    assert cut(client)[reason] == before + 1


@pytest.mark.parametrize("length", ["999999999999", "9" * 300, "-1", "1e9"])
def test_a_giant_body_is_refused_by_its_length_alone(hub: hub_process.HubProcess, length: str) -> None:
    with connected(hub) as connection:
        connection.sendall(HEAD + f"Content-Length: {length}\r\n\r\n".encode())
        assert said(connection)[:12] in (b"HTTP/1.1 413", b"HTTP/1.1 400")


def test_a_chunked_body_without_end_is_refused_at_the_bound(hub: hub_process.HubProcess) -> None:
    with connected(hub) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(OSError):
            for _ in range(40):
                connection.sendall(b"2000\r\n" + b" " * 0x2000 + b"\r\n")
        assert is_cut(said(connection), b"413")


def test_a_hundred_thousand_header_fields_are_refused(hub: hub_process.HubProcess) -> None:
    with connected(hub) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        with contextlib.suppress(OSError):
            connection.sendall(b"X-A: 1\r\n" * 100_000)
        assert is_cut(said(connection), b"400")


def test_idle_connections_make_room_and_slow_ones_hurt_nobody(
    hub: hub_process.HubProcess, client: httpx.Client
) -> None:
    before = cut(client).get("made room for others", 0)
    with contextlib.ExitStack() as held:
        for number in range(3 * MOST):
            one = held.enter_context(connected(hub))
            if number % 2:
                one.sendall(HEAD + b"Content-Length: 1000\r\n\r\n{" if number < 16 else b"GET / HTTP/1.1\r\n")
        with plain_http.client(hub.url) as other:
            assert other.get("/health").status_code == 200
        assert cut(client)["made room for others"] > before


def test_a_body_in_pieces_is_taken_where_each_comes_in_time(hub: hub_process.HubProcess) -> None:
    body = b"{" + b" " * 2000 + b'"name": "nobody", "password": "none of it"}'
    with connected(hub) as connection:
        connection.sendall(HEAD + f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        for begin in range(0, len(body), 512):
            connection.sendall(body[begin : begin + 512])
        assert said(connection)[:12] in (b"HTTP/1.1 401", b"HTTP/1.1 422")


def test_whoever_shakes_no_hands_is_cut_and_counted_too(tmp_path: Path) -> None:
    config = tmp_path / "hub.toml"
    config.write_text(
        f'data_dir = {json.dumps(str(tmp_path / "data"))}\n[server]\nhead_within_s = 1.0\n[tls]\nmode = "authority"\n'
    )
    with hub_process.HubProcess(tmp_path / "data", config=config) as hub:
        with connected(hub) as connection:
            assert said(connection) == b""
        trusted = ssl.create_default_context(cafile=str(next((tmp_path / "data").rglob("authority.pem"))))
        with httpx.Client(base_url=hub.url, verify=trusted, timeout=plain_http.TIMEOUT_S) as client:
            assert cut(client) == {"no TLS handshake": 1.0}


async def pieces_every_tenth_of_a_second(scope: Any, receive: Any, send: Any) -> None:
    """Answer as live events and downloads do: for longer than any head may take."""
    if scope["type"] != "http":
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(8):
        await asyncio.sleep(0.1)
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def test_an_answer_under_way_is_cut_by_nothing_however_long_it_takes() -> None:
    bound = connections.Bound(0.3, 1, counters.Counters())
    config = uvicorn.Config(
        pieces_every_tenth_of_a_second, http=connections.made(bound), lifespan="off", log_config=None  # type: ignore[arg-type]
    )  # fmt: skip
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            waiting.wait_until(lambda: server.started, 30, "the server")
            with plain_http.client(f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
                answer: list[bytes] = []
                other = socket.create_connection(listener.getsockname(), timeout=30)
                with other, client.stream("GET", "/") as streaming:
                    answer += streaming.iter_raw()
                    assert is_cut(said(other), b"408"), "one too many, and it is not the one that is being answered"
        finally:
            server.should_exit = True
            thread.join()
    assert b"".join(answer) == b"x" * 8
    assert sum(bound.counted.totals().values()) == 1
    assert not bound.waiting
