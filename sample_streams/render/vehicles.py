"""Vehicles built from stations along their length. Runs inside Blender; local +Y is forward, Z = 0 is the road."""

import math
import random

import mathutils

from sample_streams.render import shapes

# One station: y, then (half width, height) of sill, side, belt, roof edge, and the height of the centre line.
Station = tuple[float, tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float], float]

SEDAN: tuple[Station, ...] = (
    (-2.27, (0.62, 0.36), (0.70, 0.55), (0.70, 0.74), (0.56, 0.78), 0.80),
    (-2.14, (0.78, 0.27), (0.84, 0.58), (0.80, 0.93), (0.66, 0.98), 1.00),
    (-1.62, (0.84, 0.22), (0.90, 0.60), (0.85, 0.95), (0.70, 1.01), 1.03),
    (-1.42, (0.84, 0.22), (0.90, 0.60), (0.85, 0.95), (0.70, 1.03), 1.05),
    (-0.86, (0.84, 0.22), (0.90, 0.60), (0.85, 0.95), (0.58, 1.39), 1.42),
    (-0.66, (0.84, 0.22), (0.90, 0.60), (0.85, 0.95), (0.59, 1.42), 1.45),
    (0.05, (0.84, 0.22), (0.90, 0.60), (0.85, 0.94), (0.60, 1.43), 1.46),
    (0.13, (0.84, 0.22), (0.90, 0.60), (0.85, 0.94), (0.60, 1.43), 1.46),
    (0.50, (0.84, 0.22), (0.90, 0.60), (0.85, 0.93), (0.58, 1.38), 1.41),
    (1.22, (0.84, 0.22), (0.90, 0.60), (0.84, 0.91), (0.70, 0.96), 0.99),
    (1.36, (0.84, 0.22), (0.90, 0.59), (0.84, 0.89), (0.68, 0.93), 0.96),
    (2.00, (0.80, 0.24), (0.86, 0.55), (0.78, 0.78), (0.62, 0.82), 0.84),
    (2.20, (0.72, 0.28), (0.78, 0.50), (0.70, 0.66), (0.52, 0.70), 0.72),
    (2.28, (0.60, 0.34), (0.64, 0.48), (0.60, 0.58), (0.44, 0.60), 0.61),
)
CABIN = (3, 9)  # side glass lies between these stations
PILLARS = (4, 6)  # spans left painted: C-pillar and B-pillar
REAR_GLASS, FRONT_GLASS = 3, 8  # spans whose top faces are windows
WIDEN_VAN = ((0.84, 0.25), (0.92, 0.75), (0.90, 1.10), (0.78, 1.78), 1.84)


def make_sedan(name: str, colour: shapes.Colour):
    """Return a saloon car, 4.55 m long."""
    return _finish_car(name, _make_body(name, SEDAN, colour), SEDAN, 1.36)


def make_wagon(name: str, colour: shapes.Colour):
    """Return a tall five-door car (the roof carried on to the back)."""
    tall = tuple(_raise_station(station, back=station[0] < -0.7) for station in SEDAN)
    return _finish_car(name, _make_body(name, tall, colour), tall, 1.36)


def make_truck(name: str, colour: shapes.Colour):
    """Return a light lorry with a box body, 6 m long."""
    paint, white = shapes.make_paint(name, colour, 0.35, coat=0.6), shapes.make_paint(f"{name}-box", (0.75, 0.76, 0.75))
    dark, glass = shapes.make_paint(f"{name}-frame", (0.03, 0.03, 0.03)), _make_glass(name)
    parts = [
        shapes.make_box("cargo", (0, -0.85, 1.85), (2.1, 4.2, 2.1), white, 0.04),
        shapes.make_box("frame", (0, 0, 0.62), (1.7, 5.9, 0.25), dark),
        shapes.make_box("cab", (0, 2.2, 1.35), (1.95, 1.55, 1.75), paint, 0.16),
        shapes.make_box("screen", (0, 2.96, 1.75), (1.65, 0.06, 0.62), glass),
        shapes.make_box("panes", (0, 2.35, 1.75), (1.98, 0.8, 0.55), glass),
        shapes.make_box("plate", (0, 3.0, 0.65), (0.55, 0.03, 0.14), shapes.make_paint("plate", (0.9, 0.85, 0.3))),
    ]
    parts += _make_lamps(0.75, 2.98, 0.85, 2.97) + _make_wheels((-1.7, 2.1), 0.9, 0.42)
    return shapes.gather(name, parts)


