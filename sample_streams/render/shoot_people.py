"""Render what the people of `walks.py` do, as small pictures around them, into the yard or onto the road.

`blender -b -P sample_streams/render/shoot_people.py -t 2 -- MPFB2_DIR OUT_DIR [ACT ...]`. MPFB2_DIR holds MakeHuman's base
mesh (README.md); the pictures go to OUT_DIR/yard and OUT_DIR/road. Frames that exist are kept. Blender's Python needs numpy.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sample_streams.render import body, people, street, studio, view, walks, yard

FINE_SAMPLES = 28


def main() -> None:
    """Render what is missing."""
    words = sys.argv[sys.argv.index("--") + 1 :]
    source, out, names = Path(words[0]), Path(words[1]), set(words[2:])
    figure = body.load(source)
    for place in ("yard", "road"):
        acts = [act for act in walks.ACTS if act.place == place and (not names or act.name in names)]
        if acts:
            _set_the_scene(place)
            studio.shoot_empty(out / place, FINE_SAMPLES)
        for act in acts:
            _shoot(figure, act, out / place / act.name)


def _set_the_scene(place: str) -> None:
    studio.clear()
    if place == "yard":
        yard.make_yard(seed=11)
        studio.set_up_render(view.YARD)
    else:
        street.make_street(seed=7)
        studio.set_up_render(view.ROAD)


def _shoot(figure: body.Body, act: walks.Act, folder: Path) -> None:
    wanted = [i for i in walks.rendered_frames(act) if studio.is_missing(folder, i)]
    if not wanted:
        return
    person = people.Person(figure, act)
    for i in wanted:
        person.move(i / walks.FPS)
        studio.shoot(person.parts, folder, i)
    studio.remove(person.parts)


main()
