"""Working on incidents over HTTP: leases, putting aside, merging, closing, and the hand-over page's door."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from sharing_hub import couriers
from sharing_hub.services import notice_writing
from sharing_hub.store import tables
from tests.support import district_map, hub_site, messages, viewing, within

KIM, LEE, LEADER = viewing.viewer(), viewing.viewer(name="lee"), viewing.viewer("leader", "park")
POLICE = viewing.viewer("partner", "officer", "police-112")


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[within.Doors]:
    with hub_site.opened(tmp_path) as hub:
        agent_id = hub_site.enrol(hub).agent_id
        district_map.furnish(hub, agent_id, [district_map.Placed(name, 300 * n, 0) for n, name in enumerate("abc")])
        for number, camera_id in enumerate("abc"):
            district_map.report(hub, agent_id, district_map.event(camera_id, "fight", number))
        yield within.Doors(hub)


def ids(doors: within.Doors) -> list[str]:
    """Return the incidents' ids, oldest first."""
    with doors.hub.database.reading() as session:
        rows = session.scalars(sa.select(tables.Incident.incident_id).order_by(tables.Incident.opened_at))
        return [str(one) for one in rows]


def test_an_incident_is_taken_kept_from_others_taken_over_and_let_go(doors: within.Doors) -> None:
    path = f"/incidents/{ids(doors)[0]}"
    assert doors.call(KIM, "POST", f"{path}/lease").json()["lease_holder"] == "kim"
    refused = doors.call(LEE, "POST", f"{path}/acknowledge")
    assert (refused.status_code, "kim works on it" in refused.json()["detail"]) == (409, True)
    assert doors.call(LEE, "POST", f"{path}/lease", take_over=False).status_code == 409
    assert doors.call(LEE, "POST", f"{path}/lease", take_over=True).json()["lease_holder"] == "lee"
    assert doors.call(KIM, "DELETE", f"{path}/lease").json()["lease_holder"] == "lee"  # not kim's to let go
    assert doors.call(LEE, "DELETE", f"{path}/lease").json()["lease_holder"] is None
    assert doors.call(POLICE, "POST", f"{path}/lease").status_code == 404
    assert doors.call(KIM, "POST", f"/incidents/{uuid4()}/lease").status_code == 404


def test_incidents_are_verified_put_aside_merged_resolved_and_closed(doors: within.Doors) -> None:
    first, second, third = ids(doors)
    until = messages.after(600).isoformat()
    assert doors.call(KIM, "POST", f"/incidents/{first}/shelve", until=until, why="훈련").status_code == 403
    assert (
        doors.call(LEADER, "POST", f"/incidents/{second}/shelve", until="2026-07-01T00:00:00", why="x").status_code
        == 422
    )
    assert doors.call(LEADER, "POST", f"/incidents/{second}/shelve", until=until, why="훈련").json()["shelved_until"]
    assert [one["camera_id"] for one in doors.call(KIM, "GET", "/incidents", state="shelved").json()["items"]] == ["b"]
    assert doors.call(LEADER, "POST", f"/incidents/{second}/unshelve").json()["shelved_until"] is None
    doors.call(LEADER, "DELETE", f"/incidents/{second}/lease")
    merged = doors.call(LEADER, "POST", f"/incidents/{third}/merge", into=second).json()
    assert (merged["incident_id"], merged["alarm_count"]) == (second, 2)
    assert doors.call(LEADER, "POST", f"/incidents/{third}/merge", into=str(uuid4())).status_code == 404
    assert doors.call(LEADER, "POST", f"/incidents/{second}/verify").json()["state"] == "verifying"
    assert doors.call(LEADER, "POST", f"/incidents/{second}/confirm").json()["state"] == "confirmed"
    assert doors.call(LEADER, "POST", f"/incidents/{second}/resolve", note="진정됨").json()["state"] == "resolved"
    assert doors.call(LEADER, "POST", f"/incidents/{second}/close", disposition="lost").status_code == 422
    code = doors.call(KIM, "GET", "/dispositions").json()["items"][0]["code"]
    assert doors.call(LEADER, "POST", f"/incidents/{second}/close", disposition=code).json()["disposition"] == code
    assert doors.call(KIM, "GET", "/incidents", state="unfinished").json()["items"][0]["incident_id"] == first
    detail = doors.call(KIM, "GET", f"/incidents/{second}").json()
    assert [one["change"] for one in reversed(detail["history"])] == [
        "shelve", "unshelve", "release", "absorb", "verify", "confirm", "resolve", "close",
    ]  # fmt: skip


def test_an_incident_is_shared_by_hand_and_the_page_reads_who_was_told(doors: within.Doors) -> None:
    path = f"/incidents/{ids(doors)[0]}"
    lists = doors.call(KIM, "GET", "/book/lists").json()
    assert {"fire-119", "police-112"} <= {one["agency_id"] for one in lists["agencies"]}
    assert (lists["limits"]["live_radius_m"], "cameras" in lists) == (500, False)
    wish = {"agency_id": "fire-119", "purpose": "emergency_response", "legal_basis": "18-2-3", "why": "부상자가 있다"}
    assert doors.call(KIM, "POST", f"{path}/share", **wish).status_code == 422  # nobody confirmed it
    assert doors.call(KIM, "POST", f"{path}/share", **wish, media="masked_still").status_code == 200
    assert [one["agency_id"] for one in doors.call(KIM, "GET", path).json()["shares"]] == ["fire-119"]
    with doors.hub.database.writing() as session:
        notice_writing.write_out(session, couriers.sender_of(doors.hub), doors.hub.rules, doors.hub.clock())
    (told,) = doors.call(LEE, "GET", f"{path}/deliveries").json()["items"]
    assert (told["agency_id"], told["occasion"], told["host"], told["state"], told["late"]) == (
        "fire-119", "opened", None, "kept", False,
    )  # fmt: skip
    assert doors.call(POLICE, "GET", f"{path}/deliveries").status_code == 403
    again = f"{path}/shares/fire-119/tell"
    assert doors.call(KIM, "POST", again, why="전화로 다시 청함").status_code == 200
    with doors.hub.database.writing() as session:
        notice_writing.write_out(session, couriers.sender_of(doors.hub), doors.hub.rules, doors.hub.clock())
    newest = doors.call(LEE, "GET", f"{path}/deliveries").json()["items"][0]
    assert (newest["agency_id"], newest["occasion"]) == ("fire-119", "update")
    assert doors.call(KIM, "POST", f"{path}/shares/police-112/tell", why="x").status_code == 404
    assert doors.call(POLICE, "POST", again, why="x").status_code == 404
    assert doors.call(LEE, "POST", f"{path}/escalate", why="칼을 들었다").json()["escalation_level"] == 1
    assert doors.call(LEE, "POST", f"{path}/escalate", why="").status_code == 422


def test_the_hand_over_is_read_by_the_room_and_signed_by_its_leader(doors: within.Doors) -> None:
    assert len(doors.call(KIM, "GET", "/handover").json()["unfinished"]) == 3
    assert doors.call(POLICE, "GET", "/handover").status_code == 403
    assert doors.call(KIM, "POST", "/handover", note="x").status_code == 403
    assert doors.call(LEADER, "POST", "/handover", note="x" * 2001).status_code == 422
    assert doors.call(LEADER, "POST", "/handover", note="세 건 확인 중").status_code == 201
    assert doors.call(LEE, "GET", "/handover").json()["last"]["note"] == "세 건 확인 중"
