"""A clip's answers as the product would get them: which of the recorded windows the examiner would ask about, and when its trigger would raise."""

from collections.abc import Sequence

import numpy as np

from detection import thresholds
from detection.examiners import fight

LIMITS = thresholds.FightThresholds()


def asked(times_s: Sequence[float], scores: Sequence[float]) -> list[tuple[float, float]]:
    """Return the answers, time and score, that the examiner would ask for, given those of all windows in order.

    Windows are recorded at every question of an examiner that stays suspicious; after calm answers it asks less. That it asks at once where more changes than before is left out: clips of
    two seconds are over by then.
    """
    due_s, calm, quick = float("-inf"), 0, 0
    answers: list[tuple[float, float]] = []
    for time_s, score in zip(times_s, scores, strict=True):
        if time_s - due_s > fight.CALM_REST_S:
            calm = quick = 0
        if time_s < due_s:
            continue
        answers.append((time_s, score))
        calm = 0 if score >= fight.SUSPICIOUS else calm + 1
        quick = 0 if calm >= fight.CALM_ANSWERS else quick + 1
        if calm >= fight.CALM_ANSWERS:
            due_s = time_s + (fight.CALM_REST_S if calm < fight.LONG_CALM_ANSWERS else fight.LONG_REST_S)
        else:
            due_s = time_s + (fight.AGAIN_S if quick < fight.QUICK_ANSWERS else fight.SLOW_S)
    return answers


def reached(times_s: Sequence[float], scores: Sequence[float]) -> float:
    """Return the highest threshold at which the trigger would raise at some moment of a clip; 0 where too few answers agree."""
    answers = asked(times_s, scores)
    best = 0.0
    for end, (now_s, _) in enumerate(answers, start=1):
        newest = sorted(score for time_s, score in answers[:end] if now_s - time_s <= LIMITS.within_s)
        if len(newest) >= LIMITS.answers and newest[-LIMITS.answers] >= LIMITS.speaking:
            best = max(best, float(np.mean(newest)))
    return best
