"""The yard of the rendered clips with people: a paved court before a wall, seen from 2.7 m. Runs inside Blender."""

import random

from sample_streams.render import shapes, studio, view

SUN_UP_DEG, SUN_ROUND_DEG = 50.0, 215.0


def make_yard(seed: int) -> None:
    """Build ground, wall, bench, planters, sky and camera."""
    chance = random.Random(seed)
    _make_ground()
    _make_wall(chance)
    _make_bench(-2.6, 9.0)
    for x in (-4.6, 3.9):
        _make_planter(x, 9.3, chance)
    studio.make_sky(SUN_UP_DEG, SUN_ROUND_DEG)
    studio.make_camera(view.YARD)


def _make_ground() -> None:
    paving = shapes.make_grain("paving", (0.20, 0.19, 0.18), (0.30, 0.29, 0.27), (0.8, 12.0))
    joint = shapes.make_paint("joint", (0.13, 0.125, 0.12), 0.9)
    shapes.make_sheet("ground", [(-30, -5), (30, -5), (30, 30), (-30, 30)], 0.0, paving)
    for i in range(-14, 15):
        x = 0.9 * i
        shapes.make_sheet("joint", [(x - 0.012, -5), (x + 0.012, -5), (x + 0.012, 10), (x - 0.012, 10)], 0.003, joint)
    for i in range(17):
        y = 0.6 * i
        shapes.make_sheet("joint", [(-14, y - 0.01), (14, y - 0.01), (14, y + 0.01), (-14, y + 0.01)], 0.003, joint)


def _make_wall(chance: random.Random) -> None:
    brick = shapes.make_grain("brick", (0.24, 0.13, 0.09), (0.36, 0.21, 0.15), (0.7, 11.0))
    coping = shapes.make_paint("coping", (0.45, 0.44, 0.42), 0.8)
    glass = shapes.make_paint("window", (0.02, 0.025, 0.03), 0.1)
    frame = shapes.make_paint("frame", (0.55, 0.55, 0.53), 0.6)
    shapes.make_box("wall", (0, 10.6, 2.2), (30, 0.5, 4.4), brick)
    shapes.make_box("plinth", (0, 10.32, 0.2), (30, 0.12, 0.4), coping)
    for i in range(-4, 5):
        x = 3.1 * i + chance.uniform(-0.1, 0.1)
        shapes.make_box("frame", (x, 10.33, 2.2), (1.5, 0.06, 1.5), frame)
        shapes.make_box("pane", (x, 10.3, 2.2), (1.3, 0.06, 1.3), glass)
    door = shapes.make_paint("door", (0.06, 0.11, 0.10), 0.5)
    shapes.make_box("door", (1.55, 10.3, 1.1), (1.1, 0.1, 2.2), door, 0.02)


def _make_bench(x: float, y: float) -> None:
    wood = shapes.make_grain("wood", (0.16, 0.09, 0.045), (0.24, 0.14, 0.07), (2.0, 20.0))
    iron = shapes.make_paint("iron", (0.04, 0.04, 0.045), 0.5, 0.5)
    for i in range(4):
        shapes.make_box("slat", (x, y - 0.24 + 0.13 * i, 0.45), (1.7, 0.1, 0.04), wood, 0.01)
    for i in range(3):
        shapes.make_box("back", (x, y + 0.27, 0.58 + 0.13 * i), (1.7, 0.035, 0.1), wood, 0.01)
    for side in (-0.7, 0.7):
        shapes.make_box("leg", (x + side, y, 0.22), (0.06, 0.5, 0.43), iron)


def _make_planter(x: float, y: float, chance: random.Random) -> None:
    stone = shapes.make_grain("stone", (0.3, 0.29, 0.27), (0.4, 0.39, 0.37), (1.5, 14.0))
    leaf = shapes.make_grain("leaf", (0.015, 0.05, 0.01), (0.05, 0.12, 0.025), (2.0, 12.0))
    shapes.make_box("planter", (x, y, 0.25), (1.3, 0.6, 0.5), stone, 0.03)
    for _ in range(9):
        at = (x + chance.uniform(-0.5, 0.5), y + chance.uniform(-0.15, 0.15), 0.62 + chance.uniform(-0.05, 0.25))
        shapes.make_ball("bush", at, chance.uniform(0.16, 0.28), leaf, chance)
