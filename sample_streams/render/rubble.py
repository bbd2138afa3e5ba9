"""A part of the yard's wall falls down: where each piece is at every frame, as plain numbers. The source of the ground truth of `collapse`.

The wall gives way at its foot, so every piece falls freely, the middle first; the higher it was, the farther out it comes to lie. A heap
grows under the pieces.
"""

import functools
import itertools
import math
import random
from dataclasses import dataclass

from sample_streams.render import walks

NAME = "collapse"
LEFT_M, RIGHT_M, TOP_M = -4.7, 0.9, 4.4
FOOT_M = 0.4  # the plinth stays
FRONT_Y_M, BACK_Y_M = 10.35, 10.85
COLUMNS, ROWS = 11, 9
SPREAD_S = 0.35  # from the first piece that lets go to the last
HEAP_M, HEAP_DEPTH_M = 1.0, 3.0
CRUMBS = 150
STILL_S = 2.4  # everything lies still
HIDDEN_S = 1.3  # the dust is so thick that nothing is seen of what still moves
_GRAVITY = 9.81

Point = tuple[float, float, float]
Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of the wall.

    Attributes:
        corners: x and z of its outline as it stands, counted round.
        at: its middle as it stands.
        rest: its middle as it lies.
        turn: how far it is turned about x, y and z as it lies, radians.
        lets_go_s: when it begins to fall.
    """

    corners: Corners
    at: Point
    rest: Point
    turn: Point
    lets_go_s: float

    @property
    def lands_s(self) -> float:
        """When it has come down."""
        return self.lets_go_s + math.sqrt(2.0 * max(0.0, self.at[2] - self.rest[2]) / _GRAVITY)


@functools.cache
def pieces() -> tuple[Piece, ...]:
    """Return the pieces into which the part breaks; standing, they fill it without a gap."""
    chance = random.Random(23)
    return tuple(_make(_outline(i, j), 0.5, chance) for i, j in itertools.product(range(COLUMNS), range(ROWS)))


@functools.cache
def crumbs() -> tuple[Piece, ...]:
    """Return small pieces that come off everywhere and are flung farther out."""
    chance = random.Random(29)
    found = []
    for _ in range(CRUMBS):
        x, z, half = chance.uniform(LEFT_M, RIGHT_M), chance.uniform(0.6, TOP_M), chance.uniform(0.04, 0.11)
        outline = ((x - half, z - half), (x + half, z - half), (x + half, z + half), (x - half, z + half))
        found.append(_make(outline, 1.5, chance))
    return tuple(found)


def place(piece: Piece, since_s: float) -> tuple[Point, Point]:
    """Return where the piece's middle is and how far it is turned, that long after the wall gave way."""
    fallen_s = min(max(0.0, since_s - piece.lets_go_s), piece.lands_s - piece.lets_go_s)
    share = fallen_s / max(1e-6, piece.lands_s - piece.lets_go_s)
    x, y, z = piece.at
    rest_x, rest_y, rest_z = piece.rest
    low = rest_z if share >= 1.0 else max(rest_z, z - 0.5 * _GRAVITY * fallen_s**2)
    turn = tuple(share * angle for angle in piece.turn)
    return (x + share * (rest_x - x), y + share * (rest_y - y), low), (turn[0], turn[1], turn[2])


def heap_m(x_m: float, y_m: float, since_s: float) -> float:
    """Return how high the heap is above the ground at that place and time."""
    middle, half = (LEFT_M + RIGHT_M) / 2, (RIGHT_M - LEFT_M) / 2 + 0.5
    across, out = (x_m - middle) / half, (BACK_Y_M - y_m) / HEAP_DEPTH_M
    if abs(across) >= 1.0 or not -0.5 <= out < 1.0:
        return 0.0
    grown = min(1.0, max(0.0, (since_s - 0.4) / 0.8))
    rough = 0.12 * math.sin(3.1 * x_m + 1.7 * y_m) + 0.08 * math.sin(5.3 * x_m - 4.1 * y_m)
    return grown * max(0.0, (HEAP_M + rough) * (1.0 - across * across) ** 0.7 * (1.0 - max(0.0, out)))


def rendered_frames() -> list[int]:
    """Return the frames that are rendered, counted from when the wall gives way: all until dust hides it, and the one that stays."""
    return [*range(round(HIDDEN_S * walks.FPS) + 1), round(STILL_S * walks.FPS)]


def _outline(column: int, row: int) -> Corners:
    return _corner(column, row), _corner(column + 1, row), _corner(column + 1, row + 1), _corner(column, row + 1)


@functools.cache
def _corner(column: int, row: int) -> tuple[float, float]:
    """Return a corner that neighbouring pieces share, so that they fit; ragged at the sides, straight at foot and top."""
    chance = random.Random(100 * column + row)
    wide, high = (RIGHT_M - LEFT_M) / COLUMNS, (TOP_M - FOOT_M) / ROWS
    x = LEFT_M + wide * column + chance.uniform(-0.38, 0.38) * wide
    inside = 0 < row < ROWS
    return x, FOOT_M + high * row + (chance.uniform(-0.35, 0.35) * high if inside else 0.0)


def _make(outline: Corners, flung: float, chance: random.Random) -> Piece:
    x, z = (sum(corner[i] for corner in outline) / 4 for i in (0, 1))
    y = (FRONT_Y_M + BACK_Y_M) / 2
    share = (z - FOOT_M) / (TOP_M - FOOT_M)
    rest_x = x + chance.gauss(0.0, 0.3) * (1.0 + flung)
    rest_y = y - abs(chance.gauss(0.0, 1.0)) * flung - share * chance.uniform(0.6, 2.2)
    rest_z = max(0.05, heap_m(rest_x, rest_y, STILL_S) + chance.uniform(-0.12, 0.10))
    middle = (LEFT_M + RIGHT_M) / 2
    lets_go_s = SPREAD_S * (0.6 * abs(x - middle) / (RIGHT_M - middle) + 0.4 * chance.random())
    turn = (chance.uniform(-2.2, 0.6), chance.uniform(-0.9, 0.9), chance.uniform(-1.2, 1.2))
    return Piece(outline, (x, y, z), (rest_x, rest_y, min(z - 0.1, rest_z)), turn, lets_go_s)
