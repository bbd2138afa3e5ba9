"""A person with clothes, and what they carry, as Blender objects. Runs inside Blender; needs its Python to have numpy."""

import math

import bpy

from sample_streams.render import body, shapes, walks

SKIN, HAIR, SHOES = (0.42, 0.24, 0.16), (0.015, 0.012, 0.01), (0.02, 0.02, 0.02)
BAG_SIZE_M = (0.52, 0.26, 0.34)
GRIP_M = 0.2  # from the hand to the bag's top


class Person:
    """One person whose mesh is replaced for every frame."""

    def __init__(self, figure: body.Body, act: walks.Act) -> None:
        self._figure, self._act = figure, act
        paints = [
            shapes.make_paint(f"{act.name}-{i}", colour, 0.8)
            for i, colour in enumerate((SKIN, HAIR, act.shirt, act.trousers, SHOES))
        ]
        self._mesh = shapes.make_mesh(act.name, [(0.0, 0.0, 0.0)] * 3, [(0, 1, 2)], paints, [0])
        self._paints = paints
        self._seen = sorted({i for face, _ in figure.faces for i in face})
        self._idle = sorted(set(range(len(figure.points))) - set(self._seen))
        self._hand = next(b for b in figure.bones if b.name == "hand_r").weight > 0.5
        self._bag = make_bag(f"{act.name}-bag") if act.carries else []

    @property
    def parts(self) -> list:
        """The objects it is made of."""
        return [self._mesh, *self._bag]

    def move(self, at_s: float) -> None:
        """Take the stance of that time."""
        points, faces = self._place(at_s), self._figure.faces
        mesh = bpy.data.meshes.new(self._mesh.name)
        mesh.from_pydata(points.tolist(), [], [face for face, _ in faces])
        for paint in self._paints:
            mesh.materials.append(paint)
        for polygon, (_, slot) in zip(mesh.polygons, faces, strict=True):
            polygon.material_index, polygon.use_smooth = slot, True
        mesh.update()
        old, self._mesh.data = self._mesh.data, mesh
        bpy.data.meshes.remove(old)
        if self._bag:
            self._carry(at_s, points)

    def _place(self, at_s: float) -> body.Points:
        """Return the points of the figure at that time, its lowest one on the ground."""
        how = walks.stance(self._act, at_s)
        points = self._figure.pose(how.turns) @ body.turn((0.0, 0.0, how.roll_deg)).T + (0.0, 0.0, walks.PIVOT_M)
        points = points @ body.turn((how.tip_deg, 0.0, 0.0)).T @ body.turn((0.0, 0.0, how.heading_deg)).T
        points[self._idle] = points[self._seen].mean(axis=0)  # helper points must not widen the box
        points += (how.x_m, how.y_m, -points[self._seen, 2].min())
        return points

    def _carry(self, at_s: float, points: body.Points) -> None:
        if self._act.sets_down >= 0:  # it stays where it was set down
            at_s = min(at_s, self._act.begins_s(self._act.sets_down + 1))
            points = self._place(at_s)
        x, y, z = points[self._hand].mean(axis=0)
        at = (x, y, max(0.0, z - GRIP_M - BAG_SIZE_M[2]))
        place_bag(self._bag, at, walks.stance(self._act, at_s).heading_deg)


def make_bag(name: str) -> list:
    """Return a travelling bag with handles, standing on the ground."""
    cloth, strap = (
        shapes.make_paint(name, (0.02, 0.05, 0.12), 0.7),
        shapes.make_paint(f"{name}-strap", (0.01, 0.01, 0.01), 0.7),
    )
    _, depth, height = BAG_SIZE_M
    parts = [shapes.make_box(name, (0, 0, height / 2), BAG_SIZE_M, cloth, 0.07)]
    parts += [
        shapes.make_box("belt", (s * 0.14, 0, height / 2), (0.05, depth + 0.012, height + 0.012), strap, 0.07)
        for s in (-1, 1)
    ]
    parts += [
        shapes.make_box("strap", (s * 0.14, 0, height + GRIP_M / 2), (0.03, 0.02, GRIP_M), strap) for s in (-1, 1)
    ]
    return [*parts, shapes.make_box("grip", (0, 0, height + GRIP_M), (0.31, 0.03, 0.03), strap)]


def place_bag(bag: list, at: shapes.Point, heading_deg: float) -> None:
    """Put the bag somewhere, its length along the way its carrier looks."""
    for part in bag:
        part.location = at
        part.rotation_euler = (0.0, 0.0, math.radians(heading_deg + 90.0))
