"""Simulate the vehicle fire with Mantaflow and render it alone, as light and cover to be laid over the street.

`blender -b -P sample_streams/render/shoot_blaze.py -t 2 -- OUT_DIR`. Each frame becomes an .npz with `x`, `y` and `light`:
float16 (h, w, 4), linear red, green, blue already multiplied by cover, and cover. Frames that exist are kept.
"""

import sys
import tempfile
from pathlib import Path

import bpy
import mathutils
import numpy as np
from bpy_extras.object_utils import world_to_camera_view

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sample_streams.render import blaze, drives, studio, view

RESOLUTION = 64
SAMPLES = 3  # soot that only swallows and glows has no noise
RISE, RISE_MPS = "rise", 2.4
PERCENT = 50  # of the road's picture: smoke has no edges


def main() -> None:
    """Bake, then render what is missing in the folder named on the command line."""
    out = Path(sys.argv[sys.argv.index("--") + 1]) / blaze.NAME
    out.mkdir(parents=True, exist_ok=True)
    studio.clear()
    studio.make_camera(view.ROAD)
    studio.set_up_render(view.ROAD, SAMPLES)
    _set_up_light()
    bpy.context.scene.frame_end = blaze.frames()
    _make_wind()
    _make_burner()
    domain = _make_domain(tempfile.mkdtemp(prefix="blaze-"))
    bpy.ops.fluid.bake_all()
    for index in blaze.rendered_frames():
        if not (out / f"{index:04d}.npz").exists():
            _shoot(domain, index, out / f"{index:04d}.npz")


def _set_up_light() -> None:
    scene = bpy.context.scene
    scene.render.fps = drives.FPS
    scene.render.film_transparent = True
    scene.render.resolution_percentage = PERCENT
    scene.render.image_settings.file_format, scene.render.image_settings.color_depth = "OPEN_EXR", "16"
    scene.render.image_settings.color_mode = "RGBA"
    scene.cycles.volume_step_rate, scene.cycles.volume_max_steps = 3.0, 128
    scene.cycles.seed, scene.cycles.use_animated_seed = 3, True


def _make_wind() -> None:
    bpy.ops.object.effector_add(type="WIND", location=(blaze.SEAT[0] - 4, blaze.SEAT[1], 3), rotation=(0, 1.35, 0.5))
    bpy.context.object.field.strength, bpy.context.object.field.noise = 0.14, 0.5


def _make_burner() -> None:
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=3, radius=0.62, location=blaze.SEAT)
    burner = bpy.context.object
    burner.hide_render = True
    burner.scale = (1.0, 0.9, 0.6)
    modifier = burner.modifiers.new("burner", "FLUID")
    modifier.fluid_type = "FLOW"
    flow = modifier.flow_settings
    flow.flow_type, flow.flow_behavior, flow.surface_distance = "BOTH", "INFLOW", 0.6
    flow.density, flow.temperature = 1.0, 2.0
    for at_s, fuel in ((0.0, 0.0), (blaze.FLAMES_S, 0.0), (blaze.FLAMES_S + 0.4, 0.6), (blaze.FLAMES_S + 4.0, 1.5)):
        flow.fuel_amount = fuel
        flow.keyframe_insert("fuel_amount", frame=1 + at_s * drives.FPS)


def _make_domain(cache: str):
    size, tall = blaze.SIZE_M, blaze.TALL_M
    bpy.ops.mesh.primitive_cube_add(size=1, location=(blaze.SEAT[0] + 0.4, blaze.SEAT[1] + 0.5, 0.3 + tall / 2))
    domain = bpy.context.object
    domain.scale = (size, size, tall)
    modifier = domain.modifiers.new("domain", "FLUID")
    modifier.fluid_type = "DOMAIN"
    rules = modifier.domain_settings
    rules.domain_type, rules.resolution_max = "GAS", RESOLUTION
    rules.time_scale = 1.25
    rules.cache_type, rules.cache_directory = "ALL", cache
    rules.cache_frame_start, rules.cache_frame_end = 1, blaze.frames()
    rules.use_adaptive_domain, rules.use_noise = False, False
    rules.burning_rate, rules.flame_smoke, rules.flame_vorticity = 0.55, 1.4, 0.6
    rules.flame_max_temp, rules.flame_ignition = 3.5, 1.8
    rules.alpha, rules.beta, rules.vorticity = 1.5, 3.0, 0.12
    for side in ("front", "back", "left", "right", "top"):
        setattr(rules, f"use_collision_border_{side}", False)
    domain.data.materials.append(_make_billow())
    bpy.context.view_layer.objects.active = domain
    return domain


