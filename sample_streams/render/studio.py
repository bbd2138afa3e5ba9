"""Sky, camera and the rendering of one box of the picture: what every set shares. Runs inside Blender.

A box and the whole picture share seed and samples, so pixels that nothing new touches are equal: that is what lets
cutouts.py cut out what moves.
"""

import math
from pathlib import Path

import bpy
import mathutils
from bpy_extras.object_utils import world_to_camera_view

from sample_streams.render import view

SAMPLES = 12
FINE_SAMPLES = 100  # the empty street that is shown; the coarse one only tells where something is
SHADOW_X_M, SHADOW_Y_M = 0.5, 1.1  # how far a shadow reaches right of and beyond a thing, per metre of its height
MARGIN_PX = 6

Box = tuple[int, int, int, int]


def clear() -> None:
    """Begin with nothing."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


def set_up_render(seen: view.View, samples: int = SAMPLES) -> None:
    """Choose the renderer, its quality and the picture's size."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = seen.width_px, seen.height_px
    scene.render.resolution_percentage = 100
    scene.render.use_persistent_data = True
    scene.render.image_settings.file_format = "PNG"
    scene.view_settings.view_transform = "Filmic"
    scene.view_settings.look = "Medium High Contrast"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.seed, cycles.use_adaptive_sampling = "CPU", samples, 3, False
    cycles.use_denoising = False
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces, cycles.transmission_bounces = 3, 2, 2, 0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0


def make_sky(up_deg: float, round_deg: float, sun: float = 0.4, strength: float = 0.12) -> None:
    """Light the scene by a clear sky with the sun at that height and bearing."""
    world = bpy.context.scene.world or bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    tree = world.node_tree
    sky = tree.nodes.new("ShaderNodeTexSky")
    sky.sky_type = "NISHITA"
    sky.sun_elevation, sky.sun_rotation, sky.sun_intensity = math.radians(up_deg), math.radians(round_deg), sun
    tree.links.new(sky.outputs["Color"], tree.nodes["Background"].inputs["Color"])
    tree.nodes["Background"].inputs["Strength"].default_value = strength


def make_camera(seen: view.View) -> None:
    """Put the camera where the view says."""
    lens = bpy.data.cameras.new("camera")
    lens.lens, lens.sensor_width = seen.lens_mm, view.SENSOR_MM
    camera = bpy.data.objects.new("camera", lens)
    camera.location = seen.camera_at
    aim = mathutils.Vector(seen.camera_to) - mathutils.Vector(seen.camera_at)
    camera.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera


def shoot_empty(folder: Path, fine_samples: int = FINE_SAMPLES) -> None:
    """Render the place with nothing in it, coarse and fine, unless that has been done."""
    folder.mkdir(parents=True, exist_ok=True)
    cycles, seen = bpy.context.scene.cycles, bpy.context.scene.render
    samples = cycles.samples
    for name, count in (("empty.png", samples), ("empty_fine.png", fine_samples)):
        if not (folder / name).exists():
            cycles.samples = count
            render(folder / name, (0, 0, seen.resolution_x, seen.resolution_y))
    cycles.samples = samples


def box_px(parts: list) -> Box | None:
    """Return x1, y1, x2, y2 of the objects with their shadows (y from the top), or None outside the picture."""
    scene = bpy.context.scene
    width, height = scene.render.resolution_x, scene.render.resolution_y
    bpy.context.view_layer.update()
    corners = [part.matrix_world @ mathutils.Vector(c) for part in parts for c in part.bound_box]
    tall = max(c.z for c in corners)
    reach = [(dx, dy) for dx in (0.0, SHADOW_X_M * tall) for dy in (0.0, SHADOW_Y_M * tall)]
    ground = [mathutils.Vector((c.x + dx, c.y + dy, 0.0)) for c in corners for dx, dy in reach]
    seen = [s for s in (world_to_camera_view(scene, scene.camera, c) for c in corners + ground) if s.z > 0.5]
    if not seen:
        return None
    across, down = [s.x * width for s in seen], [(1 - s.y) * height for s in seen]
    x1, x2 = (max(0, min(width, round(x))) for x in (min(across) - MARGIN_PX, max(across) + MARGIN_PX))
    y1, y2 = (max(0, min(height, round(y))) for y in (min(down) - MARGIN_PX, max(down) + MARGIN_PX))
    return (x1, y1, x2, y2) if x2 - x1 > 8 and y2 - y1 > 8 else None


def render(to: Path, box: Box) -> None:
    """Render one box of the picture into a file."""
    x1, y1, x2, y2 = box
    settings = bpy.context.scene.render
    width, height = settings.resolution_x, settings.resolution_y
    settings.use_border = settings.use_crop_to_border = True
    # a hundredth of a pixel keeps the border from being rounded down; its Y counts from the bottom
    settings.border_min_x, settings.border_max_x = (x1 + 0.01) / width, (x2 + 0.01) / width
    settings.border_min_y, settings.border_max_y = (height - y2 + 0.01) / height, (height - y1 + 0.01) / height
    settings.filepath = str(to.with_name(f".part-{to.name}"))
    bpy.ops.render.render(write_still=True)
    Path(settings.filepath).rename(to)


def is_missing(folder: Path, index: int) -> bool:
    """Say whether a sequence still lacks its picture of that number."""
    return not list(folder.glob(f"{index:04d}_*.png"))


def shoot(parts: list, folder: Path, index: int) -> None:
    """Render the objects as one small picture, named by its number and place; nothing where they are out of sight."""
    folder.mkdir(parents=True, exist_ok=True)
    box = box_px(parts)
    if box is not None:
        render(folder / f"{index:04d}_{box[0]}_{box[1]}.png", box)


def remove(parts: list) -> None:
    """Take objects out of the scene."""
    for part in parts:
        bpy.data.objects.remove(part, do_unlink=True)
