"""Operating points from a budget of false alarms: what score a kind should need, what that costs in misses, and how sure that is.

Histograms hold what was scored on footage on which (nearly) nothing happened, so each episode above a score counts as a false alarm: a true
one among them makes the choice stricter, never laxer.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy import stats

from detection import errors, histograms, types
from detection.evaluation import scores

USUAL_SCORE = 0.5
"""Scores of evidence are scaled so that one picture alone is believed from here on."""
LEAST_SCORE = 0.05
CURVES = "*.validation.json"
_BUDGET = re.compile(r"(\d+(?:\.\d+)?)/camera/(hour|day|week)")
_HOURS = {"hour": 1.0, "day": 24.0, "week": 168.0}


@dataclass(frozen=True, slots=True)
class Budget:
    """False alarms of one kind that a camera may raise."""

    per_hour: float
    text: str

    @classmethod
    def parse(cls, text: str) -> "Budget":
        """Read "0.15/camera/day".

        Raises:
            ProfileError: it is not in that form, or 0.
        """
        form = _BUDGET.fullmatch(text)
        if form is None or float(form[1]) <= 0:
            raise errors.ProfileError("budget", f"is {text!r}", "write a number above 0 as in 0.15/camera/day")
        return cls(float(form[1]) / _HOURS[form[2]], text)


@dataclass(frozen=True, slots=True)
class Curve:
    """What share of true events a kind's score finds, by validation on footage that the model was not trained on.

    Attributes:
        protocol: how it was measured, for people.
        positives: on how many true examples.
        points: score and recall, rising in score.
    """

    model: str
    protocol: str
    positives: int
    points: tuple[tuple[float, float], ...]

    def recall_at(self, score: float) -> float | None:
        """Return the recall at the next measured score, never more than at `score` itself; None beyond the last."""
        return next((recall for at, recall in self.points if at >= score - 1e-9), None)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for one kind.

    Attributes:
        score: operating point; None where no score keeps the budget.
        episodes: at that score, in the hours seen; usual_episodes: at 0.5.
        upper_per_hour: rate that is exceeded with at most 5 % chance.
        hours_needed: to support the budget at that score, if no more alarms come than came so far.
        miss_rate: with its 95 % interval; None where no validation curve tells it.
    """

    kind: types.Kind
    hours: float
    score: float | None
    episodes: int
    usual_episodes: int
    raised: int
    upper_per_hour: float | None
    hours_needed: float
    supported: bool
    miss_rate: float | None = None
    miss_interval: scores.Interval | None = None
    curve: Curve | None = None


def choose(
    seen: histograms.Histogram, budget: Budget, curves: Mapping[types.Kind, Curve] | None = None
) -> tuple[Choice, ...]:
    """Return the operating point of each kind that was scored: the lowest score whose upper bound keeps the budget; where the hours are too few
    for that, the lowest whose count keeps it, said to be unsupported."""
    known = curves or {}
    return tuple(_choose(kind, one, seen.hours, budget, known.get(kind)) for kind, one in sorted(seen.kinds.items()))


def needed_hours(episodes: int, budget: Budget) -> float:
    """Return the hours after which `episodes` alarms show with 95 % confidence that the budget is kept."""
    return float(stats.chi2.ppf(0.95, 2 * (episodes + 1))) / 2 / budget.per_hour


def load_curves(folder: Path) -> dict[types.Kind, Curve]:
    """Return the validation curves kept beside the models' cards, by kind.

    Raises:
        ModelError: a file is not in the form that models/README.md gives.
    """
    return {kind: curve for path in sorted(folder.glob(CURVES)) for kind, curve in _curves_of(path)}


