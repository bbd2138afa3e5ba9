"""Two hubs as real processes, each an agency of the other, with a link between them that can be cut either way."""

import contextlib
import dataclasses
import datetime
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.orm import Session

from sharing_hub import hub as hubs
from sharing_hub.api import callers
from sharing_hub.domain import default_district, district, sight
from sharing_hub.services import clients, operators, sessions
from sharing_hub.store import sharing_tables
from sharing_hub.wire import v1
from tests.support import desk, district_map, hub_process, hub_site, link, messages, plain_http, push_agent, systems

DISTRICT, CITY = "jongno", "seoul"
"""What each hub is called in the other one's book."""
PEOPLE = ("operator", "leader", "admin", "auditor")
_ENDINGS = {"still": "image/jpeg", "clip": "video/mp4"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two hubs.

    Attributes:
        other: what it calls the other hub.
        agent: pushes the pictures of its one camera.
        browsers: of its people, by role; and of somebody of 119 ("partner").
    """

    process: hub_process.HubProcess
    other: str
    camera_id: str
    site: hub_site.Site
    agent: push_agent.PushAgent
    browsers: dict[str, httpx.Client]

    def get(self, path: str, role: str = "operator", **more: Any) -> Any:
        """Read something as one of its people."""
        answer = self.browsers[role].get(path, **more)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def post(self, path: str, said: Any = None, role: str = "operator") -> Any:
        """Change something as one of its people."""
        answer = self.browsers[role].post(path, json=said)
        assert answer.status_code in (200, 201, 204), f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def incidents(self, kind: str = "fire") -> list[Any]:
        """Return its incidents of a kind, the newest first."""
        return [one for one in self.get("/v1/incidents", params={"state": "all"})["items"] if one["kind"] == kind]

    def alarm(self, kind: str = "fire") -> tuple[str, v1.EventReport]:
        """Raise an alarm of its camera; return the incident that it became, and the report."""
        now = datetime.datetime.now(datetime.UTC)
        report = messages.report(camera_id=self.camera_id, kind=kind, started_at=now, raised_at=now)
        with plain_http.client(self.process.url) as client:
            answer = hub_site.post(client, self.site, "/v1/agent/events", v1.EventBatch(reports=(report,)), now)
            assert answer.status_code == 200, answer.text
        known = {one["incident_id"] for one in self.incidents(kind) if one["state"] == "new"}
        (incident_id,) = known
        return incident_id, report

    def send(self, report: v1.EventReport, form: str, content: bytes) -> uuid.UUID:
        """Send a still or a clip of an alarm, as its agent does."""
        manifest = messages.manifest(
            content, event_id=report.event_id, camera_id=self.camera_id, form=form, mime=_ENDINGS[form], masking=None,
            starts_at=report.started_at, ends_at=report.started_at, codec="h264" if form == "clip" else "jpeg",
        )  # fmt: skip
        now = datetime.datetime.now(datetime.UTC)
        with plain_http.client(self.process.url) as client:
            announced = hub_site.post(client, self.site, "/v1/agent/media", self.site.sign(manifest), now)
            assert announced.status_code == 200, announced.text
            headers = {**self.site.headers(now), "Upload-Offset": "0", "Content-Type": "application/octet-stream"}
            path = f"/v1/agent/media/{manifest.media_id}"
            assert client.patch(path, content=content, headers=headers).json()["complete"]
        return manifest.media_id

    def restart(self) -> None:
        """Kill the hub, start it again, and give its people's browsers its new address."""
        self.process.kill()
        self.process.start()
        for browser in self.browsers.values():
            browser.base_url = httpx.URL(self.process.url)


@dataclass(frozen=True, slots=True)
class Pair:
    """Both hubs, and the way from each to the other."""

    district: Side
    city: Side
    up: link.Link
    down: link.Link

    def cut(self) -> None:
        """Let nothing through, either way."""
        for one in (self.up, self.down):
            one.conditions.down = True
            one.break_all()

    def mend(self) -> None:
        """Let everything through."""
        for one in (self.up, self.down):
            one.conditions.down = False


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Pair]:
    """Start both; the city's camera stands 40 m from the district's."""
    with contextlib.ExitStack() as stack:
        up, down = (stack.enter_context(link.Link(9)) for _ in range(2))
        keys = {name: systems.new_key() for name in (DISTRICT, CITY)}
        made = {}
        for name, other in ((DISTRICT, CITY), (CITY, DISTRICT)):
            made[name] = _seed(folder / name, name, other, keys[other])
        sides = {}
        for name, other, here, there in ((DISTRICT, CITY, down, up), (CITY, DISTRICT, up, down)):
            client_id = made[other].client_id  # as the other hub registered this one
            config = _config(folder / name, here.url, other, there.url, client_id, keys[name])
            process = stack.enter_context(hub_process.HubProcess(folder / name, config=config))
            here.target = int(process.url.rsplit(":", 1)[1])
            agent = stack.enter_context(
                push_agent.PushAgent(process.url, made[name].site, datetime.datetime.now(datetime.UTC))
            )
            browsers = {
                role: stack.enter_context(
                    plain_http.client(
                        process.url, headers={callers.CSRF_HEADER: csrf}, cookies={callers.COOKIE: secret}
                    )
                )
                for role, (secret, csrf) in made[name].signed_in.items()
            }
            _beat(process, made[name])
            sides[name] = Side(process, other, made[name].camera_id, made[name].site, agent, browsers)
        yield Pair(sides[DISTRICT], sides[CITY], up, down)


