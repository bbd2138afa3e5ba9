"""How well training does on clips of scenes that were left out, with the asking and the rule of the product."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detection.evaluation import scores
from models.recipes import fight_answers, fight_judge, fight_windows

SEED = 20
FOLDS, ROUNDS = 5, 3
PENALTIES, SHIFTS = (100.0, 200.0, 600.0), (-0.2, 0.0, 0.2, 0.4)
"""Among which the nested figure chooses, by the scenes that it may see."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One clip as numbers: of its windows as they are, float (n, FEATURES), and of their altered copies."""

    clip: fight_windows.Clip
    plain: np.ndarray
    altered: np.ndarray


def judge_of(seen: Sequence[Seen], penalty: float = fight_judge.PENALTY) -> fight_judge.Judge:
    """Return what is learned from these clips; each clip weighs the same."""
    known = [s for s in seen if len(s.plain)]
    rows = np.concatenate([np.concatenate((s.plain, s.altered)) for s in known])
    counts = np.array([len(s.plain) + len(s.altered) for s in known])
    truth = np.repeat([s.clip.fights for s in known], counts)
    return fight_judge.learn(rows, truth, np.repeat(1.0 / counts, counts), penalty)


def judge_without(seen: Sequence[Seen], held: frozenset[str]) -> fight_judge.Judge:
    """Return what is learned from all clips but those of some groups."""
    return judge_of([s for s in seen if s.clip.group not in held])


def folds(seen: Sequence[Seen], seed: int) -> list[frozenset[str]]:
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


def cross_validate(seen: Sequence[Seen], out: Path) -> None:
    """Print how clips are scored by judges that never saw their scene, and keep the curve of the recall."""
    rounds = [_held_out(seen, seed) for seed in range(SEED, SEED + ROUNDS)]
    short = np.array([s.clip.short for s in seen])
    truth = np.array([s.clip.fights for s in seen])
    limit = fight_answers.LIMITS.score
    for number, reached in enumerate(rounds, start=1):
        _print(f"round {number}", truth[short], reached[short])
        raised = [s.clip.path.name for s, r in zip(seen, reached, strict=True) if not s.clip.short and r >= limit]
        print(f"  of {int((~short).sum())} further clips without a fight these raise: {', '.join(raised) or 'none'}")
    fights = np.concatenate([reached[truth] for reached in rounds])
    calm = np.concatenate([reached[short & ~truth] for reached in rounds])
    for at in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        print(
            f"  at {at}: recall {(fights >= at).mean():.3f}, clips without a fight that raise {(calm >= at).mean():.3f}"
        )
    _keep(truth[short], [reached[short] for reached in rounds], out / "fightnet.validation.json")
    for number, seed in enumerate(range(SEED, SEED + ROUNDS), start=1):
        _print(f"round {number}, penalty and shift chosen within", truth[short], _nested(seen, seed)[short])


def _held_out(seen: Sequence[Seen], seed: int, penalty: float = fight_judge.PENALTY, shift: float = 0.0) -> np.ndarray:
    """Return for each clip the threshold up to which the trigger would raise, by a judge that never saw its scene."""
    return _reached(seen, _scores(seen, seed, penalty), shift)


def _scores(seen: Sequence[Seen], seed: int, penalty: float) -> list[np.ndarray]:
    """Return the logits of each clip's windows by a judge that never saw its scene."""
    logits = [np.zeros(0) for _ in seen]
    for held in folds(seen, seed):
        judge = judge_of([s for s in seen if s.clip.group not in held], penalty)
        for i, s in enumerate(seen):
            if s.clip.group in held:
                logits[i] = s.plain @ judge.weight + judge.bias
    return logits


def _reached(seen: Sequence[Seen], logits: Sequence[np.ndarray], shift: float) -> np.ndarray:
    chances = [1 / (1 + np.exp(-(one + shift))) for one in logits]
    return np.array(
        [fight_answers.reached(s.clip.times_s.tolist(), c.tolist()) for s, c in zip(seen, chances, strict=True)]
    )


def _nested(seen: Sequence[Seen], seed: int) -> np.ndarray:
    """Return as `_held_out` does, with penalty and shift chosen by folds within the clips that each judge may see."""
    reached = np.zeros(len(seen))
    for held in folds(seen, seed):
        own = [s for s in seen if s.clip.group not in held]
        penalty, shift = _best(own, seed)
        judge = judge_of(own, penalty)
        left = [i for i, s in enumerate(seen) if s.clip.group in held]
        logits = [seen[i].plain @ judge.weight + judge.bias for i in left]
        reached[left] = _reached([seen[i] for i in left], logits, shift)
    return reached


def _best(seen: Sequence[Seen], seed: int) -> tuple[float, float]:
    short = np.array([s.clip.short for s in seen])
    truth = np.array([s.clip.fights for s in seen])
    logits = {penalty: _scores(seen, seed, penalty) for penalty in PENALTIES}

    def right(choice: tuple[float, float]) -> float:
        penalty, shift = choice
        found = _reached(seen, logits[penalty], shift) >= fight_answers.LIMITS.score
        return float((found == truth)[short].mean())

    return max(itertools.product(PENALTIES, SHIFTS), key=right)


def _keep(truth: np.ndarray, rounds: Sequence[np.ndarray], path: Path) -> None:
    fights = np.concatenate([reached[truth] for reached in rounds])
    curve = [[round(at, 2), round(float((fights >= at).mean()), 3)] for at in np.arange(0.1, 0.96, 0.05)]
    protocol = f"{ROUNDS} x {FOLDS} folds grouped by scene, clips of 2 s, the asking and the rule of the product"
    figures = _figures(truth, rounds)
    told = {"protocol": protocol, "positives": int(truth.sum()), "recall": curve, "figures": figures}
    path.write_text(json.dumps({"kinds": {"fight": told}}) + "\n", "utf-8")


def _figures(truth: np.ndarray, rounds: Sequence[np.ndarray]) -> dict[str, Any]:
    """Return the figures of the round whose F1 is the middle one, as a report has them."""
    counted = [_count(truth, reached) for reached in rounds]
    tp, fp, fn = sorted(counted, key=lambda c: scores.f1(*c) or 0.0)[len(counted) // 2]
    return {
        "task": "clip", "n": len(truth), "tp": tp, "fp": fp, "fn": fn,
        "precision": scores.share(tp, tp + fp), "recall": scores.share(tp, tp + fn),
        "f1": scores.f1(tp, fp, fn), "f1_ci": scores.f1_interval(tp, fp, fn),
    }  # fmt: skip


def _count(truth: np.ndarray, reached: np.ndarray) -> tuple[int, int, int]:
    found = reached >= fight_answers.LIMITS.score
    return int((truth & found).sum()), int((~truth & found).sum()), int((truth & ~found).sum())


def _print(title: str, truth: np.ndarray, reached: np.ndarray) -> None:
    tp, fp, fn = _count(truth, reached)
    low, high = scores.f1_interval(tp, fp, fn) or (0.0, 1.0)
    order = reached[truth][:, None] - reached[~truth][None]
    area = float(((order > 0) + 0.5 * (order == 0)).mean())
    print(
        f"{title}: {len(truth)} clips, tp {tp} fp {fp} fn {fn}, f1 {2 * tp / (2 * tp + fp + fn):.3f} ({low:.3f} to {high:.3f}), "
        f"accuracy {1 - (fp + fn) / len(truth):.3f}, area under the curve {area:.3f}",
        flush=True,
    )
