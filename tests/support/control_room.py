"""A control room's hub for the page's tests: people of every role, alarms with pictures, an incident that was shared, requests, an emergency look."""

import contextlib
import dataclasses
import datetime
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sample_streams import demo_district, demo_places
from sharing_hub import hub as hubs
from sharing_hub.domain import viewers
from sharing_hub.services import agents, book, break_glass, incidents, ingest, media, video_requests
from sharing_hub.store import sharing_tables, tables
from sharing_hub.wire import v1
from tests.support import desk, footage, hub_site, messages

PEOPLE = {
    "admin": "admin", "kim": "operator", "lee": "operator", "park": "leader", "choi": "privacy_officer", "jung": "auditor", "min": "desk",
}  # fmt: skip
OFFICER = "officer"
"""Posted police; of the agency police-112."""
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffffffffffffffffffffffc0000b080001000101011100ffc40014000100000000000000000000000000000009ffc4001410010000000000"
    "0000000000000000000000ffda0008010100003f0054ffd9"
)  # one grey pixel


@dataclass(frozen=True)
class ControlRoom:
    """The hub, its one agent, and the incidents by the camera they are at."""

    hub: hubs.Hub
    site: hub_site.Site
    incidents: dict[str, uuid.UUID]

    def person(self, name: str) -> viewers.Viewer:
        """Return somebody as who proved everything."""
        with self.hub.database.reading() as session:
            row = session.scalars(sa.select(tables.Operator).where(tables.Operator.name == name)).one()
            return viewers.Viewer(
                row.operator_id, row.name, row.role, agency_id=row.agency_id, second_factor=True, trained=True, on_shift=True
            )  # fmt: skip


@contextlib.contextmanager
def opened(folder: Path, picture: bytes = JPEG, **settings: Any) -> Iterator[ControlRoom]:
    """Open such a hub, with the real clock: browsers have no other."""
    with hub_site.opened_by(lambda: datetime.datetime.now(datetime.UTC), folder, **settings) as hub:
        site = hub_site.enrol(hub, "중부")
        _people(hub)
        _cameras(hub, site)
        room = ControlRoom(hub, site, _alarms(hub, site, picture))
        _work(room)
        yield room


def _people(hub: hubs.Hub) -> None:
    now = hub.clock()
    until = (now + datetime.timedelta(days=200)).date()
    with hub.database.writing() as session:
        for name, role in PEOPLE.items():
            session.add(desk.operator_row(role, now, name=name, unit="관제 1조", trained_until=until))
        session.add(
            desk.operator_row("partner", now, name=OFFICER, agency_id="police-112", unit="파견", trained_until=until)
        )


def _cameras(hub: hubs.Hub, site: hub_site.Site) -> None:
    now = hub.clock()
    with hub.database.writing() as session:
        for place in demo_places.PLACES:
            session.add(
                tables.Camera(
                    camera_id=place.camera_id, agent_id=site.agent_id, name=f"{place.area} {place.camera_id}", latitude=place.latitude,
                    longitude=place.longitude, first_seen_at=now, state="offline" if place.camera_id == "lens" else "online",
                    codec="h264", width_px=1280, height_px=720, last_heartbeat_at=now, recording=True,
                )
            )  # fmt: skip
        session.get_one(sharing_tables.DistrictVersion, 1).book = demo_district.make()


def _alarms(hub: hubs.Hub, site: hub_site.Site, picture: bytes) -> dict[str, uuid.UUID]:
    """Raise an alarm at some cameras, with a still; return the incidents."""
    kinds = {"road-day": "fire", "lawn": "fight", "gate": "intrusion", "river": "loitering", "lens": "offline"}
    for number, (camera_id, kind) in enumerate(kinds.items()):
        at = hub.clock() - datetime.timedelta(seconds=30 * (len(kinds) - number))
        report = messages.report(camera_id=camera_id, kind=kind, started_at=at, raised_at=at)
        with hub.database.writing() as session:
            delivery = ingest.Delivery(site.agent_id, v1.EventBatch(reports=(report,)), hub.clock())
            ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])
        if kind != "offline":
            for form, masking in (("masked_still", "whole"), ("still", None)):
                _keep(hub, site, picture + form.encode(), report, form, masking)
    with hub.database.reading() as session:
        return {row.camera_id or "": row.incident_id for row in session.scalars(sa.select(tables.Incident))}


