"""Tiles to learn from: the pyramid that ships, tiles at chance places as other cameras might give them, and fire or smoke pasted into scenes without any.

What a tile teaches: 1 where it shows enough of a box, 0 where it shows none, nothing in between. The same for each of its 7x7 cells.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection.examiners import fire, tiles
from models.recipes import fire_cameras, fire_pasting, fire_pictures, tile_network
from models.recipes.fire_pictures import FIRE, SMOKE, Float, Picture, Pixels

UNKNOWN = -1
_PASTED_TILES = 3
_BLANKS = 0.04
"""Of the tiles of pictures that show neither, so many are made blank: a wall is no smoke."""
Labels = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One tile to learn from.

    Attributes:
        pixels: uint8 (224, 224, 3) BGR.
        label: int8 (2,), fire and smoke: 1, 0 or UNKNOWN.
        cells: int8 (2, 7, 7), the same for its cells.
        pictures: the picture it is from, and the one that something was pasted from (else the same).
        whole: it belongs to the pyramid of the unchanged picture.
    """

    pixels: Pixels
    label: Labels
    cells: Labels
    pictures: tuple[int, int]
    whole: bool = False


def plain(number: int, picture: Picture) -> list[Tile]:
    """Return the pyramid of an unchanged picture, as the examiner cuts it."""
    pixels = picture.read()
    return [_tile(pixels, picture, box, (number, number), True) for box in fire.PYRAMID]


def changed(number: int, picture: Picture, count: int, rng: np.random.Generator) -> Iterator[Tile]:
    """Yield tiles at chance places of a picture, each as another camera might give it; half of them around boxes."""
    pixels = picture.read()
    for i in range(count):
        box = _around(picture.boxes, rng) if len(picture.boxes) and i % 2 == 0 else _anywhere(rng)
        tile = _tile(pixels, picture, box, (number, number))
        if picture.truth == (False, False) and rng.random() < _BLANKS:
            tile = dataclasses.replace(tile, pixels=fire_cameras.blank(tile.pixels, rng))
        yield _seen_otherwise(tile, rng)


def pasted(host: int, giver: int, pictures: Sequence[Picture], rng: np.random.Generator) -> Iterator[Tile]:
    """Yield tiles of a scene without fire or smoke into which a part of another picture was pasted."""
    done = fire_pasting.paste(pictures[host], pictures[giver], rng)
    if done is None:
        return
    pixels, made, place = done
    for i in range(_PASTED_TILES):
        box = _around(place[None], rng) if i else (0.0, 0.0, 1.0, 1.0)
        yield _seen_otherwise(_tile(pixels, made, box, (host, giver)), rng)


def label(picture: Picture, box: Sequence[float]) -> Labels:
    """Return what a tile under `box` (0..1 of the picture) teaches: int8 (2,)."""
    return np.array([_judge(picture, box, kind, 0.05, 0.5) for kind in (FIRE, SMOKE)], np.int8)


def _cells(picture: Picture, box: Sequence[float]) -> Labels:
    n = tile_network.CELLS
    xs, ys = np.linspace(box[0], box[2], n + 1), np.linspace(box[1], box[3], n + 1)
    made = np.full((2, n, n), UNKNOWN, np.int8)
    for kind in (FIRE, SMOKE):
        if not (picture.classes == kind).any():
            made[kind] = min(0, _judge(picture, box, kind, 1, 1))
            continue
        for row in range(n):
            for column in range(n):
                cell = (xs[column], ys[row], xs[column + 1], ys[row + 1])
                made[kind, row, column] = _judge(picture, cell, kind, 0.7, 1.1)
    return made


