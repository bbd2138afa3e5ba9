"""Render the street once empty and every drive as small pictures around its vehicle.

Run by Blender 3.4 or newer: `blender -b -P sample_streams/render/shoot.py -t 2 -- OUT_DIR [NAME ...]`. Pictures that
exist are kept, so an interrupted run goes on. A crop and the empty street share seed and samples: pixels that no
vehicle touches are equal, which is what lets compose.py cut the vehicles out.
"""

import sys
from pathlib import Path

import bpy
import mathutils
from bpy_extras.object_utils import world_to_camera_view

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sample_streams.render import drives, street, vehicles, view

WIDTH_PX, HEIGHT_PX = view.WIDTH_PX, view.HEIGHT_PX
SAMPLES = 12
FINE_SAMPLES = 100  # the street that is shown; the coarse one only tells where a vehicle is
SHADOW_X_M, SHADOW_Y_M = 0.5, 1.1  # how far a shadow reaches right of and beyond the vehicle, per metre of its height
MARGIN_PX = 6


def main() -> None:
    """Render what is missing in the folder named on the command line."""
    words = sys.argv[sys.argv.index("--") + 1 :]
    out, names = Path(words[0]), set(words[1:])
    out.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    street.make_street(seed=7)
    _set_up_render()
    for name, samples in (("empty.png", SAMPLES), ("empty_fine.png", FINE_SAMPLES)):
        if not (out / name).exists():
            bpy.context.scene.cycles.samples = samples
            _render(out / name, (0, 0, WIDTH_PX, HEIGHT_PX))
    bpy.context.scene.cycles.samples = SAMPLES
    for drive in drives.DRIVES:
        if not names or drive.name in names:
            _shoot(drive, out / drive.name)


def _set_up_render() -> None:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = WIDTH_PX, HEIGHT_PX, 100
    scene.render.use_persistent_data = True
    scene.render.image_settings.file_format = "PNG"
    scene.view_settings.view_transform = "Filmic"
    scene.view_settings.look = "Medium High Contrast"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.seed, cycles.use_adaptive_sampling = "CPU", SAMPLES, 3, False
    cycles.use_denoising = False
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces, cycles.transmission_bounces = 3, 2, 2, 0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0


def _shoot(drive: drives.Drive, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    path = drives.positions_m(drive)
    wanted = [i for i in sorted(set(drives.rendered_frames(path))) if not list(folder.glob(f"{i:04d}_*.png"))]
    if not wanted:
        return
    vehicle = getattr(vehicles, f"make_{drive.model}")(drive.name, drive.colour)
    vehicle.rotation_euler = (0.0, 0.0, 0.0 if drive.away else 3.14159265)
    for i in wanted:
        vehicle.location = (drive.lane * drives.LANE_M, path[i], 0.0)
        bpy.context.view_layer.update()
        box = _box_px(vehicle)
        if box is not None:
            _render(folder / f"{i:04d}_{box[0]}_{box[1]}.png", box)
    for part in [vehicle, *vehicle.children]:
        bpy.data.objects.remove(part, do_unlink=True)


def _box_px(vehicle) -> tuple[int, int, int, int] | None:
    """Return x1, y1, x2, y2 of the vehicle with its shadow (y from the top), or None outside the picture."""
    scene = bpy.context.scene
    corners = [part.matrix_world @ mathutils.Vector(c) for part in vehicle.children for c in part.bound_box]
    tall = max(c.z for c in corners)
    reach = [(dx, dy) for dx in (0.0, SHADOW_X_M * tall) for dy in (0.0, SHADOW_Y_M * tall)]
    ground = [mathutils.Vector((c.x + dx, c.y + dy, 0.0)) for c in corners for dx, dy in reach]
    seen = [world_to_camera_view(scene, scene.camera, c) for c in corners + ground]
    seen = [s for s in seen if s.z > 0.5]
    if not seen:
        return None
    x1, x2 = (
        max(0, min(WIDTH_PX, round(f(s.x for s in seen) * WIDTH_PX) + m))
        for f, m in ((min, -MARGIN_PX), (max, MARGIN_PX))
    )
    y1, y2 = (
        max(0, min(HEIGHT_PX, round((1 - f(s.y for s in seen)) * HEIGHT_PX) + m))
        for f, m in ((max, -MARGIN_PX), (min, MARGIN_PX))
    )
    return (x1, y1, x2, y2) if x2 - x1 > 8 and y2 - y1 > 8 else None


def _render(to: Path, box: tuple[int, int, int, int]) -> None:
    x1, y1, x2, y2 = box
    render = bpy.context.scene.render
    render.use_border = render.use_crop_to_border = True
    # a hundredth of a pixel keeps the border from being rounded down; its Y counts from the bottom
    render.border_min_x, render.border_max_x = (x1 + 0.01) / WIDTH_PX, (x2 + 0.01) / WIDTH_PX
    render.border_min_y, render.border_max_y = (HEIGHT_PX - y2 + 0.01) / HEIGHT_PX, (HEIGHT_PX - y1 + 0.01) / HEIGHT_PX
    render.filepath = str(to.with_name(f".part-{to.name}"))
    bpy.ops.render.render(write_still=True)
    Path(render.filepath).rename(to)


main()
