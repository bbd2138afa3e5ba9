"""Tiles to learn from: the pyramid that ships, tiles at chance places in changed pictures, and fire or smoke pasted into scenes without any.

What a tile teaches: 1 where it shows enough of a box, 0 where it shows none, nothing in between. The same for each of its 7x7 cells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from detection.examiners import fire
from models.recipes import fire_network, fire_pictures
from models.recipes.fire_pictures import FIRE, SMOKE, Float, Picture, Pixels

UNKNOWN = -1
_CHANCE_TILES = 4
_PASTED_TILES = 4
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


def changed(number: int, picture: Picture, rng: np.random.Generator) -> Iterator[Tile]:
    """Yield tiles at chance places of a picture with other light, colours, noise, blur and compression; half of them around boxes."""
    pixels, grey = alter(picture.read(), rng)
    for i in range(_CHANCE_TILES):
        box = _around(picture.boxes, rng) if len(picture.boxes) and i % 2 else _anywhere(rng)
        yield _flipped(_tile(pixels, picture, box, (number, number)), grey, rng)


def pasted(host: int, giver: int, pictures: Sequence[Picture], rng: np.random.Generator) -> Iterator[Tile]:
    """Yield tiles of a scene without fire or smoke into which one box of another picture was pasted.

    One time in three it is a part without either, so that the marks of pasting mean nothing.
    """
    scene, source = pictures[host], pictures[giver]
    onto, from_ = scene.read(), source.read()
    honest = rng.random() > 0.33
    which = int(rng.integers(len(source.boxes)))
    patch_box = source.boxes[which] if honest else np.array(_anywhere(rng, 0.1, 0.4), np.float32)
    if not honest and source.origin == fire_pictures.CCTV and _covered(patch_box, source.boxes) > 0.02:
        return
    is_fire = int(source.classes[which]) == FIRE
    onto, place = _paste(onto, _part(from_, patch_box), is_fire, rng)
    boxes = np.array([place], np.float32) if honest else np.zeros((0, 4), np.float32)
    classes = source.classes[which : which + 1] if honest else np.zeros(0, np.int64)
    made = Picture(scene.path, scene.origin, boxes, classes, (None, None) if honest else (False, False))
    pixels, grey = alter(onto, rng)
    for i in range(_PASTED_TILES):
        box = _around(np.array([place], np.float32), rng) if i else (0.0, 0.0, 1.0, 1.0)
        yield _flipped(_tile(pixels, made, box, (host, giver)), grey, rng)


def alter(pixels: Pixels, rng: np.random.Generator) -> tuple[Pixels, bool]:
    """Return the picture as another camera, another hour or a worse stream might give it, and whether it lost its colour."""
    x = pixels.astype(np.float32) / 255
    x = np.power(x, np.float32(np.exp(rng.normal(0, 0.25))))
    x = x * np.asarray(rng.normal(1, 0.06, 3), np.float32) * np.float32(rng.normal(1, 0.12))
    grey = bool(rng.random() < 0.1)
    mixed = x.mean(2, keepdims=True)
    colour = 0.0 if grey else float(np.clip(rng.normal(0.9, 0.25), 0.3, 1.4))
    x = mixed + (x - mixed) * np.float32(colour)
    if rng.random() < 0.4:
        small = rng.uniform(0.3, 0.8)
        h, w = x.shape[:2]
        x = cv2.resize(cv2.resize(x, None, fx=small, fy=small, interpolation=cv2.INTER_AREA), (w, h))
    if rng.random() < 0.5:
        x = x + rng.normal(0, rng.uniform(0.005, 0.04), x.shape).astype(np.float32)
    out = np.asarray((x.clip(0, 1) * 255), np.uint8)
    if rng.random() < 0.6:
        coded = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 80))])[1]
        out = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return out, grey


def label(picture: Picture, box: Sequence[float]) -> Labels:
    """Return what a tile under `box` (0..1 of the picture) teaches: int8 (2,)."""
    return np.array([_judge(picture, box, kind, 0.05, 0.5) for kind in (FIRE, SMOKE)], np.int8)


def _cells(picture: Picture, box: Sequence[float]) -> Labels:
    n = fire_network.CELLS
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
    return Tile(fire.as_tile(_part(pixels, box)), made, cells, pictures, whole)


def _fiery(part: Pixels) -> float:
    """Return the share of pixels coloured as flames: bright, saturated, red over green over blue (for photos labelled as a whole)."""
    b, g, r = (part[..., i].astype(np.int16) for i in range(3))
    return float(((r > 180) & (r >= g) & (g > b + 10) & (r - b > 70)).mean())


def _flipped(tile: Tile, grey: bool, rng: np.random.Generator) -> Tile:
    """Return the tile, mirrored every other time; without colour no fire is taught, only what is none."""
    pixels, made, cells = tile.pixels, tile.label.copy(), tile.cells.copy()
    if rng.random() < 0.5:
        pixels, cells = np.ascontiguousarray(pixels[:, ::-1]), cells[:, :, ::-1].copy()
    if grey:
        made[FIRE] = UNKNOWN if made[FIRE] == 1 else made[FIRE]
        cells[FIRE][cells[FIRE] == 1] = UNKNOWN
    return Tile(pixels, made, cells, tile.pictures)


def _paste(onto: Pixels, patch: Pixels, is_fire: bool, rng: np.random.Generator) -> tuple[Pixels, Float]:
    """Return the scene with the patch in it, and where (0..1). Flames are added as light, smoke covers."""
    h, w = onto.shape[:2]
    high = int(h * rng.uniform(0.15, 0.6))
    wide = int(np.clip(high * patch.shape[1] / max(1, patch.shape[0]) * rng.uniform(0.8, 1.25), 12, w * 0.8))
    patch = np.asarray(cv2.resize(patch, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
    left, top = int(rng.integers(0, w - wide + 1)), int(rng.integers(0, h - high + 1))
    y, x = np.mgrid[-1 : 1 : high * 1j, -1 : 1 : wide * 1j]
    mask = np.clip((1.0 - np.maximum(x * x, y * y) ** 2) * 2.5, 0, 1)
    if is_fire:
        light = np.clip((patch.max(2).astype(np.float32) - 90) / 90, 0, 1)
        mask = mask * cv2.GaussianBlur(light, (0, 0), 2)
    else:
        mask = mask * rng.uniform(0.65, 1.0)
    mask = mask[..., None].astype(np.float32)
    out = onto.copy()
    under = out[top : top + high, left : left + wide].astype(np.float32)
    out[top : top + high, left : left + wide] = np.asarray(under * (1 - mask) + patch * mask, np.uint8)
    return out, np.array([left / w, top / h, (left + wide) / w, (top + high) / h], np.float32)


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


def _covered(box: Float, boxes: Float) -> float:
    return float(_common(box, boxes).sum() / ((box[2] - box[0]) * (box[3] - box[1])))


def _common(box: Float, boxes: Float) -> Float:
    size = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    return np.asarray(size.clip(min=0).prod(axis=1), np.float32)


def _part(pixels: Pixels, box: Sequence[float] | Float) -> Pixels:
    h, w = pixels.shape[:2]
    x1, y1 = int(box[0] * w), int(box[1] * h)
    return pixels[y1 : max(y1 + 2, int(box[3] * h)), x1 : max(x1 + 2, int(box[2] * w))]
