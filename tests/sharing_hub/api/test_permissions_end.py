"""What an agency streams stops when its permission ends: live view by the real relay, and files in ranges."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from sharing_hub import hub as hubs
from sharing_hub.domain import grants, ledger
from sharing_hub.services import agents, media
from sharing_hub.services import grants as grant_rows
from sharing_hub.store import tables
from tests.sharing_hub.api import test_live
from tests.support import desk, hub_site, messages, push_agent, sharing, viewing, waiting

FIRE = viewing.viewer("partner", "119", "fire-119")
PATH = "/v1/live/gate?why=fire"


@dataclass(frozen=True)
class Room:
    """A served hub with a confirmed fire, whose every caller is somebody of 119 who holds a grant."""

    hub: hubs.Hub
    client: httpx.Client
    grant: grants.Grant
    agent: push_agent.PushAgent
    site: hub_site.Site

    def revoke(self) -> None:
        """Take the grant back."""
        with self.hub.database.writing() as session:
            grant_rows.revoke(session, self.grant.grant_id, ledger.HUB, "a wrong share", self.hub.clock())

    def close(self) -> None:
        """Close the incident, as a process beside the hub would: the bus tells nothing of it."""
        with self.hub.database.writing() as session:
            session.execute(sa.update(tables.Incident).values(state="closed", decided_at=messages.after(-400)))

    def expire(self) -> None:
        """Let the grant's time pass."""
        assert isinstance(self.hub.clock, hub_site.Clock)
        self.hub.clock.pass_s(1200)

    def decisions(self) -> list[tuple[str, str, str]]:
        """Return action, decision and policies of every look, in order."""
        with self.hub.database.reading() as session:
            rows = session.scalars(sa.select(tables.Look).order_by(tables.Look.at))
            return [(row.action, row.decision, row.rule) for row in rows]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with hub_site.opened(tmp_path) as hub:
        site = sharing.fire_at_the_gate(hub)
        grant = sharing.shared_and_granted(hub, "fire-119")
        viewer = FIRE
        with hub.database.writing() as session:  # the watch over streams wants a session that lasts
            row = desk.operator_row("partner", hub.clock(), operator_id=FIRE.operator_id)
            session.add(row)
            session.flush()
            session.add(
                tables.OperatorSession(
                    session_id=viewer.session_id, secret_sha256="0", csrf="", operator_id=row.operator_id,
                    created_at=hub.clock(), last_seen_at=messages.after(7200),
                    expires_at=messages.after(7200), source_address="::1",
                )
            )  # fmt: skip
        with (
            hub_site.served(hub, viewer) as client,
            push_agent.PushAgent(str(client.base_url), site, messages.NOON) as agent,
        ):
            agent.beat(client, "gate")
            with hub.database.writing() as session:
                session.execute(sa.update(tables.Camera).values(latitude=sharing.GATE[0], longitude=sharing.GATE[1]))
            yield Room(hub, client, grant, agent, site)


@pytest.mark.parametrize("end", [Room.revoke, Room.close, Room.expire], ids=["revoked", "closed", "expired"])
def test_a_live_view_stops_when_its_permission_ends(room: Room, end: Callable[[Room], None]) -> None:
    async def scene(watcher: test_live.Watcher) -> None:
        assert (await watcher.post(room.client, PATH)).status_code == 201
        await watcher.frames(5)
        await asyncio.to_thread(end, room)
        await asyncio.to_thread(
            waiting.wait_until, lambda: not room.agent.pushing, test_live.WAIT_S, "the view to stop"
        )
        again = await asyncio.to_thread(
            room.client.post, PATH, content=watcher.peer.localDescription.sdp, headers=test_live.SDP
        )
        assert again.status_code in (403, 404)

    test_live.play(scene)
    assert room.decisions()[0] == ("live", "permit", "agency-looks-by-grant")


def test_a_file_is_refused_at_the_next_range_and_the_refusal_is_on_record(room: Room) -> None:
    clip = bytes(range(256)) * 40
    media_id = store_clip(room, clip)
    first = room.client.get(f"/v1/media/{media_id}?why=fire", headers={"Range": "bytes=0-99"})
    assert (first.status_code, first.content) == (206, clip[:100])
    assert room.client.get(f"/v1/media/{media_id}?why=fire", headers={"Range": "bytes=100-199"}).status_code == 206
    room.revoke()
    refused = room.client.get(f"/v1/media/{media_id}?why=fire", headers={"Range": "bytes=200-299"})
    assert refused.status_code == 403
    assert "취소" in refused.json()["detail"]
    assert room.decisions() == [("clip", "permit", "agency-looks-by-grant"), ("clip", "deny", "grant-over")]


def store_clip(room: Room, clip: bytes) -> str:
    with room.hub.database.reading() as session:
        event_id = session.scalars(sa.select(tables.Incident.first_event_id)).one()
    manifest = messages.clip_manifest(clip, event_id=event_id)
    caller = agents.Caller(room.site.agent_id, "test", hub_site.public(room.site.key))
    with room.hub.database.writing() as session:
        media.announce(session, caller, room.site.sign(manifest), room.hub.clock())
    media.append(room.hub.blobs, manifest, 0, clip)
    with room.hub.database.writing() as session:
        media.complete(session, manifest.media_id, room.hub.clock())
    return str(manifest.media_id)


def test_an_agency_is_shown_the_clips_that_it_may_look_at_and_no_other(room: Room) -> None:
    media_id = store_clip(room, bytes(100))
    incident_id = sharing.incident(room.hub)

    def listed() -> list[list[str]]:
        pages = [room.client.get(path).json() for path in ("/v1/media", "/v1/events", f"/v1/incidents/{incident_id}")]
        events = [*pages[1]["items"], *(alarm["event"] for alarm in pages[2]["alarms"])]
        return [
            [item["media_id"] for item in pages[0]["items"]],
            *([file["media_id"] for file in event["media"]] for event in events),
        ]

    assert listed() == [[media_id]] * 3
    room.revoke()
    assert listed() == [[]] * 3
