"""The hub as a real process on a real data folder, and agents' plain HTTP connections to it."""

import http.client
import json
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sharing_hub import hub as hubs
from sharing_hub import settings
from sharing_hub.services import agents
from sharing_hub.wire import v1
from tests.support import commands, hub_site, waiting

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0


class HubProcess:
    """A hub process; a context manager. It may be killed and started again on the same folder."""

    def __init__(self, data_dir: Path, *options: str, config: Path | None = None) -> None:
        """Describe the process; nothing is started yet.

        Args:
            data_dir: where it keeps everything.
            options: more of the command line.
            config: a TOML file that names `data_dir`; instead of one whose operators have a password alone.
        """
        self.data_dir = data_dir
        self.url = ""
        self._options = options
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

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
            raise RuntimeError("the hub is not running")
        return self._process.pid

    def start(self) -> Self:
        """Start the process and wait until it says where it listens."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        output = self.data_dir.with_name(self.data_dir.name + ".out")
        self._output = output.open("wb")
        command = [
            sys.executable,
            "-m",
            "sharing_hub",
            "run",
            str(self._config or self._password_only()),
            "--port",
            "0",
            *self._options,
        ]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=self._output, stderr=subprocess.STDOUT)
        self.url = waiting.wait_until(lambda: self._address(output), START_TIMEOUT_S, "the hub's address")
        return self

    def kill(self) -> None:
        """SIGKILL: nothing is said, nothing is drained."""
        self._end(lambda process: process.kill())

    def stop(self) -> int:
        """SIGTERM, and the exit code; harmless when it has ended."""
        return self._end(lambda process: process.terminate())

    def check(self, way: commands.Way = commands.call) -> tuple[int, str]:
        """Run `jikimi-hub check` on the folder: exit code and what it said."""
        done = way("sharing_hub", "check", "--data", self.data_dir)
        return done.returncode, done.stdout + done.stderr

    def enrol(self, site: str) -> hub_site.Site:
        """Enrol an agent in the hub's database."""
        now, key = datetime.now(UTC), Ed25519PrivateKey.generate()
        with hubs.database_beside(settings.Settings(data_dir=self.data_dir)) as db, db.writing() as session:
            secret = agents.issue_token(session, site, "test", now, timedelta(hours=1))
            request = v1.EnrolmentRequest(secret=secret, public_key=hub_site.public(key), site=site, software="test")
            return hub_site.Site(agents.enrol(session, request, now), key)

    def _password_only(self) -> Path:
        config = self.data_dir.with_name(self.data_dir.name + ".toml")
        lines = (f"{name} = {str(value).lower()}" for name, value in hub_site.PASSWORD_ONLY.items())
        config.write_text("\n".join([f"data_dir = {json.dumps(str(self.data_dir))}", "[access]", *lines, ""]))
        return config

    def _address(self, output: Path) -> str | None:
        text = output.read_text(errors="replace")
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"the hub ended at its start: {text[-2000:]}")
        lines = [line.removeprefix("Jikimi hub: ") for line in text.splitlines() if line.startswith("Jikimi hub: ")]
        return lines[-1] if lines else None

    def _end(self, how: Any) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        how(process)
        code = process.wait(STOP_TIMEOUT_S)
        if self._output is not None:
            self._output.close()
        return code


class Connection:
    """One agent's keep-alive connection, with little overhead of its own."""

    def __init__(self, url: str, site: hub_site.Site) -> None:
        self._http = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        now = datetime.now(UTC)
        self._headers = {**site.headers(now), "Content-Type": "application/json"}

    def post(self, path: str, body: bytes) -> tuple[int, Any]:
        """Post a message; return the status and the answer.

        Raises:
            OSError, http.client.HTTPException: the hub is gone.
        """
        self._http.request("POST", path, body, self._headers)
        answer = self._http.getresponse()
        return answer.status, json.loads(answer.read())

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def events_body(camera_id: str, count: int) -> tuple[list[uuid.UUID], bytes]:
    """Return a batch of `count` fresh events of a camera, encoded, and their ids."""
    now = datetime.now(UTC).isoformat()
    ids = [uuid.uuid4() for _ in range(count)]
    reports = [
        {
            "schema": "jikimi.event/1",
            "event_id": str(event_id),
            "camera_id": camera_id,
            "kind": "intrusion",
            "started_at": now,
            "raised_at": now,
            "score": 0.9,
            "explanation": {
                "trigger": "intrusion",
                "conditions": [
                    {"name": "time in zone", "value": 2.4, "comparison": ">=", "threshold": 2.0, "unit": "s"}
                ],
                "zone": {"name": "gate", "points": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]},
                "path": [{"after_s": i / 5, "x": 0.5, "y": 0.5} for i in range(10)],
                "settings_sha256": "0" * 64,
            },
            "software": "load",
        }
        for event_id in ids
    ]
    return ids, json.dumps({"reports": reports}).encode()
