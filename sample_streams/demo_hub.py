"""The demo's hub: started as a process, its administrator given a password, its alarms followed as any client would."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sample_streams import processes

READY_S = 60.0
ADMINISTRATOR = "admin"
SHAPES = {1: "▲", 2: "◆", 3: "●"}


@dataclass(frozen=True, slots=True, eq=False)
class DemoHub:
    """A running hub with somebody signed in.

    Attributes:
        url: its address, without a slash at the end.
        password: the administrator's.
        client: signed in; sends the CSRF token with every request.
    """

    url: str
    password: str
    client: httpx.Client

    def make_token(self, site: str) -> str:
        """Return a one-time enrolment token for `site`."""
        answer = self.client.post("/v1/agents/tokens", json={"site": site})
        answer.raise_for_status()
        return str(answer.json()["token"])

    def follow(self, tell: Callable[[str], None], stop: threading.Event) -> None:
        """Tell every new or folded alarm as a line, until `stop`; connects again when the hub ends the stream."""
        counts: dict[str, int] = {}
        while not stop.is_set():
            try:
                with self.client.stream("GET", "/v1/stream", timeout=httpx.Timeout(10, read=60)) as answer:
                    for incident in _incidents(answer.iter_lines()):
                        if counts.get(incident["incident_id"]) != incident["alarm_count"]:
                            counts[incident["incident_id"]] = incident["alarm_count"]
                            tell(line(incident))
            except httpx.HTTPError:
                stop.wait(1.0)


def start(family: processes.Family, data: Path, host: str, port: int) -> DemoHub:
    """Start the hub on `host`:`port` with its data in `data`, and sign in.

    Raises:
        ProcessFailed: it did not become ready, or refused its administrator.
    """
    data.mkdir(parents=True, exist_ok=True)
    kept = data / "demo-password"
    one_time = data / "one-time-password"
    if not one_time.exists():
        one_time.write_text(secrets.token_urlsafe(18))
        one_time.chmod(0o600)
    child = family.start(
        "hub",
        "sharing_hub",
        ["run", str(_settings(data)), "--host", host, "--port", str(port), "--admin-password-file", str(one_time)],
    )
    url = family.ready_line("hub", child, "Jikimi hub: ", READY_S).removeprefix("Jikimi hub: ").rstrip("/")
    password = kept.read_text() if kept.exists() else f"demo-{secrets.token_urlsafe(9)}"
    client = httpx.Client(base_url=url, timeout=10.0)
    if not kept.exists():
        _sign_in(client, one_time.read_text())
        _tell_token(client, client.post("/v1/session/password", json={"old": one_time.read_text(), "new": password}))
        kept.write_text(password)
        kept.chmod(0o600)
    _sign_in(client, password)
    return DemoHub(url, password, client)


def settings_file(data: Path) -> Path:
    """Return the file of the demo hub's settings."""
    return data.with_name(f"{data.name}.toml")


def _settings(data: Path) -> Path:
    """Write the demo hub's settings: its one visitor signs in with a password alone."""
    file = settings_file(data)
    file.write_text(
        f"data_dir = {json.dumps(str(data.resolve()))}\n[access]\nsecond_factor = false\ntraining = false\n"
        '[delivery]\nprivate_networks = ["127.0.0.0/8"]\nexercise = true\n'
    )
    return file


def line(incident: dict[str, Any]) -> str:
    """Return an incident as one line of text."""
    count = f" x{incident['alarm_count']}" if incident["alarm_count"] > 1 else ""
    shape = SHAPES.get(incident["severity"], "●")
    return f"{incident['last_alarm_at'][11:19]}Z  {shape} {incident['kind']:<16} {incident['camera_name']}{count}"


def _sign_in(client: httpx.Client, password: str) -> None:
    _tell_token(client, client.post("/v1/session", json={"name": ADMINISTRATOR, "password": password}))


def _tell_token(client: httpx.Client, answer: httpx.Response) -> None:
    if answer.is_error:
        raise processes.ProcessFailed(f"the hub refused its administrator: {answer.status_code} {answer.text[:300]}")
    token = answer.json().get("csrf") if answer.content else None
    if token:
        client.headers["X-CSRF-Token"] = token


def _incidents(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Yield the incidents among server-sent events."""
    name = ""
    for text in lines:
        if text.startswith("event:"):
            name = text[6:].strip()
        elif text.startswith("data:") and name == "incident":
            yield json.loads(text[5:])
