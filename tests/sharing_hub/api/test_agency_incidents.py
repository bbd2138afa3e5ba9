"""Agencies open, move and end incidents over HTTP, see and mark what is shared with them, and reach nobody else's."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from sharing_hub.domain import district, viewers
from sharing_hub.gateway import five_service
from sharing_hub.services import grants, ledger_check
from sharing_hub.store import sharing_tables, tables
from tests.support import district_map, hub_site, messages, viewing, within

POLICE = viewing.viewer("partner", "officer", "police-112")
FIRE = viewing.viewer("partner", "marshal", "fire-119")
FACILITY = viewing.viewer("partner", "keeper", "facility")
KIM = viewing.viewer()
CAMERAS = (
    district_map.Placed("seer", -200, 0, district.CameraFacts("seer", heading_deg=0, view_angle_deg=60, view_range_m=300)),
    *(district_map.Placed(f"near-{metres}", metres, 0) for metres in (30, 60, 90, 120, 150)),
    district_map.Placed("school", 10, 0, district.CameraFacts("school", sensitivity="school", heading_deg=180, view_angle_deg=90, view_range_m=50)),
    district_map.Placed("far", 0, 800),
)  # fmt: skip
PLACE = {"latitude": district_map.HALL.latitude, "longitude": district_map.HALL.longitude}


class Desk(within.Doors):
    """The hub's doors."""

    def open(self, viewer: viewers.Viewer = POLICE, case: str = "112-2026-0001", **changed: Any) -> httpx.Response:
        """Open a case at the hall."""
        return self.call(viewer, "POST", "/agency/incidents", **{"case_number": case, **PLACE, **changed})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with hub_site.opened(tmp_path) as hub:
        district_map.furnish(hub, hub_site.enrol(hub).agent_id, CAMERAS)
        yield Desk(hub)


def held(desk: Desk, agency_id: str) -> list[str]:
    """Return the cameras of each grant that an agency holds now."""
    with desk.hub.database.reading() as session:
        return [",".join(sorted(one.camera_ids)) for one in grants.held(session, agency_id, None, desk.hub.clock())]


def test_an_opened_case_is_answered_with_the_cameras_that_see_it_and_a_grant(desk: Desk) -> None:
    answer = desk.open(description="한 줄\n두\u202e 줄", agency_class="강력")
    assert answer.status_code == 201
    case = answer.json()
    assert [(one["camera_id"], one["sees"], one["granted"]) for one in case["cameras"]] == [
        ("seer", True, True), ("near-30", False, True), ("near-60", False, True), ("near-90", False, True), ("near-120", False, True),
        ("school", True, False),
    ]  # fmt: skip
    assert case["incident"]["camera_id"] is None and case["incident"]["description"] == "한 줄 두 줄"
    assert (case["incident"]["kind"], case["incident"]["severity"], case["share"]["how"]) == (
        "crime_report",
        1,
        "opened",
    )
    assert held(desk, "police-112") == ["near-120,near-30,near-60,near-90,seer"]
    assert case["grant_ends_at"].startswith("2026-07-01T03:20:00")
    again = desk.open(
        latitude=35.0, longitude=129.0
    )  # a repeat, whatever else it says, is the same case and gives nothing new
    assert (again.status_code, again.json()["incident"]["incident_id"]) == (200, case["incident"]["incident_id"])
    assert len(held(desk, "police-112")) == 1
    listed = desk.call(KIM, "GET", "/incidents").json()
    assert [(one["opened_by_agency"], one["camera_name"]) for one in listed["items"]] == [("police-112", "")]
    detail = desk.call(KIM, "GET", f"/incidents/{case['incident']['incident_id']}").json()
    assert (detail["alarms"], detail["cameras"], detail["history"][0]["agency_id"]) == ([], [], "police-112")


def test_one_agency_reaches_no_case_of_another_by_id_or_by_number(desk: Desk) -> None:
    incident_id = desk.open().json()["incident"]["incident_id"]
    for path, body in (
        (f"/agency/incidents/{incident_id}/accept", {}), (f"/agency/incidents/{incident_id}/report-wrong", {"why": "x"}),
        ("/agency/incidents/112-2026-0001/update", {"note": "taken over"}), ("/agency/incidents/112-2026-0001/end", {}),
        (f"/agency/incidents/{incident_id}/end", {}),
    ):  # fmt: skip
        assert desk.call(FIRE, "POST", path, **body).status_code == 404, path
    assert desk.call(FIRE, "GET", f"/agency/incidents/{incident_id}").status_code == 404
    assert desk.call(FIRE, "GET", "/agency/incidents").json()["items"] == []
    assert desk.call(FIRE, "GET", f"/incidents/{incident_id}").status_code == 404
    assert desk.call(POLICE, "GET", f"/agency/incidents/{uuid4()}").status_code == 404
    swapped = desk.open(FIRE)  # the same number at another agency is another case
    assert swapped.status_code == 201 and swapped.json()["incident"]["incident_id"] != incident_id
    assert desk.call(FIRE, "POST", "/agency/incidents/112-2026-0001/end").status_code == 200
    assert desk.call(POLICE, "GET", f"/agency/incidents/{incident_id}").json()["incident"]["state"] == "new"
    assert held(desk, "police-112")


