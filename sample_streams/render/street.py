"""The street of the rendered road clips: a one-way road of three lanes, seen from a 7 m pole. Runs inside Blender."""

import math
import random

from sample_streams.render import drives, shapes, studio, view

ROAD_HALF_M = 5.1
SUN_UP_DEG, SUN_ROUND_DEG = 46.0, 202.0  # high, behind the camera and a little to the left


def make_street(seed: int) -> None:
    """Build ground, carriageway, marks, buildings, trees, poles, sky and camera."""
    chance = random.Random(seed)
    _make_ground()
    _make_marks()
    _make_buildings(chance)
    for x, y in (
        (-8.2, 20),
        (-8.2, 33),
        (-8.2, 47),
        (-8.2, 63),
        (8.6, 30),
        (8.6, 44),
        (8.6, 60),
        (-8.2, 82),
        (8.6, 80),
    ):
        _make_tree(x + chance.uniform(-0.3, 0.3), y + chance.uniform(-1, 1), chance)
    for x, y in ((-6.2, 27), (-6.2, 55), (6.2, 38), (6.2, 68)):
        _make_pole(x, y)
    studio.make_sky(SUN_UP_DEG, SUN_ROUND_DEG)
    studio.make_camera(view.ROAD)


def _make_ground() -> None:
    asphalt = shapes.make_grain("asphalt", (0.045, 0.046, 0.049), (0.085, 0.085, 0.087), (0.35, 14.0))
    paving = shapes.make_grain("paving", (0.25, 0.235, 0.22), (0.36, 0.345, 0.32), (0.8, 9.0))
    grass = shapes.make_grain("grass", (0.03, 0.06, 0.015), (0.08, 0.12, 0.03), (0.5, 6.0))
    kerb = shapes.make_paint("kerb", (0.42, 0.42, 0.40), 0.8)
    shapes.make_sheet("grass", [(-200, -50), (200, -50), (200, 400), (-200, 400)], -0.02, grass)
    shapes.make_sheet(
        "road", [(-ROAD_HALF_M, -50), (ROAD_HALF_M, -50), (ROAD_HALF_M, 400), (-ROAD_HALF_M, 400)], 0.0, asphalt
    )
    for side in (-1, 1):
        shapes.make_box("pavement", (side * (ROAD_HALF_M + 2.3), 175, 0.07), (4.3, 450, 0.15), paving)
        shapes.make_box("kerb", (side * (ROAD_HALF_M + 0.08), 175, 0.075), (0.16, 450, 0.17), kerb)


def _make_marks() -> None:
    paint = shapes.make_grain("mark", (0.55, 0.55, 0.53), (0.75, 0.75, 0.73), (1.5, 20.0), 0.7)
    yellow = shapes.make_paint("yellow", (0.62, 0.42, 0.06), 0.7)
    for side in (-1, 1):
        x = side * (ROAD_HALF_M - 0.18)
        shapes.make_sheet("edge", [(x - 0.07, -50), (x + 0.07, -50), (x + 0.07, 400), (x - 0.07, 400)], 0.006, yellow)
        for y in range(-5, 150, 8):
            x = side * drives.LANE_M / 2
            shapes.make_sheet(
                "dash", [(x - 0.07, y), (x + 0.07, y), (x + 0.07, y + 3.2), (x - 0.07, y + 3.2)], 0.006, paint
            )
    for lane in (-1, 0, 1):  # arrows: the traffic comes towards the camera
        x, y = lane * drives.LANE_M, 21.0
        shapes.make_sheet(
            "shaft", [(x - 0.09, y), (x + 0.09, y), (x + 0.09, y + 2.6), (x - 0.09, y + 2.6)], 0.006, paint
        )
        shapes.make_sheet("head", [(x, y - 1.7), (x + 0.42, y), (x - 0.42, y)], 0.006, paint)


def _make_buildings(chance: random.Random) -> None:
    glass = shapes.make_paint("window", (0.02, 0.025, 0.03), 0.1)
    tones = ((0.50, 0.42, 0.34), (0.62, 0.60, 0.55), (0.42, 0.28, 0.22), (0.55, 0.55, 0.52), (0.36, 0.33, 0.31))
    for index in range(12):
        side = 1 if index % 2 else -1
        y, height = 22.0 + 22.0 * (index // 2), chance.choice((8.0, 11.0, 14.0, 17.0))
        depth, width = 12.0, 18.0 + chance.uniform(-1.5, 2.0)
        x = side * (ROAD_HALF_M + 6.0 + depth / 2)
        wall = shapes.make_grain(
            "wall", tones[index % 5], tuple(min(1.0, c * 1.2) for c in tones[index % 5]), (0.3, 3.0)
        )
        shapes.make_box("house", (x, y + width / 2, height / 2), (depth, width, height), wall)
        shapes.make_box("eaves", (x, y + width / 2, height + 0.2), (depth + 0.6, width + 0.6, 0.4), wall)
        for floor in range(int(height // 3)):
            for bay in range(int(width // 2.6)):
                z, face = 1.7 + 3.0 * floor, x - side * (depth / 2 + 0.02)
                shapes.make_box("pane", (face, y + 1.6 + 2.6 * bay, z), (0.1, 1.4, 1.5), glass)
            for bay in range(int(depth // 2.6)):
                shapes.make_box(
                    "pane", (x - depth / 2 + 1.6 + 2.6 * bay, y - 0.02, 1.7 + 3.0 * floor), (1.4, 0.1, 1.5), glass
                )
    far = shapes.make_paint("far", (0.5, 0.48, 0.45), 0.9)
    shapes.make_box("end", (0, 190, 9), (60, 12, 18), far)
    for floor in range(5):
        for bay in range(18):
            shapes.make_box("pane", (-26 + 3.0 * bay, 183.9, 2.5 + 3.2 * floor), (1.7, 0.2, 1.8), glass)


def _make_tree(x: float, y: float, chance: random.Random) -> None:
    bark = shapes.make_paint("bark", (0.09, 0.06, 0.04), 0.9)
    leaf = shapes.make_grain("leaf", (0.015, 0.05, 0.01), (0.05, 0.12, 0.025), (1.2, 7.0))
    shapes.make_cylinder("trunk", (x, y, 1.3), 0.13, 2.6, bark)
    for _ in range(7):
        at = (x + chance.uniform(-0.8, 0.8), y + chance.uniform(-0.8, 0.8), 3.4 + chance.uniform(-0.7, 1.1))
        shapes.make_ball("crown", at, chance.uniform(0.7, 1.1), leaf, chance)


def _make_pole(x: float, y: float) -> None:
    steel = shapes.make_paint("steel", (0.3, 0.31, 0.32), 0.5, 0.6)
    shapes.make_cylinder("pole", (x, y, 4.0), 0.09, 8.0, steel)
    shapes.make_box("arm", (x - math.copysign(0.9, x), y, 7.9), (1.9, 0.1, 0.1), steel)
    shapes.make_box("lantern", (x - math.copysign(1.8, x), y, 7.85), (0.7, 0.25, 0.12), steel)
