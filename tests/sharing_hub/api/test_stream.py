"""Live updates: what changes reaches every browser, and ends with its session."""

import asyncio
import contextlib
import functools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from sharing_hub import bus as buses
from sharing_hub import hub as hubs
from sharing_hub.api import changes, stream, streams
from sharing_hub.domain import viewers
from sharing_hub.services import browsing, sessions, views
from sharing_hub.store import tables
from sharing_hub.wire import v1
from tests.support import desk, hub_site, messages, push_agent, waiting

WAIT_S = 20.0


@dataclass(frozen=True)
class Room:
    """A served hub, one of its agents, and an operator at the page."""

    hub: hubs.Hub
    client: httpx.Client
    site: hub_site.Site
    browser: httpx.Client

    def raise_event(self, camera_id: str = "gate") -> v1.EventReport:
        """Let the agent report an event."""
        report = messages.report(camera_id=camera_id)
        hub_site.post(self.client, self.site, "/v1/agent/events", v1.EventBatch(reports=(report,)))
        return report

    @contextlib.contextmanager
    def follow(self, last: str | None = None) -> Iterator[desk.Events]:
        """Follow the stream; the hub listens for this browser once the block begins."""
        headers = {"Last-Event-ID": last} if last else {}
        before = self.open_streams()
        with self.browser.stream("GET", "/v1/stream", headers=headers, timeout=WAIT_S) as response:
            assert response.status_code == 200
            waiting.wait_until(lambda: self.open_streams() > before, WAIT_S, "the hub to listen")
            yield desk.Events(response)

    def open_streams(self) -> float:
        """Ask the hub's metrics."""
        text = self.client.get("/metrics").text
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("jikimi_event_streams "))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with hub_site.opened(tmp_path) as hub, hub_site.served(hub) as client:
        site = hub_site.enrol(hub)
        with desk.signed_in(hub, client) as browser:
            yield Room(hub, client, site, browser)


def test_an_alarm_arrives_by_itself_and_its_changes_follow(room: Room) -> None:
    with room.follow() as events:
        room.raise_event()
        seen = [events.next() for _ in range(2)]
        incident = next(data for name, data, _ in seen if name == "incident")
        assert (incident["kind"], incident["state"]) == ("intrusion", "new")
        assert "camera" in [name for name, _, _ in seen]  # the camera was new to the hub too
        room.browser.post(f"/v1/incidents/{incident['incident_id']}/acknowledge", json={})
        name, data, _ = events.next()
        assert (name, data["state"], data["version"]) == ("incident", "acknowledged", incident["version"] + 1)


def test_a_camera_that_changes_its_state_is_told(room: Room) -> None:
    def beat(state: str) -> None:
        message = push_agent.heartbeat("gate", now=messages.NOON, state=state)
        hub_site.post(room.client, room.site, "/v1/agent/heartbeat", message)

    beat("online")
    with room.follow() as events:
        beat("online")
        beat("no_key_frame")
        name, data, _ = events.next()
    assert (name, data["camera_id"], data["state"]) == ("camera", "gate", "no_key_frame")


def test_media_that_arrive_are_told_with_their_event_and_incident(room: Room) -> None:
    content = b"picture" * 100
    report = room.raise_event()
    manifest = messages.manifest(content, event_id=report.event_id)
    with room.follow() as events:
        hub_site.post(room.client, room.site, "/v1/agent/media", room.site.sign(manifest))
        headers = {**room.site.headers(messages.NOON), "Upload-Offset": "0"}
        room.client.patch(f"/v1/agent/media/{manifest.media_id}", content=content, headers=headers)
        name, data, _ = events.next()
    assert (name, data["media_id"], data["event_id"]) == ("media", str(manifest.media_id), str(report.event_id))
    assert data["form"] == "masked_still"
    assert data["incident_id"] == room.browser.get("/v1/incidents").json()["items"][0]["incident_id"]


def test_a_browser_that_reconnects_gets_what_it_missed(room: Room) -> None:
    room.raise_event("gate")
    with room.follow() as events:
        room.raise_event("yard")
        last = max(events.next()[2], events.next()[2])
    room.raise_event("roof")
    with room.follow(last) as events:
        told = {data["camera_id"] for _, data, _ in (events.next(), events.next())}
    assert told == {"roof"}


@pytest.mark.parametrize("last", ["nonsense", "00000000-1", "00000000-99999999999999999999"])
def test_a_browser_whose_last_event_is_forgotten_is_told_to_read_anew(room: Room, last: str) -> None:
    with room.follow(last) as events:
        assert events.next()[0] == "resync"


