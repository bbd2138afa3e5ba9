"""Where the camera of the rendered road stands and what it sees, as plain numbers (Blender is given the same)."""

import math

WIDTH_PX, HEIGHT_PX = 1280, 720
CAMERA_AT = (4.4, 0.0, 7.2)  # metres: x across the road, y along it, z up
CAMERA_TO = (-1.1, 30.0, 0.6)
LENS_MM, SENSOR_MM = 35.0, 36.0


def project(x_m: float, y_m: float, z_m: float = 0.0) -> tuple[float, float]:
    """Return where a point is in the picture, in 0..1 from its top left corner (outside 0..1: out of sight).

    Raises:
        ValueError: The point is behind the camera.
    """
    ahead = _unit(tuple(to - at for at, to in zip(CAMERA_AT, CAMERA_TO, strict=True)))
    right = _unit((ahead[1], -ahead[0], 0.0))
    up = (right[1] * ahead[2] - right[2] * ahead[1], right[2] * ahead[0] - right[0] * ahead[2], 0.0)
    up = (up[0], up[1], right[0] * ahead[1] - right[1] * ahead[0])
    ray = tuple(value - at for at, value in zip(CAMERA_AT, (x_m, y_m, z_m), strict=True))
    depth = _dot(ray, ahead)
    if depth <= 0.0:
        raise ValueError(f"({x_m}, {y_m}, {z_m}) lies behind the camera")
    scale = LENS_MM / SENSOR_MM / depth
    return 0.5 + scale * _dot(ray, right), 0.5 - scale * _dot(ray, up) * WIDTH_PX / HEIGHT_PX


def _dot(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return sum(i * j for i, j in zip(a, b, strict=True))


def _unit(a: tuple[float, ...]) -> tuple[float, ...]:
    length = math.sqrt(_dot(a, a))
    return tuple(value / length for value in a)
