import random

from camera_agents import backoff


class Highest(random.Random):
    """Chance that always gives the most."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_waits_double_up_to_the_cap() -> None:
    waits = backoff.Backoff(0.5, 15.0, Highest())
    assert [waits.next_s() for _ in range(7)] == [0.5, 1, 2, 4, 8, 15, 15]


def test_waits_are_spread_over_the_whole_span() -> None:
    waits = backoff.Backoff(8.0, 8.0, random.Random(1))
    drawn = [waits.next_s() for _ in range(200)]
    assert min(drawn) < 1.0
    assert max(drawn) > 7.0


def test_a_success_begins_anew() -> None:
    waits = backoff.Backoff(0.5, 15.0, Highest())
    waits.next_s()
    waits.next_s()
    waits.reset()
    assert waits.failures == 0
    assert waits.next_s() == 0.5


def test_what_the_other_side_asks_for_is_the_least_but_never_beyond_the_cap() -> None:
    waits = backoff.Backoff(0.5, 15.0, random.Random(1))
    assert waits.next_s(3.0) == 3.0
    assert waits.next_s(3600.0) == 15.0


def test_a_thousand_failures_do_no_harm() -> None:
    waits = backoff.Backoff(0.5, 15.0, random.Random(1))
    assert all(waits.next_s() <= 15.0 for _ in range(1000))
