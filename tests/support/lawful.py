"""A district in real processes for the whole of lawful sharing: hub, agent and sample cameras on the map, people who sign in, and agencies' systems."""

import contextlib
import dataclasses
import datetime
import ipaddress
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import standardwebhooks

from sample_streams import demo_district, demo_places
from sharing_hub import client, settings, webhook_key
from sharing_hub import hub as hubs
from sharing_hub.client import __main__ as client_commands
from sharing_hub.domain import ledger, viewers
from sharing_hub.services import book, endpoints, operators
from sharing_hub.store import database
from tests.support import cameras, hub_process, live_viewer, plain_http, receivers, shipped, sites

FIRE, POLICE = "fire-119", "police-112"
ROAD, NEAR, SCHOOL, FAR = "road-day", "road-dusk", "yard", "river"
"""The fire is on the road; a camera is 72 m from it, a school's 367 m, one of the river two kilometres."""
FIRE_UNTIL_S = 24.0
AFTER_CLOSE_S = 2
_PASSWORD = f"e2e-{secrets.token_urlsafe(9)}"


@dataclass
class District:
    """What runs.

    Attributes:
        told: where 119 is told, as CloudEvents; sirens: as CAP alerts. Each with what verifies it.
    """

    hub: hub_process.HubProcess
    agent: sites.Agent
    told: receivers.Receiver
    sirens: receivers.Receiver
    webhook: standardwebhooks.Webhook
    cap_webhook: standardwebhooks.Webhook
    systems: dict[str, client.AgencyClient]
    _open: contextlib.ExitStack
    _people: dict[str, httpx.Client] = field(default_factory=dict)

    def person(self, name: str) -> httpx.Client:
        """Return the browser of somebody who signed in; once each."""
        if name not in self._people:
            browser = self._open.enter_context(plain_http.client(self.hub.url))
            answer = browser.post("/v1/session", json={"name": name, "password": _PASSWORD})
            assert answer.status_code == 200, answer.text
            browser.headers["X-CSRF-Token"] = answer.json()["csrf"]
            self._people[name] = browser
        return self._people[name]

    def live(self, agency_id: str, camera_id: str, incident_id: object) -> int:
        """Ask for live pictures with what is no offer: the status is 403 or 404 where they are refused, 422 where only the offer is wrong."""
        return self._offer(agency_id, camera_id, incident_id, "v=0\r\n").status_code

    def watch(self, agency_id: str, camera_id: str, incident_id: object) -> live_viewer.LiveViewer:
        """Watch a camera live as an agency's system does, until the district ends."""
        viewer = self._open.enter_context(live_viewer.LiveViewer())
        answer = viewer.watch(lambda offer: self._offer(agency_id, camera_id, incident_id, offer))
        assert answer.status_code == 201, answer.text
        return viewer

    def limit(self, **changed: int) -> None:
        """Have numbers of the book changed by two people, beside the hub that runs."""
        with hubs.database_beside(settings.Settings(data_dir=self.hub.data_dir)) as db:
            _limit(db, datetime.datetime.now(datetime.UTC), **changed)

    def _offer(self, agency_id: str, camera_id: str, incident_id: object, offer: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.systems[agency_id].token()}", "Content-Type": "application/sdp"}
        query = {"why": "on the way", "incident_id": str(incident_id)}
        with plain_http.client(self.hub.url, headers=headers) as asking:
            return asking.post(f"/v1/agency/live/{camera_id}", params=query, content=offer)


def answered(response: httpx.Response, *statuses: int) -> Any:
    """Return an answer's JSON; fail with its words when it has another status (default: 200 or 201)."""
    assert response.status_code in (statuses or (200, 201)), f"{response.status_code} {response.text}"
    return response.json()


