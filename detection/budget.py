"""What one camera may spend on questions to further models, and which of them are shed first when it is spent.

A purse is filled evenly and never beyond what a burst may take. A question is put only if enough is left for those that matter more. Urgent questions, about
something that may be happening, come first: fire before falls, falls before fights. What is asked though nothing is suspected leaves a larger part to them, in the
same order; weapons and crowds come last. Costs are fixed numbers, not measured while it runs, so that the same pictures give the
same events on every machine.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from detection import settings


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model's question costs.

    Attributes:
        ms: of one core, with an input of `size` numbers; more input costs in proportion.
        reserve: the share of the purse that an urgent question leaves to those who matter more.
        calm_reserve: the share that it leaves where nothing urgent calls for it.
    """

    ms: float
    size: int
    reserve: float
    calm_reserve: float


_UNKNOWN = Cost(60.0, 224 * 224 * 3, 0.6, 0.6)
COSTS: Mapping[str, Cost] = {
    "fire": Cost(7.5, 224 * 224 * 3, 0.0, 0.3),
    "pose": Cost(28.0, 256 * 256 * 3, 0.05, 0.4),
    "fight": Cost(48.0, 6 * 224 * 224 * 3, 0.2, 0.4),
    "weapon": Cost(7.5, 224 * 224 * 3, 0.6, 0.6),
    "crowd": Cost(61.0, 3 * 576 * 1024, 0.6, 0.6),
}
"""By task, in the order in which they are kept; measured alone on one thread of the machine of `tests/benchmarks/README.md`. A task of one's own is
shed among the first."""


class Purse:
    """What is left of one camera's budget. Times may fall (a clock set back): nothing is given for such a step."""

    def __init__(self, limits: settings.BudgetSettings) -> None:
        self._ms_per_s = limits.ms_per_s
        self._most_ms = limits.ms_per_s * limits.burst_s
        self._left_ms = self._most_ms
        self._time_s = math.nan

    def fill(self, now_s: float) -> None:
        """Let time pass."""
        passed_s = now_s - self._time_s
        if passed_s > 0:
            self._left_ms = min(self._most_ms, self._left_ms + passed_s * self._ms_per_s)
        self._time_s = now_s

    def spend(self, task: str, size: int, urgent: bool = True) -> bool:
        """Take a question's cost, if that leaves enough for those that matter more; return whether it did.

        Args:
            size: how many numbers its input has.
            urgent: it is about something that may be happening.
        """
        cost = COSTS.get(task, _UNKNOWN)
        after_ms = self._left_ms - cost.ms * size / cost.size
        if after_ms < (cost.reserve if urgent else cost.calm_reserve) * self._most_ms:
            return False
        self._left_ms = after_ms
        return True

    def give_back(self, task: str, size: int) -> None:
        """Take back what a question would have cost that nobody answered."""
        cost = COSTS.get(task, _UNKNOWN)
        self._left_ms = min(self._most_ms, self._left_ms + cost.ms * size / cost.size)
