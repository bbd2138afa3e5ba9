"""Webhooks: from an operator's confirmation to the signed message at the agency's listener, through a real hub process and a real HTTP server.

Counted from before the confirmation is asked for, so the decision itself is in the figure. One after another, at moments that the hub's timers know
nothing of, and all at once: an agency is told of its messages in order, one at a time.
"""

import random
import time

from tests.benchmarks import figures, sharing
from tests.support import waiting

GOAL = "<= 2"
LONGEST_S = 60.0


def run(quick: bool) -> list[figures.Figure]:
    """Confirm incidents one after another, then as many at once."""
    times, chance = 20 if quick else 100, random.Random(5)
    with sharing.running(2 * times) as district:
        apart = district.burn(range(times))
        asked_s = []
        for number, incident_id in enumerate(apart):
            asked_s.append(district.confirm(incident_id))
            _wait(district, apart[: number + 1])
            time.sleep(chance.uniform(0, 0.3))
        at_once = district.burn(range(times, 2 * times))
        asked_at_once_s = [district.confirm(incident_id) for incident_id in at_once]
        confirming_s = time.perf_counter() - asked_at_once_s[0]
        _wait(district, at_once)
        return [
            _figure(district, "one after another", apart, asked_s, f"{times} incidents"),
            _figure(
                district, "all at once", at_once, asked_at_once_s,
                f"{times} incidents confirmed within {confirming_s:.1f} s",
            ),
        ]  # fmt: skip


def _wait(district: sharing.District, incidents: list[str]) -> None:
    waiting.wait_until(lambda: all(one in district.arrivals for one in incidents), LONGEST_S, "the webhooks")


def _figure(
    district: sharing.District, name: str, incidents: list[str], asked_s: list[float], note: str
) -> figures.Figure:
    late_s = sorted(district.arrivals[one] - at for one, at in zip(incidents, asked_s, strict=True))
    p50, p95 = late_s[len(late_s) // 2], late_s[min(len(late_s) - 1, int(0.95 * len(late_s)))]
    words = f"{note}; p50 {p50:.2f} s, slowest {late_s[-1]:.2f} s"
    return figures.Figure(f"confirmed to webhook, {name}, p95", p95, "s", GOAL, words)