def make_bus(name: str, colour: shapes.Colour):
    """Return a city bus, 10 m long."""
    paint, glass = shapes.make_paint(name, colour, 0.35, coat=0.6), _make_glass(name)
    pale = shapes.make_paint(f"{name}-roof", (0.75, 0.75, 0.72))
    parts = [
        shapes.make_box("body", (0, 0, 1.65), (2.45, 10.0, 2.6), paint, 0.14),
        shapes.make_box("roof", (0, -0.6, 3.02), (1.7, 5.0, 0.25), pale, 0.08),
        shapes.make_box("screen", (0, 4.99, 2.0), (2.15, 0.06, 1.15), glass, 0.02),
        shapes.make_box("sign", (0, 5.0, 2.75), (1.5, 0.05, 0.22), shapes.make_lamp("sign", (1.0, 0.5, 0.1), 0.6)),
        shapes.make_box("back", (0, -4.99, 2.25), (1.9, 0.06, 0.75), glass, 0.02),
        shapes.make_box("plate", (0, 5.02, 0.62), (0.6, 0.03, 0.15), shapes.make_paint("plate", (0.9, 0.85, 0.3))),
    ]
    parts += [shapes.make_box("pane", (0, -4.1 + 1.42 * i, 2.1), (2.48, 1.24, 0.95), glass) for i in range(7)]
    parts += _make_lamps(0.95, 5.01, 0.85, 5.0) + _make_wheels((-2.9, 2.9), 1.08, 0.48)
    return shapes.gather(name, parts)


def _raise_station(station: Station, back: bool) -> Station:
    y, sill, side, belt, edge, top = station
    in_cabin = -1.7 < y < 0.6
    if back and y < -1.3:
        edge, top = ((0.68, 1.48), 1.52) if y > -2.2 else ((0.66, 1.10), 1.12)
    elif in_cabin:
        edge, top = (edge[0] + 0.06, edge[1] + 0.16), top + 0.16
    return (
        y,
        sill,
        (side[0], side[1] + 0.08),
        (belt[0], belt[1] + 0.08),
        (edge[0], max(edge[1], belt[1] + 0.1)),
        top + 0.02,
    )


def _make_glass(name: str):
    return shapes.make_paint(f"{name}-glass", (0.012, 0.016, 0.02), 0.06, coat=1.0)


def _ring(station: Station) -> list[shapes.Point]:
    y, sill, side, belt, edge, top = station
    right = [(w, y, z) for w, z in (sill, side, belt, edge)]
    return [*right, (0.0, y, top), *[(-x, y, z) for x, y, z in reversed(right)]]


def _make_body(name: str, stations: tuple[Station, ...], colour: shapes.Colour):
    paint, glass = shapes.make_paint(name, colour, 0.3, metallic=0.25, coat=1.0), _make_glass(name)
    points = [point for station in stations for point in _ring(station)]
    faces: list[tuple[int, ...]] = []
    slots: list[int] = []
    for span in range(len(stations) - 1):
        for step in range(9):
            a, b = span * 9 + step, span * 9 + (step + 1) % 9
            faces.append((a, a + 9, b + 9, b))
            slots.append(int(_is_glass(span, step)))
    faces += [tuple(range(9)), tuple(reversed(range(len(points) - 9, len(points))))]
    body = shapes.make_mesh(name, points, faces, [paint, glass], [*slots, 0, 0])
    crease = {2: 0.55, 3: 0.5, 5: 0.5, 6: 0.55, 0: 0.7, 8: 0.7}
    for edge in body.data.edges:
        low, high = sorted(edge.vertices)
        if high - low == 9:  # an edge along the car
            edge.crease = crease.get(low % 9, 0.0)
        elif low // 9 in (*CABIN, 4, 8):
            edge.crease = 0.5
    smooth = body.modifiers.new("smooth", "SUBSURF")
    smooth.levels = smooth.render_levels = 2
    for polygon in body.data.polygons:
        polygon.use_smooth = True
    return body


