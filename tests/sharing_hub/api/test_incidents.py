"""Incidents over HTTP: the list, the detail, and every change an operator makes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from sharing_hub import hub as hubs
from sharing_hub.wire import v1
from tests.support import desk, hub_site, messages


@dataclass(frozen=True)
class Room:
    """A served hub, one of its agents, and an operator at the page."""

    hub: hubs.Hub
    client: httpx.Client
    site: hub_site.Site
    browser: httpx.Client

    def raise_event(self, **changed: Any) -> v1.EventReport:
        """Let the agent report an event."""
        report = messages.report(**changed)
        answer = hub_site.post(self.client, self.site, "/v1/agent/events", v1.EventBatch(reports=(report,)))
        assert answer.status_code == 200
        return report

    def incidents(self, **query: Any) -> list[dict[str, Any]]:
        """List incidents."""
        items: list[dict[str, Any]] = self.browser.get("/v1/incidents", params=query).json()["items"]
        return items

    def change(self, incident_id: str, verb: str, **body: Any) -> httpx.Response:
        """Change an incident."""
        return self.browser.post(f"/v1/incidents/{incident_id}/{verb}", json=body)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with hub_site.opened(tmp_path) as hub, hub_site.served(hub) as client:
        site = hub_site.enrol(hub, "north gate")
        with desk.signed_in(hub, client, name="kim") as browser:
            yield Room(hub, client, site, browser)


def test_an_event_becomes_an_incident_with_its_explanation(room: Room) -> None:
    report = room.raise_event()
    listed = room.incidents()
    assert [(one["kind"], one["state"], one["site"], one["camera_id"]) for one in listed] == [
        ("intrusion", "new", "north gate", "gate")
    ]
    detail = room.browser.get(f"/v1/incidents/{listed[0]['incident_id']}").json()
    event = detail["alarms"][0]["event"]
    assert event["event_id"] == str(report.event_id)
    assert event["explanation"]["conditions"][0]["threshold"] == 2.0
    assert event["media"] == []


def test_an_operator_acknowledges_confirms_and_reopens_and_the_history_says_who(room: Room) -> None:
    room.raise_event()
    incident_id = room.incidents()[0]["incident_id"]
    taken = room.change(incident_id, "acknowledge").json()
    assert (taken["state"], taken["acknowledged_by"]) == ("acknowledged", "kim")
    sure = room.change(incident_id, "confirm", note="two men").json()
    assert (sure["state"], sure["decided_by"], sure["note"]) == ("confirmed", "kim", "two men")
    assert room.incidents(state="open") == []
    assert len(room.incidents(state="decided")) == 1
    again = room.change(incident_id, "reopen").json()
    assert (again["state"], again["decided_by"]) == ("acknowledged", None)
    history = room.browser.get(f"/v1/incidents/{incident_id}").json()["history"]
    assert [(step["change"], step["operator_name"]) for step in history] == [
        ("reopen", "kim"),
        ("confirm", "kim"),
        ("acknowledge", "kim"),
    ]


def test_a_false_alarm_needs_a_known_reason(room: Room) -> None:
    room.raise_event()
    incident_id = room.incidents()[0]["incident_id"]
    codes = [reason["code"] for reason in room.browser.get("/v1/reasons").json()["items"]]
    assert room.change(incident_id, "false-alarm", reason="boredom").status_code == 422
    assert room.change(incident_id, "false-alarm").status_code == 422
    done = room.change(incident_id, "false-alarm", reason=codes[0], note="a cat").json()
    assert (done["state"], done["reason"]) == ("false_alarm", codes[0])


def test_what_the_state_table_forbids_is_a_conflict_in_words(room: Room) -> None:
    room.raise_event()
    incident_id = room.incidents()[0]["incident_id"]
    room.change(incident_id, "confirm")
    answer = room.change(incident_id, "acknowledge")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert "confirmed" in answer.json()["detail"]


def test_an_operator_who_saw_an_older_version_does_not_overwrite(room: Room) -> None:
    room.raise_event()
    seen = room.incidents()[0]
    room.change(seen["incident_id"], "acknowledge", version=seen["version"])
    late = room.change(seen["incident_id"], "confirm", version=seen["version"])
    assert late.status_code == 409


def test_an_auditor_reads_rows_and_decides_nothing(room: Room) -> None:
    room.raise_event()
    incident_id = room.incidents()[0]["incident_id"]
    with desk.signed_in(room.hub, room.client, "auditor") as auditor:
        assert len(auditor.get("/v1/incidents").json()["items"]) == 1
        assert auditor.post(f"/v1/incidents/{incident_id}/acknowledge", json={}).status_code == 403


def test_a_role_this_version_does_not_know_sees_nothing(room: Room) -> None:
    room.raise_event()
    incident_id = room.incidents()[0]["incident_id"]
    with desk.signed_in(room.hub, room.client, "visitor") as visitor:
        assert visitor.get("/v1/incidents").json()["items"] == []
        assert visitor.get("/v1/cameras").json()["items"] == []
        assert visitor.get(f"/v1/incidents/{incident_id}").status_code == 404
        assert visitor.post(f"/v1/incidents/{incident_id}/confirm", json={}).status_code == 404


def test_pages_follow_one_another_without_repeating_or_losing_an_incident(room: Room) -> None:
    for number in range(7):
        room.raise_event(camera_id=f"cam-{number}")
    seen, before = [], None
    while True:
        query = {"limit": 3, **({"before": before} if before else {})}
        page = room.browser.get("/v1/incidents", params=query).json()
        seen += [one["incident_id"] for one in page["items"]]
        before = page["next"]
        if before is None:
            break
        room.raise_event(camera_id="gate")  # what arrives meanwhile is newer and does not shift the pages
        clock = room.hub.clock
        assert isinstance(clock, hub_site.Clock)
        clock.pass_s(1)
    assert len(seen) == len(set(seen)) >= 7


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "state=secret", "before=x", "before=%00", f"before={'A' * 32}!"]
)
def test_a_query_out_of_bounds_is_refused(room: Room, query: str) -> None:
    answer = room.browser.get(f"/v1/incidents?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_list_that_did_not_change_is_not_sent_again(room: Room) -> None:
    room.raise_event()
    first = room.browser.get("/v1/incidents")
    same = room.browser.get("/v1/incidents", headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    room.change(first.json()["items"][0]["incident_id"], "acknowledge")
    assert room.browser.get("/v1/incidents", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_events_are_listed_by_camera_kind_and_time(room: Room) -> None:
    room.raise_event(camera_id="gate", raised_at=messages.after(10))
    room.raise_event(camera_id="yard", kind="loitering", raised_at=messages.after(20))
    last = room.raise_event(camera_id="yard", raised_at=messages.after(30))

    def ids(**query: Any) -> list[str]:
        return [one["camera_id"] for one in room.browser.get("/v1/events", params=query).json()["items"]]

    assert ids() == ["yard", "yard", "gate"]
    assert ids(camera_id="gate") == ["gate"]
    assert ids(kind="loitering") == ["yard"]
    assert ids(since=messages.after(20).isoformat()) == ["yard", "yard"]
    assert ids(until=messages.after(20).isoformat()) == ["gate"]
    assert room.browser.get("/v1/events?since=2026-01-01T00:00:00").status_code == 422
    assert room.browser.get(f"/v1/events/{last.event_id}").json()["kind"] == "intrusion"
    assert room.browser.get("/v1/events/00000000-0000-0000-0000-000000000000").status_code == 404


def test_nothing_is_read_without_a_session(room: Room) -> None:
    for path in ("incidents", "events", "cameras", "recordings", "looks", "agents", "reasons", "stream", "session"):
        assert room.client.get(f"/v1/{path}").status_code == 401, path


def test_a_time_that_cannot_be_is_refused_not_a_mistake_of_the_hub(room: Room) -> None:
    lying = "0001-01-01T00:00:00+14:00"
    assert room.browser.get("/v1/events", params={"since": lying}).status_code == 422
    wanted = {"camera_id": "gate", "starts_at": lying, "ends_at": lying, "why": "test"}
    assert room.browser.post("/v1/recordings", json=wanted).status_code == 422
