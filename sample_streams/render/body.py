"""A person: MakeHuman's base mesh, dressed and posed by linear blend skinning. Plain numpy; metres, Z up, facing -Y.

The mesh, its rig and weights are CC0 ("asset was explicitly released as CC0 in september 2020", Data Collection AB, Joel
Palmius, Jonas Hauquier). They are not kept here: README.md tells where they come from.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Turns = dict[str, tuple[float, float, float]]

SKIN, HAIR, SHIRT, TROUSERS, SHOES = range(5)
CLOTH_M = 0.018  # how far clothes stand off the skin
WAIST_M, ANKLE_M, BROW_M, NAPE_M = 0.06, -0.735, 0.765, 0.66  # heights in the mesh, whose middle is the pelvis


@dataclass(frozen=True, slots=True, eq=False)
class Bone:
    """A joint, what it hangs on, and how strongly each point follows it (all points; 0 where it does not)."""

    name: str
    parent: str
    joint: Points
    weight: Points


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """The figure at rest.

    Attributes:
        points: (n, 3).
        faces: indices of points, and what each is made of (SKIN ... SHOES).
        bones: parents first.
    """

    points: Points
    faces: tuple[tuple[tuple[int, ...], int], ...]
    bones: tuple[Bone, ...]

    def pose(self, turns: Turns) -> Points:
        """Return the points with each bone turned about its joint.

        Args:
            turns: bone -> degrees about the resting figure's y, then x, then z axis, given as (x, y, z); a parent's turn
                carries its children. x > 0 bends what hangs down backwards.
        """
        moved = np.zeros_like(self.points)
        whole = np.c_[self.points, np.ones(len(self.points))]
        placed: dict[str, Points] = {"": np.eye(4)}
        for bone in self.bones:
            own = np.eye(4)
            own[:3, :3] = turn(turns.get(bone.name, (0.0, 0.0, 0.0)))
            own[:3, 3] = bone.joint - own[:3, :3] @ bone.joint
            placed[bone.name] = placed[bone.parent] @ own
            follows = bone.weight > 0.0
            moved[follows] += bone.weight[follows, None] * (whole[follows] @ placed[bone.name].T)[:, :3]
        return moved


def load(folder: Path) -> Body:
    """Read the figure from MakeHuman's `mpfb2` data folder.

    Raises:
        FileNotFoundError: a part is missing.
    """
    points, groups = _read_mesh(folder / "3dobjs" / "base.obj")
    points, cloth = _dress(points, groups["helper-tights"])
    rig = json.loads((folder / "rigs" / "standard" / "rig.game_engine.json").read_text("utf-8"))
    weights = json.loads((folder / "rigs" / "standard" / "weights.game_engine.json").read_text("utf-8"))["weights"]
    bones = _read_bones(rig, weights, len(points))
    faces = [(face, _skin_or_hair(points[list(face)].mean(axis=0))) for face in groups["body"]] + cloth
    return Body(points, tuple(faces), bones)


def turn(degrees: tuple[float, float, float]) -> Points:
    """Return the matrix that turns about y, then x, then z."""
    x, y, z = np.radians(degrees)
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)


def _read_mesh(path: Path) -> tuple[Points, dict[str, list[tuple[int, ...]]]]:
    rows: list[list[float]] = []
    groups: dict[str, list[tuple[int, ...]]] = {}
    group = ""
    for line in path.read_text("utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if word == "v":
            rows.append([float(n) for n in rest.split()])
        elif word == "g":
            group = rest.strip()
        elif word == "f":
            face = tuple(int(corner.split("/")[0]) - 1 for corner in rest.split())
            groups.setdefault(group, []).append(face)
    raw = np.array(rows)
    return np.c_[raw[:, 0], -raw[:, 2], raw[:, 1]] / 10.0, groups  # decimetres, Y up


def _dress(points: Points, tights: list[tuple[int, ...]]) -> tuple[Points, list[tuple[tuple[int, ...], int]]]:
    out = np.zeros_like(points)
    for face in tights:
        a, b, c = (points[i] for i in face[:3])
        out[list(face)] += np.cross(b - a, c - a)
    length = np.linalg.norm(out, axis=1, keepdims=True)
    points = points + CLOTH_M * np.divide(out, length, out=np.zeros_like(out), where=length > 0)
    heights = [points[list(face), 2].mean() for face in tights]
    return points, [
        (f, TROUSERS if z < WAIST_M else SHIRT) for f, z in zip(tights, heights, strict=True) if z > ANKLE_M
    ]


def _skin_or_hair(middle: Points) -> int:
    if middle[2] < ANKLE_M:
        return SHOES
    behind = middle[1] > 0.0 and abs(middle[0]) < 0.2
    return HAIR if middle[2] > BROW_M or (middle[2] > NAPE_M and behind) else SKIN


def _read_bones(rig: dict, weights: dict, count: int) -> tuple[Bone, ...]:
    bones: list[Bone] = []
    known = {""}
    while len(bones) < len(rig):
        for name, data in rig.items():
            if name not in known and data["parent"] in known:
                weight = np.zeros(count)
                for index, share in weights.get(name, []):
                    weight[index] = share
                bones.append(Bone(name, data["parent"], np.array(data["head"]["default_position"]), weight))
                known.add(name)
    total = sum(bone.weight for bone in bones)
    lost = total <= 0.0
    root = np.where(lost, 1.0, 0.0)  # a point that no bone holds follows the root
    scale = np.where(lost, 1.0, total)
    return tuple(Bone(b.name, b.parent, b.joint, b.weight / scale + (root if b.parent == "" else 0.0)) for b in bones)