def test_a_browser_from_this_run_with_a_number_never_made_is_told_to_read_anew(room: Room) -> None:
    with room.follow(f"{room.hub.bus.epoch}-{buses.HISTORY_LENGTH * 9}") as events:
        assert events.next()[0] == "resync"


def test_the_stream_ends_with_its_session(room: Room) -> None:
    with room.follow() as events:
        with room.hub.database.writing() as session:
            session.execute(sa.update(tables.OperatorSession).values(ended_at=room.hub.clock()))
        with pytest.raises(EOFError):
            events.next()
    assert room.open_streams() == 0


def test_a_watch_that_failed_once_still_ends_streams_with_their_session(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = sessions.roles, ["not foreseen"]

    def roles(*asked: Any) -> Any:
        if failures:
            raise RuntimeError(failures.pop())
        return real(*asked)

    monkeypatch.setattr(sessions, "roles", roles)
    with room.follow() as events:
        waiting.wait_until(lambda: not failures, WAIT_S, "the watch to fail")
        with room.hub.database.writing() as session:
            session.execute(sa.update(tables.OperatorSession).values(ended_at=room.hub.clock()))
        with pytest.raises(EOFError):
            events.next()


def test_the_stream_ends_at_logout(room: Room) -> None:
    with room.follow() as events:
        assert room.browser.delete("/v1/session").status_code == 204
        with pytest.raises(EOFError):
            events.next()


def test_the_stream_ends_when_the_operators_role_changes(room: Room) -> None:
    with room.follow() as events:
        with room.hub.database.writing() as session:
            session.execute(sa.update(tables.Operator).values(role="auditor"))
        with pytest.raises(EOFError):
            events.next()


def test_a_browser_too_slow_for_its_bound_is_told_to_read_anew_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = functools.partialmethod(buses.LocalBus.subscribe, max_pending=2)
    monkeypatch.setattr(buses.LocalBus, "subscribe", small)

    async def scene(hub: hubs.Hub) -> list[str | None]:
        operator = viewers.Viewer(uuid.uuid4(), "kim", "operator", uuid.uuid4())
        events = stream._events(hub, streams.OpenStreams(hub), operator, None)
        await anext(events)  # now it listens, and then reads nothing for a while
        for number in range(5):
            hub.bus.publish("camera", f"camera-{number}")
        told = [(await anext(events)).event]
        waiting_for_next = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        row = camera_row(hub)
        with hub.database.writing() as session:
            session.add(row)
        hub.bus.publish("camera", "gate")
        told.append((await asyncio.wait_for(waiting_for_next, WAIT_S)).event)
        await events.aclose()
        return told

    with hub_site.opened(tmp_path) as hub:
        assert asyncio.run(scene(hub)) == ["resync", "camera"]
        assert hub.counters.totals()["event_streams_resynced", "too slow"] == 1


def camera_row(hub: hubs.Hub) -> tables.Camera:
    return tables.Camera(
        camera_id="gate", agent_id=hub_site.enrol(hub).agent_id, name="gate", first_seen_at=hub.clock()
    )


def test_a_role_that_sees_no_alarms_gets_no_stream(room: Room) -> None:
    with desk.signed_in(room.hub, room.client, "visitor") as visitor:
        assert visitor.get("/v1/stream").status_code == 403


def test_a_browser_that_leaves_is_forgotten(room: Room) -> None:
    assert isinstance(room.hub.bus, buses.LocalBus)
    before = room.hub.bus.listeners  # the hub itself listens, to end looks that are permitted no more
    with room.follow():
        assert (room.open_streams(), room.hub.bus.listeners) == (1, before + 1)
    waiting.wait_until(lambda: room.open_streams() == 0, WAIT_S, "the hub to notice")
    assert room.hub.bus.listeners == before


def test_a_change_that_could_not_be_read_once_is_read_at_the_next_asking(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.raise_event("gate")
    viewer = viewers.Viewer(uuid.uuid4(), "kim", "operator", uuid.uuid4())
    asked = changes.Changes(room.hub)
    change, real, failures = buses.Change(1, "camera", "gate"), browsing.camera, ["database is locked"]

    def camera(*wanted: Any) -> views.CameraView:
        if failures:
            raise sa.exc.OperationalError("SELECT", {}, Exception(failures.pop()))
        return real(*wanted)

    async def ask_twice() -> str | None:
        with pytest.raises(sa.exc.OperationalError):
            await asked.text(change, viewer)
        return await asked.text(change, viewer)

    monkeypatch.setattr(browsing, "camera", camera)
    told = asyncio.run(ask_twice())
    assert told is not None
    assert '"camera_id":"gate"' in told
