"""Render the fall of a part of the yard's wall as pictures of the part of the view that it changes.

`blender -b -P sample_streams/render/shoot_ruin.py -t 2 -- OUT_DIR`: pictures go to OUT_DIR/yard. Those that exist are kept.
"""

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sample_streams.render import rubble, ruin, studio, view, walks, yard

FINE_SAMPLES = 28  # of the empty yard, as in shoot_people.py
LAST_SAMPLES = 28  # of the picture that stays
BOX = (30, 0, 570, 320)  # the fall changes nothing outside it


def main() -> None:
    """Render what is missing."""
    out = Path(sys.argv[sys.argv.index("--") + 1]) / "yard"
    folder = out / rubble.NAME
    folder.mkdir(parents=True, exist_ok=True)
    studio.clear()
    yard.make_yard(seed=11)
    studio.set_up_render(view.YARD)
    studio.shoot_empty(out, FINE_SAMPLES)
    broken = ruin.Ruin()
    frames = rubble.rendered_frames()
    for i in reversed(frames):  # the one that stays first
        if studio.is_missing(folder, i):
            broken.move(i / walks.FPS)
            bpy.context.scene.cycles.samples = LAST_SAMPLES if i == frames[-1] else studio.SAMPLES
            studio.render(folder / f"{i:04d}_{BOX[0]}_{BOX[1]}.png", BOX)


main()
