"""Figures of merit against independent implementations, published examples and brute force."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from detection.evaluation import scores

outcomes = st.lists(st.tuples(st.integers(0, 6).map(lambda n: n / 6), st.booleans()), min_size=1, max_size=40)


def average_precision_by_threshold(found: list[tuple[float, bool]]) -> float:
    """Sum precision times the rise of recall over every threshold, from the definition."""
    positives = sum(true for _, true in found)
    total, last_recall = 0.0, 0.0
    for threshold in sorted({score for score, _ in found}, reverse=True):
        taken = [true for score, true in found if score >= threshold]
        recall = sum(taken) / positives
        total += (recall - last_recall) * sum(taken) / len(taken)
        last_recall = recall
    return total


@given(outcomes)
def test_average_precision_agrees_with_its_definition(found: list[tuple[float, bool]]) -> None:
    value = scores.average_precision([s for s, _ in found], [t for _, t in found])
    if any(true for _, true in found):
        assert value == pytest.approx(average_precision_by_threshold(found))
    else:
        assert value is None


@given(outcomes)
def test_average_precision_agrees_with_scikit_learns(found: list[tuple[float, bool]]) -> None:
    values, truth = [score for score, _ in found], [true for _, true in found]
    if any(truth):
        expected = metrics.average_precision_score(truth, values)
        assert scores.average_precision(values, truth) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_average_precision_agrees_with_scikit_learns_on_many_pictures(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random(2000) < 0.1
    values = np.round(rng.normal(truth * 1.0, 1.0), 2)
    expected = metrics.average_precision_score(truth, values)
    assert scores.average_precision(values.tolist(), truth.tolist()) == pytest.approx(expected, abs=1e-12)


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_precision_recall_and_f1_agree_with_scikit_learns(tp: int, fp: int, fn: int, tn: int) -> None:
    truth = [True] * tp + [False] * fp + [True] * fn + [False] * tn
    said = [True] * (tp + fp) + [False] * (fn + tn)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(truth, said, average="binary")
    ours = scores.share(tp, tp + fp), scores.share(tp, tp + fn), scores.f1(tp, fp, fn)
    assert ours == pytest.approx((precision, recall, f1))


def test_average_precision_of_scikit_learns_own_example() -> None:
    assert scores.average_precision([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == pytest.approx(
        0.8333, abs=1e-4
    )


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_intervals_of_newcombes_table(part: int, whole: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 1998, table I, method 3."""
    assert scores.wilson(part, whole) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_the_interval_of_f1_holds_f1_and_is_never_a_point(tp: int, fp: int, fn: int) -> None:
    interval = scores.f1_interval(tp, fp, fn)
    value = scores.f1(tp, fp, fn)
    if value is None:
        assert interval is None
    else:
        assert interval is not None
        assert interval[0] - 1e-9 <= value <= interval[1] + 1e-9
        assert interval[1] - interval[0] > 0.01


def test_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    precision, recall = 6 / 8, 6 / 10
    assert scores.f1(6, 2, 4) == pytest.approx(2 * precision * recall / (precision + recall))


@given(st.integers(0, 20), st.floats(0.5, 100))
def test_the_poisson_bound_leaves_five_percent(count: int, hours: float) -> None:
    bound = scores.rate_upper_bound(count, hours)
    assert bound is not None
    mean = bound * hours
    at_most = sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(count + 1))
    assert at_most == pytest.approx(0.05, abs=1e-6)


def test_no_normal_footage_gives_no_bound() -> None:
    assert scores.rate_upper_bound(0, 0.0) is None


def test_no_alarm_in_three_hours_leaves_one_an_hour() -> None:
    assert scores.rate_upper_bound(0, 3.0) == pytest.approx(0.9986, abs=1e-4)


def test_errors_of_counts() -> None:
    assert scores.mean_absolute_error([8, 12], [10, 10]) == 2.0
    assert scores.relative_error([8, 15, 3], [10, 10, 0]) == pytest.approx(0.35)
    assert scores.relative_error([1], [0]) is None


def test_the_bootstrap_is_repeatable_and_covers_the_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(60):
        found = rng.normal(0, 1, 40).tolist()
        interval = scores.bootstrap(lambda a, b: float(np.mean(a)), found, found)
        assert interval is not None
        covered += interval[0] <= 0 <= interval[1]
    assert covered >= 50
    assert scores.bootstrap(scores.mean_absolute_error, [1, 2, 3], [2, 2, 2]) == scores.bootstrap(
        scores.mean_absolute_error, [1, 2, 3], [2, 2, 2]
    )


def test_nothing_has_no_figures() -> None:
    assert scores.wilson(0, 0) is None
    assert scores.f1(0, 0, 0) is None
    assert scores.percentile([], 50) is None
    assert scores.mean_absolute_error([], []) is None
    assert scores.bootstrap(scores.mean_absolute_error, [1.0], [1.0]) is None