def test_the_cameras_follow_a_case_that_moves_and_close_soon_after_it_ends(desk: Desk) -> None:
    desk.open()
    there = district_map.beside(0, 800)
    moved = desk.call(
        POLICE, "POST", "/agency/incidents/112-2026-0001/update",
        place={"latitude": there.latitude, "longitude": there.longitude}, note="도주 중",
    ).json()  # fmt: skip
    assert [one["camera_id"] for one in moved["cameras"]] == ["far"]
    assert held(desk, "police-112") == ["far"]
    ended = desk.call(POLICE, "POST", "/agency/incidents/112-2026-0001/end", note="검거").json()
    assert (ended["incident"]["state"], ended["incident"]["disposition"]) == ("closed", "ended_by_agency")
    assert desk.call(POLICE, "POST", "/agency/incidents/112-2026-0001/end").status_code == 200
    late = desk.call(POLICE, "POST", "/agency/incidents/112-2026-0001/update", note="더")
    assert late.status_code == 409
    clock = desk.hub.clock
    assert isinstance(clock, hub_site.Clock)
    clock.pass_s(299)
    assert held(desk, "police-112") == ["far"]
    clock.pass_s(2)
    assert held(desk, "police-112") == []


def test_marks_move_the_state_and_a_wrong_share_is_taken_away_at_once(desk: Desk) -> None:
    opened = desk.call(POLICE, "POST", "/agency/incidents", case_number="A", kind="missing_person", **PLACE).json()
    incident_id = opened["incident"]["incident_id"]
    shared = desk.call(
        KIM, "POST", f"/incidents/{incident_id}/share", agency_id="fire-119", purpose="missing_person", legal_basis="18-2-3", why="산에 있음",
    )  # fmt: skip
    assert shared.status_code == 200 and held(desk, "fire-119")
    assert desk.call(KIM, "POST", f"/incidents/{incident_id}/confirm").json()["state"] == "confirmed"
    assert len(held(desk, "fire-119")) == 1  # confirming opens nothing twice
    for agency, said, state in (
        (FIRE, "accept", "accepted"), (POLICE, "accept", "accepted"), (FIRE, "arrived", "responding"), (FIRE, "arrived", "responding"),
        (FIRE, "finished", "responding"), (POLICE, "finished", "resolved"),
    ):  # fmt: skip
        assert desk.call(agency, "POST", f"/agency/incidents/{incident_id}/{said}").json()["incident"]["state"] == state
    seen = desk.call(FIRE, "GET", "/agency/incidents", unfinished=True).json()["items"][0]
    assert (
        seen["incident"]["decided_by"] is None and seen["incident"]["note"] is None
    )  # names are the district's own matter
    assert desk.call(POLICE, "POST", f"/agency/incidents/{incident_id}/report-wrong", why="x").status_code == 409
    assert desk.call(FIRE, "POST", f"/agency/incidents/{incident_id}/report-wrong", why="관할 아님").status_code == 204
    assert held(desk, "fire-119") == [] and held(desk, "police-112")
    assert desk.call(FIRE, "GET", "/agency/incidents").json()["items"] == []
    detail = desk.call(KIM, "GET", f"/incidents/{incident_id}").json()
    assert {one["agency_id"]: one["reported_wrong_at"] is not None for one in detail["shares"]} == {
        "fire-119": True,
        "police-112": False,
    }
    with desk.hub.database.reading() as session:
        assert list(ledger_check.faults(session, desk.hub.ledger_key.public)) == []


NONSENSE: tuple[dict[str, Any], ...] = (
    {"latitude": 0.0, "longitude": 0.0}, {"latitude": 126.978, "longitude": 37.5665}, {"latitude": 1e308}, {"latitude": "NaN"}, {"case": "../../x"},
    {"case": "x" * 61}, {"case": ""}, {"description": "x" * 501}, {"kind": "offline"}, {"kind": "emergency_bell"}, {"kind": "nonsense"}, {"severity": 0},
    {"agency_id": "fire-119"}, {"case": "a\u0000b"}, {"case": "a/b"}, {"latitude": None}, {"case": ["a"]},
)  # fmt: skip


def test_nonsense_is_refused_and_opens_nothing(desk: Desk) -> None:
    for changed in NONSENSE:
        assert desk.open(**changed).status_code == 422, changed
    with desk.hub.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(tables.Incident)) == 0


