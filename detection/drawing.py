"""Checks of what people draw: lines and polygons in 0..1 of the picture, with errors that say which point is wrong and what to write."""

from detection import errors, types, zones

MAX_POINTS = 64
LEAST_AREA = 1e-6
"""Shares of the picture below this are rounding: a zone must enclose more, and zones that share less only touch."""


def check_line(zone: str, field: str, points: tuple[types.Point, ...]) -> None:
    """Refuse what is not a line of two different points inside the picture.

    Raises:
        ProfileError: with the zone, the field and the remedy.
    """
    if len(points) != 2:
        raise errors.ProfileError(field, f"has {len(points)} points", "a line takes exactly 2", zone)
    _check_inside(zone, field, points)
    if points[0] == points[1]:
        raise errors.ProfileError(field, "both points are the same", "draw a line with a length", zone)


def check_polygon(zone: str, field: str, points: tuple[types.Point, ...]) -> None:
    """Refuse what is not a simple polygon inside the picture.

    Raises:
        ProfileError: with the zone, the field, the edges or the point at fault and the remedy.
    """
    if not 3 <= len(points) <= MAX_POINTS:
        raise errors.ProfileError(field, f"has {len(points)} points", f"a zone takes 3 to {MAX_POINTS}", zone)
    _check_inside(zone, field, points)
    crossing = zones.self_crossing(points)
    if crossing is not None:
        sides = [_side_in_words(points, i) for i in crossing]
        remedy = "give the points in order around the zone"
        raise errors.ProfileError(field, f"the edge {sides[0]} crosses or touches the edge {sides[1]}", remedy, zone)
    if zones.area(points) < LEAST_AREA:
        raise errors.ProfileError(field, "the points enclose nothing", "draw a zone with an area", zone)


def _side_in_words(points: tuple[types.Point, ...], i: int) -> str:
    j = (i + 1) % len(points)
    (ax, ay), (bx, by) = points[i], points[j]
    return f"from point {i + 1} ({ax:g},{ay:g}) to point {j + 1} ({bx:g},{by:g})"


def _check_inside(zone: str, field: str, points: tuple[types.Point, ...]) -> None:
    for i, (x, y) in enumerate(points, start=1):
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            remedy = "write shares of the picture's width and height, 0 to 1"
            raise errors.ProfileError(field, f"point {i} ({x:g},{y:g}) is outside the picture", remedy, zone)
