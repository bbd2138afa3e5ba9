"""What the benchmarks of sharing measure: a hub process with the demo's people and agencies, an agent with cameras 200 m apart, and 119's listener and system."""

import contextlib
import datetime
import json
import secrets
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from sample_streams import demo_district
from sharing_hub import client, settings
from sharing_hub.client import __main__ as client_commands
from sharing_hub.wire import v1
from tests.support import district_map, hub_process, hub_site, messages, plain_http, push_agent, receivers

FIRE = "fire-119"
APART_M = 200.0
WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class District:
    """What runs.

    Attributes:
        arrivals: when each incident's first message came to 119, in seconds of `time.perf_counter`.
    """

    hub: hub_process.HubProcess
    site: hub_site.Site
    leader: httpx.Client
    fire: client.AgencyClient
    arrivals: dict[str, float]
    cameras: int

    def beat(self) -> None:
        """Have the agent say that its cameras are online: unless it says so each half minute, it is taken for silent."""
        now = datetime.datetime.now(datetime.UTC)
        beat = push_agent.heartbeat(*map(camera_id, range(self.cameras)), now=now)
        placed = tuple(_placed(one, number) for number, one in enumerate(beat.cameras))
        message = beat.model_copy(update={"cameras": placed})
        _require(hub_site.post(self.leader, self.site, "/v1/agent/heartbeat", message, now), 200)

    def agent(self) -> push_agent.PushAgent:
        """Return the agent's channel, to be opened."""
        return push_agent.PushAgent(self.hub.url, self.site, datetime.datetime.now(datetime.UTC))

    def burn(self, numbers: range) -> list[str]:
        """Have fires raised at the cameras of these numbers; return their incidents, in that order."""
        now = datetime.datetime.now(datetime.UTC)
        reports = tuple(
            messages.report(camera_id=camera_id(number), kind="fire", started_at=now, raised_at=now)
            for number in numbers
        )
        with plain_http.client(self.hub.url) as http:
            answer = hub_site.post(http, self.site, "/v1/agent/events", v1.EventBatch(reports=reports), now)
        _require(answer, 200)
        known = {item["camera_id"]: item["incident_id"] for item in self._incidents() if item["kind"] == "fire"}
        return [known[camera_id(number)] for number in numbers]

    def confirm(self, incident_id: str) -> float:
        """Confirm an incident; return when that was asked, in seconds of `time.perf_counter`."""
        asked_s = time.perf_counter()
        _require(self.leader.post(f"/v1/incidents/{incident_id}/confirm", json={"note": "smoke"}), 200)
        return asked_s

    def revoke(self, incident_id: str) -> float:
        """Revoke every grant of an incident; return when that was asked, in seconds of `time.perf_counter`."""
        held = [one for one in self.leader.get("/v1/grants").json() if one["incident_id"] == incident_id]
        asked_s = time.perf_counter()
        for one in held:
            _require(self.leader.post(f"/v1/grants/{one['grant_id']}/revoke", json={"why": "a wrong share"}), 204)
        if not held:
            raise RuntimeError("nothing was granted for the incident")
        return asked_s

    def store_clip(self, incident_id: str, number: int, content: bytes) -> UUID:
        """Upload a clip of the incident's event, as its agent does."""
        event_id = self.leader.get(f"/v1/incidents/{incident_id}").json()["first_event_id"]
        now = datetime.datetime.now(datetime.UTC)
        manifest = messages.clip_manifest(
            content, camera_id=camera_id(number), event_id=event_id, starts_at=now, ends_at=now
        )
        with plain_http.client(self.hub.url) as http:
            _require(hub_site.post(http, self.site, "/v1/agent/media", self.site.sign(manifest), now), 200)
            for first in range(0, len(content), v1.MAX_CHUNK_BYTES):
                headers = {**self.site.headers(now), "Upload-Offset": str(first)}
                chunk = content[first : first + v1.MAX_CHUNK_BYTES]
                _require(http.patch(f"/v1/agent/media/{manifest.media_id}", content=chunk, headers=headers), 200)
        return manifest.media_id

    def asking(self) -> httpx.Client:
        """Return 119's system as a plain client, with a token."""
        return plain_http.client(self.hub.url, headers={"Authorization": f"Bearer {self.fire.token()}"})

    def _incidents(self) -> Iterator[Any]:
        before: str | None = None
        while True:
            query = {"limit": "500", "state": "all"} | ({"before": before} if before else {})
            page = self.leader.get("/v1/incidents", params=query).json()
            yield from page["items"]
            if (before := page["next"]) is None:
                return


@contextlib.contextmanager
def running(cameras: int) -> Iterator[District]:
    """Start everything, with so many cameras on a grid."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as name, contextlib.ExitStack() as stack:
        folder, password, arrivals = Path(name), f"bench-{secrets.token_urlsafe(9)}", dict[str, float]()
        listener = stack.enter_context(receivers.receiving(lambda message: _arrived(arrivals, message)))
        config = folder / "hub.toml"
        config.write_text(
            f"data_dir = {json.dumps(str(folder / 'hub'))}\n[access]\nsecond_factor = false\ntraining = true\n"
            '[media]\nmin_free_bytes = 0\n[delivery]\nprivate_networks = ["127.0.0.0/8"]\nexercise = true\n'
        )
        hub = stack.enter_context(hub_process.HubProcess(folder / "hub", config=config))
        now, chosen = datetime.datetime.now(datetime.UTC), settings.Settings(data_dir=hub.data_dir)
        made = demo_district.seed(chosen, folder / "agencies", password, {FIRE: listener.url}, now)
        leader = stack.enter_context(plain_http.client(hub.url))
        _sign_in(leader, "leader", password)
        key = client_commands.load_key(folder / "agencies" / f"{FIRE}.jwk")
        fire = stack.enter_context(client.AgencyClient(hub.url, str(made.clients[FIRE]), key, verify=False))
        site = hub.enrol("bench")
        district = District(hub, site, leader, fire, arrivals, cameras)
        district.beat()
        yield district


def camera_id(number: int) -> str:
    """Return the id of a camera."""
    return f"cam-{number}"


def _placed(camera: v1.CameraInfo, number: int) -> v1.CameraInfo:
    row, column = divmod(number, 20)
    place = district_map.beside(APART_M * row, APART_M * column)
    return camera.model_copy(update={"latitude": place.latitude, "longitude": place.longitude})


def _sign_in(browser: httpx.Client, name: str, password: str) -> None:
    answer = browser.post("/v1/session", json={"name": name, "password": password})
    _require(answer, 200)
    browser.headers["X-CSRF-Token"] = answer.json()["csrf"]


def _arrived(arrivals: dict[str, float], message: receivers.Received) -> int:
    arrivals.setdefault(json.loads(message.body)["data"]["incident_id"], time.perf_counter())
    return 204


def _require(answer: httpx.Response, status: int) -> None:
    if answer.status_code != status:
        raise RuntimeError(f"the hub answered {answer.status_code}: {answer.text[:500]}")
