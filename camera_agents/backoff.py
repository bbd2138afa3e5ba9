"""How long to wait before trying again: exponential with full jitter, so that many agents do not come back at once.

Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
"""

import random

_MAX_DOUBLINGS = 32


class Backoff:
    """Waits between attempts that failed.

    Args:
        base_s: the first wait is up to this long.
        cap_s: no wait is longer.
        chance: a generator of its own, or a seeded one.
    """

    def __init__(self, base_s: float, cap_s: float, chance: random.Random) -> None:
        self._base_s = base_s
        self._cap_s = cap_s
        self._chance = chance
        self._failures = 0

    @property
    def failures(self) -> int:
        """Failures since the last success."""
        return self._failures

    def next_s(self, least_s: float = 0.0) -> float:
        """Count a failure and return the seconds to wait: at least `least_s` (what the other side asked for), at most the cap."""
        ceiling_s = min(self._cap_s, self._base_s * 2 ** min(self._failures, _MAX_DOUBLINGS))
        self._failures += 1
        return min(self._cap_s, max(least_s, self._chance.uniform(0.0, ceiling_s)))

    def reset(self) -> None:
        """Forget the failures: an attempt succeeded."""
        self._failures = 0
