from camera_agents.streams import rates


class Clock:
    """Monotonic seconds that move when told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def counted(times_s: list[float]) -> tuple[rates.Rate, Clock]:
    clock = Clock()
    begin_s = clock.now_s
    rate = rates.Rate(clock)
    for time_s in times_s:
        clock.now_s = begin_s + time_s
        rate.count()
    return rate, clock


def test_what_never_happened_has_a_rate_of_nothing() -> None:
    assert counted([])[0].per_second() == 0.0


def test_a_young_rate_is_measured_since_the_first_count_and_not_over_the_whole_window() -> None:
    rate, _ = counted([i / 15 for i in range(61)])
    assert rate.per_second() == 61 / 4


def test_the_very_first_count_is_not_taken_for_a_flood() -> None:
    assert counted([0.0])[0].per_second() == 1.0


def test_counts_older_than_the_window_no_longer_weigh() -> None:
    rate, clock = counted([0.0, 1.0, 2.0, 11.5])
    assert rate.per_second() == 2 / 10
    clock.now_s += 60
    assert rate.per_second() == 0.0


def test_more_counts_than_are_kept_still_give_the_true_rate() -> None:
    rate, _ = counted([i / 500 for i in range(10_000)])
    assert abs(rate.per_second() - 500) < 1


def test_a_cleared_rate_begins_anew() -> None:
    rate, _ = counted([0.0, 0.5])
    rate.clear()
    assert rate.per_second() == 0.0
