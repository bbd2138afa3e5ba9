"""The tiles firenet learns from, after the frozen part of its network: made once, by several processes, and kept in a folder.

Every picture and every pasting has a random number generator of its own, so the tiles do not depend on who makes them or when.
"""

import concurrent.futures
import multiprocessing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from models.recipes import fire_tiles
from models.recipes.fire_learning import Tiles
from models.recipes.fire_pictures import PHOTO, Float, Picture
from models.recipes.tile_groups import Ints

SEED = 7
_CHANGED = 12
"""Changed tiles of a picture that looks like no other; of one among n that look alike, 12 / sqrt(n), at least two."""
_PASTES = 1400
_AT_ONCE = 8
Part = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Job:
    """What one call makes: the pyramid of a picture (`changed` is 0), changed tiles of it, or tiles with a part of `giver` pasted in.

    Attributes:
        seed: the numbers its random generator starts from.
    """

    picture: int
    changed: int = 0
    giver: int = -1
    seed: tuple[int, ...] = ()


def load_pyramids(pictures: Sequence[Picture], trunk: Path, folder: Path, workers: int) -> tuple[Tiles, Float]:
    """Return the pyramids of all pictures, and the features of the whole pictures, float32 (n, d), length 1."""
    path = folder / "pyramids.npz"
    if not path.exists():
        _write(path, pictures, [Job(i) for i in range(len(pictures))], trunk, workers)
    kept = np.load(path)
    features = kept["pooled"][kept["first"]].astype(np.float32)
    return _as_tiles(kept), np.asarray(features / np.linalg.norm(features, axis=1, keepdims=True), np.float32)


def load_further(pictures: Sequence[Picture], groups: Ints, trunk: Path, folder: Path, workers: int) -> Tiles:
    """Return changed and pasted tiles; of large groups fewer for each picture."""
    path = folder / "further.npz"
    if not path.exists():
        _write(path, pictures, _further(pictures, groups), trunk, workers)
    return _as_tiles(np.load(path))


def _further(pictures: Sequence[Picture], groups: Ints) -> list[Job]:
    alike = np.bincount(groups)[groups]
    counts = np.clip(np.round(_CHANGED / np.sqrt(alike)), 2, _CHANGED).astype(int)
    jobs = [Job(i, int(count), seed=(SEED, i)) for i, count in enumerate(counts)]
    chance = 1 / np.sqrt(alike)
    givers = np.array([i for i, p in enumerate(pictures) if len(p.boxes) or p.origin == PHOTO])
    hosts = np.array([i for i, p in enumerate(pictures) if p.truth == (False, False)])
    rng = np.random.default_rng(SEED)
    from_ = rng.choice(givers, _PASTES, p=chance[givers] / chance[givers].sum())
    onto = rng.choice(hosts, _PASTES, p=chance[hosts] / chance[hosts].sum())
    jobs += [Job(int(h), giver=int(g), seed=(SEED + 1, i)) for i, (h, g) in enumerate(zip(onto, from_, strict=True))]
    return jobs


def _write(path: Path, pictures: Sequence[Picture], jobs: Sequence[Job], trunk: Path, workers: int) -> None:
    parts: dict[str, list[npt.NDArray[np.generic]]] = {}
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(workers, context, _prepare, (pictures, trunk)) as pool:
        for number, part in enumerate(pool.map(_do, jobs, chunksize=8)):
            for name, value in part.items():
                parts.setdefault(name, []).append(value)
            if number % 200 == 0:
                print(f"{path.name}: {number} of {len(jobs)}", flush=True)
    np.savez(path, allow_pickle=False, **{name: np.concatenate(values) for name, values in parts.items()})


_here: tuple[Sequence[Picture], onnxruntime.InferenceSession] | None = None


def _prepare(pictures: Sequence[Picture], trunk: Path) -> None:
    global _here
    cv2.setNumThreads(1)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    _here = pictures, onnxruntime.InferenceSession(str(trunk), options, providers=["CPUExecutionProvider"])


def _do(job: Job) -> Part:
    assert _here is not None  # noqa: S101 (the pool's initialiser has run)
    pictures, session = _here
    rng = np.random.default_rng(job.seed)
    if job.giver >= 0:
        made = list(fire_tiles.pasted(job.picture, job.giver, pictures, rng))
    elif job.changed:
        made = list(fire_tiles.changed(job.picture, pictures[job.picture], job.changed, rng))
    else:
        made = fire_tiles.plain(job.picture, pictures[job.picture])
    if not made:
        return {}
    pixels = [np.stack([t.pixels for t in made[i : i + _AT_ONCE]]) for i in range(0, len(made), _AT_ONCE)]
    answers = [session.run(None, {"tiles": part}) for part in pixels]
    return {
        "middle": np.concatenate([answer[0] for answer in answers]).astype(np.float16),
        "pooled": np.concatenate([answer[1] for answer in answers]).astype(np.float16),
        "label": np.stack([t.label for t in made]),
        "cells": np.stack([t.cells for t in made]),
        "pictures": np.array([t.pictures for t in made]),
        "whole": np.array([t.whole for t in made]),
        "first": np.arange(len(made)) == 0,
    }


def _as_tiles(kept: Part) -> Tiles:
    return Tiles(
        np.asarray(kept["middle"], np.float16), np.asarray(kept["label"], np.int8), np.asarray(kept["cells"], np.int8),
        np.asarray(kept["pictures"], np.int64), np.asarray(kept["whole"], np.bool_),
    )  # fmt: skip
