"""The yard's wall as it breaks: its pieces, the heap, and the room that is seen behind. Runs inside Blender."""

import bpy
import mathutils

from sample_streams.render import rubble, shapes

HEAP_STEP_M = 0.14
ROOM_DEPTH_M = 4.2
BURIED = ("slat", "back", "leg")  # the bench


class Ruin:
    """Everything that changes in the yard when a part of the wall falls."""

    def __init__(self) -> None:
        """Put the wall into pieces that fill its place, and the room behind it."""
        self._brick = bpy.data.materials["brick"]
        _open_wall(self._brick)
        _make_room()
        core = shapes.make_grain("core", (0.20, 0.17, 0.15), (0.36, 0.32, 0.28), (2.0, 18.0))
        self._pieces = [
            (p, _make_piece(p, self._brick, core, rubble.BACK_Y_M - rubble.FRONT_Y_M)) for p in rubble.pieces()
        ]
        self._pieces += [
            (p, _make_piece(p, self._brick, core, p.corners[1][0] - p.corners[0][0])) for p in rubble.crumbs()
        ]
        self._frames = [thing for thing in bpy.data.objects if _is(thing, ("frame", "pane")) and _falls(thing)]
        self._bench = [thing for thing in bpy.data.objects if _is(thing, BURIED)]
        self._stood = {thing: thing.location.copy() for thing in self._frames}
        self._heap_material = core
        self._heap = None

    def move(self, since_s: float) -> None:
        """Show it that long after the wall gave way."""
        for piece, thing in self._pieces:
            thing.location, thing.rotation_euler = rubble.place(piece, since_s)
        for thing in self._frames:  # a window falls with the wall around it and is buried
            fallen_m = 4.9 * max(0.0, since_s - 0.05) ** 2
            thing.location = self._stood[thing] + mathutils.Vector((0.0, -0.5 * min(1.0, since_s), -fallen_m))
            thing.rotation_euler = (-0.25 * min(1.0, since_s), 0.0, 0.0)
            thing.hide_render = fallen_m > 2.2
        for thing in self._bench:
            thing.hide_render = since_s > 0.75
        if self._heap is not None:
            bpy.data.objects.remove(self._heap, do_unlink=True)
        self._heap = _make_heap(since_s, self._heap_material)


def _is(thing, names: tuple[str, ...]) -> bool:
    return thing.name.split(".")[0] in names


def _falls(thing) -> bool:
    middle = sum((mathutils.Vector(c) for c in thing.bound_box), mathutils.Vector()) / 8
    return rubble.LEFT_M < middle.x < rubble.RIGHT_M


def _open_wall(brick) -> None:
    """Leave of the wall what stays: left of the gap, right of it, and its foot; the ragged pieces overlap the cut edges."""
    bpy.data.objects.remove(bpy.data.objects["wall"], do_unlink=True)
    deep, y = rubble.BACK_Y_M - rubble.FRONT_Y_M, (rubble.BACK_Y_M + rubble.FRONT_Y_M) / 2
    edge, low, high = 0.18, rubble.FOOT_M, rubble.TOP_M
    for left, right in ((-15.0, rubble.LEFT_M - edge), (rubble.RIGHT_M + edge, 15.0)):
        shapes.make_box("stump", ((left + right) / 2, y, high / 2), (right - left, deep, high), brick)
    wide = rubble.RIGHT_M - rubble.LEFT_M + 2 * edge
    shapes.make_box("stump", (rubble.LEFT_M - edge + wide / 2, y, low / 2), (wide, deep, low), brick)


def _make_room() -> None:
    """Build what is behind the wall: a dim room of plaster with a floor, two doors and a shelf."""
    plaster = shapes.make_grain("plaster", (0.30, 0.29, 0.26), (0.42, 0.40, 0.37), (0.6, 8.0))
    floor = shapes.make_grain("floor", (0.12, 0.10, 0.09), (0.2, 0.17, 0.15), (0.8, 10.0))
    dark = shapes.make_paint("dark", (0.05, 0.045, 0.04), 0.6)
    pale = shapes.make_paint("pale", (0.55, 0.53, 0.48), 0.7)
    left, right = rubble.LEFT_M - 1.2, rubble.RIGHT_M + 1.4
    middle, wide = (left + right) / 2, right - left
    back, front = rubble.BACK_Y_M + ROOM_DEPTH_M, rubble.BACK_Y_M
    deep, half_y = back - front, (back + front) / 2
    shapes.make_box("room", (middle, back + 0.1, 2.6), (wide, 0.2, 5.2), plaster)
    for x in (left, right):
        shapes.make_box("room", (x, half_y, 2.6), (0.2, deep, 5.2), plaster)
    shapes.make_box("room", (middle, half_y, 0.3), (wide, deep, 0.2), floor)
    shapes.make_box("room", (middle, half_y, 5.1), (wide, deep, 0.25), plaster)
    for x in (left + 1.6, right - 2.4):
        shapes.make_box("leaf", (x, back - 0.03, 1.5), (1.0, 0.08, 2.2), dark)
    for i in range(4):
        shapes.make_box("shelf", (middle + 0.3, back - 0.25, 0.9 + 0.6 * i), (1.5, 0.4, 0.05), pale)
    for x in (-0.45, 1.05):
        shapes.make_box("shelf", (middle + x, back - 0.25, 1.6), (0.05, 0.4, 2.4), pale)


def _make_piece(piece: rubble.Piece, brick, core, deep_m: float):
    """Return a piece of the wall, brick on its faces and paler where it broke."""
    x, _, z = piece.at
    outline = [(cx - x, cz - z) for cx, cz in piece.corners]
    points = [(px, side * deep_m / 2, pz) for side in (-1, 1) for px, pz in outline]
    faces = [(0, 1, 2, 3), (7, 6, 5, 4), *((i, i + 4, (i + 1) % 4 + 4, (i + 1) % 4) for i in range(4))]
    return shapes.make_mesh("piece", points, faces, [brick, core], [0, 1, 1, 1, 1, 1])


def _make_heap(since_s: float, material):
    """Return the heap's surface; nothing is seen of it before it grows."""
    left, right = rubble.LEFT_M - 0.6, rubble.RIGHT_M + 0.6
    low, high = rubble.BACK_Y_M - rubble.HEAP_DEPTH_M, rubble.BACK_Y_M + 1.2
    across, out = round((right - left) / HEAP_STEP_M), round((high - low) / HEAP_STEP_M)
    places = [(left + HEAP_STEP_M * i, low + HEAP_STEP_M * j) for j in range(out + 1) for i in range(across + 1)]
    points = [(x, y, rubble.heap_m(x, y, since_s) - 0.02) for x, y in places]
    row = across + 1
    faces = [(k, k + 1, k + row + 1, k + row) for j in range(out) for k in range(j * row, j * row + across)]
    return shapes.make_mesh("heap", points, faces, [material], [0] * len(faces))
