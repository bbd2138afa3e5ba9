"""Distances on the ground."""

import math

EARTH_RADIUS_M = 6_371_008.8
Place = tuple[float, float]
"""Latitude and longitude in degrees (WGS 84)."""


def distance_m(a: Place, b: Place) -> float:
    """Return the great-circle distance between two places, in metres.

    Source: the haversine formula (Sinnott, Sky and Telescope 68, 1984), exact enough within a district.
    """
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, place)) for place in (a, b))
    across = math.sin((lat_b - lat_a) / 2) ** 2
    along = math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, across + along)))