def _is_glass(span: int, step: int) -> bool:
    side = step in (2, 5)
    top = step in (3, 4)
    if top:
        return span in (REAR_GLASS, FRONT_GLASS)
    return side and CABIN[0] <= span < CABIN[1] and span not in PILLARS


def _make_lamps(x: float, front_y: float, z: float, back_y: float) -> list:
    head, tail = shapes.make_lamp("head", (1.0, 0.96, 0.85), 1.5), shapes.make_lamp("tail", (0.8, 0.02, 0.02), 0.5)
    return [
        shapes.make_box("lamp", (side * x, y, height), (0.34, 0.14, 0.15), lamp, 0.03)
        for side in (-1, 1)
        for y, height, lamp in ((front_y, z, head), (-back_y, z + 0.12, tail))
    ]


def _make_wheels(axles_y: tuple[float, ...], x: float, radius_m: float) -> list:
    rubber, rim = (
        shapes.make_paint("tyre", (0.012, 0.012, 0.012), 0.9),
        shapes.make_paint("rim", (0.5, 0.5, 0.52), 0.3, 0.8),
    )
    parts = []
    for y in axles_y:
        for side in (-1, 1):
            parts.append(shapes.make_cylinder("tyre", (side * (x - 0.1), y, radius_m), radius_m, 0.24, rubber, "X"))
            parts.append(shapes.make_cylinder("rim", (side * (x + 0.015), y, radius_m), radius_m * 0.6, 0.03, rim, "X"))
            parts.append(
                shapes.make_cylinder(
                    "arch", (side * (x - 0.045), y, radius_m + 0.03), radius_m + 0.06, 0.14, rubber, "X"
                )
            )
    return parts


def _finish_car(name: str, body, stations: tuple[Station, ...], axle_y: float):
    white, dark = shapes.make_paint("plate", (0.85, 0.85, 0.85)), shapes.make_paint("trim", (0.02, 0.02, 0.02), 0.6)
    parts = [body, *_make_lamps(0.54, 2.17, 0.60, 2.2), *_make_wheels((-axle_y, axle_y), 0.86, 0.33)]
    parts += [
        shapes.make_box("plate", (0, 2.26, 0.45), (0.52, 0.04, 0.12), white),
        shapes.make_box("plate", (0, -2.26, 0.62), (0.52, 0.04, 0.12), white),
        shapes.make_box("grille", (0, 2.24, 0.57), (0.7, 0.06, 0.10), dark, 0.02),
        shapes.make_box("skirt", (0, 0, 0.3), (1.55, 4.2, 0.16), dark, 0.05),
    ]
    parts += [shapes.make_box("mirror", (side * 0.90, 0.92, 0.99), (0.22, 0.12, 0.14), dark, 0.04) for side in (-1, 1)]
    return shapes.gather(name, parts)


def dent(car, at: shapes.Point, depth_m: float, seed: int = 4) -> None:
    """Push a car's skin in around a point of its own frame, unevenly, and break the lamps and trim next to it."""
    chance = random.Random(seed)
    inward = -1.0 if at[1] > 0 else 1.0
    for part in car.children:
        here = part.matrix_local
        for vertex in part.data.vertices:
            where = here @ vertex.co
            apart = math.dist(where, at) / 1.25
            if apart < 1.0:
                push = depth_m * (1.0 - apart) * chance.uniform(0.55, 1.25)
                shove = mathutils.Vector(
                    (chance.uniform(-0.2, 0.2) * push, inward * push, chance.uniform(-0.1, 0.45) * push)
                )
                vertex.co = here.inverted() @ (where + shove)


def make_debris(name: str, count: int, seed: int = 6) -> list:
    """Return small pieces of plastic and glass."""
    chance = random.Random(seed)
    tones = [
        shapes.make_paint(name, c, 0.4)
        for c in ((0.02, 0.02, 0.02), (0.6, 0.6, 0.6), (0.5, 0.13, 0.01), (0.5, 0.02, 0.02))
    ]
    return [
        shapes.make_box(name, (0, 0, 0), tuple(chance.uniform(0.05, 0.32) for _ in range(3)), chance.choice(tones))
        for _ in range(count)
    ]
