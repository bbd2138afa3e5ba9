"""Plane geometry for zones and lines: pure functions on points.

Coordinates have y pointing down, as in pictures. Polygons are closed implicitly and may be concave; results for polygons that cross
themselves mean nothing, so profiles refuse those (`self_crossing`).
"""

import itertools
import math
from collections.abc import Sequence

from detection import types

Point = types.Point
Polygon = Sequence[Point]

_EDGE_TOLERANCE = 1e-9
"""Cross products below this count as "on the line": 0..1 coordinates carry about 1e-16 of rounding."""


def contains(polygon: Polygon, point: Point) -> bool:
    """Say whether `point` lies inside `polygon` or on its border.

    Source: the crossing-number test (Shimrat, CACM 1962), with the border tested first.
    """
    x, y = point
    inside = False
    for a, b in edges(polygon):
        if _on_segment(a, b, point):
            return True
        if (a[1] > y) != (b[1] > y) and x < a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]):
            inside = not inside
    return inside


def edges(polygon: Polygon) -> list[tuple[Point, Point]]:
    """Return the polygon's edges in order, the closing one last."""
    return list(zip(polygon, [*polygon[1:], *polygon[:1]], strict=True))


def area(polygon: Polygon) -> float:
    """Return the polygon's area."""
    return abs(_signed_area(polygon))


def intersection_area(a: Polygon, b: Polygon) -> float:
    """Return the area that two simple polygons share.

    `a` is the signed sum of the triangles from its first point to each edge, so what it shares with `b` is the signed sum of what
    those triangles share with `b`; and a triangle is convex, so `b` can be clipped to it.
    """
    total = 0.0
    for p, q in itertools.pairwise(a[1:]):
        triangle = (a[0], p, q)
        sign = _signed_area(triangle)
        if abs(sign) > _EDGE_TOLERANCE**2:
            total += math.copysign(area(clip(b, triangle)), sign)
    return abs(total)


def clip(polygon: Polygon, convex: Polygon) -> list[Point]:
    """Return the part of `polygon` inside the polygon `convex`; where it falls apart, the parts stay joined by lines of no area.

    Source: Sutherland and Hodgman, CACM 1974.
    """
    turn = math.copysign(1.0, _signed_area(convex))
    kept = list(polygon)
    for a, b in edges(convex):
        if not kept:
            return []
        kept = _clip_to_side(kept, a, b, turn)
    return kept


def overlap_share(polygon: Polygon, box: types.Box) -> float:
    """Return the share (0..1) of the box's area that lies in the polygon; 0 for an empty box."""
    x1, y1, x2, y2 = box
    size = (x2 - x1) * (y2 - y1)
    if x2 <= x1 or size <= 0:
        return 0.0
    return min(1.0, area(clip(polygon, ((x1, y1), (x2, y1), (x2, y2), (x1, y2)))) / size)


def left_of(a: Point, b: Point, point: Point) -> float:
    """Return the distance of `point` from the endless line a-b: positive to the left of someone who walks from a to b."""
    length = math.dist(a, b)
    return -_cross(a, b, point) / length if length > 0 else 0.0


def segments_cross(a: Point, b: Point, p: Point, q: Point) -> bool:
    """Say whether the segments a-b and p-q have a point in common."""
    d1, d2, d3, d4 = _cross(p, q, a), _cross(p, q, b), _cross(a, b, p), _cross(a, b, q)
    if ((d1 > 0) != (d2 > 0)) and ((d3 > 0) != (d4 > 0)) and min(abs(d1), abs(d2), abs(d3), abs(d4)) > 0:
        return True
    return _on_segment(p, q, a) or _on_segment(p, q, b) or _on_segment(a, b, p) or _on_segment(a, b, q)


def self_crossing(polygon: Polygon) -> tuple[int, int] | None:
    """Return the numbers (from 0) of the first two edges that cross or touch where they should not; None for a simple polygon.

    Edge i runs from point i to point i + 1, the last one back to point 0.
    """
    sides = edges(polygon)
    n = len(sides)
    for i in range(n):
        for j in range(i + 1, n):
            if j == i + 1 or (i == 0 and j == n - 1):
                first, second = (i, j) if j == i + 1 else (j, i)
                if _folds_back(sides[first], sides[second]):
                    return i, j
            elif segments_cross(*sides[i], *sides[j]):
                return i, j
    return None


def _folds_back(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Say whether `second`, which begins where `first` ends, runs back over it."""
    (ax, ay), (bx, by) = first
    cx, cy = second[1]
    along = (bx - ax) * (cx - bx) + (by - ay) * (cy - by)
    return abs(_cross(first[0], first[1], second[1])) <= _EDGE_TOLERANCE and along < 0


def _clip_to_side(polygon: list[Point], a: Point, b: Point, turn: float) -> list[Point]:
    kept: list[Point] = []
    for p, q in edges(polygon):
        at_p, at_q = turn * _cross(a, b, p), turn * _cross(a, b, q)
        if at_p >= 0:
            kept.append(p)
        if (at_p > 0 > at_q) or (at_p < 0 < at_q):
            t = at_p / (at_p - at_q)
            kept.append((p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])))
    return kept


def _signed_area(polygon: Polygon) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in edges(polygon)) / 2


def _cross(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _on_segment(a: Point, b: Point, point: Point) -> bool:
    if abs(_cross(a, b, point)) > _EDGE_TOLERANCE:
        return False
    return (
        min(a[0], b[0]) - _EDGE_TOLERANCE <= point[0] <= max(a[0], b[0]) + _EDGE_TOLERANCE
        and min(a[1], b[1]) - _EDGE_TOLERANCE <= point[1] <= max(a[1], b[1]) + _EDGE_TOLERANCE
    )
