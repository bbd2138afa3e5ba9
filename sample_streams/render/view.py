"""Where the cameras of the rendered places stand and what they see, as plain numbers (Blender is given the same)."""

import math
from dataclasses import dataclass

SENSOR_MM = 36.0

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """One fixed camera. Metres: x to the right, y away from it, z up.

    Attributes:
        width_px, height_px: size of the rendered picture.
        camera_at: where it stands.
        camera_to: the point in the middle of its picture.
        lens_mm: focal length for a sensor of `SENSOR_MM` width.
    """

    width_px: int
    height_px: int
    camera_at: Point
    camera_to: Point
    lens_mm: float

    def project(self, x_m: float, y_m: float, z_m: float = 0.0) -> tuple[float, float]:
        """Return where a point is in the picture, in 0..1 from its top left corner (outside 0..1: out of sight).

        Raises:
            ValueError: The point is behind the camera.
        """
        ahead = _unit(_from(self.camera_at, self.camera_to))
        right = _unit((ahead[1], -ahead[0], 0.0))
        up = (right[1] * ahead[2], -right[0] * ahead[2], right[0] * ahead[1] - right[1] * ahead[0])
        ray = _from(self.camera_at, (x_m, y_m, z_m))
        depth = _dot(ray, ahead)
        if depth <= 0.0:
            raise ValueError(f"({x_m}, {y_m}, {z_m}) lies behind the camera")
        scale = self.lens_mm / SENSOR_MM / depth
        return 0.5 + scale * _dot(ray, right), 0.5 - scale * _dot(ray, up) * self.width_px / self.height_px

    def project_px(self, x_m: float, y_m: float, z_m: float = 0.0) -> tuple[float, float]:
        """Return where a point is in the picture, in pixels.

        Raises:
            ValueError: The point is behind the camera.
        """
        x, y = self.project(x_m, y_m, z_m)
        return x * self.width_px, y * self.height_px


ROAD = View(1280, 720, (4.4, 0.0, 7.2), (-1.1, 30.0, 0.6), 35.0)
YARD = View(768, 432, (0.4, 0.0, 2.7), (0.0, 6.4, 0.85), 27.0)
RIVER = View(768, 432, (-3.4, 0.0, 5.2), (1.2, 16.0, -0.6), 28.0)

WIDTH_PX, HEIGHT_PX = ROAD.width_px, ROAD.height_px
CAMERA_AT, CAMERA_TO = ROAD.camera_at, ROAD.camera_to


def project(x_m: float, y_m: float, z_m: float = 0.0) -> tuple[float, float]:
    """Return where a point of the road is in its camera's picture (see `View.project`).

    Raises:
        ValueError: The point is behind the camera.
    """
    return ROAD.project(x_m, y_m, z_m)


def _from(start: Point, end: Point) -> Point:
    return end[0] - start[0], end[1] - start[1], end[2] - start[2]


def _dot(a: Point, b: Point) -> float:
    return sum(i * j for i, j in zip(a, b, strict=True))


def _unit(a: Point) -> Point:
    length = math.sqrt(_dot(a, a))
    return a[0] / length, a[1] / length, a[2] / length
