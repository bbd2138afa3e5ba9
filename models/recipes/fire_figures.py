"""What firenet's card tells of pictures judged by networks that saw none of their group: operating points, F1, AP, and errors by source."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from models.recipes import fire_learning
from models.recipes.fire_pictures import CCTV, FIRE, HARD, PHOTO, SCENE, SMOKE, Float, Picture

KINDS = {FIRE: "fire", SMOKE: "smoke"}
JUDGED = (CCTV, PHOTO, HARD)
"""The sources of the headline figures; other scenes are told apart from them."""
_HARD_ABOVE = 0.02
Value = str | int | float | list[float]


def points(pictures: Sequence[Picture], best: Float) -> tuple[float, float]:
    """Return for each kind the logit at which F1 is best with at most 2 % of hard negatives above it."""
    found = []
    for kind in KINDS:
        truth = fire_learning.truth(pictures, kind, JUDGED)
        known, score = truth >= 0, best[:, kind]
        hard = score[np.array([p.origin == HARD for p in pictures])]
        steps = np.unique(score[known])
        f1 = [f1_of(truth[known], score[known] >= s) if (hard >= s).mean() <= _HARD_ABOVE else 0.0 for s in steps]
        i = int(np.argmax(f1))
        found.append(float((steps[i] + steps[max(0, i - 1)]) / 2))
    return found[0], found[1]


def moved(pictures: Sequence[Picture], best: Float, fold: npt.NDArray[np.int64]) -> Float:
    """Return logits less the operating point that the other folds chose: float32 (n, 2)."""
    out = np.zeros_like(best)
    for number in np.unique(fold):
        others = fold != number
        chosen = points([p for p, other in zip(pictures, others, strict=True) if other], best[others])
        out[~others] = best[~others] - np.array(chosen, np.float32)
    return out


def figures(pictures: Sequence[Picture], best: Float, kind: int) -> Mapping[str, Value]:
    """Return the headline figures of a kind at logit 0, as the evaluation table wants them."""
    truth = fire_learning.truth(pictures, kind, JUDGED)
    known = truth >= 0
    t, s = truth[known], best[known, kind]
    tp, fp, fn = (int(v.sum()) for v in ((s >= 0) & (t == 1), (s >= 0) & (t == 0), (s < 0) & (t == 1)))
    low, high = wilson(tp, tp + fp + fn)
    numbers: dict[str, Value] = {"task": "image", "n": len(t), "tp": tp, "fp": fp, "fn": fn}
    numbers |= {"precision": round(tp / max(1, tp + fp), 3), "recall": round(tp / max(1, tp + fn), 3)}
    numbers |= {"f1": round(f1_of(t, s >= 0), 3), "f1_ci": [round(2 * v / (1 + v), 3) for v in (low, high)]}
    return numbers | {"ap": round(average_precision(t, s), 3)}


def report(pictures: Sequence[Picture], best: Float) -> None:
    """Print per kind the headline figures at logit 0, the best F1 at any point, and what was found and false by source."""
    for kind, name in KINDS.items():
        truth = fire_learning.truth(pictures, kind, JUDGED)
        known = truth >= 0
        at_best = max(f1_of(truth[known], best[known, kind] >= s) for s in np.unique(best[known, kind]))
        print(name, dict(figures(pictures, best, kind)), f"best F1 at any point {at_best:.3f}")
        everywhere = fire_learning.truth(pictures, kind, (*JUDGED, SCENE))
        for origin in (*JUDGED, SCENE):
            here = np.array([p.origin == origin for p in pictures])
            for value, what in ((1, "found"), (0, "false")):
                part = best[here & (everywhere == value), kind]
                if len(part):
                    low, high = wilson(int((part >= 0).sum()), len(part))
                    print(f"  {origin}: {what} {int((part >= 0).sum())} of {len(part)} ({low:.3f} to {high:.3f})")


def f1_of(truth: npt.NDArray[np.int8], told: npt.NDArray[np.bool_]) -> float:
    """Return F1; 0 where nothing is true and nothing told."""
    return float(2 * (told & (truth == 1)).sum() / max(1, told.sum() + (truth == 1).sum()))


def average_precision(truth: npt.NDArray[np.int8], score: Float) -> float:
    """Return the mean precision at each true one, in the order of falling scores."""
    order = np.argsort(-score, kind="stable")
    hit = truth[order] == 1
    return float((np.cumsum(hit) / np.arange(1, len(hit) + 1))[hit].mean()) if hit.any() else 0.0


def wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the interval that covers k of n 95 times in a hundred."""
    if n == 0:
        return 0.0, 1.0
    p = k / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
