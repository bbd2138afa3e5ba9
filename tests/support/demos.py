"""The demo as its user starts it: one process, read as a person reads it, ended with Ctrl-C."""

import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from tests.support import plain_http

ROOT = Path(__file__).resolve().parents[2]
READY_S = 90.0


class RunningDemo:
    """`jikimi-demo` on a free port with its data in `folder`; `client` is signed in as its administrator."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: list[str] = []
        self.url = self.password = ""
        self.started_s = 0.0

    def __enter__(self) -> "RunningDemo":
        self.started_s = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sample_streams.demo", "--data", str(self._folder / "demo"), "--port", "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, name="demo output")
        self._reader.start()
        try:
            self._wait_until_welcome()
            self.client = plain_http.client(self.url, timeout=20.0)
            answer = self.client.post("/v1/session", json={"name": "admin", "password": self.password})
            answer.raise_for_status()
            self.client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        self.end()

    @property
    def output(self) -> str:
        """What the demo has printed so far."""
        return "".join(self._lines)

    @property
    def agencies(self) -> Path:
        """Where the keys of the agencies' systems are."""
        return self._folder / "demo" / "agencies"

    def family(self) -> list[psutil.Process]:
        """Return the demo's process and all it started."""
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def end(self) -> int:
        """Press Ctrl-C, wait for the end, and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(45)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join()
        if self.process.stdout:
            self.process.stdout.close()
        return self.process.returncode

    def get(self, path: str) -> Any:
        """Return the JSON of a GET."""
        answer = self.client.get(path)
        answer.raise_for_status()
        return answer.json()

    def _read(self) -> None:
        if self.process.stdout:
            for line in self.process.stdout:
                self._lines.append(line)

    def _wait_until_welcome(self) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline and self.process.poll() is None:
            page = re.search(r"^\s*Page\s+(\S+)$", self.output, re.MULTILINE)
            password = re.search(r"^\s*Password\s+(\S+)$", self.output, re.MULTILINE)
            if page and password:
                self.url, self.password = page[1], password[1]
                return
            time.sleep(0.1)
        raise AssertionError(f"the demo did not start: {self.output[-2000:]}")
