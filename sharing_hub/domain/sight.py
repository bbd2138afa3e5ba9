"""Sight: how far a camera is from a point, and whether the point lies in the sector that it looks into.

Invariant: what is not known of a camera (where it is, where it looks) never makes it see something.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sharing_hub.domain import places

_METRES_PER_DEGREE = math.radians(1) * places.EARTH_RADIUS_M
KOREA = (32.0, 44.0, 123.0, 133.0)
"""South, north, west and east of where a place can be, generously."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place, degrees of WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Box:
    """A stretch of the map, degrees."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Lookout:
    """A camera, where it stands and where it looks.

    Attributes:
        heading_deg: clockwise from north; view_angle_deg: how wide; view_range_m: how far. None: not known.
    """

    camera_id: str
    place: Point
    heading_deg: float | None = None
    view_angle_deg: float | None = None
    view_range_m: float | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A camera near a point.

    Attributes:
        sees: the point lies in its sector.
    """

    camera_id: str
    distance_m: float
    sees: bool


def distance_m(a: Point, b: Point) -> float:
    """Return the distance in metres, as the access rules measure it: a camera that is granted is not denied for a rounding."""
    return places.distance_m((a.latitude, a.longitude), (b.latitude, b.longitude))


def bearing_deg(a: Point, b: Point) -> float:
    """Return the direction from `a` to `b`, clockwise from north, 0 to 360."""
    east = (b.longitude - a.longitude) * math.cos(math.radians((a.latitude + b.latitude) / 2))
    return math.degrees(math.atan2(east, b.latitude - a.latitude)) % 360


def box(centre: Point, radius_m: float) -> Box:
    """Return a box that holds the circle of `radius_m` around `centre`."""
    north = radius_m / _METRES_PER_DEGREE
    east = north / max(0.01, math.cos(math.radians(min(89.0, abs(centre.latitude) + north))))
    return Box(centre.latitude - north, centre.longitude - east, centre.latitude + north, centre.longitude + east)


def sees(camera: Lookout, point: Point) -> bool:
    """Say whether the point lies in the camera's sector; what is not known of the sector is No."""
    if camera.heading_deg is None or camera.view_angle_deg is None or camera.view_range_m is None:
        return False
    off = abs((bearing_deg(camera.place, point) - camera.heading_deg + 180) % 360 - 180)
    away_m = distance_m(camera.place, point)
    return away_m <= camera.view_range_m and (away_m < 1.0 or off <= camera.view_angle_deg / 2)


def ranked(point: Point, cameras: Iterable[Lookout], radius_m: float, count: int) -> list[Sighting]:
    """Return at most `count` cameras within `radius_m`: those that see the point first, then the others, the nearest first in each."""
    found = [
        Sighting(camera.camera_id, away_m, sees(camera, point))
        for camera in cameras
        if (away_m := distance_m(camera.place, point)) <= radius_m
    ]
    return sorted(found, key=lambda one: (not one.sees, one.distance_m, one.camera_id))[:count]


def is_possible(point: Point) -> bool:
    """Say whether the place can be in Korea: numbers, not swapped, not 0/0."""
    south, north, west, east = KOREA
    return south <= point.latitude <= north and west <= point.longitude <= east
