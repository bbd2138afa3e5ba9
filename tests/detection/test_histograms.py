"""Counting episodes of scores: bounded, added, kept as JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection import histograms, types
from detection.types import Evidence, Kind

MODEL = types.ModelUsed("firenet", "ab" * 32)


def fire(score: float) -> types.Step:
    return types.Step(evidence=(Evidence(Kind.FIRE, score),))


def record(*looks: tuple[float, float]) -> histograms.Episodes:
    """Return the counts of fire scored at these times."""
    recorder = histograms.Recorder()
    for time_s, score in looks:
        recorder.note(time_s, fire(score))
    return recorder.histogram().kinds[Kind.FIRE]


def test_the_best_score_of_minutes_on_end_is_one_episode() -> None:
    made = record((0, 0.3), (30, 0.6), (70, 0.6), (130, 0.6))
    assert [made.at_least(score) for score in (0.0, 0.3, 0.6, 0.61)] == [1, 1, 1, 0]


def test_a_score_that_falls_and_rises_again_is_a_second_episode_at_the_scores_between() -> None:
    made = record((0, 0.8), (60, 0.4), (120, 0.8))
    assert [made.reached[i] for i in (40, 41, 80, 81)] == [1, 2, 2, 0]
    assert made.at_least(0.3) == 2, "a lower threshold never looks the quieter"


def test_a_minute_without_evidence_ends_an_episode() -> None:
    made = record((0, 0.8), (130, 0.8))
    assert made.at_least(0.8) == 2


def test_only_time_between_looks_that_followed_each_other_was_watched() -> None:
    recorder = histograms.Recorder()
    for time_s in (100, 101, 161, 1000, 1001, 500, 502):
        recorder.note(time_s, types.Step())
    assert recorder.histogram().watched_s == pytest.approx(61 + 1 + 2)


def raised(kind: Kind, score: float) -> types.Raised:
    return types.Raised("k", kind, str(kind), 0.0, 0.0, score, ())


def test_events_of_kinds_that_nothing_scores_are_counted_by_their_own_score() -> None:
    recorder = histograms.Recorder()
    recorder.note(0, types.Step(raised=(raised(Kind.INTRUSION, 0.7),)))
    recorder.note(1, fire(0.2))
    recorder.note(2, types.Step(raised=(raised(Kind.FIRE, 0.9),)))
    kinds = recorder.histogram().kinds
    assert (kinds[Kind.INTRUSION].at_least(0.7), kinds[Kind.INTRUSION].raised) == (1, 1)
    assert (kinds[Kind.FIRE].at_least(0.2), kinds[Kind.FIRE].at_least(0.9), kinds[Kind.FIRE].raised) == (1, 0, 1)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(-1, 2)), min_size=1, max_size=50))
def test_whatever_comes_a_histogram_is_bounded_and_reads_back(looks: list[tuple[float, float]]) -> None:
    recorder = histograms.Recorder(models=[MODEL])
    for time_s, score in looks:
        recorder.note(time_s, fire(score))
    made = recorder.histogram()
    text = json.dumps(histograms.as_json(made))
    assert histograms.from_json(json.loads(text)) == made
    assert len(text) < 2000
    assert made.kinds[Kind.FIRE].at_least(0.0) <= len(looks)


def test_what_was_kept_is_gone_on_with_and_begun_anew_for_another_model() -> None:
    first = histograms.Recorder(models=[MODEL])
    first.note(0, fire(0.9))
    first.note(10, fire(0.1))
    kept = histograms.from_json(histograms.as_json(first.histogram()))
    second = histograms.Recorder(kept, [MODEL])
    second.note(1000, fire(0.9))
    assert second.histogram().kinds[Kind.FIRE].at_least(0.9) == 2
    assert second.histogram().watched_s == 10
    assert histograms.Recorder(kept, [types.ModelUsed("firenet", "cd" * 32)]).histogram().kinds == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "version 1"),
        ({"watched_s": -1}, "watched_s is -1"),
        ({"kinds": {"fire": {"reached": [1, -2], "raised": 0}}}, "kind 'fire': needs 100 counts from 0"),
        ({"kinds": {"fire": {"reached": [1] * 101, "raised": 0}}}, "needs 100 counts"),
        ({"kinds": {"fire": []}}, "kind 'fire'"),
        ({"models": None}, "list models"),
    ],
)
def test_what_is_no_histogram_is_refused_with_the_place(change: dict[str, object], said: str) -> None:
    value = {**histograms.as_json(histograms.Histogram()), **change}
    with pytest.raises(ValueError, match=said):
        histograms.from_json(value)


def test_kinds_of_a_later_version_are_left_out() -> None:
    value = {**histograms.as_json(histograms.Histogram()), "kinds": {"dragon": {"reached": [1], "raised": 0}}}
    assert histograms.from_json(value).kinds == {}
