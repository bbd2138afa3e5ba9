"""Calibration: places, areas and distances on the ground against a camera whose geometry is known, and what is refused."""

import math

import pytest

from detection.calibration import Calibration
from detection.errors import ProfileError
from tests.detection import ground

LANES = ((-1.65, 20.0), (1.65, 20.0), (1.65, 40.0), (-1.65, 40.0))
"""A lane 3.3 m wide from 20 to 40 m before the camera of the rendered street."""
SQUARE = ((0.2, 0.8), (0.8, 0.8), (0.8, 0.2), (0.2, 0.2))


def street() -> Calibration:
    return Calibration(tuple(ground.project(x, y) for x, y in LANES), 3.3, 20.0)


@pytest.mark.parametrize("place", [(-1.65, 20.0), (0.0, 27.5), (1.65, 40.0), (-3.3, 15.0), (3.3, 60.0)])
def test_a_point_comes_back_to_its_place_on_the_ground(place: tuple[float, float]) -> None:
    found = street().ground(ground.project(*place))
    assert found is not None
    assert found == pytest.approx((place[0] + 1.65, place[1] - 20.0), abs=0.02)


def test_the_sky_has_no_place_on_the_ground() -> None:
    assert street().ground((0.5, 0.0)) is None
    assert street().area_m2(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))) is None
    assert street().distance((0.5, 0.9), (0.5, 0.0), (0.001, 0.001), (0.001, 0.001)) is None


def test_the_area_of_a_stretch_of_road_is_its_width_times_its_length() -> None:
    stretch = [ground.project(x, y) for x, y in ((-5.0, 15.0), (5.0, 15.0), (5.0, 45.0), (-5.0, 45.0))]
    assert street().area_m2(stretch) == pytest.approx(300.0, rel=0.005)


def test_corners_may_begin_anywhere_and_go_either_way_round() -> None:
    corners = tuple(ground.project(x, y) for x, y in LANES)
    turned = Calibration((*corners[1:], corners[0]), 20.0, 3.3)
    mirrored = Calibration((corners[1], corners[0], corners[3], corners[2]), 3.3, 20.0)
    a, b = ground.project(0.0, 22.0), ground.project(3.3, 35.0)
    for made in (street(), turned, mirrored):
        measured = made.distance(a, b, (0.0, 0.0), (0.0, 0.0))
        assert measured is not None
        assert measured.metres == pytest.approx(math.hypot(3.3, 13.0), rel=0.002)
        assert measured.error_m == 0.0


def test_the_error_grows_with_the_distance_from_the_camera_and_outside_the_rectangle() -> None:
    def error(from_m: float) -> float:
        a, b = ground.project(0.0, from_m), ground.project(0.0, from_m + 8.0)
        measured = street().distance(a, b, (0.001, 0.002), (0.001, 0.002))
        assert measured is not None
        return measured.error_m

    assert error(24.0) < error(40.0) < error(70.0)


def test_the_error_covers_what_clicking_beside_the_corners_does() -> None:
    exact = tuple(ground.project(x, y) for x, y in LANES)
    a, b = ground.project(0.0, 24.0), ground.project(0.0, 36.0)
    for i in range(4):
        beside = (*exact[:i], (exact[i][0], exact[i][1] + 0.003), *exact[i + 1 :])
        measured = Calibration(beside, 3.3, 20.0).distance(a, b, (0.0, 0.0), (0.0017, 0.003))
        assert measured is not None
        assert abs(measured.metres - 12.0) <= 2 * measured.error_m


def test_metres_per_picture_are_more_where_the_ground_is_further() -> None:
    near, far = (street().metres_per_picture(ground.project(0.0, y)) for y in (15.0, 45.0))
    assert near is not None
    assert far is not None
    assert near[0] < far[0]
    assert near[1] < far[1]
    assert street().metres_per_picture((0.5, 0.0)) is None


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (SQUARE[:3], "has 3 points"),
        ((SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]), "crosses or touches the edge"),
        (((0.2, 0.8), (0.8, 0.8), (1.8, 0.2), (0.2, 0.2)), "point 3 (1.8,0.2) is outside"),
        (((0.2, 0.8), (0.8, 0.8), (0.5, 0.7), (0.4, 0.2)), "point 3 (0.5,0.7)"),
        (((0.2, 0.8), (0.5, 0.8001), (0.8, 0.8), (0.5, 0.2)), "point 2 (0.5,0.8001)"),
    ],
    ids=["three", "crossing", "outside", "turned inwards", "on one line"],
)
def test_corners_that_cannot_be_meant_are_refused_with_the_point(
    points: tuple[tuple[float, float], ...], words: str
) -> None:
    with pytest.raises(ProfileError, match=r"calibration\.points") as refused:
        Calibration(points, 3.0, 10.0)
    assert words in str(refused.value)


@pytest.mark.parametrize(("width_m", "length_m"), [(0.0, 10.0), (3.0, math.nan), (3.0, 5000.0)])
def test_sides_that_no_street_has_are_refused(width_m: float, length_m: float) -> None:
    with pytest.raises(ProfileError, match=r"calibration\.(width|length)_m"):
        Calibration(SQUARE, width_m, length_m)
