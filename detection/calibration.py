"""From the picture to metres on flat ground, by four points whose places on the ground are known: the corners of a rectangle.

A calibration that exists can be used: corners that cross, lie on one line or outside the picture are refused with the point named. What
lies at or above the horizon has no place on the ground: the answer is None, never a number.

Source: the plane homography from four points (Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 4.1); errors by first-order
propagation (section 5.2.2), each coordinate moved by its own error.
"""

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from detection import drawing, errors, types, zones

CORNERS = 4
LEAST_CORNER_AREA = 2e-4
"""Share of the picture that each three corners must span, or clicking a pixel beside one of them would change everything."""
LEAST_SIDE_M, MOST_SIDE_M = 0.5, 1000.0
_HORIZON = 1e-6
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """A distance with the error (one standard deviation) that its making explains."""

    metres: float
    error_m: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rectangle on the ground as the camera sees it: a stretch of a lane between marks, a parking bay, a crossing.

    Attributes:
        points: its four corners, 0..1 of the picture, in order around it.
        width_m: metres from the first corner to the second.
        length_m: metres from the second corner to the third.
    """

    points: tuple[types.Point, ...]
    width_m: float
    length_m: float

    def __post_init__(self) -> None:
        _check_corners(self.points)
        errors.check_range("calibration.width_m", self.width_m, LEAST_SIDE_M, MOST_SIDE_M)
        errors.check_range("calibration.length_m", self.length_m, LEAST_SIDE_M, MOST_SIDE_M)

    def ground(self, point: types.Point) -> types.Point | None:
        """Return where a point of the picture (0..1) lies on the ground, in metres from the first corner: x along the width, y along
        the length. None at or above the horizon.
        """
        return _place(self.points, self.width_m, self.length_m, point)

    def path(self, points: Iterable[types.Point]) -> tuple[types.Point, ...] | None:
        """Return each point on the ground; None when one of them has no place there."""
        made = [self.ground(point) for point in points]
        return tuple(p for p in made if p is not None) if None not in made else None

    def area_m2(self, polygon: Sequence[types.Point]) -> float | None:
        """Return the ground under a polygon of the picture, in square metres; None when it reaches to the horizon."""
        corners = self.path(polygon)
        return zones.area(corners) if corners is not None else None

    def metres_per_picture(self, point: types.Point) -> tuple[float, float] | None:
        """Return how many metres of ground a picture's width and height would span at the scale they have at `point`."""
        step = 1e-4
        here = self.ground(point)
        beside = self.ground((point[0] + step, point[1])), self.ground((point[0], point[1] + step))
        if here is None or beside[0] is None or beside[1] is None:
            return None
        return math.dist(here, beside[0]) / step, math.dist(here, beside[1]) / step

    def distance(
        self, a: types.Point, b: types.Point, point_error: types.Point, corner_error: types.Point
    ) -> Measured | None:
        """Return the metres between two points of the picture, with their error.

        Args:
            point_error: standard deviation of each point's place, 0..1 of the picture's width and height.
            corner_error: the same of the calibration's corners. Its effect grows outside the rectangle that they span.
        """
        metres = self._between(self.points, a, b)
        if metres is None:
            return None
        moved = [self._between(self.points, p, b) for p in _moved(a, point_error)]
        moved += [self._between(self.points, a, p) for p in _moved(b, point_error)]
        moved += [self._between(corners, a, b) for corners in self._corners_moved(corner_error)]
        known = [(other - metres) ** 2 for other in moved if other is not None]
        return Measured(metres, math.sqrt(sum(known)) if len(known) == len(moved) else math.inf)

    def _between(self, corners: tuple[types.Point, ...], a: types.Point, b: types.Point) -> float | None:
        p, q = (_place(corners, self.width_m, self.length_m, point) for point in (a, b))
        return math.dist(p, q) if p is not None and q is not None else None

    def _corners_moved(self, error: types.Point) -> Iterable[tuple[types.Point, ...]]:
        for i, corner in enumerate(self.points):
            for other in _moved(corner, error):
                yield (*self.points[:i], other, *self.points[i + 1 :])


def _place(corners: tuple[types.Point, ...], width_m: float, length_m: float, point: types.Point) -> types.Point | None:
    matrix, facing = _homography(corners, width_m, length_m)
    x, y, w = (float(v) for v in matrix @ (point[0], point[1], 1.0))
    return (x / w, y / w) if w * facing > _HORIZON else None


@functools.lru_cache(maxsize=1024)
def _homography(points: tuple[types.Point, ...], width_m: float, length_m: float) -> tuple[Matrix, float]:
    """Return the matrix from picture to ground, and the sign of its third coordinate on the ground's side of the horizon."""
    corners = np.array(((0, 0), (width_m, 0), (width_m, length_m), (0, length_m)), np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(np.array(points, np.float32), corners), np.float64)
    return matrix, math.copysign(1.0, float(matrix[2] @ (points[0][0], points[0][1], 1.0)))


def _moved(point: types.Point, error: types.Point) -> tuple[types.Point, types.Point]:
    return (point[0] + error[0], point[1]), (point[0], point[1] + error[1])


def _check_corners(points: tuple[types.Point, ...]) -> None:
    if len(points) != CORNERS:
        remedy = "give the four corners of a rectangle on the ground, in order around it"
        raise errors.ProfileError("calibration.points", f"has {len(points)} points", remedy)
    drawing.check_polygon("", "calibration.points", points)
    turns = [_turn(points, i) for i in range(CORNERS)]
    most = math.copysign(1.0, sum(turns))
    for i, turn in enumerate(turns):
        if turn * most < 2 * LEAST_CORNER_AREA:
            x, y = points[i]
            problem = (
                f"at point {i + 1} ({x:g},{y:g}) the sides make no corner of a rectangle seen from above the ground"
            )
            remedy = "give four corners well apart, no three of them near one line, in order around the rectangle"
            raise errors.ProfileError("calibration.points", problem, remedy)


def _turn(points: Sequence[types.Point], i: int) -> float:
    """Return twice the signed area of the triangle of a corner and its neighbours."""
    (ax, ay), (bx, by), (cx, cy) = points[i - 1], points[i], points[(i + 1) % CORNERS]
    return (bx - ax) * (cy - by) - (by - ay) * (cx - bx)