@contextlib.contextmanager
def running(folder: Path) -> Iterator[District]:
    """Start everything; the road begins to burn once the agent watches."""
    config = folder / "hub.toml"
    config.write_text(
        f"data_dir = {json.dumps(str(folder / 'hub'))}\n[access]\nsecond_factor = false\ntraining = true\n"
        '[media]\nmin_free_bytes = 0\n[delivery]\nprivate_networks = ["127.0.0.0/8"]\nexercise = true\n'
    )
    port = str(sites.free_port())
    calm = shipped.CLIPS / "one_way.mp4"
    clips = {ROAD: shipped.beginning("road_fire.mp4", FIRE_UNTIL_S), NEAR: calm, SCHOOL: calm, FAR: calm}
    with (
        receivers.receiving() as told,
        receivers.receiving() as sirens,
        cameras.SampleCamera(clips) as camera,
        hub_process.HubProcess(folder / "hub", "--port", port, config=config) as hub,
        contextlib.ExitStack() as stack,
    ):
        keys, webhook, cap = _seed(hub, folder / "agencies", told.url, sirens.url)
        watched = [sites.Watched(name, camera.url(name), _tables(name)) for name in clips]
        agent = sites.Agent(
            folder / "agent", watched, "[clip]\nbefore_s = 4\nafter_s = 1\n[detector]\nworkers = 1\n"
        ).enrol(hub)
        systems = {
            agency_id: stack.enter_context(client.AgencyClient(hub.url, client_id, key, verify=False))
            for agency_id, (client_id, key) in keys.items()
        }
        with agent:
            sites.wait_for_states(agent, hub, dict.fromkeys(clips, "online"), 60.0)
            camera.restart(ROAD)
            yield District(hub, agent, told, sirens, webhook, cap, systems, stack)


def _tables(camera_id: str) -> str:
    place = demo_places.of(camera_id)
    assert place is not None
    kinds = sites.only("fire", "smoke") if camera_id == ROAD else sites.only()
    return f"{kinds}latitude = {place.latitude}\nlongitude = {place.longitude}\n"


def _seed(
    hub: hub_process.HubProcess, folder: Path, told: str, sirens: str
) -> tuple[dict[str, tuple[str, Any]], standardwebhooks.Webhook, standardwebhooks.Webhook]:
    """Fill the running hub as the demo does, with a second endpoint for CAP, and with grants that end soon after their case."""
    chosen, now = settings.Settings(data_dir=hub.data_dir), datetime.datetime.now(datetime.UTC)
    made = demo_district.seed(chosen, folder, _PASSWORD, {FIRE: told}, now)
    key = webhook_key.prepare(hub.data_dir)
    with hubs.database_beside(chosen) as db:
        with db.writing() as session:
            networks = (ipaddress.ip_network("127.0.0.0/8"),)
            row = endpoints.add(session, FIRE, sirens, "cap", networks, ledger.COMMAND_LINE, now)
            cap_secret = key.secret_of(row.endpoint_id, row.generation)
        _limit(db, now, after_close_s=AFTER_CLOSE_S, second_factor_needed=False)
    keys = {
        agency_id: (str(client_id), client_commands.load_key(folder / f"{agency_id}.jwk"))
        for agency_id, client_id in made.clients.items()
    }
    secret = made.secrets[FIRE].read_text()
    return keys, standardwebhooks.Webhook(secret), standardwebhooks.Webhook(cap_secret)


def _limit(db: database.Database, now: datetime.datetime, **changed: Any) -> None:
    """Have numbers of the book changed by two people."""
    with db.writing() as session:
        proposer, approver = (_viewer(session, name) for name in (operators.FIRST_NAME, "privacy"))
        version, found = book.in_force(session)
        wanted = dataclasses.replace(found, limits=dataclasses.replace(found.limits, **changed))
        proposed = book.propose(session, proposer, wanted, version, "for the exercise", now)
        book.decide(session, approver, proposed, True, now)


def _viewer(session: Any, name: str) -> viewers.Viewer:
    row = operators.find(session, name)
    assert row is not None
    return viewers.Viewer(row.operator_id, row.name, row.role, agency_id=row.agency_id)
