"""Operating points for a budget of false alarms, and how plainly it is told what they rest on."""

import json
import math
from pathlib import Path

import pytest

from detection import errors, histograms, models
from detection.evaluation import calibration
from detection.types import Kind

BUDGET = calibration.Budget.parse("0.15/camera/day")


def seen(hours: float, **episodes: dict[float, int]) -> histograms.Histogram:
    """Return a histogram: for each kind, how many episodes had which best score."""
    kinds = {}
    for kind, scores in episodes.items():
        reached = tuple(
            sum(n for score, n in scores.items() if histograms.bin_of(score) >= i) for i in range(histograms.BINS)
        )
        kinds[Kind(kind)] = histograms.Episodes(reached)
    return histograms.Histogram(hours * 3600, (), kinds)


def test_the_lowest_score_that_the_hours_support_is_chosen() -> None:
    (fire,) = calibration.choose(seen(2400, fire={0.45: 300, 0.62: 15, 0.71: 1}), BUDGET)
    assert fire.score == 0.63
    assert (fire.episodes, fire.usual_episodes, fire.supported) == (1, 16, True)
    assert fire.upper_per_hour is not None and fire.upper_per_hour <= BUDGET.per_hour


def test_too_few_hours_are_said_and_how_many_are_needed() -> None:
    """No alarm in n hours leaves 3.0 / n an hour: 0.15 a day needs 20 days."""
    choices = calibration.choose(seen(100, fire={0.40: 2}), BUDGET)
    assert choices[0].score == 0.41 and not choices[0].supported
    assert choices[0].hours_needed == pytest.approx(-math.log(0.05) * 24 / 0.15)
    text = calibration.table(choices, BUDGET)
    assert "100.0 camera-hours seen; budget 0.15/camera/day" in text
    assert "NOT SUPPORTED: 479 camera-hours are needed for this budget, 379 more" in text
    assert "expected miss rate: unknown" in text


def test_needed_hours_are_the_exact_poisson_bound() -> None:
    """At the bound, as few alarms as were seen come with 5 % chance."""
    for episodes in (0, 1, 4):
        mean = BUDGET.per_hour * calibration.needed_hours(episodes, BUDGET)
        at_most = sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(episodes + 1))
        assert at_most == pytest.approx(0.05, abs=1e-9)


def test_where_no_score_keeps_the_budget_that_is_said() -> None:
    choices = calibration.choose(seen(24, smoke={1.0: 9}), BUDGET)
    assert choices[0].score is None
    assert "smoke: no score keeps the budget: 9 episodes" in calibration.table(choices, BUDGET)


def test_nothing_scored_gives_nothing_to_choose_from() -> None:
    assert "No kind was scored" in calibration.table(calibration.choose(seen(10), BUDGET), BUDGET)


def curve_file(folder: Path, recall: object) -> Path:
    row = {"protocol": "5 folds by source", "positives": 200, "recall": recall}
    path = folder / "firenet.validation.json"
    path.write_text(json.dumps({"kinds": {"fire": row}}))
    return path


def test_the_miss_rate_comes_from_the_validation_curve_at_the_next_higher_score(tmp_path: Path) -> None:
    curve_file(tmp_path, [[0.3, 0.98], [0.5, 0.9], [0.7, 0.7]])
    (fire,) = calibration.choose(seen(2400, fire={0.60: 50}), BUDGET, calibration.load_curves(tmp_path))
    assert fire.score == 0.61
    assert fire.miss_rate == pytest.approx(0.3)
    assert "expected miss rate: 30% (24% to 37%; 200 examples, firenet: 5 folds by source)" in calibration.table(
        (fire,), BUDGET
    )


@pytest.mark.parametrize("recall", [[[0.5, 0.9], [0.3, 0.98]], [[0.3, 2.0]], [], "0.3", [[0.3]]])
def test_a_curve_not_in_its_form_is_refused_by_name(tmp_path: Path, recall: object) -> None:
    curve_file(tmp_path, recall)
    with pytest.raises(errors.ModelError, match=r"firenet\.validation\.json"):
        calibration.load_curves(tmp_path)


def test_figures_without_a_curve_leave_the_miss_rate_unknown(tmp_path: Path) -> None:
    (tmp_path / "firenet.validation.json").write_text('{"kinds": {"fire": {"protocol": "p", "figures": {"n": 3}}}}')
    assert calibration.load_curves(tmp_path) == {}


def test_the_curves_that_ship_are_in_their_form() -> None:
    for curve in calibration.load_curves(models.default_folder()).values():
        recall = curve.recall_at(0.5)
        assert recall is not None and recall > 0.5


def test_beyond_its_last_score_a_curve_tells_nothing(tmp_path: Path) -> None:
    curve_file(tmp_path, [[0.3, 0.98], [0.5, 0.9]])
    (fire,) = calibration.choose(seen(2400, fire={0.60: 50}), BUDGET, calibration.load_curves(tmp_path))
    assert (fire.score, fire.miss_rate) == (0.61, None)
    assert "expected miss rate: unknown" in calibration.table((fire,), BUDGET)


@pytest.mark.parametrize("text", ["0.15", "0/camera/day", "-1/camera/day", "1/camera/month", "1/agent/day"])
def test_a_budget_not_in_its_form_is_refused(text: str) -> None:
    with pytest.raises(errors.ProfileError, match=r"0\.15/camera/day"):
        calibration.Budget.parse(text)


def test_budgets_are_rates() -> None:
    assert calibration.Budget.parse("2/camera/hour").per_hour == 2
    assert calibration.Budget.parse("1.5/camera/week").per_hour == pytest.approx(1.5 / 168)