def _make_billow():
    """Return black soot with a little grey light of its own (scattering would pepper it), and flames by their heat."""
    material = bpy.data.materials.new("billow")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    new, link = tree.nodes.new, tree.links.new
    soot, fire = new("ShaderNodeAttribute"), new("ShaderNodeAttribute")
    soot.attribute_name, fire.attribute_name = "density", "flame"
    dark, grey, glow = new("ShaderNodeVolumeAbsorption"), new("ShaderNodeEmission"), new("ShaderNodeEmission")
    dark.inputs["Color"].default_value = (0.0, 0.0, 0.0, 1.0)
    grey.inputs["Color"].default_value = (0.9, 0.95, 1.0, 1.0)
    for node, socket, factor, source in (
        (dark, "Density", 5.0, soot),
        (grey, "Strength", 0.35, soot),
        (glow, "Strength", 7.0, fire),
    ):
        times = new("ShaderNodeMath")
        times.operation, times.inputs[1].default_value = "MULTIPLY", factor
        link(source.outputs["Fac"], times.inputs[0])
        if node is grey:
            link(_make_mottle(tree), times.inputs[1])
        link(times.outputs[0], node.inputs[socket])
    ramp = new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].color, ramp.color_ramp.elements[1].color = (0.9, 0.08, 0.005, 1), (1.0, 0.75, 0.25, 1)
    ramp.color_ramp.elements.new(0.45).color = (1.0, 0.28, 0.03, 1)
    link(fire.outputs["Fac"], ramp.inputs["Fac"])
    link(ramp.outputs["Color"], glow.inputs["Color"])
    first, second, end = new("ShaderNodeAddShader"), new("ShaderNodeAddShader"), new("ShaderNodeOutputMaterial")
    link(dark.outputs[0], first.inputs[0])
    link(grey.outputs[0], first.inputs[1])
    link(first.outputs[0], second.inputs[0])
    link(glow.outputs[0], second.inputs[1])
    link(second.outputs[0], end.inputs["Volume"])
    return material


def _make_mottle(tree):
    """Return the socket of a pattern that rises with the smoke: light falls on billows unevenly."""
    place, shift, noise = (tree.nodes.new(f"ShaderNode{kind}") for kind in ("NewGeometry", "VectorMath", "TexNoise"))
    shift.name, shift.operation = RISE, "ADD"
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 0.9, 2.0
    spread = tree.nodes.new("ShaderNodeMapRange")
    spread.inputs["From Min"].default_value, spread.inputs["From Max"].default_value = 0.35, 0.65
    spread.inputs["To Min"].default_value, spread.inputs["To Max"].default_value = 0.06, 0.75
    tree.links.new(place.outputs["Position"], shift.inputs[0])
    tree.links.new(shift.outputs[0], noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac"], spread.inputs["Value"])
    return spread.outputs[0]


def _shoot(domain, index: int, to: Path) -> None:
    scene = bpy.context.scene
    scene.frame_set(index + 1)
    shift = domain.data.materials[0].node_tree.nodes[RISE]
    shift.inputs[1].default_value = (-0.3 * index / drives.FPS, 0.0, -RISE_MPS * index / drives.FPS)
    width, height = (round(n * PERCENT / 100) for n in (view.WIDTH_PX, view.HEIGHT_PX))
    seen = [
        world_to_camera_view(scene, scene.camera, domain.matrix_world @ mathutils.Vector(c)) for c in domain.bound_box
    ]
    across, down = [s.x for s in seen], [1 - s.y for s in seen]
    x1, x2 = max(0, int(min(across) * width)), min(width, int(max(across) * width))
    y1, y2 = max(0, int(min(down) * height)), min(height, int(max(down) * height))
    render = scene.render
    render.use_border = render.use_crop_to_border = True
    render.border_min_x, render.border_max_x = (x1 + 0.01) / width, (x2 + 0.01) / width
    render.border_min_y, render.border_max_y = (height - y2 + 0.01) / height, (height - y1 + 0.01) / height
    picture = to.with_suffix(".exr")
    render.filepath = str(picture)
    bpy.ops.render.render(write_still=True)
    light = _read(picture)
    picture.unlink()
    np.savez_compressed(to, x=x1, y=y1, scale=100.0 / PERCENT, light=light)


def _read(picture: Path) -> np.ndarray:
    image = bpy.data.images.load(str(picture))
    width, height = image.size
    flat = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(flat)
    bpy.data.images.remove(image)
    return flat.reshape(height, width, 4)[::-1].astype(np.float16)


main()
