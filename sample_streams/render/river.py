"""The riverside of the flood clips: a walk with a gauge post beside a river, seen from a bridge. Runs inside Blender."""

import itertools
import random

import bpy

from sample_streams.render import shapes, studio, tide, view

SUN_UP_DEG, SUN_ROUND_DEG = 55.0, 190.0
NEAR_Y_M, FAR_Y_M = -2.0, 70.0
POST_AT = (0.35, 13.5)
POST_M = 1.8


def make_river(seed: int):
    """Build everything but the water, and the camera; return the water, which is hidden."""
    chance = random.Random(seed)
    _make_ground()
    _make_post()
    _make_railing()
    for x, y in ((-5.0, 15), (-5.4, 22), (-4.8, 31), (-5.6, 42)):
        _make_bush(x, y, chance)
    _make_far_bank(chance)
    studio.make_sky(SUN_UP_DEG, SUN_ROUND_DEG)
    studio.make_camera(view.RIVER)
    return _make_water()


def _make_ground() -> None:
    grass = shapes.make_grain("grass", (0.035, 0.065, 0.02), (0.09, 0.13, 0.04), (0.6, 7.0))
    paving = shapes.make_grain("walk", (0.17, 0.12, 0.10), (0.25, 0.19, 0.16), (0.8, 10.0))
    stone = shapes.make_grain("stone", (0.13, 0.13, 0.12), (0.27, 0.26, 0.24), (1.3, 8.0))
    mud = shapes.make_grain("mud", (0.07, 0.055, 0.04), (0.12, 0.10, 0.07), (0.6, 5.0))
    materials = (grass, grass, grass, paving, stone, stone, mud, mud, stone)
    for ((x1, z1), (x2, z2)), material in zip(itertools.pairwise(tide.GROUND), materials, strict=True):
        points = [(x1, NEAR_Y_M, z1), (x2, NEAR_Y_M, z2), (x2, FAR_Y_M, z2), (x1, FAR_Y_M, z1)]
        shapes.make_mesh("strip", points, [(0, 1, 2, 3)], [material], [0])
    white = shapes.make_paint("line", (0.6, 0.6, 0.58), 0.7)
    x = sum(tide.PATH_X_M) / 2
    z = tide.ground_m(x) + 0.012
    for y in range(2, 60, 4):
        points = [(x - 0.05, y, z), (x + 0.05, y, z), (x + 0.05, y + 2, z), (x - 0.05, y + 2, z)]
        shapes.make_mesh("dash", points, [(0, 1, 2, 3)], [white], [0])


def _make_post() -> None:
    red, white = shapes.make_paint("red", (0.55, 0.02, 0.02), 0.5), shapes.make_paint("white", (0.75, 0.75, 0.75), 0.5)
    for i in range(round(POST_M / 0.2)):
        shapes.make_box("band", (*POST_AT, 0.1 + 0.2 * i), (0.22, 0.12, 0.2), red if i % 2 == 0 else white)


def _make_railing() -> None:
    steel = shapes.make_paint("steel", (0.35, 0.36, 0.37), 0.4, 0.7)
    x, foot = tide.PATH_X_M[0] - 0.2, tide.ground_m(tide.PATH_X_M[0] - 0.2)
    for y in range(4, 60, 2):
        shapes.make_cylinder("stake", (x, y, foot + 0.45), 0.035, 0.9, steel)
    for z in (0.45, 0.85):
        shapes.make_cylinder("rail", (x, 32, foot + z), 0.025, 56, steel, "Y")


def _make_bush(x: float, y: float, chance: random.Random) -> None:
    leaf = shapes.make_grain("leaf", (0.02, 0.05, 0.01), (0.06, 0.12, 0.03), (1.5, 9.0))
    for _ in range(6):
        dx, dy = chance.uniform(-0.7, 0.7), chance.uniform(-0.7, 0.7)
        z = tide.ground_m(x + dx) + chance.uniform(0.2, 0.9)
        shapes.make_ball("bush", (x + dx, y + dy, z), chance.uniform(0.4, 0.8), leaf, chance)


def _make_far_bank(chance: random.Random) -> None:
    wall = shapes.make_grain("bank", (0.3, 0.29, 0.27), (0.42, 0.41, 0.38), (0.5, 6.0))
    glass = shapes.make_paint("pane", (0.03, 0.035, 0.04), 0.1)
    shapes.make_box("bank", (16, 34, 1.4), (4, 76, 2.0), wall)
    for i in range(6):
        y, high = 6 + 13 * i, chance.choice((9.0, 12.0, 15.0))
        tone = chance.uniform(0.35, 0.6)
        block = shapes.make_paint("block", (tone, tone * 0.96, tone * 0.9), 0.8)
        shapes.make_box("block", (27, y, high / 2), (10, 11, high), block)
        for floor in range(int(high // 3)):
            for bay in range(4):
                shapes.make_box("pane", (21.9, y - 4 + 2.6 * bay, 2.2 + 3 * floor), (0.2, 1.3, 1.4), glass)
    shapes.make_box("bridge", (3, 66, 6), (50, 3, 1.2), wall)
    for x in (-6, 6, 18):
        shapes.make_box("pier", (x, 66, 2), (1.2, 2, 9), wall)


def _make_water():
    """Return the water's surface; `flow` is the node that moves its waves."""
    material = shapes.make_paint("water", (0.17, 0.115, 0.06), 0.1)
    tree = material.node_tree
    place, flow, noise, bump = (
        tree.nodes.new(f"ShaderNode{kind}") for kind in ("NewGeometry", "VectorMath", "TexNoise", "Bump")
    )
    flow.name, flow.operation = "flow", "ADD"
    noise.name, noise.noise_dimensions = "waves", "4D"
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 1.7, 3.0
    bump.inputs["Strength"].default_value, bump.inputs["Distance"].default_value = 0.55, 0.22
    tree.links.new(place.outputs["Position"], flow.inputs[0])
    tree.links.new(flow.outputs[0], noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac"], bump.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], tree.nodes["Principled BSDF"].inputs["Normal"])
    corners = [(-12, NEAR_Y_M), (14, NEAR_Y_M), (14, FAR_Y_M), (-12, FAR_Y_M)]
    water = shapes.make_sheet("water", corners, tide.FULL_M, material)
    water.hide_render = True
    return water


def stir(water, share: float) -> None:
    """Move the waves to their place at that share of the loop."""
    nodes = water.data.materials[0].node_tree.nodes
    nodes["flow"].inputs[1].default_value = (0.0, 2.2 * share, 0.0)
    nodes["waves"].inputs["W"].default_value = 1.3 * share


def show_heights() -> None:
    """Make everything glow by its height over `tide.SPAN_M`, so that a picture tells it."""
    low, high = tide.SPAN_M
    material = bpy.data.materials.new("height")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    place, split, spread, light, end = (
        tree.nodes.new(f"ShaderNode{kind}")
        for kind in ("NewGeometry", "SeparateXYZ", "MapRange", "Emission", "OutputMaterial")
    )
    spread.inputs["From Min"].default_value, spread.inputs["From Max"].default_value = low, high
    tree.links.new(place.outputs["Position"], split.inputs[0])
    tree.links.new(split.outputs["Z"], spread.inputs["Value"])
    tree.links.new(spread.outputs[0], light.inputs["Color"])
    tree.links.new(light.outputs[0], end.inputs["Surface"])
    bpy.context.view_layer.material_override = material
    bpy.context.scene.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 10.0