def _judge(picture: Picture, box: Sequence[float], kind: int, share: float, most: float) -> int:
    """Say 1 where boxes fill `share` of the part, or where it holds `most` of one that is not too small to see; 0 where they fill none."""
    of_kind = picture.boxes[picture.classes == kind]
    if len(of_kind):
        common = _common(np.asarray(box, np.float32), of_kind)
        area = (box[2] - box[0]) * (box[3] - box[1])
        own = (of_kind[:, 2] - of_kind[:, 0]) * (of_kind[:, 3] - of_kind[:, 1])
        filled = float(common.sum() / area)
        if filled >= share or (filled >= 0.02 and float((common / own).max()) >= most):
            return 1
        if filled > 0.003:
            return UNKNOWN
        return 0
    if picture.truth[kind] is False or (picture.origin == fire_pictures.CCTV and kind == FIRE):
        return 0
    if picture.truth[kind] is True and box[2] - box[0] > 0.99 and box[3] - box[1] > 0.99:
        return 1  # a photo labelled as a whole
    return UNKNOWN


def _tile(
    pixels: Pixels, picture: Picture, box: Sequence[float], pictures: tuple[int, int], whole: bool = False
) -> Tile:
    made, cells = label(picture, box), _cells(picture, box)
    if picture.origin == fire_pictures.PHOTO and made[FIRE] == UNKNOWN and _fiery(_part(pixels, box)) > 0.08:
        made[FIRE] = 1
    return Tile(tiles.as_tile(_part(pixels, box)), made, cells, pictures, whole)


def _fiery(part: Pixels) -> float:
    """Return the share of pixels coloured as flames: bright, saturated, red over green over blue (for photos labelled as a whole)."""
    b, g, r = (part[..., i].astype(np.int16) for i in range(3))
    return float(((r > 180) & (r >= g) & (g > b + 10) & (r - b > 70)).mean())


def _seen_otherwise(tile: Tile, rng: np.random.Generator) -> Tile:
    """Return the tile as another camera might give it, mirrored every other time; without colour no fire is taught, only what is none."""
    pixels, grey = fire_cameras.alter(tile.pixels, rng)
    made, cells = tile.label.copy(), tile.cells.copy()
    if rng.random() < 0.5:
        pixels, cells = np.ascontiguousarray(pixels[:, ::-1]), cells[:, :, ::-1].copy()
    if grey:
        made[FIRE] = UNKNOWN if made[FIRE] == 1 else made[FIRE]
        cells[FIRE][cells[FIRE] == 1] = UNKNOWN
    return Tile(pixels, made, cells, tile.pictures)


def _around(boxes: Float, rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Return a tile with one of the boxes somewhere in it, one to three times as large."""
    x1, y1, x2, y2 = (float(v) for v in boxes[int(rng.integers(len(boxes)))])
    wide = float(np.clip((x2 - x1) * rng.uniform(1.0, 3.0), 0.12, 1.0))
    high = float(np.clip((y2 - y1) * rng.uniform(1.0, 3.0), 0.12, 1.0))
    left = float(np.clip((x1 + x2) / 2 - wide * rng.uniform(0.3, 0.7), 0, 1 - wide))
    top = float(np.clip((y1 + y2) / 2 - high * rng.uniform(0.3, 0.7), 0, 1 - high))
    return left, top, left + wide, top + high


def _anywhere(rng: np.random.Generator, least: float = 0.25, most: float = 1.0) -> tuple[float, float, float, float]:
    wide = rng.uniform(least, most)
    high = float(np.clip(wide * rng.uniform(0.7, 1.4), least, 1.0))
    left, top = rng.uniform(0, 1 - wide), rng.uniform(0, 1 - high)
    return float(left), float(top), float(left + wide), float(top + high)


def _common(box: Float, boxes: Float) -> Float:
    size = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    return np.asarray(size.clip(min=0).prod(axis=1), np.float32)


def _part(pixels: Pixels, box: Sequence[float] | Float) -> Pixels:
    h, w = pixels.shape[:2]
    x1, y1 = int(box[0] * w), int(box[1] * h)
    return pixels[y1 : max(y1 + 2, int(box[3] * h)), x1 : max(x1 + 2, int(box[2] * w))]
