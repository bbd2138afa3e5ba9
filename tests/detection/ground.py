"""A camera on a pole over a street, as plain numbers: where a place on the ground is in its picture. Metres: x to the right, y away."""

import math

HEIGHT_M = 7.0
DOWN_RAD = math.radians(14.0)
FOCAL = 1.0
"""In widths of the picture."""
ASPECT = 16 / 9


def project(x_m: float, y_m: float) -> tuple[float, float]:
    """Return a place on the ground in 0..1 of the picture (outside it: out of sight); it must lie before the camera."""
    depth = y_m * math.cos(DOWN_RAD) + HEIGHT_M * math.sin(DOWN_RAD)
    below = HEIGHT_M * math.cos(DOWN_RAD) - y_m * math.sin(DOWN_RAD)
    return 0.5 + FOCAL * x_m / depth, 0.5 + FOCAL * below / depth * ASPECT
