"""What crowdnet's counts are worth: errors with intervals, by density alone and by the whole way that `jikimi-detect evaluate` goes."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from detection import detector, experts, models
from detection.evaluation import files

BANDS = ((0, 40), (40, 80), (80, 160), (160, 1000))
RESAMPLES, SEED = 2000, 20260101


def figures(found: np.ndarray, true: np.ndarray) -> dict[str, Any]:
    """Return the errors with their bootstrap intervals, and by how many people there are."""
    error, relative = np.abs(found - true), np.abs(found - true) / true
    rows = np.random.default_rng(SEED).integers(0, len(true), (RESAMPLES, len(true)))
    bands = {}
    for low, high in BANDS:
        inside = np.flatnonzero((true >= low) & (true < high))
        if len(inside):
            again = np.random.default_rng(SEED).choice(inside, (RESAMPLES, len(inside)))
            bands[f"{low}-{high}"] = {
                "n": len(inside), "mae": round(float(error[inside].mean()), 2), "relative": round(float(relative[inside].mean()), 4),
                "relative_ci": _interval(relative[again]), "bias": round(float((found - true)[inside].mean()), 2),
            }  # fmt: skip
    return {
        "n": len(true), "mae": round(float(error.mean()), 2), "mae_ci": _interval(error[rows]),
        "relative_error": round(float(relative.mean()), 4), "relative_error_ci": _interval(relative[rows]),
        "bias": round(float((found - true).mean()), 2), "by_heads": bands,
    }  # fmt: skip


def tell_empty(way: str, found: np.ndarray) -> None:
    """Print what is counted in pictures without people."""
    share = np.percentile(found, 95)
    print(
        f"pictures without people, {way}, {len(found)} counts: mean {found.mean():.2f}, 95 % {share:.1f}, most {found.max():.1f}"
    )


def load_finder() -> detector.Detector:
    """Return the object detector that ships."""
    return detector.OnnxDetector.load(models.find(models.load_manifest(models.default_folder()), "nanodet"))


@torch.no_grad()
def shipped(path: Path, finder: detector.Detector, net: nn.Module) -> int:
    """Return the people counted in a picture's file as `jikimi-detect evaluate` counts them, `net` in the place of crowdnet.onnx."""

    def ask(_task: str, blob: experts.Blob) -> experts.Answer:
        return (net(torch.from_numpy(blob)).numpy(),)

    return files.count_people(files.frame_at(path, 0.0), finder, ask)


def _interval(sampled: np.ndarray) -> list[float]:
    return [round(float(edge), 4) for edge in np.percentile(sampled.mean(1), [2.5, 97.5])]
