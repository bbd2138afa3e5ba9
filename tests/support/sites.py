"""A site for tests: the agent as a real process on its own folder, enrolled with a real hub, that may be killed and started again."""

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support import commands, hub_process, waiting

ROOT = Path(__file__).parents[2]
STOP_TIMEOUT_S = 40.0
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """A camera as agent.toml has it.

    Attributes:
        tables: more of its table, and tables below it, as TOML.
    """

    camera_id: str
    url: str
    tables: str = ""

    def toml(self) -> str:
        """Return the [[camera]] table."""
        head = f"id = {json.dumps(self.camera_id)}\nname = {json.dumps(self.camera_id)}\nurl = {json.dumps(self.url)}\n"
        return f"[[camera]]\n{head}{self.tables}\n"


def only(*kinds: str) -> str:
    """Return the first line of a camera's tables: it is watched for these kinds alone, so that no model is asked that a test does not need."""
    return f"kinds = {json.dumps(kinds)}\n"


def vertical_lines(count: int) -> str:
    """Return a camera's tables, to stand before all others: watched for nothing but the crossing of `count` lines from top to bottom, which whoever
    walks across the picture crosses one after the other."""
    places = [(i + 0.5) / count for i in range(count)]
    return only("line_crossing") + "\n".join(
        f'[[camera.zone]]\nname = "line {i}"\nkind = "line_crossing"\npoints = [[{x:.4f}, 0.0], [{x:.4f}, 1.0]]'
        for i, x in enumerate(places)
    )


def rows(database: Path, query: str, *values: object) -> list[Row]:
    """Return what a SQLite file says, also while a process writes it; nothing where there is no such file or table yet."""
    if not database.exists():
        return []
    with closing(sqlite3.connect(database, timeout=10)) as db:
        try:
            return db.execute(query, values).fetchall()
        except sqlite3.OperationalError as e:
            if "no such table" in str(e):
                return []
            raise


def free_port() -> int:
    """Return a port that nobody listens on, for a hub that must come back at the same address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def make_hub(folder: Path) -> hub_process.HubProcess:
    """Return a hub that listens at the same address after every start; it is not started yet."""
    return hub_process.HubProcess(folder / "hub", "--port", str(free_port()))


class Agent:
    """An agent process on `folder`; a context manager that ends it."""

    def __init__(
        self, folder: Path, cameras: Sequence[Watched], tables: str = "", *, log_path: Path | None = None
    ) -> None:
        """Write its agent.toml; nothing is started yet.

        Args:
            tables: more of agent.toml, before the cameras.
            log_path: where its log goes, by default into the folder.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = folder / "agent.toml"
        self.state_dir = folder / "state"
        self.log_path = log_path or folder / "agent.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.configure(cameras, tables)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def configure(self, cameras: Sequence[Watched], tables: str = "") -> None:
        """Write agent.toml anew."""
        head = f'[agent]\nsite = "test"\nstate_dir = {json.dumps(str(self.state_dir))}\n\n{tables}\n'
        self.settings.write_text(head + "\n".join(camera.toml() for camera in cameras))
        self.settings.chmod(0o600)

    def enrol(self, hub: hub_process.HubProcess, url: str | None = None, way: commands.Way = commands.call) -> Self:
        """Enrol it with a running hub.

        Args:
            url: another address of the hub, such as a link's near end.
            way: how the two commands are run.
        """
        token = way("sharing_hub", "token", "test", "--data", hub.data_dir).stdout.strip()
        done = way("camera_agents", "enroll", self.settings, token)
        assert done.returncode == 0, done.stdout + done.stderr
        if url is not None:
            record = self.state_dir / "identity" / "agent.json"
            record.write_text(json.dumps({**json.loads(record.read_text()), "hub_url": url}))
        return self

    def start(self) -> Self:
        """Start the process; it is not ready when this returns."""
        if self._process is not None:
            raise RuntimeError("the agent runs already")
        line = [sys.executable, "-m", "camera_agents", "run", str(self.settings)]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(line, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    @property
    def pid(self) -> int:
        """The process's id, while it runs."""
        if self._process is None:
            raise RuntimeError("the agent is not running")
        return self._process.pid

    def kill(self) -> float:
        """SIGKILL, harmless when it has ended; return when (seconds of UTC)."""
        at_s = time.time()
        self._end(signal.SIGKILL)
        return at_s

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        return self._end(signal.SIGTERM)

    def require_running(self) -> None:
        """Fail with the log's end when it has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(f"the agent ended with {self._process.returncode}: {self.log()[-3000:]}")

    def log(self) -> str:
        """Return everything it has logged."""
        return self.log_path.read_text(errors="replace")

    def check(self, way: commands.Way = commands.call) -> commands.Done:
        """Run its `check`."""
        return way("camera_agents", "check", self.settings)

    def outbox(self, query: str, *values: object) -> list[Row]:
        """Ask its outbox."""
        return rows(self.state_dir / "outbox.db", query, *values)

    def recordings(self, query: str, *values: object) -> list[Row]:
        """Ask its index of recordings."""
        return rows(self.state_dir / "recordings.db", query, *values)

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def hub_rows(hub: hub_process.HubProcess, query: str, *values: object) -> list[Row]:
    """Ask a hub's database."""
    return rows(hub.data_dir / "hub.db", query, *values)


def camera_rows(hub: hub_process.HubProcess) -> dict[str, dict[str, Any]]:
    """Return what the hub knows of each camera."""
    columns = (
        "camera_id",
        "state",
        "detail",
        "fps_in",
        "codec",
        "height_px",
        "decode_mode",
        "dropped",
        "clock_offset_s",
    )
    found = hub_rows(hub, f"SELECT {', '.join(columns)} FROM cameras")  # noqa: S608
    made = [dict(zip(columns, row, strict=True)) for row in found]
    return {row["camera_id"]: {**row, "dropped": json.loads(row["dropped"])} for row in made}


def wait_for(agent: Agent, condition: Callable[[], Any], timeout_s: float, what: str) -> Any:
    """Wait until `condition` holds while the agent runs; fail at once when it ends by itself."""

    def holds() -> Any:
        agent.require_running()
        return condition()

    return waiting.wait_until(holds, timeout_s, what)


def wait_for_states(
    agent: Agent, hub: hub_process.HubProcess, wanted: Mapping[str, str], timeout_s: float = 30.0
) -> dict[str, dict[str, Any]]:
    """Wait until the hub knows the cameras to be in these states, and return what it knows."""

    def reached() -> dict[str, dict[str, Any]] | None:
        known = camera_rows(hub)
        return known if all(known.get(k, {}).get("state") == state for k, state in wanted.items()) else None

    try:
        found: dict[str, dict[str, Any]] = wait_for(agent, reached, timeout_s, f"the states {dict(wanted)}")
    except TimeoutError as e:
        raise AssertionError(f"{e}; the hub knows {camera_rows(hub)}; {agent.log()[-2000:]}") from e
    return found
