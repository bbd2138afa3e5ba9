"""Figures of merit, each with how sure it is. Plain functions on numbers; None where a figure has no meaning.

Intervals are 95 %: Wilson's for shares, Poisson's upper bound for rates, the bootstrap (seeded) for the rest. Ten clips say little, and the
intervals say so.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

Interval = tuple[float, float]

_Z = 1.959963984540054
_ROUNDS = 1000


def share(part: int, whole: int) -> float | None:
    """Return part / whole; None of nothing."""
    return part / whole if whole else None


def f1(tp: int, fp: int, fn: int) -> float | None:
    """Return the harmonic mean of precision and recall; None where nothing was to be found and nothing was."""
    return share(2 * tp, 2 * tp + fp + fn)


def wilson(part: int, whole: int) -> Interval | None:
    """Return the 95 % interval of a share.

    Source: Wilson, JASA 1927.
    """
    if whole == 0:
        return None
    p, z2 = part / whole, _Z * _Z
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = _Z * math.sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return max(0.0, middle - half), min(1.0, middle + half)


def f1_interval(tp: int, fp: int, fn: int) -> Interval | None:
    """Return the 95 % interval of F1.

    F1 is 2j / (1 + j) with j = tp / (tp + fp + fn), a share; Wilson's interval of j carried over keeps its coverage for few and for
    flawless clips, where a bootstrap would give an interval of no width.
    """
    interval = wilson(tp, tp + fp + fn)
    if interval is None:
        return None
    low, high = (2 * j / (1 + j) for j in interval)
    return low, high


def average_precision(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Return the area under the precision-recall curve, without interpolation; equal scores form one step.

    None where there is no positive.
    """
    labels = np.asarray(positive, bool)
    if not labels.any():
        return None
    values = np.asarray(scores, float)
    order = np.argsort(-values, kind="stable")
    values, labels = values[order], labels[order]
    ends = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)
    hits = np.cumsum(labels)[ends]
    recall = hits / labels.sum()
    return float(np.sum(np.diff(recall, prepend=0.0) * hits / (ends + 1)))


def mean_absolute_error(found: Sequence[float], true: Sequence[float]) -> float | None:
    """Return the mean of |found - true|."""
    return float(np.mean(np.abs(np.subtract(found, true)))) if len(true) else None


def relative_error(found: Sequence[float], true: Sequence[float]) -> float | None:
    """Return the mean of |found - true| / true over the pictures in which there is anybody."""
    pairs = [(f, t) for f, t in zip(found, true, strict=True) if t > 0]
    return float(np.mean([abs(f - t) / t for f, t in pairs])) if pairs else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the percentile, between values where it falls there."""
    return float(np.percentile(values, percent)) if len(values) else None


def bootstrap(
    figure: Callable[[Sequence[float], Sequence[float]], float | None],
    a: Sequence[float],
    b: Sequence[float],
    seed: int = 2026,
) -> Interval | None:
    """Return the 95 % interval of a figure of paired values, by drawing the pairs again and again.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993 (the percentile interval).
    """
    if len(a) < 2:
        return None
    rng = np.random.default_rng(seed)
    first, second = np.asarray(a), np.asarray(b)
    drawn = []
    for _ in range(_ROUNDS):
        rows = rng.integers(0, len(first), len(first))
        value = figure(first[rows].tolist(), second[rows].tolist())
        if value is not None:
            drawn.append(value)
    if not drawn:
        return None
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def rate_upper_bound(count: int, hours: float) -> float | None:
    """Return the rate per hour that is exceeded with at most 5 % chance, given `count` events in `hours`.

    Source: Garwood, Biometrika 1936 (the exact Poisson bound).
    """
    return float(stats.chi2.ppf(0.95, 2 * (count + 1))) / 2 / hours if hours > 0 else None
