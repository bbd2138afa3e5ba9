"""What ingest knows by heart is what stands in the database, as soon as the database has told of a change."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from sharing_hub import hub as hubs
from sharing_hub.services import standing
from sharing_hub.store import sharing_tables, tables
from tests.support import district_map, hub_site

CAMERAS = tuple(district_map.Placed(f"cam-{metres}", metres, metres / 2) for metres in range(0, 400, 20))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        district_map.furnish(hub, hub_site.enrol(hub).agent_id, CAMERAS)
        yield hub


def test_neighbours_are_those_within_the_radius_the_nearest_first(hub: hubs.Hub) -> None:
    known = standing.Standing()
    with hub.database.reading() as session:
        found = known.neighbours(session, ["cam-0", "cam-200", "unknown"])
    assert found["cam-0"] == ("cam-20", "cam-40", "cam-60", "cam-80")
    assert set(found["cam-200"]) == {f"cam-{200 + step}" for step in (-80, -60, -40, -20, 20, 40, 60, 80)}
    assert found["unknown"] == ()


def test_a_camera_that_moved_and_a_book_that_changed_are_read_anew_once_told(hub: hubs.Hub) -> None:
    known = standing.Standing()
    with hub.database.reading() as session:
        assert "cam-20" in known.neighbours(session, ["cam-0"])["cam-0"]
    with hub.database.writing() as session:
        session.get_one(tables.Camera, "cam-20").latitude = 35.0
        row = session.get_one(sharing_tables.DistrictVersion, 1)
        row.book = dataclasses.replace(row.book, limits=dataclasses.replace(row.book.limits, fold_radius_m=50.0))
    with hub.database.reading() as session:
        assert known.neighbours(session, ["cam-0"])["cam-0"][0] == "cam-20"  # not told yet
        known.hear("camera", "cam-20")
        assert known.neighbours(session, ["cam-0"])["cam-0"] == ("cam-40", "cam-60", "cam-80")
        known.hear("book", "2")
        assert known.neighbours(session, ["cam-0"])["cam-0"] == ("cam-40",)
