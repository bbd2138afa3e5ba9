"""The threshold that would have kept an alarm silent."""

import math

import pytest

from detection import counterfactuals, types
from detection.triggers import verdicts


@pytest.mark.parametrize(
    ("value", "comparison", "unit", "expected"),
    [
        (17.3, ">=", "s", 20.0),
        (10.2, ">=", "s", 15.0),
        (10.0, ">=", "s", 15.0),
        (0.62, ">=", "share", 0.65),
        (0.31, "<=", "of usual", 0.3),
        (0.3, "<=", "of usual", 0.25),
        (16.0, ">=", "people", 17.0),
        (3.0, ">=", "looks", 4.0),
        (2.0, ">=", "answers", 3.0),
        (7200.3, ">=", "s", 7500.0),
        (0.0, ">=", "s", 0.05),
    ],
)
def test_it_is_the_next_step_beyond_what_was_measured(
    value: float, comparison: str, unit: str, expected: float
) -> None:
    condition = types.Condition("dwell", value, comparison, value, unit)
    assert counterfactuals.silent_threshold(condition) == expected


@pytest.mark.parametrize("value", [0.0004, 0.3, 0.9999, 1.0, 7.0, 59.99, 1234.5])
@pytest.mark.parametrize("comparison", [">=", "<="])
def test_with_it_the_condition_does_not_hold(value: float, comparison: str) -> None:
    threshold = counterfactuals.silent_threshold(types.Condition("x", value, comparison, value, "lengths"))
    assert threshold is not None
    assert not verdicts.hold((types.Condition("x", value, comparison, threshold, "lengths"),))


@pytest.mark.parametrize(
    ("value", "comparison", "unit"),
    [(0.0, "<=", "share"), (1.0, ">=", "share"), (0.0, "<=", "looks"), (math.inf, ">=", "s"), (math.nan, ">=", "s")],
)
def test_where_no_threshold_could_have_silenced_it_there_is_none(value: float, comparison: str, unit: str) -> None:
    assert counterfactuals.silent_threshold(types.Condition("x", value, comparison, 0.5, unit)) is None


@pytest.mark.parametrize(("value", "unit"), [(34.0, "people"), (0.2, "share"), (0.0, "people/min")])
def test_what_is_only_told_has_no_threshold_that_would_have_silenced_it(value: float, unit: str) -> None:
    assert counterfactuals.silent_threshold(types.Condition("x", value, ">=", 0.0, unit)) is None
