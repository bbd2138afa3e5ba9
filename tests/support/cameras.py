"""Sample cameras as real processes, for everybody's tests."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support import waiting

ROOT = Path(__file__).parents[2]
USER = "operator"
PASSWORD = "sample pass/word"  # with what must be quoted in a URL, on purpose
START_TIMEOUT_S = 30.0


class SampleCamera:
    """One sample camera process with any number of cameras; a context manager.

    Example:
        with SampleCamera({"gate": footage.make()}) as camera:
            capture(camera.url("gate", "main"))
            camera.fault("gate", stall=True)
    """

    def __init__(
        self,
        cameras: Mapping[str, Path | str],
        *,
        subs: Mapping[str, Path | str] | None = None,
        user: str | None = USER,
        password: str | None = PASSWORD,
        options: tuple[str, ...] = (),
    ) -> None:
        """Describe the process; nothing is started yet.

        Args:
            cameras: file of the main stream by camera name; knobs may follow as in `--camera`.
            subs: file of the sub stream by camera name.
            user: None for a camera that asks for nothing.
            password: with `user`.
            options: more of the command line, such as "--onvif-port", "0".
        """
        self.user = user
        self.password = password
        self.ready: dict[str, Any] = {}
        self._arguments = [*_camera_options(cameras, subs or {}), "--tls-port", "0", "--control", "0", *options]
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="sample-camera-")
        self._output = Path(self._folder.name) / "stdout"
        self._log = Path(self._folder.name) / "stderr"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process's id, while it runs."""
        if self._process is None:
            raise RuntimeError("the sample camera is not running")
        return self._process.pid

    def start(self) -> Self:
        """Start the process and wait until it says where it listens."""
        environment = dict(os.environ)
        if self.user is not None and self.password is not None:
            environment["SAMPLE_CAMERA_PASSWORD"] = self.password
            self._arguments += ["--user", self.user]
        command = [sys.executable, "-m", "sample_streams.camera", *self._arguments]
        with self._output.open("wb") as output, self._log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=log)
        try:
            self.ready = waiting.wait_until(self._ready_line, START_TIMEOUT_S, "the sample camera's ready line")
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> int:
        """End the process as an operator would and return its exit code; harmless when repeated."""
        if self._process is None:
            self._folder.cleanup()
            return 0
        process, self._process = self._process, None
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            self._folder.cleanup()

    def url(self, name: str, stream: str = "main", scheme: str = "rtsp", *, credentials: bool = True) -> str:
        """Return a stream's address, by default with user and password in it."""
        bare = str(self.ready["cameras"][name]["streams"][stream][scheme])
        if not credentials or self.user is None:
            return bare
        return with_credentials(bare, self.user, self.password or "")

    def onvif(self, name: str) -> str:
        """Return the address of a camera's ONVIF device service."""
        return str(self.ready["cameras"][name]["onvif"])

    def fault(self, name: str, **knobs: object) -> dict[str, Any]:
        """Change a camera's knobs (sample_streams/camera/faults.py) and return its state; None puts one back."""
        return self._control("POST", f"/cameras/{name}/faults", knobs)

    def heal(self, name: str) -> dict[str, Any]:
        """Put all of a camera's knobs back and return its state."""
        return self._control("DELETE", f"/cameras/{name}/faults")

    def restart(self, name: str) -> dict[str, Any]:
        """Let a camera play its files from the beginning, now."""
        return self._control("POST", f"/cameras/{name}/restart")

    def state(self, name: str) -> dict[str, Any]:
        """Return what a camera says of itself: faults, connections, per stream codec, size, position and counts."""
        return self._control("GET", f"/cameras/{name}")

    def log(self) -> str:
        """Return what the process has written to stderr so far."""
        return self._log.read_text()

    def _control(self, method: str, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            self.ready["control"] + path, None if body is None else json.dumps(body).encode(), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                state: dict[str, Any] = json.load(answer)
                return state
        except urllib.error.HTTPError as e:
            with e:
                raise ValueError(e.read().decode()) from None

    def _ready_line(self) -> dict[str, Any] | None:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"the sample camera ended at once: {self.log()}")
        line, newline, _ = self._output.read_bytes().partition(b"\n")
        return json.loads(line) if newline else None


def with_credentials(url: str, user: str, password: str) -> str:
    """Put user and password, quoted, into a URL."""
    scheme, rest = url.split("://", 1)
    return f"{scheme}://{urllib.parse.quote(user, safe='')}:{urllib.parse.quote(password, safe='')}@{rest}"


def _camera_options(cameras: Mapping[str, Path | str], subs: Mapping[str, Path | str]) -> list[str]:
    options = []
    for name, file in cameras.items():
        sub = f",sub={subs[name]}" if name in subs else ""
        options += ["--camera", f"{name}={file}{sub}"]
    return options
