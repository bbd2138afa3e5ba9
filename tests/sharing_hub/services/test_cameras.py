"""What agents say of their cameras, and what their silence says."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sharing_hub import hub as hubs
from sharing_hub import worker
from sharing_hub.services import agents, cameras
from sharing_hub.store import tables
from sharing_hub.wire import v1
from tests.support import hub_site, messages


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        yield hub


def beat(*camera_ids: str, **changed: Any) -> v1.Heartbeat:
    health = [v1.CameraHealth(**{"camera_id": c, "state": "online", "fps_in": 15.0, **changed}) for c in camera_ids]
    return v1.Heartbeat(
        sent_at=messages.NOON,
        started_at=messages.NOON,
        software="test",
        cameras=tuple(v1.CameraInfo(camera_id=c, name=c.title(), recording=True) for c in camera_ids),
        health=tuple(health),
        disk=v1.Disk(total_bytes=2, free_bytes=1, recordings_bytes=0),
        backlog=v1.Backlog(events=0, media=0, media_bytes=0, parked=0),
    )


def hear(hub: hubs.Hub, site: hub_site.Site, heartbeat: v1.Heartbeat) -> tuple[str, ...]:
    with hub.database.writing() as session:
        return cameras.hear(session, site.agent_id, heartbeat, hub.clock())


def camera(hub: hubs.Hub, camera_id: str) -> tables.Camera:
    with hub.database.reading() as session:
        return session.get_one(tables.Camera, camera_id)


def offline_events(hub: hubs.Hub) -> list[tables.Event]:
    with hub.database.reading() as session:
        return list(session.scalars(sa.select(tables.Event).where(tables.Event.kind == "offline")))


def let_pass(hub: hubs.Hub, seconds: float) -> None:
    assert isinstance(hub.clock, hub_site.Clock)
    hub.clock.pass_s(seconds)


def test_a_camera_belongs_to_the_agent_that_named_it_first(hub: hubs.Hub) -> None:
    first, second = hub_site.enrol(hub, "a"), hub_site.enrol(hub, "b")
    assert hear(hub, first, beat("gate")) == ()
    assert hear(hub, second, beat("gate", "yard", state="garbage")) == ("gate",)
    assert (camera(hub, "gate").agent_id, camera(hub, "gate").state) == (first.agent_id, "online")
    assert camera(hub, "yard").agent_id == second.agent_id


def test_a_silent_agent_raises_one_alarm_a_camera_and_its_return_ends_them(hub: hubs.Hub) -> None:
    site = hub_site.enrol(hub)
    hear(hub, site, beat("gate", "yard"))
    let_pass(hub, 31)
    for _ in range(3):
        worker.notice_silence(hub)
    assert [(e.camera_id, e.ended_at) for e in offline_events(hub)] == [("gate", None), ("yard", None)]
    assert (camera(hub, "gate").state, camera(hub, "gate").detail) == ("offline", "agent silent")
    let_pass(hub, 10)
    hear(hub, site, beat("gate", "yard"))
    assert {e.ended_at for e in offline_events(hub)} == {hub.clock()}
    assert camera(hub, "gate").state == "online"


def test_a_camera_taken_out_of_the_configuration_reads_stopped_and_comes_back_when_it_is_named_again(
    hub: hubs.Hub,
) -> None:
    site = hub_site.enrol(hub)
    hear(hub, site, beat("gate", "yard"))
    hear(hub, site, beat("gate"))
    assert (camera(hub, "yard").state, camera(hub, "yard").detail) == ("stopped", cameras.TAKEN_OUT)
    assert camera(hub, "gate").state == "online"
    let_pass(hub, 31)
    worker.notice_silence(hub)
    assert [event.camera_id for event in offline_events(hub)] == ["gate"], "nobody waits for it"
    hear(hub, site, beat("gate", "yard"))
    assert camera(hub, "yard").state == "online"


def test_a_second_silence_within_a_minute_folds_into_the_incident(hub: hubs.Hub) -> None:
    site = hub_site.enrol(hub)
    hear(hub, site, beat("gate"))
    for _ in range(2):
        let_pass(hub, 31)
        worker.notice_silence(hub)
        hear(hub, site, beat("gate"))
    with hub.database.reading() as session:
        incident = session.scalars(sa.select(tables.Incident)).one()
    assert (incident.alarm_count, incident.severity) == (2, 3)


def test_an_agent_that_was_never_heard_is_not_silent(hub: hubs.Hub) -> None:
    hub_site.enrol(hub)
    let_pass(hub, 3600)
    worker.notice_silence(hub)
    assert offline_events(hub) == []


def test_only_a_change_worth_telling_is_told(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path) as hub:
        site, told = hub_site.enrol(hub), []
        hub.bus.publish = lambda topic, key: told.append((topic, key))  # type: ignore[method-assign]
        hub.database._publish = hub.bus.publish
        hear(hub, site, beat("gate"))
        hear(hub, site, beat("gate", fps_in=14.9))
        hear(hub, site, beat("gate", state="no_key_frame"))
    assert told == [("camera", "gate"), ("camera", "gate")]


def test_silence_is_noticed_after_the_time_that_was_set(hub: hubs.Hub) -> None:
    site = hub_site.enrol(hub)
    hear(hub, site, beat("gate"))
    let_pass(hub, 30)
    with hub.database.writing() as session:
        assert cameras.notice_silence(session, timedelta(seconds=30), hub.rules, hub.clock()) == 0
    let_pass(hub, 1)
    with hub.database.writing() as session:
        assert cameras.notice_silence(session, timedelta(seconds=30), hub.rules, hub.clock()) == 1


def test_a_hub_that_was_away_takes_nobody_for_silent_before_it_has_listened(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path / "away") as hub:
        gone, back = hub_site.enrol(hub, "gone"), hub_site.enrol(hub, "back")
        hear(hub, gone, beat("gate"))
        hear(hub, back, beat("yard"))
    clock = hub_site.Clock()
    clock.pass_s(600)
    with hubs.opened(hub_site.chosen(tmp_path / "away"), clock) as hub:
        worker.notice_silence(hub)
        assert offline_events(hub) == []
        hear(hub, back, beat("yard"))
        clock.pass_s(29)
        hear(hub, back, beat("yard"))
        clock.pass_s(2)
        worker.notice_silence(hub)
        assert [event.camera_id for event in offline_events(hub)] == ["gate"]


def test_the_cameras_of_a_revoked_agent_do_not_stay_online(hub: hubs.Hub) -> None:
    site = hub_site.enrol(hub)
    hear(hub, site, beat("gate"))
    with hub.database.writing() as session:
        agents.revoke(session, site.agent_id, hub.clock())
    assert (camera(hub, "gate").state, camera(hub, "gate").detail) == ("offline", agents.REVOKED)


@pytest.mark.parametrize("enrolled_first", [True, False])
def test_a_new_agent_of_the_site_takes_over_the_cameras_of_the_revoked_one(hub: hubs.Hub, enrolled_first: bool) -> None:
    old = hub_site.enrol(hub, "north")
    hear(hub, old, beat("gate"))
    new = hub_site.enrol(hub, "north") if enrolled_first else None
    with hub.database.writing() as session:
        agents.revoke(session, old.agent_id, hub.clock())
    new = new or hub_site.enrol(hub, "north")
    other = hub_site.enrol(hub, "south")
    assert hear(hub, other, beat("gate")) == ("gate",)
    assert hear(hub, new, beat("gate")) == ()
    assert (camera(hub, "gate").agent_id, camera(hub, "gate").state) == (new.agent_id, "online")


def test_cameras_stay_where_they_are_while_their_agent_is_trusted_or_it_is_not_clear_whose_they_become(
    hub: hubs.Hub,
) -> None:
    old = hub_site.enrol(hub, "north")
    hear(hub, old, beat("gate"))
    second, third = hub_site.enrol(hub, "north"), hub_site.enrol(hub, "north")
    assert hear(hub, second, beat("gate")) == ("gate",)
    with hub.database.writing() as session:
        agents.revoke(session, old.agent_id, hub.clock())
    assert hear(hub, third, beat("gate")) == ("gate",)
