"""Which pictures of a recipe belong together, and which fold each is in: what is of one source or looks alike never stands on both sides of a split."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detection.types import Float

FOLDS = 5
ALIKE = 0.85
"""Pictures whose features have at least this cosine are of one group (chosen by looking at the groups it makes of firenet's pictures)."""
Ints = npt.NDArray[np.int64]


def group(sources: Sequence[str], features: Float) -> Ints:
    """Return each picture's group: int64 (n,). One source is one group, and so is what looks alike, over any number of steps.

    Args:
        sources: a name by picture; "" where its source is not known.
        features: float32 (n, d) of the whole pictures, length 1.
    """
    parent = list(range(len(sources)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[str, int] = {}
    for i, source in enumerate(sources):
        if source:
            parent[root(i)] = root(first.setdefault(source, i))
    for i, j in np.argwhere(np.triu(features @ features.T, 1) >= ALIKE):
        parent[root(int(i))] = root(int(j))
    return np.unique([root(i) for i in range(len(sources))], return_inverse=True)[1].astype(np.int64)


def split(sorts: Sequence[object], groups: Ints, seed: int = 0) -> Ints:
    """Return each picture's fold: int64 (n,). A group is in one fold; folds get near equal shares of every sort of picture."""
    known = sorted(set(sorts), key=str)
    sort = np.array([known.index(one) for one in sorts])
    total = np.bincount(sort)
    load = np.zeros((FOLDS, len(known)))
    fold = np.zeros(len(sorts), np.int64)
    names, counts = np.unique(groups, return_counts=True)
    chance = np.random.default_rng(seed).random(len(names))
    for i in sorted(range(len(names)), key=lambda i: (-counts[i], chance[i])):
        members = np.flatnonzero(groups == names[i])
        share = np.bincount(sort[members], minlength=len(known)) / total
        best = int((((load + share) ** 2) - load**2).sum(1).argmin())
        load[best] += share
        fold[members] = best
    return fold