def test_a_five_service_message_is_a_second_door_to_the_same_case(desk: Desk) -> None:
    def send(message: five_service.Message, viewer: viewers.Viewer = POLICE, charset: str = "euc-kr") -> httpx.Response:
        raw = five_service.write(message, "euc-kr")
        return desk.send(
            viewer,
            "POST",
            "/agency/five-service",
            content=raw,
            headers={"Content-Type": f"text/plain; charset={charset}"},
        )

    opening = five_service.Message(
        "OPEN", "police-112", "112-7", "crime_report", "강력", district_map.HALL, messages.NOON, "흉기 든 사람"
    )
    opened = send(opening)
    assert opened.status_code == 200, opened.text
    said = opened.content.decode("euc-kr").split("|")
    assert said[:2] == ["OK", "112-7"] and said[3] == "near-120,near-30,near-60,near-90,seer"
    assert desk.open(case="112-7").json()["incident"]["incident_id"] == said[2]
    assert send(opening, FIRE).status_code == 403  # another agency's name
    assert send(opening, KIM).status_code == 403
    assert send(opening, charset="latin-1").status_code == 422
    assert send(opening, charset="utf-8").status_code == 422  # the words are not in the encoding that was named
    there = district_map.beside(0, 800)
    moved = send(replace(opening, type="UPDATE", place=there, text="도주"))
    assert moved.content.decode("euc-kr").split("|")[3] == "far"
    assert send(replace(opening, type="END", place=None)).status_code == 200
    assert send(replace(opening, type="UPDATE", text="또")).status_code == 409
    assert (
        desk.send(
            POLICE, "POST", "/agency/five-service", content=b"\xff" * 100, headers={"Content-Type": "text/plain"}
        ).status_code
        == 422
    )


def test_who_may_not_open_is_refused(desk: Desk) -> None:
    assert desk.open(KIM).status_code == 403  # no agency
    assert desk.open(FACILITY, kind="vehicle").status_code == 403  # no cell of the matrix
    assert desk.open(viewing.viewer("partner", "x", "unknown-agency")).status_code == 403
    assert desk.open(viewing.viewer("vendor", "x", "police-112")).status_code == 403
    assert desk.open(POLICE, kind="flood").status_code == 201  # a copy for information: no picture is opened by it
    assert held(desk, "police-112") == []
    huge = desk.send(POLICE, "POST", "/agency/incidents", content=b"{" + b" " * 200_000)
    assert huge.status_code == 413


def test_what_is_not_confirmed_is_shared_by_hand_as_a_masked_still_at_most(desk: Desk) -> None:
    incident_id = district_incident(desk)
    wish = {"agency_id": "police-112", "purpose": "crime_response", "legal_basis": "18-2-3", "why": "확인 요청"}
    path = f"/incidents/{incident_id}/share"
    assert desk.call(KIM, "POST", path, **wish).status_code == 422
    assert desk.call(FIRE, "POST", path, **wish, media="masked_still").status_code in (403, 404)
    for wrong in (
        {"legal_basis": "18-2-7"},
        {"purpose": "fun"},
        {"agency_id": "district"},
        {"agency_id": "nobody"},
        {"why": " "},
    ):
        assert desk.call(KIM, "POST", path, **{**wish, "media": "masked_still", **wrong}).status_code == 422, wrong
    assert desk.call(KIM, "POST", path, **wish, media="masked_still").status_code == 200
    assert desk.call(KIM, "POST", path, **wish, media="masked_still").status_code == 409
    assert held(desk, "police-112") == []
    gone = desk.call(KIM, "POST", f"/incidents/{incident_id}/shares/police-112/withdraw", why="착오")
    assert gone.status_code == 200
    assert desk.call(POLICE, "GET", f"/incidents/{incident_id}").status_code == 404
    with desk.hub.database.reading() as session:
        told = session.scalars(sa.select(sharing_tables.Notice).order_by(sharing_tables.Notice.created_at)).all()
    assert sorted(one.occasion for one in told) == ["cancel", "opened"]


def test_a_bell_is_one_incident_however_often_it_is_pressed_and_112_sees_at_once(desk: Desk) -> None:
    def ring(viewer: viewers.Viewer, press_id: str) -> Any:
        return desk.call(viewer, "POST", "/bells", bell_id="park-7", press_id=press_id, **PLACE)

    first = ring(KIM, "1")
    assert first.status_code == 201
    assert {ring(KIM, number).json()["incident_id"] for number in ("1", "2", "3")} == {first.json()["incident_id"]}
    assert ring(POLICE, "9").status_code == 403
    assert (
        ring(FACILITY, "1").json()["incident_id"] != first.json()["incident_id"]
    )  # another keeper's bell of the same name
    items = desk.call(POLICE, "GET", "/agency/incidents").json()["items"]
    assert [one["incident"]["kind"] for one in items] == ["emergency_bell"] * 2
    assert len(held(desk, "police-112")) == 2


def district_incident(desk: Desk) -> str:
    """Let a camera raise a loitering, which the matrix tells nobody of; return the incident's id."""
    with desk.hub.database.reading() as session:
        agent_id = session.scalars(sa.select(tables.Agent.agent_id)).one()
    district_map.report(desk.hub, agent_id, district_map.event("near-30", "loitering"))
    with desk.hub.database.reading() as session:
        return str(session.scalars(sa.select(tables.Incident.incident_id)).one())
