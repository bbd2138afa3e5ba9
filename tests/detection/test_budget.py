"""What a camera may spend on further models: evenly filled, bounded, and kept for what matters most."""

import pytest

from detection import budget, errors, settings

FIGHT = budget.COSTS["fight"].size
TILE = budget.COSTS["fire"].size
CROWD = budget.COSTS["crowd"].size


def purse(ms_per_s: float = 50.0, burst_s: float = 10.0) -> budget.Purse:
    made = budget.Purse(settings.BudgetSettings(ms_per_s, burst_s))
    made.fill(0.0)
    return made


def spent(one: budget.Purse, task: str, size: int, urgent: bool = True) -> int:
    """Return how often the purse pays for a question before it does not."""
    return next(i for i in range(1000) if not one.spend(task, size, urgent))


def test_a_burst_is_bounded_and_more_comes_with_time() -> None:
    one = purse()
    assert spent(one, "fire", TILE) == 66  # 500 ms at 7.5 each
    one.fill(3.0)
    assert spent(one, "fire", TILE) == 20  # 150 ms, and 5 were left
    one.fill(1000.0)
    assert spent(one, "fire", TILE) == 66


def test_what_matters_less_leaves_its_reserve_to_what_matters_more() -> None:
    one = purse()
    assert spent(one, "crowd", CROWD) == 3  # down to three fifths of 500 ms
    assert spent(one, "fight", FIGHT) == 4  # down to a fifth
    assert one.spend("pose", budget.COSTS["pose"].size)
    assert spent(one, "fire", TILE) > 10


def test_what_nothing_urgent_calls_for_leaves_more() -> None:
    one = purse()
    assert spent(one, "fire", TILE, urgent=False) == 46  # down to three tenths of 500 ms
    assert not one.spend("fight", FIGHT, urgent=False)
    assert not one.spend("pose", budget.COSTS["pose"].size, urgent=False)
    assert spent(one, "pose", budget.COSTS["pose"].size) == 4  # 155 ms, of which 25 are left to fire


def test_larger_inputs_cost_in_proportion() -> None:
    one = purse(ms_per_s=10.5)  # 105 ms: fourteen tiles
    assert one.spend("fire", 14 * TILE)
    assert not one.spend("fire", TILE)


def test_a_question_that_nobody_answered_costs_nothing() -> None:
    one = purse()
    while one.spend("fire", TILE):
        pass
    one.give_back("fire", TILE)
    assert one.spend("fire", TILE)


def test_a_clock_that_is_set_back_gives_nothing_and_takes_nothing() -> None:
    one = purse()
    assert spent(one, "fire", TILE) == 66
    one.fill(-100.0)
    assert not one.spend("fire", TILE)
    one.fill(-97.0)
    assert spent(one, "fire", TILE) == 20


def test_a_budget_of_nothing_asks_nothing_and_a_negative_one_is_refused() -> None:
    assert not purse(ms_per_s=0.0).spend("fire", TILE)
    with pytest.raises(errors.ProfileError, match=r"budget\.ms_per_s"):
        settings.BudgetSettings(ms_per_s=-1.0)
