"""Distances, bearings and sectors on the map, against points whose geometry is known."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing_hub.domain import sight

HALL = sight.Point(37.5665, 126.9780)
NORTH, EAST = 1 / 111_195, 1 / (111_195 * math.cos(math.radians(37.5665)))
"""Degrees a metre."""


def beside(north_m: float, east_m: float) -> sight.Point:
    """Return the point this far from HALL."""
    return sight.Point(HALL.latitude + north_m * NORTH, HALL.longitude + east_m * EAST)


def camera(name: str, north_m: float, east_m: float, *sector: float) -> sight.Lookout:
    """Return a camera this far from HALL, with heading, angle and range where given."""
    return sight.Lookout(name, beside(north_m, east_m), *sector)


@pytest.mark.parametrize(
    ("north_m", "east_m", "bearing"), [(100, 0, 0), (0, 100, 90), (-100, 0, 180), (0, -100, 270), (70, 70, 45)]
)
def test_distance_and_bearing_are_those_of_the_map(north_m: float, east_m: float, bearing: float) -> None:
    there = beside(north_m, east_m)
    assert sight.distance_m(HALL, there) == pytest.approx(math.hypot(north_m, east_m), rel=0.002)
    off = (sight.bearing_deg(HALL, there) - bearing + 180) % 360 - 180
    assert abs(off) < 0.2


def test_a_camera_sees_what_lies_in_its_sector_and_range_and_across_north() -> None:
    looks_north = camera("a", -100, 0, 350, 60, 150)
    assert sight.sees(looks_north, HALL)
    assert not sight.sees(camera("b", -100, 0, 180, 60, 150), HALL)  # it looks away
    assert not sight.sees(camera("c", -100, 0, 0, 60, 90), HALL)  # too far
    assert not sight.sees(camera("d", -100, 0), HALL)  # nobody knows where it looks


def test_those_that_see_come_first_then_the_nearest_and_none_beyond_the_radius() -> None:
    cameras = [
        camera("near", 20, 0),
        camera("seer", -120, 0, 0, 60, 200),
        camera("blind", 0, 60, 90, 60, 200),
        camera("far", 700, 0, 180, 60, 900),
    ]
    found = sight.ranked(HALL, cameras, 500, 5)
    assert [(one.camera_id, one.sees) for one in found] == [("seer", True), ("near", False), ("blind", False)]
    assert len(sight.ranked(HALL, cameras, 500, 2)) == 2


@given(st.floats(33, 43), st.floats(124, 132), st.floats(1, 2000), st.floats(0, 360))
def test_a_box_holds_its_circle(latitude: float, longitude: float, radius_m: float, direction: float) -> None:
    centre = sight.Point(latitude, longitude)
    rim = sight.Point(
        latitude + radius_m * 0.999 * math.cos(math.radians(direction)) * NORTH,
        longitude + radius_m * 0.999 * math.sin(math.radians(direction)) / (111_195 * math.cos(math.radians(latitude))),
    )
    box = sight.box(centre, radius_m)
    assert box.south <= rim.latitude <= box.north
    assert box.west <= rim.longitude <= box.east


@pytest.mark.parametrize(
    "latitude, longitude", [(0, 0), (126.978, 37.5665), (math.nan, 127), (37, math.inf), (-37.5, 127)]
)
def test_a_swapped_or_nonsense_place_is_not_possible(latitude: float, longitude: float) -> None:
    assert not sight.is_possible(sight.Point(latitude, longitude))
    assert sight.is_possible(HALL)