@dataclass(frozen=True, slots=True)
class _Seeded:
    client_id: uuid.UUID
    camera_id: str
    place: sight.Point
    site: hub_site.Site
    signed_in: dict[str, tuple[str, str]]


def _beat(process: hub_process.HubProcess, made: _Seeded) -> None:
    """Have the agent say where its camera is."""
    now = datetime.datetime.now(datetime.UTC)
    said = push_agent.heartbeat(made.camera_id, now=now)
    placed = said.cameras[0].model_copy(update={"latitude": made.place.latitude, "longitude": made.place.longitude})
    with plain_http.client(process.url) as client:
        beat = said.model_copy(update={"cameras": (placed,)})
        assert hub_site.post(client, made.site, "/v1/agent/heartbeat", beat, now).status_code == 200


def _seed(folder: Path, name: str, other: str, key: systems.Key) -> _Seeded:
    """Furnish a hub before it runs: camera, book, people, and the other hub's system."""
    with hub_site.opened(folder) as hub:
        assert isinstance(hub.clock, hub_site.Clock)
        hub.clock.now = datetime.datetime.now(datetime.UTC)
        site = hub_site.enrol(hub, name)
        camera_id = f"{name}-road"
        north_m = 0.0 if name == DISTRICT else 40.0
        district_map.furnish(hub, site.agent_id, [district_map.Placed(camera_id, north_m, 0)])
        with hub.database.writing() as session:
            version = session.get_one(sharing_tables.DistrictVersion, 1)
            version.book = _book(version.book, other)
            session.flush()
            made = clients.add(session, systems.wanted(key, agency_id=other), hub.clock())
            signed_in = {role: _sign_in(session, hub, role) for role in PEOPLE}
            signed_in["partner"] = _sign_in(session, hub, "partner", agency_id="fire-119")
        return _Seeded(made.client_id, camera_id, district_map.beside(north_m, 0), site, signed_in)


def _book(known: district.District, other: str) -> district.District:
    """Let the other hub be an agency: the district tells the city of its fires, and the city takes them as the district's cases."""
    when: district.When = "confirmed" if other == CITY else "opened"
    cell = district.Notice("fire", other, when, "still_and_live")
    agency = district.Agency(other, "hub", f"{other} 관제센터", f"{other} hub")
    base = default_district.make()
    return dataclasses.replace(known, agencies=(*base.agencies, agency), matrix=(*base.matrix, cell))


def _sign_in(session: Session, hub: hubs.Hub, role: str, **place: str) -> tuple[str, str]:
    row = desk.operator_row(role, hub.clock(), name=f"{role}-kim", **place)
    session.add(row)
    session.flush()
    assert operators.find(session, row.name) is not None
    secret, active = sessions.begin(session, row.operator_id, datetime.timedelta(hours=1), desk.SOURCE, hub.clock())
    return secret, active.csrf


def _config(folder: Path, public: str, other: str, url: str, client_id: uuid.UUID, key: systems.Key) -> Path:
    path = folder.with_name(f"{folder.name}.jwk")
    path.write_text(json.dumps(key.as_dict(private=True)))
    config = folder.with_name(f"{folder.name}.toml")
    config.write_text(
        f"data_dir = {json.dumps(str(folder))}\n"
        f'[server]\npublic_url = "{public}"\n[access]\nsecond_factor = false\ntraining = false\n[media]\nmin_free_bytes = 0\n[agents]\nsilent_after_s = 3600\n'
        f'[[peers]]\nagency = "{other}"\nurl = "{url}"\nclient_id = "{client_id}"\nkey = "{path.name}"\n'
    )
    return config
