"""A network link between a client and a server for tests: a real TCP relay that can be slow, cut in the middle, or down."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_PIECE_BYTES = 16 * 1024
_SEGMENT_BYTES = 1400


@dataclass
class Conditions:
    """How the link is now.

    Attributes:
        bytes_per_s: of what the client sends; None for as fast as it goes.
        cut_after_bytes: end the connection that carries this byte of what the client sends, once.
        down: nothing gets through: connections end and new ones are closed at once.
    """

    bytes_per_s: float | None = None
    cut_after_bytes: int | None = None
    down: bool = False


class Link:
    """A relay to `port` on this machine; a context manager.

    Attributes:
        target: the port; it may be changed for connections to come.
    """

    def __init__(self, port: int) -> None:
        self.conditions = Conditions()
        self.cuts = 0
        self.carried_bytes = 0
        self.target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Segments as on a real network: the loopback's (64 KiB) are larger than the small buffers here, and a sender then now and then waits for its timer.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT_BYTES)
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._ended = False

    @property
    def url(self) -> str:
        """The link's near end."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Link":
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.break_all()
        for thread in self._threads:
            thread.join(20)

    def break_all(self) -> None:
        """End every connection now."""
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._ended:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.conditions.down or self._ended:
                near.close()
                continue
            near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _PIECE_BYTES)
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)  # the five seconds were for connecting: an answer may take longer on a busy machine
            with self._lock:
                self._open |= {near, far}
            self._spawn(lambda pair=(near, far): self._relay(*pair))  # type: ignore[misc]

    def _relay(self, near: socket.socket, far: socket.socket) -> None:
        back = self._spawn(lambda: self._carry(far, near, counted=False))
        self._carry(near, far, counted=True)
        back.join()
        with self._lock:
            self._open -= {near, far}
        near.close()
        far.close()

    def _carry(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_PIECE_BYTES):
                if counted and not self._let_through(len(data)):
                    break
                sink.sendall(data)
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _let_through(self, length_bytes: int) -> bool:
        self.carried_bytes += length_bytes
        now = self.conditions
        if now.bytes_per_s is not None:
            time.sleep(length_bytes / now.bytes_per_s)
        if now.cut_after_bytes is not None and self.carried_bytes >= now.cut_after_bytes:
            now.cut_after_bytes = None
            self.cuts += 1
            return False
        return not now.down

    def _spawn(self, run: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread
