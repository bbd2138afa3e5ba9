"""Render the riverside dry, the height of everything in it, and its water in motion.

`blender -b -P sample_streams/render/shoot_river.py -t 2 -- OUT_DIR`: pictures go to OUT_DIR/river. Those that exist are kept.
"""

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sample_streams.render import river, studio, tide, view

WATER_SAMPLES, DRY_SAMPLES = 6, 32


def main() -> None:
    """Render what is missing."""
    out = Path(sys.argv[sys.argv.index("--") + 1]) / "river"
    out.mkdir(parents=True, exist_ok=True)
    studio.clear()
    water = river.make_river(seed=13)
    studio.set_up_render(view.RIVER, DRY_SAMPLES)
    whole = (0, 0, view.RIVER.width_px, view.RIVER.height_px)
    if not (out / "dry.png").exists():
        studio.render(out / "dry.png", whole)
    bpy.context.scene.cycles.samples = WATER_SAMPLES
    water.hide_render = False
    for i in range(tide.WAVES):
        if not (out / f"water_{i:02d}.png").exists():
            river.stir(water, i / tide.FPS)
            studio.render(out / f"water_{i:02d}.png", whole)
    water.hide_render = True
    _render_heights(out / "heights.png", whole)


def _render_heights(to: Path, whole: studio.Box) -> None:
    river.show_heights()
    scene = bpy.context.scene
    scene.view_settings.view_transform, scene.view_settings.look = "Raw", "None"
    scene.render.image_settings.color_depth = "16"
    scene.cycles.max_bounces = 0
    studio.render(to, whole)


main()
