"""What would have kept an alarm silent: for each condition the next sensible threshold with which it would not have held.

It speaks of the look that raised. A threshold on a time that was still running would have raised later, if the behaviour went on that long.
"""

import math

from detection import types

_COUNTED = frozenset(
    {"looks", "pairs", "people", "cells", "readings", "vehicles", "objects", "cameras", "jolts", "turns", "answers"}
)
"""Units whose values are whole numbers."""
_AT_MOST_ONE = frozenset({"share", "cosine", "correlation", "share of zone"})
_EXACT = 1e-9


def silent_threshold(condition: types.Condition) -> float | None:
    """Return the threshold next beyond the measured value, on a step that a person would choose; None where there is none.

    Steps are half of the value's own power of ten (17.3 gives 20, 0.62 gives 0.65), counts go by one, and nothing goes below zero.
    """
    value = condition.value
    if not math.isfinite(value) or (
        condition.comparison == ">=" and condition.threshold == 0 and condition.unit != "s"
    ):
        return None  # a limit of nothing is met by any value: it explains and decides nothing (a dwell of 0 s can be raised)
    if condition.unit in _COUNTED:
        beyond = math.floor(value + _EXACT) + 1.0 if condition.comparison == ">=" else math.ceil(value - _EXACT) - 1.0
    else:
        step = 0.5 * 10.0 ** math.floor(math.log10(abs(value))) if abs(value) > _EXACT else 0.05
        beyond = _next(value, step if condition.comparison == ">=" else -step)
    if beyond < 0.0 <= value or (condition.unit in _AT_MOST_ONE and beyond > 1.0):
        return None
    return beyond


def _next(value: float, step: float) -> float:
    """Return the multiple of `step` next to `value` in the step's direction."""
    count = math.floor(value / abs(step) + _EXACT) + 1 if step > 0 else math.ceil(value / abs(step) - _EXACT) - 1
    digits = max(0, 2 - math.floor(math.log10(abs(step))))
    return round(count * abs(step), digits)
