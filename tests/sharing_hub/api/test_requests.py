"""Requests for video and emergency looks over HTTP: what the page shows of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import desk, district_map, hub_site, messages, viewing, within

KIM, OFFICER = viewing.viewer(), viewing.viewer("privacy_officer", "choi")


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[within.Doors]:
    with hub_site.opened(tmp_path) as hub:
        district_map.furnish(hub, hub_site.enrol(hub).agent_id, [district_map.Placed("gate", 0, 0)])
        yield within.Doors(hub)


def test_a_request_tells_how_many_points_were_picked_of_who_stays_clear(doors: within.Doors) -> None:
    hub = doors.hub
    wanted = {
        "kind": "citizen", "camera_ids": ["gate"], "starts_at": messages.after(-600).isoformat(),
        "ends_at": messages.after(-540).isoformat(), "purpose": "citizen_copy", "legal_basis": "35", "why": "본인 열람",
        "reference": "민원-1",
    }  # fmt: skip
    points = [{"time_s": 1.0, "x": 0.5, "y": 0.5}, {"time_s": 2.0, "x": 0.6, "y": 0.5}]
    with hub_site.served(hub) as client, desk.signed_in(hub, client, "desk") as browser:
        path = f"/v1/requests/{browser.post('/v1/requests', json=wanted).json()['request_id']}"
        (recording,) = browser.get(path).json()["recordings"]
        assert recording["picked"] == 0
        kept = browser.put(f"{path}/recordings/{recording['recording_id']}/keep-clear", json={"points": points})
        assert kept.status_code == 204
        assert browser.get(path).json()["recordings"][0]["picked"] == 2


def test_an_emergency_look_tells_its_reviewer_which_cameras_until_when_and_how_often_it_was_used(
    doors: within.Doors,
) -> None:
    place = district_map.beside(0, 0)
    emergency = {
        "camera_ids": ["gate"], "reason": "life", "sentence": "사람이 쓰러져 움직이지 않음", "latitude": place.latitude,
        "longitude": place.longitude,
    }  # fmt: skip
    begun = doors.call(KIM, "POST", "/emergency-looks", **emergency)
    assert begun.status_code == 201, begun.text
    doors.send(KIM, "POST", "/live/gate?why=emergency", content=b"v=0", headers={"Content-Type": "application/sdp"})
    (shown,) = doors.call(OFFICER, "GET", "/emergency-looks").json()
    assert (shown["camera_ids"], shown["looks"], shown["revoked_at"]) == (["gate"], 1, None)
    assert shown["ends_at"] == messages.after(1200).isoformat().replace("+00:00", "Z")
    review = {"justified": False, "note": "아무도 없었다"}
    path = f"/emergency-looks/{shown['grant_id']}/review"
    assert doors.call(KIM, "POST", path, **review).status_code == 403
    assert doors.call(OFFICER, "POST", path, **review).json()["revoked_at"] is not None
