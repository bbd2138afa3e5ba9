"""How often each kind's score came how high, over days, in a hundred numbers a kind: what thresholds can be chosen from.

Counted are episodes, because one long fire is one alarm: for every score, how many times the best score of a minute reached it after a minute
that did not. Bounded whatever happens; histograms of cameras, days or clips are added.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from detection import types

BINS = 100
"""A score s falls into bin floor(100 s); 1.0 into the last."""
MINUTE_S = 60.0
LONGEST_STEP_S = 90.0
"""A longer time between two looks was not watched: the camera was away."""
VERSION = 1


@dataclass(frozen=True, slots=True)
class Episodes:
    """One kind's counts.

    Attributes:
        reached: for each bin, how many episodes reached it.
        raised: events raised with the settings of the time.
    """

    reached: tuple[int, ...] = (0,) * BINS
    raised: int = 0

    def __post_init__(self) -> None:
        if len(self.reached) != BINS or self.raised < 0 or any(count < 0 for count in self.reached):
            raise ValueError(f"needs {BINS} counts from 0")

    def add(self, other: "Episodes") -> "Episodes":
        both = tuple(a + b for a, b in zip(self.reached, other.reached, strict=True))
        return Episodes(both, self.raised + other.raised)

    def at_least(self, score: float) -> int:
        """Return how many episodes a threshold of `score` would let through.

        Never fewer than a higher one would: scores that flicker between the two make one long episode at the lower, and it would look the quieter.
        """
        return max(self.reached[bin_of(score) :])


@dataclass(frozen=True, slots=True)
class Histogram:
    """What was scored while `watched_s` seconds were watched.

    Attributes:
        models: by which models, as "name sha256"; scores of others are not comparable.
    """

    watched_s: float = 0.0
    models: tuple[str, ...] = ()
    kinds: Mapping[types.Kind, Episodes] = field(default_factory=dict)

    def add(self, other: "Histogram") -> "Histogram":
        """Return both together."""
        every = dict.fromkeys([*self.kinds, *other.kinds])
        none = Episodes()
        kinds = {kind: self.kinds.get(kind, none).add(other.kinds.get(kind, none)) for kind in every}
        models = tuple(sorted({*self.models, *other.models}))
        return Histogram(self.watched_s + other.watched_s, models, kinds)

    @property
    def hours(self) -> float:
        return self.watched_s / 3600


class Recorder:
    """Counts one camera's scores. Times may jump; what lies between is then not watched."""

    def __init__(self, begun: Histogram | None = None, models: Iterable[types.ModelUsed] = ()) -> None:
        """Begin, or go on with what was counted before if it was scored by the same models."""
        names = tuple(sorted(f"{model.name} {model.sha256}" for model in models))
        self._so_far = begun if begun is not None and begun.models == names else Histogram(models=names)
        self._watched_s = 0.0
        self._at_s: float | None = None
        self._minute = math.nan
        self._best: dict[types.Kind, int] = {}
        self._before: dict[types.Kind, int] = {}
        self._counts: dict[types.Kind, list[int]] = {}
        self._raised: dict[types.Kind, int] = {}
        self._examined: set[types.Kind] = set()
        """Kinds that examiners score; others have only the scores of their events."""

    def note(self, time_s: float, step: types.Step) -> None:
        """Take in what one look concluded."""
        self._pass_time(time_s)
        for found in step.evidence:
            self._examined.add(found.kind)
            self._take(found.kind, found.score)
        for event in step.raised:
            if event.kind not in self._examined:
                self._take(event.kind, event.score)
            self._raised[event.kind] = self._raised.get(event.kind, 0) + 1

    def histogram(self) -> Histogram:
        """Return everything counted so far; the minute that is not over counts with what it reached."""
        counts = {kind: list(row) for kind, row in self._counts.items()}
        _count(counts, self._best, self._before)
        none = [0] * BINS
        kinds = {
            kind: Episodes(tuple(counts.get(kind, none)), self._raised.get(kind, 0))
            for kind in dict.fromkeys([*counts, *self._raised])
        }
        return self._so_far.add(Histogram(self._watched_s, self._so_far.models, kinds))

    def _pass_time(self, time_s: float) -> None:
        step_s = 0.0 if self._at_s is None else time_s - self._at_s
        self._at_s = time_s
        if 0 < step_s <= LONGEST_STEP_S:
            self._watched_s += step_s
        minute = math.floor(time_s / MINUTE_S)
        if minute != self._minute:
            _count(self._counts, self._best, self._before)
            self._before = self._best if minute == self._minute + 1 else {}
            self._best, self._minute = {}, minute

    def _take(self, kind: types.Kind, score: float) -> None:
        self._best[kind] = max(self._best.get(kind, -1), bin_of(score))


def bin_of(score: float) -> int:
    """Return the bin of a score; what is out of 0..1 falls into the nearest one."""
    return min(BINS - 1, max(0, math.floor(score * BINS + 1e-9)))


def as_json(histogram: Histogram) -> dict[str, Any]:
    """Return the histogram as JSON values; bins that nothing reached are left out at the end."""
    kinds = {
        str(kind): {"reached": list(one.reached[: _used(one)]), "raised": one.raised}
        for kind, one in histogram.kinds.items()
    }
    return {"version": VERSION, "watched_s": histogram.watched_s, "models": list(histogram.models), "kinds": kinds}


def from_json(value: Any) -> Histogram:
    """Return the histogram of `as_json`; kinds that this version does not know are left out.

    Raises:
        ValueError: it is not in that form; the message says where.
    """
    if not isinstance(value, dict) or value.get("version") != VERSION:
        raise ValueError(f"is no histogram of version {VERSION}")
    watched_s, models, rows = value.get("watched_s"), value.get("models"), value.get("kinds")
    if not isinstance(watched_s, int | float) or not 0 <= watched_s < math.inf:
        raise ValueError(f"watched_s is {watched_s!r}, needs seconds from 0")
    if not isinstance(models, list) or not isinstance(rows, dict):
        raise ValueError("needs a list models and an object kinds")
    kinds = {types.Kind(name): _episodes(name, row) for name, row in rows.items() if name in set(types.Kind)}
    return Histogram(float(watched_s), tuple(str(name) for name in models), kinds)


def _used(one: Episodes) -> int:
    return max((i + 1 for i, count in enumerate(one.reached) if count), default=0)


def _episodes(name: str, row: Any) -> Episodes:
    try:
        reached = [int(count) for count in row["reached"]]
        return Episodes((*reached, *[0] * (BINS - len(reached))), int(row["raised"]))
    except (KeyError, TypeError, ValueError) as e:
        raise ValueError(f"kind {name!r}: {e}") from e


def _count(
    counts: dict[types.Kind, list[int]], best: Mapping[types.Kind, int], before: Mapping[types.Kind, int]
) -> None:
    """Add one episode for every bin that a minute's best score reached and the minute before it did not."""
    for kind, reached in best.items():
        row = counts.setdefault(kind, [0] * BINS)
        for i in range(before.get(kind, -1) + 1, reached + 1):
            row[i] += 1
