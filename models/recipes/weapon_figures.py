"""What weapnet's card says, from logits: figures of whole pictures and of tiles around people."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detection.evaluation import scores
from detection.types import Float, Ints
from models.recipes.weapon_pictures import GUN, Picture

MOST_FALSE = 0.02
"""At the operating point at most this share of the pictures without a gun lies above it."""
PERSON_SCORES = (0.5, 0.8, 0.9)


def point(pictures: Sequence[Picture], best: Float, chosen: npt.NDArray[np.bool_]) -> float:
    """Return the logit at which F1 over the `chosen` pictures is best, with at most MOST_FALSE of those without a gun above it."""
    truth = np.array([p.origin == GUN for p in pictures])[chosen]
    logit = best[chosen]
    points = np.unique(logit)
    f1 = [
        scores.f1(
            int((truth & (logit >= p)).sum()), int((~truth & (logit >= p)).sum()), int((truth & (logit < p)).sum())
        )
        if (logit[~truth] >= p).mean() <= MOST_FALSE
        else 0.0
        for p in points
    ]
    i = int(np.argmax([value or 0.0 for value in f1]))
    return float((points[i] + points[max(0, i - 1)]) / 2)


def tell(pictures: Sequence[Picture], logit: Float) -> None:
    """Print F1 at 0 with its interval, AP, and the pictures above 0 by origin."""
    truth = np.array([p.origin == GUN for p in pictures])
    told = logit >= 0
    tp, fp, fn = int((truth & told).sum()), int((~truth & told).sum()), int((truth & ~told).sum())
    f1, interval = scores.f1(tp, fp, fn), scores.f1_interval(tp, fp, fn)
    ap = scores.average_precision(logit.tolist(), truth.tolist())
    print(
        f"weapon: n {len(truth)} TP {tp} FP {fp} FN {fn} precision {tp / max(1, tp + fp):.3f} recall {tp / max(1, tp + fn):.3f} "
        f"F1 {_figure(f1)} {_span(interval)} AP {_figure(ap)}"
    )
    for origin in dict.fromkeys(p.origin for p in pictures):
        part = told[[p.origin == origin for p in pictures]]
        print(f"  {origin}: {int(part.sum())} of {len(part)} {_span(scores.wilson(int(part.sum()), len(part)))}")


def tell_people(pictures: Sequence[Picture], owner: Ints, label: npt.NDArray[np.int8], logit: Float) -> None:
    """Print for some scores how many tiles around people reach them: those that show a gun, and those that do not, by origin."""
    score = 1 / (1 + np.exp(-logit))
    origin = np.array([pictures[i].origin for i in owner])
    for least in PERSON_SCORES:
        for name in dict.fromkeys(origin):
            for value, what in ((1, "with"), (0, "without")):
                part = score[(origin == name) & (label == value)] >= least
                if len(part):
                    span = _span(scores.wilson(int(part.sum()), len(part)))
                    print(f"  score {least}: {name}, {what} a gun: {int(part.sum())} of {len(part)} {span}")


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _span(interval: scores.Interval | None) -> str:
    return "" if interval is None else f"({interval[0]:.3f} to {interval[1]:.3f})"