def _keep(
    hub: hubs.Hub, site: hub_site.Site, content: bytes, report: v1.EventReport, form: str, masking: str | None
) -> None:
    manifest = messages.manifest(
        content, camera_id=report.camera_id, event_id=report.event_id, form=form, masking=masking,
        starts_at=report.raised_at, ends_at=report.raised_at,
    )  # fmt: skip
    _store(hub, site, manifest, content)


def _store(hub: hubs.Hub, site: hub_site.Site, manifest: v1.MediaManifest, content: bytes) -> None:
    caller = agents.Caller(site.agent_id, "중부", hub_site.public(site.key))
    with hub.database.writing() as session:
        media.announce(session, caller, site.sign(manifest), hub.clock())
    media.append(hub.blobs, manifest, 0, content)
    with hub.database.writing() as session:
        media.complete(session, manifest.media_id, hub.clock())


def _work(room: ControlRoom) -> None:
    """Confirm the fire, which 119 is told of; ask for video three times; break the glass once."""
    hub, now = room.hub, room.hub.clock()
    span = (now - datetime.timedelta(minutes=30), now - datetime.timedelta(minutes=25))
    wanted = video_requests.Wanted(
        "agency", ("lawn", "vtest"), span, "crime_response", "18-2-7", "폭행 사건 2026-4711 수사", "수사과-2026-1182"
    )
    copy = video_requests.Wanted(
        "citizen", ("gate",), span, "citizen_copy", "35", "본인 열람 청구", reference="민원-2026-0117"
    )
    with hub.database.writing() as session:
        incidents.confirm(session, room.incidents["road-day"], room.person("kim"), "차량 화재", now)
    with hub.database.writing() as session:
        video_requests.ask(session, room.person(OFFICER), wanted, now)
        video_requests.ask(session, room.person("min"), copy, now)
        inside = dataclasses.replace(wanted, kind="internal", camera_ids=("road-day",), why="화재 원인 확인")
        video_requests.ask(session, room.person("park"), inside, now)
        place = demo_places.of("vtest")
        assert place is not None
        glass = break_glass.Emergency(
            ("vtest",), "life", "시청 앞 계단에서 사람이 쓰러짐", place.latitude, place.longitude
        )
        break_glass.smash(session, room.person(OFFICER), glass, now)


def arrive(room: ControlRoom, camera_id: str, seconds: float = 3.0) -> None:
    """Let the recording that a request asked of a camera arrive."""
    hub, wanted = room.hub, tables.RecordingRequest
    with hub.database.reading() as session:
        row = session.scalars(sa.select(wanted).where(wanted.camera_id == camera_id)).first()
        assert row is not None
        recording_id, begins = row.request_id, row.starts_at
    content = footage.make(footage.Footage(seconds=seconds)).read_bytes()
    manifest = messages.manifest(
        content, camera_id=camera_id, event_id=None, request_id=recording_id, form="range", mime="video/mp4", codec="h264",
        masking=None, starts_at=begins, ends_at=begins + datetime.timedelta(seconds=seconds), width_px=320, height_px=240,
    )  # fmt: skip
    _store(room.hub, room.site, manifest, content)


def propose(room: ControlRoom, name: str, why: str, **changed: Any) -> int:
    """Propose a changed book as somebody; return its version."""
    with room.hub.database.writing() as session:
        version, found = book.in_force(session)
        proposed: int = book.propose(
            session, room.person(name), dataclasses.replace(found, **changed), version, why, room.hub.clock()
        )
        return proposed
