"""Who could see a camera, answered over HTTP; and the district's book read, proposed and approved by two people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from sharing_hub import hub as hubs
from tests.support import desk, hub_site, sharing, viewing


@dataclass(frozen=True)
class Room:
    """A served hub with a confirmed fire shared with 119."""

    hub: hubs.Hub
    client: httpx.Client

    def ask(self, caller: str, **params: Any) -> httpx.Response:
        """Simulate as somebody of the district."""
        with desk.signed_in(self.hub, self.client, caller) as browser:
            return browser.get("/v1/policy/simulate", params={"camera_id": "gate", **params})


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with hub_site.opened(tmp_path) as hub:
        sharing.fire_at_the_gate(hub)
        sharing.shared_and_granted(hub, "fire-119")
        with hub_site.served(hub) as client:
            yield Room(hub, client)


def test_it_says_for_every_agency_and_role_whether_and_why(room: Room) -> None:
    incident_id = str(sharing.incident(room.hub))
    rows = {
        (one["agency_id"], one["role"]): one for one in room.ask("auditor", incident_id=incident_id).json()["items"]
    }
    permitted = {key for key, one in rows.items() if one["permitted"]}
    assert permitted == {
        ("district", "operator"),
        ("district", "leader"),
        ("district", "admin"),
        ("fire-119", "partner"),
    }
    assert rows["fire-119", "partner"]["rule_ids"] == ["agency-looks-by-grant"]
    assert "another-agencys-case" in rows["police-112", "partner"]["rule_ids"]
    assert "감사자" in rows["district", "auditor"]["reasons"][0]


def test_it_answers_for_another_time_and_for_one_role(room: Room) -> None:
    later = (room.hub.clock().replace(microsecond=0)).isoformat().replace("03:00", "03:20")
    (row,) = room.ask("privacy_officer", agency_id="fire-119", role="partner", at=later).json()["items"]
    assert (row["permitted"], row["rule_ids"]) == (False, ["grant-over"])


@pytest.mark.parametrize("role", ["operator", "leader", "desk"])
def test_it_is_for_who_may_read_the_record(room: Room, role: str) -> None:
    assert room.ask(role).status_code == 403


def test_what_is_not_known_is_said(room: Room) -> None:
    assert room.ask("admin", agency_id="nobody").status_code == 404
    assert room.ask("admin", role="king").status_code == 422
    assert room.ask("admin", action="Peek").status_code == 422


def test_a_simulation_leaves_no_look(room: Room) -> None:
    assert room.ask("admin").status_code == 200
    with desk.signed_in(room.hub, room.client, "auditor") as auditor:
        assert auditor.get("/v1/looks").json()["items"] == []


def test_two_people_change_the_book_and_the_next_decision_is_by_it(room: Room) -> None:
    with (
        desk.signed_in(room.hub, room.client, "privacy_officer") as han,
        desk.signed_in(room.hub, room.client, "admin") as choi,
    ):
        shown = han.get("/v1/book").json()
        changed = {**shown["book"], "limits": {**shown["book"]["limits"], "live_radius_m": 50}}
        put = {"on_top_of": shown["version"], "why": "a shorter radius"}
        assert han.put("/v1/book", params=put, content=json.dumps(changed)).json() == {"version": 2}
        assert han.post("/v1/book/versions/2/approve").status_code == 403
        assert choi.get("/v1/book").json()["version"] == 1
        assert choi.post("/v1/book/versions/2/approve").status_code == 200
        assert choi.get("/v1/book").json()["book"]["limits"]["live_radius_m"] == 50
        listed = choi.get("/v1/book/versions").json()["items"]
        assert [(one["version"], one["state"]) for one in listed] == [(2, "approved"), (1, "approved")]
        assert choi.get("/v1/book/versions/1").json()["book"] == shown["book"]
        assert choi.get("/v1/book/versions/9").status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"limits": {"live_radius_m": -1}}, "live_radius_m"),
        ({"limits": {"live_radius_m": 1e300}}, "live_radius_m"),
        ({"extra": 1}, "extra"),
        ({"agencies": []}, "district"),
        ({"matrix": [{"kind": "fire", "agency_id": "nobody", "when": "auto"}]}, "nobody"),
    ],
)
def test_a_book_that_is_none_is_refused_with_words(room: Room, change: dict[str, Any], said: str) -> None:
    with desk.signed_in(room.hub, room.client, "admin") as choi:
        book = {**choi.get("/v1/book").json()["book"], **change}
        answer = choi.put("/v1/book", params={"on_top_of": 1, "why": "try"}, content=json.dumps(book))
        assert answer.status_code == 422
        assert said in answer.json()["detail"]
        assert choi.put("/v1/book", params={"on_top_of": 1, "why": "try"}, content=b"\xff{").status_code == 422


def test_the_book_is_proposed_by_its_managers_and_read_by_the_district_only(tmp_path: Path, room: Room) -> None:
    with desk.signed_in(room.hub, room.client, "operator") as kim:
        text = json.dumps(kim.get("/v1/book").json()["book"])
        assert kim.put("/v1/book", params={"on_top_of": 1, "why": "mine"}, content=text).status_code == 403
    with hub_site.opened(tmp_path / "other") as other:
        partner = viewing.viewer("partner", "119", "fire-119")
        with hub_site.served(other, partner) as client:
            assert client.get("/v1/book").status_code == 403
            assert client.get("/v1/book/versions").status_code == 403
            assert client.get("/v1/policy/simulate?camera_id=gate").status_code == 403
