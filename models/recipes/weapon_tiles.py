"""Tiles to learn from and to judge pictures by: the pyramid and the people of a picture, parts around guns, and what is pasted into hands.

What a tile teaches: 1 where it shows half of a gun or more, 0 where it shows nothing of any, nothing in between. The same for its cells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection import boxes, types
from detection.examiners import tiles, weapon
from detection.types import Box, Float, Pixels
from models.recipes import altering, tile_network, weapon_pastes, weapon_pictures
from models.recipes.weapon_pictures import GUN, Picture

UNKNOWN = -1
LEARN, PYRAMID, PERSON = 0, 1, 2
"""What a tile is for: only to learn from; of the unchanged picture's pyramid; around one of its people."""
MOST_PEOPLE = 3
LEAST_SIZE = 0.006
"""A gun that fills less of a tile than this teaches nothing: it is too small to see."""
_GUN_TILES, _OTHER_TILES = 8, 4
Labels = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One tile.

    Attributes:
        pixels: uint8 (224, 224, 3) BGR.
        label: 1, 0 or UNKNOWN.
        cells: int8 (7, 7), the same for its cells.
        pictures: the picture it is from, and the one that something was pasted from (else the same).
        use: LEARN, PYRAMID or PERSON.
    """

    pixels: Pixels
    label: int
    cells: Labels
    pictures: tuple[int, int]
    use: int = LEARN


def plain(number: int, picture: Picture, frame: types.Frame, people: Sequence[Box]) -> list[Tile]:
    """Return the pyramid of an unchanged picture and its tallest people, as the examiner cuts them."""
    size_px = (frame.width_px, frame.height_px)
    wanted = [(weapon.scaled(part, size_px), PYRAMID) for part in weapon.PYRAMID]
    wanted += [(weapon.reach(person, size_px), PERSON) for person in people[:MOST_PEOPLE]]
    guns = picture.guns * np.array(size_px * 2, np.float32)
    return [_tile(frame.bgr(box), guns, box, (number, number), use) for box, use in wanted]


def changed(
    number: int, picture: Picture, pixels: Pixels, people: Sequence[Box], rng: np.random.Generator
) -> Iterator[Tile]:
    """Yield tiles of the picture changed: around guns and people at many distances, and anywhere.

    Args:
        people: boxes, 0..1 of the picture.
    """
    if picture.origin != GUN and rng.random() < 0.5:
        pixels = weapon_pictures.shrink(
            pixels, 416
        )  # the pictures with guns have this size: being sharp must tell nothing
    pixels = altering.alter(pixels, rng)
    size_px = (pixels.shape[1], pixels.shape[0])
    guns = picture.guns * np.array(size_px * 2, np.float32)
    for i in range(_GUN_TILES if picture.origin == GUN else _OTHER_TILES):
        if len(guns) and i % 4 < 3:
            box = _around(boxes.as_box(guns[int(rng.integers(len(guns)))]), size_px, rng)
        elif people and i % 2:
            person = weapon.scaled(people[int(rng.integers(len(people)))], size_px)
            box = _shaken(weapon.reach(person, size_px), size_px, rng)
        else:
            box = _anywhere(size_px, rng)
        yield _mirrored(_tile(_part(pixels, box), guns, box, (number, number)), rng)


def pasted(
    host: int, giver: int, pixels: Pixels, person: Box, gun: weapon_pastes.Cutout, rng: np.random.Generator
) -> Iterator[Tile]:
    """Yield tiles around a person into whose reach a gun was pasted; and, as often, something else of that size.

    Args:
        pixels: the host's picture, without guns; person: a box in it, 0..1 of the picture.
    """
    size_px = (pixels.shape[1], pixels.shape[0])
    x1, y1, x2, y2 = weapon.scaled(person, size_px)
    for is_gun in (True, False):
        thing = gun if is_gun else weapon_pastes.other(rng)
        length = float((y2 - y1) * rng.uniform(0.1, 0.3))
        middle = (float(rng.uniform(x1, x2)), float(rng.uniform(y1 + 0.15 * (y2 - y1), y1 + 0.6 * (y2 - y1))))
        made, place = weapon_pastes.paste(pixels, thing, middle, length, rng)
        made = altering.alter(made, rng)
        guns = np.array([place] if is_gun else np.zeros((0, 4)), np.float32).reshape(-1, 4)
        for _ in range(2):
            box = _shaken(weapon.reach((x1, y1, x2, y2), size_px), size_px, rng)
            yield _mirrored(_tile(_part(made, box), guns, box, (host, giver)), rng)


def _tile(part: Pixels, guns: Float, box: Box, pictures: tuple[int, int], use: int = LEARN) -> Tile:
    return Tile(tiles.as_tile(part), _label(guns, box), _cells(guns, box), pictures, use)


def _label(guns: Float, box: Box) -> int:
    if not len(guns):
        return 0
    common = _common(box, guns)
    own = (guns[:, 2] - guns[:, 0]) * (guns[:, 3] - guns[:, 1])
    if ((common >= 0.5 * own) & (common >= LEAST_SIZE * boxes.size(box))).any():
        return 1
    return UNKNOWN if (common > 0.002 * boxes.size(box)).any() else 0


def _cells(guns: Float, box: Box) -> Labels:
    n = tile_network.CELLS
    made = np.zeros((n, n), np.int8)
    if not len(guns):
        return made
    wide, high = boxes.width(box) / n, boxes.height(box) / n
    seen = _label(guns, box) == 1
    middles = (guns[:, :2] + guns[:, 2:]) / 2
    for row in range(n):
        for column in range(n):
            x, y = box[0] + column * wide, box[1] + row * high
            common = _common((x, y, x + wide, y + high), guns)
            inside = (middles >= (x, y)).all(1) & (middles < (x + wide, y + high)).all(1)
            if (common >= 0.5 * wide * high).any() or inside.any():
                made[row, column] = 1 if seen else UNKNOWN
            elif (common > 0.02 * wide * high).any():
                made[row, column] = UNKNOWN
    return made


def _mirrored(tile: Tile, rng: np.random.Generator) -> Tile:
    if rng.random() < 0.5:
        return tile
    pixels = np.ascontiguousarray(tile.pixels[:, ::-1])
    return Tile(pixels, tile.label, tile.cells[:, ::-1].copy(), tile.pictures, tile.use)


def _around(gun: Box, size_px: tuple[int, int], rng: np.random.Generator) -> Box:
    """Return a tile with the gun somewhere in it, 1.2 to 7 times as large."""
    longer = max(boxes.width(gun), boxes.height(gun))
    side = longer * float(np.exp(rng.uniform(np.log(1.2), np.log(7.0))))
    return _placed(gun, side, side * float(rng.uniform(0.75, 1.5)), size_px, rng, 0.25)


def _shaken(box: Box, size_px: tuple[int, int], rng: np.random.Generator) -> Box:
    """Return a tile near `box`, a quarter smaller to a quarter larger."""
    side = boxes.width(box) * float(rng.uniform(0.75, 1.25))
    return _placed(box, side, side * float(rng.uniform(0.85, 1.2)), size_px, rng, 0.4)


def _placed(
    around: Box, wide: float, high: float, size_px: tuple[int, int], rng: np.random.Generator, least: float
) -> Box:
    """Return a tile of that size in which the middle of `around` lies at `least` to 1 - `least` of each side, inside the picture."""
    w, h = min(max(wide, 24.0), float(size_px[0])), min(max(high, 24.0), float(size_px[1]))
    left = (around[0] + around[2]) / 2 - w * float(rng.uniform(least, 1 - least))
    top = (around[1] + around[3]) / 2 - h * float(rng.uniform(least, 1 - least))
    left, top = float(np.clip(left, 0, size_px[0] - w)), float(np.clip(top, 0, size_px[1] - h))
    return left, top, left + w, top + h


def _anywhere(size_px: tuple[int, int], rng: np.random.Generator) -> Box:
    wide = float(rng.uniform(0.12, 1.0)) * size_px[0]
    high = float(np.clip(wide * rng.uniform(0.7, 1.4), 24, size_px[1]))
    left, top = rng.uniform(0, size_px[0] - wide), rng.uniform(0, size_px[1] - high)
    return float(left), float(top), float(left + wide), float(top + high)


def _common(box: Box, others: Float) -> Float:
    size = np.minimum(np.asarray(box[2:], np.float32), others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    return np.asarray(size.clip(min=0).prod(axis=1), np.float32)


def _part(pixels: Pixels, box: Box) -> Pixels:
    x1, y1 = int(box[0]), int(box[1])
    return pixels[y1 : max(y1 + 2, int(box[3])), x1 : max(x1 + 2, int(box[2]))]
