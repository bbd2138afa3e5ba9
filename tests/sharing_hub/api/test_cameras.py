"""Cameras around a place: those that look at it first, within the radius, for whoever may know of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sharing_hub import hub as hubs
from sharing_hub.domain import district
from tests.support import desk, district_map, hub_site

LOOKS_NORTH = district.CameraFacts("far", heading_deg=0.0, view_angle_deg=60.0, view_range_m=200.0)
CAMERAS = (
    district_map.Placed("near", 20, 0),
    district_map.Placed("far", -150, 0, LOOKS_NORTH),
    district_map.Placed("outside", 0, 400),
)
HERE = {"latitude": district_map.HALL.latitude, "longitude": district_map.HALL.longitude}
PATH = "/v1/cameras/near"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        district_map.furnish(hub, hub_site.enrol(hub).agent_id, CAMERAS)
        yield hub


def test_those_that_look_at_the_place_come_first_and_those_beyond_the_radius_not_at_all(hub: hubs.Hub) -> None:
    with hub_site.served(hub) as client, desk.signed_in(hub, client, "desk") as browser:
        found = browser.get(PATH, params=HERE).json()
        assert [(one["camera_id"], one["sees"], round(one["distance_m"])) for one in found] == [
            ("far", True, 150), ("near", False, 20)
        ]  # fmt: skip
        wider = browser.get(PATH, params={**HERE, "within_m": 500}).json()
        assert [one["camera_id"] for one in wider] == ["far", "near", "outside"]
        assert browser.get(PATH, params={**HERE, "within_m": 10}).json() == []
        swapped = browser.get(PATH, params={"latitude": HERE["longitude"], "longitude": HERE["latitude"]})
        assert swapped.status_code == 422
        assert "not in Korea" in swapped.json()["detail"]
        assert client.get(PATH, params=HERE).status_code == 401


def test_an_agencys_people_learn_of_none_that_is_not_shared_with_them(hub: hubs.Hub) -> None:
    with (
        hub_site.served(hub) as client,
        desk.signed_in(hub, client, "partner", agency_id="fire-119") as browser,
    ):
        assert browser.get(PATH, params=HERE).json() == []
