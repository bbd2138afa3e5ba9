"""Making all tiles that weapnet learns from and is judged by, each sent once through the network's frozen part; in several processes.

Every picture has random numbers of its own, so that the tiles do not depend on how many processes made them.
"""

import concurrent.futures
import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from detection import detector, models
from detection.types import Box, Float
from models.recipes import weapon_learning, weapon_pastes, weapon_pictures, weapon_tiles
from models.recipes.weapon_pictures import COCO, FIGHT, Picture
from models.recipes.weapon_tiles import PYRAMID, Tile

SEED = 7
PASTES = 2
"""Guns pasted for each picture with people who are tall enough."""
_TALL = 0.25
_TRIES = 6
_LEARNED_PX = 640
_BATCH = 8
_FINDER = "nanodet"


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """One picture's tiles after the frozen part; `features` (1, 1280) are those of the whole picture, by which pictures that look alike are known."""

    tiles: weapon_learning.Tiles
    features: Float


def make(pictures: Sequence[Picture], trunk: Path, processes: int) -> Iterator[Made]:
    """Yield what was made of each picture, in their order."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(processes, context, _prepare, (tuple(pictures), trunk)) as pool:
        for number, made in enumerate(pool.map(_make_here, range(len(pictures)), chunksize=4)):
            if number % 100 == 0:
                print(f"tiles: picture {number}", flush=True)
            yield made


class Maker:
    """What a process makes tiles with."""

    def __init__(self, pictures: Sequence[Picture], trunk: Path) -> None:
        cv2.setNumThreads(1)
        self._pictures = pictures
        self._givers = [
            i for i, p in enumerate(pictures) if len(p.guns) == 1 and (p.guns[0, 2:] - p.guns[0, :2]).max() > 0.4
        ]
        options = detector.session_options(1)
        self._session: Any = onnxruntime.InferenceSession(str(trunk), options, providers=["CPUExecutionProvider"])
        entry = models.find(models.load_manifest(models.default_folder()), _FINDER)
        self._finder = detector.OnnxDetector.load(entry)

    def make(self, number: int) -> Made:
        """Return the tiles of one picture, those pasted into it with them."""
        tiles = self._tiles(number, np.random.default_rng((SEED, number)))
        answers = [
            self._session.run(None, {"tiles": np.stack([t.pixels for t in tiles[i : i + _BATCH]])})
            for i in range(0, len(tiles), _BATCH)
        ]
        middle, pooled = (np.concatenate([answer[i] for answer in answers]) for i in (0, 1))
        after = weapon_learning.Tiles(
            middle.astype(np.float16),
            np.array([t.label for t in tiles], np.int8),
            np.stack([t.cells for t in tiles]),
            np.array([t.pictures for t in tiles], np.int64),
            np.array([t.use for t in tiles], np.int8),
        )
        assert tiles[0].use == PYRAMID  # noqa: S101 (the whole picture comes first)
        return Made(after, np.asarray(pooled[:1], np.float32))

    def _tiles(self, number: int, rng: np.random.Generator) -> list[Tile]:
        picture = self._pictures[number]
        frame = picture.frame()
        found = weapon_pictures.people(frame, self._finder)
        w, h = frame.width_px, frame.height_px
        people = [(x1 / w, y1 / h, x2 / w, y2 / h) for x1, y1, x2, y2 in found]
        pixels = weapon_pictures.shrink(frame.bgr(), _LEARNED_PX)
        made = weapon_tiles.plain(number, picture, frame, found)
        made += weapon_tiles.changed(number, picture, pixels, people, rng)
        tall: list[Box] = [box for box in people if box[3] - box[1] > _TALL]
        if picture.origin in (COCO, FIGHT) and tall:
            for _ in range(PASTES):
                if (giver := self._choose_gun(rng)) is not None:
                    person = tall[int(rng.integers(len(tall)))]
                    made += weapon_tiles.pasted(number, giver[0], pixels, person, giver[1], rng)
        return made

    def _choose_gun(self, rng: np.random.Generator) -> tuple[int, weapon_pastes.Cutout] | None:
        """Return a picture's number and its gun cut out; not every picture has a background that allows it."""
        for number in rng.permutation(self._givers)[:_TRIES]:
            picture = self._pictures[int(number)]
            gun = weapon_pastes.cut_out(picture.frame().bgr(), picture.guns[0])
            if gun is not None:
                return int(number), gun
        return None


def joined(made: Sequence[Made]) -> dict[str, npt.NDArray[np.generic]]:
    """Return everything made as arrays by name, to be kept in one file."""
    names = ("middle", "label", "cells", "pictures", "use")
    arrays = {name: np.concatenate([getattr(one.tiles, name) for one in made]) for name in names}
    return {**arrays, "features": np.concatenate([one.features for one in made])}


_maker: Maker | None = None


def _prepare(pictures: Sequence[Picture], trunk: Path) -> None:
    global _maker
    _maker = Maker(pictures, trunk)


def _make_here(number: int) -> Made:
    assert _maker is not None  # noqa: S101 (the pool's initialiser has run)
    return _maker.make(number)
