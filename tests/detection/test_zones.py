"""Zone geometry against brute force: sampled points, rasters and OpenCV's own polygon code."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detection import types, zones

UNIT_SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
GRID = 200
coordinate = st.integers(0, 20).map(lambda n: n / 20)
points = st.tuples(coordinate, coordinate)


@st.composite
def star_polygons(draw: st.DrawFn) -> tuple[types.Point, ...]:
    """Return a simple polygon, often concave: points at rising angles around a middle."""
    n = draw(st.integers(3, 9))
    radii = draw(st.lists(st.floats(0.08, 0.45), min_size=n, max_size=n))
    turn = draw(st.floats(0, math.pi))
    angles = [turn + 2 * math.pi * i / n for i in range(n)]
    return tuple((0.5 + r * math.cos(a), 0.5 + r * math.sin(a)) for r, a in zip(radii, angles, strict=True))


def raster(polygon: zones.Polygon) -> np.ndarray:
    """Return which of GRID x GRID points spread over 0..1 lie in the polygon, by OpenCV."""
    contour = np.array(polygon, np.float32).reshape(-1, 1, 2)
    steps = (np.arange(GRID) + 0.5) / GRID
    return np.array([[cv2.pointPolygonTest(contour, (float(x), float(y)), False) >= 0 for x in steps] for y in steps])


@given(star_polygons(), st.floats(0, 1), st.floats(0, 1))
def test_contains_agrees_with_opencv_away_from_the_border(polygon: tuple[types.Point, ...], x: float, y: float) -> None:
    distance = cv2.pointPolygonTest(np.array(polygon, np.float32).reshape(-1, 1, 2), (x, y), True)
    assume(abs(distance) > 1e-4)
    assert zones.contains(polygon, (x, y)) == (distance > 0)


@pytest.mark.parametrize("point", [(0.0, 0.0), (0.5, 0.0), (1.0, 1.0), (1.0, 0.3), (0.0, 0.999)])
def test_the_border_belongs_to_the_polygon(point: types.Point) -> None:
    assert zones.contains(UNIT_SQUARE, point)


@given(star_polygons(), star_polygons())
def test_intersection_area_is_symmetric_and_within_both(a: tuple[types.Point, ...], b: tuple[types.Point, ...]) -> None:
    shared = zones.intersection_area(a, b)
    assert shared == pytest.approx(zones.intersection_area(b, a), abs=1e-9)
    assert -1e-9 <= shared <= min(zones.area(a), zones.area(b)) + 1e-9
    assert zones.intersection_area(a, a) == pytest.approx(zones.area(a), abs=1e-9)


def test_intersection_area_of_concave_polygons_agrees_with_a_raster() -> None:
    ell = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.3), (0.3, 0.3), (0.3, 0.9), (0.1, 0.9))
    comb = ((0.0, 0.2), (1.0, 0.2), (1.0, 0.8), (0.7, 0.8), (0.7, 0.25), (0.2, 0.25), (0.2, 0.8), (0.0, 0.8))
    counted = float((raster(ell) & raster(comb)).mean())
    assert zones.intersection_area(ell, comb) == pytest.approx(counted, abs=0.01)


@given(star_polygons(), points, points)
def test_overlap_share_equals_the_clipped_area(
    polygon: tuple[types.Point, ...], p: types.Point, q: types.Point
) -> None:
    box = (min(p[0], q[0]), min(p[1], q[1]), max(p[0], q[0]), max(p[1], q[1]))
    size = (box[2] - box[0]) * (box[3] - box[1])
    assume(size > 0)
    corners = ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))
    assert zones.overlap_share(polygon, box) == pytest.approx(
        zones.intersection_area(polygon, corners) / size, abs=1e-6
    )


def test_an_empty_box_overlaps_nothing() -> None:
    assert zones.overlap_share(UNIT_SQUARE, (0.5, 0.5, 0.5, 0.5)) == 0.0


@given(points, points, points, points)
def test_segments_cross_agrees_with_sampling(a: types.Point, b: types.Point, p: types.Point, q: types.Point) -> None:
    assume(math.dist(a, b) > 0 and math.dist(p, q) > 0)
    t = np.linspace(0, 1, 2001)[:, None]
    along = np.array(a) + t * (np.array(b) - np.array(a))
    direction = np.array(q) - np.array(p)
    relative = along - np.array(p)
    share = np.clip(relative @ direction / (direction @ direction), 0, 1)
    nearest = float(np.linalg.norm(relative - share[:, None] * direction, axis=1).min())
    if zones.segments_cross(a, b, p, q):
        assert nearest < 1e-3
    else:
        assert nearest > 1e-6


def test_left_is_the_left_hand_of_a_walker_in_the_picture() -> None:
    assert zones.left_of((0.0, 0.5), (1.0, 0.5), (0.5, 0.2)) == pytest.approx(0.3)
    assert zones.left_of((0.0, 0.5), (1.0, 0.5), (0.5, 0.9)) == pytest.approx(-0.4)


@given(star_polygons())
def test_a_star_polygon_does_not_cross_itself(polygon: tuple[types.Point, ...]) -> None:
    assert zones.self_crossing(polygon) is None


@pytest.mark.parametrize(
    ("polygon", "crossing"),
    [
        (((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)), (0, 2)),
        (((0.0, 0.0), (1.0, 0.0), (0.5, 0.0)), (0, 1)),
        (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.0), (0.0, 1.0)), (0, 2)),
    ],
)
def test_a_polygon_that_crosses_or_touches_itself_is_told_by_its_edges(
    polygon: tuple[types.Point, ...], crossing: tuple[int, int]
) -> None:
    assert zones.self_crossing(polygon) == crossing