def _choose(kind: types.Kind, one: histograms.Episodes, hours: float, budget: Budget, curve: Curve | None) -> Choice:
    first = histograms.bin_of(LEAST_SCORE)
    candidates = [(i / histograms.BINS, one.at_least(i / histograms.BINS)) for i in range(first, histograms.BINS)]
    safe = next(((s, n) for s, n in candidates if needed_hours(n, budget) <= hours), None)
    kept = next(((s, n) for s, n in candidates if n <= budget.per_hour * hours), None)
    score, episodes = safe or kept or (None, candidates[-1][1])
    miss_rate, interval = _miss_rate(curve, score)
    return Choice(
        kind, hours, score, episodes, one.at_least(USUAL_SCORE), one.raised, scores.rate_upper_bound(episodes, hours),
        needed_hours(episodes, budget), safe is not None, miss_rate, interval, curve,
    )  # fmt: skip


def _miss_rate(curve: Curve | None, score: float | None) -> tuple[float | None, scores.Interval | None]:
    recall = None if curve is None or score is None else curve.recall_at(score)
    if curve is None or recall is None:
        return None, None
    return 1 - recall, scores.wilson(curve.positives - round(recall * curve.positives), curve.positives)


def _curves_of(path: Path) -> Iterator[tuple[types.Kind, Curve]]:
    try:
        value: Any = json.loads(path.read_text("utf-8"))
        for name, row in value["kinds"].items():
            if "recall" not in row:
                continue  # figures alone, for the table
            points = tuple((float(score), float(recall)) for score, recall in row["recall"])
            if not points or any(not 0 <= v <= 1 for point in points for v in point) or list(points) != sorted(points):
                raise ValueError(f"kind {name!r}: recall needs rising pairs of score and recall, 0 to 1")
            yield (
                types.Kind(name),
                Curve(path.name.split(".")[0], str(row["protocol"]), int(row["positives"]), points),
            )
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as e:
        raise errors.ModelError(path.name, f"is no validation curve: {e!r}", "see models/README.md for its form") from e


def table(choices: tuple[Choice, ...], budget: Budget) -> str:
    """Return the choices as text, and plainly what they rest on."""
    hours = choices[0].hours if choices else 0.0
    lines = [f"{hours:.1f} camera-hours seen; budget {budget.text} for each kind."]
    if not choices:
        lines.append("No kind was scored: there is nothing to choose from.")
    lines += [line for choice in choices for line in _lines(choice, budget)]
    if any(choice.supported for choice in choices):
        lines.append("A supported point holds for footage like this, with 95 % confidence.")
    if choices:
        lines.append(
            "Kinds that an examiner scores take a point as `score` in agent.toml (camera_agents/SETTINGS.md); others by dwell or zone."
        )
    return "\n".join(lines) + "\n"


def _lines(choice: Choice, budget: Budget) -> Iterator[str]:
    yield ""
    if choice.score is None:
        yield f"{choice.kind}: no score keeps the budget: {choice.episodes} episodes scored {1 - 1 / histograms.BINS:.2f} or more"
        return
    yield (
        f"{choice.kind}: operating point {choice.score:.2f}: {choice.episodes} episodes "
        f"({choice.usual_episodes} at {USUAL_SCORE:.2f}; {choice.raised} events were raised)"
    )
    upper = math.inf if choice.upper_per_hour is None else choice.upper_per_hour
    day = f"{upper * 24:.3g}/camera/day" if math.isfinite(upper) else "unknown"
    yield f"  false alarms: 95 % upper bound {day}"
    if not choice.supported:
        more = max(0.0, choice.hours_needed - choice.hours)
        yield f"  NOT SUPPORTED: {choice.hours_needed:.0f} camera-hours are needed for this budget, {more:.0f} more, without a further alarm"
    if choice.miss_rate is None or choice.miss_interval is None or choice.curve is None:
        yield "  expected miss rate: unknown (no validation curve is kept for this kind and score)"
    else:
        low, high = choice.miss_interval
        yield (
            f"  expected miss rate: {choice.miss_rate:.0%} ({low:.0%} to {high:.0%}; {choice.curve.positives} examples, "
            f"{choice.curve.model}: {choice.curve.protocol})"
        )
