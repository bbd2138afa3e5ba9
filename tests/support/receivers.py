"""An agency's system for tests: a real HTTP server that takes webhooks and verifies them as the receiver's library does."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(slots=True)
class Received:
    """One message as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """The server's address and what arrived.

    Attributes:
        answer: called with each message; returns the status to answer with, and may wait.
    """

    url: str = ""
    answer: Callable[[Received], int] = lambda _: 204
    received: list[Received] = field(default_factory=list)


@contextlib.contextmanager
def receiving(answer: Callable[[Received], int] = lambda _: 204) -> Iterator[Receiver]:
    """Serve on a free port of this machine."""
    receiver = Receiver(answer=answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            message = Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            receiver.received.append(message)
            self.send_response(receiver.answer(message))
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with _serving(Handler) as url:
        receiver.url = f"{url}/hook"
        yield receiver


@contextlib.contextmanager
def answering(body: bytes) -> Iterator[str]:
    """Answer every question with the same JSON; give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):  # who asks may have had enough
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with _serving(Handler) as url:
        yield url


@contextlib.contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
