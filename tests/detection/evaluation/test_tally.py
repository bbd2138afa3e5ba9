"""From labels and findings to figures, by the protocol."""

from collections.abc import Callable
from pathlib import Path

import pytest

from detection.evaluation import labels, tally
from detection.evaluation.labels import Label, Task
from detection.evaluation.work import Found

Find = Callable[[Label], Found | None]


def clip(name: str, kind: str, start_s: float | None = None, value: float | None = None) -> Label:
    return Label(1, Path(name), Task.CLIP, kind, start_s=start_s, value=value)


def finder(**raised: tuple[tuple[str, float], ...]) -> Find:
    """Return findings by file name: clips of one minute."""
    return lambda row: Found(raised[row.path.name], 60.0) if row.path.name in raised else None


def only(results: tuple[tally.Result, ...], kind: str) -> tally.Result:
    (result,) = [result for result in results if result.kind == kind]
    return result


def test_hits_misses_and_false_alarms_are_counted_per_kind() -> None:
    rows = [
        clip("hit", "intrusion", 10),
        clip("late", "intrusion", 10),
        clip("missed", "intrusion", 10),
        clip("quiet", labels.NONE),
        clip("noisy", labels.NONE),
    ]
    find = finder(
        hit=(("intrusion", 11.0), ("intrusion", 40.0)),
        late=(("intrusion", 30.0),),
        missed=(("moved", 11.0),),
        quiet=(),
        noisy=(("intrusion", 3.0), ("intrusion", 9.0)),
    )
    result = only(tally.results(rows, find), "intrusion")
    assert (result.n, result.tp, result.fp, result.fn) == (5, 1, 2, 2)
    assert result.precision == pytest.approx(1 / 3)
    assert result.recall == pytest.approx(1 / 3)
    assert result.kisa == pytest.approx(200 / 6)
    assert result.delay_s == (1.0, 1.0)


def test_a_file_labelled_with_other_kinds_only_is_ignored() -> None:
    rows = [clip("a", "intrusion", 10), clip("b", "moved", 10)]
    find = finder(a=(("intrusion", 10.5),), b=(("intrusion", 4.0), ("moved", 12.0)))
    assert only(tally.results(rows, find), "intrusion").fp == 0


def test_the_first_event_of_a_file_is_the_one_that_counts() -> None:
    rows = [clip("a", "intrusion", 40), clip("a", "intrusion", 10)]
    result = only(tally.results(rows, finder(a=(("intrusion", 11.0),))), "intrusion")
    assert (result.n, result.tp) == (1, 1)


def test_dwell_moves_the_window() -> None:
    for kind in ("loitering", "stopped_vehicle"):
        result = only(tally.results([clip("a", kind, 10)], finder(a=((kind, 21.0),))), kind)
        assert (result.tp, result.delay_s) == (1, (1.0, 1.0))
        early = only(tally.results([clip("a", kind, 10)], finder(a=((kind, 12.0),))), kind)
        assert (early.tp, early.fp, early.fn) == (0, 1, 1)
    assert tally.due(clip("a", "illegal_parking", 10, value=25.0), 60).at_s == 35.0


def test_a_kind_that_cannot_be_decided_has_no_figures_rather_than_zeros() -> None:
    rows = [clip("a", "clock_drift", 1), clip("b", labels.NONE), Label(3, Path("c"), Task.IMAGE, "fall")]
    in_clips, in_pictures = tally.results(rows, finder(a=(), b=()))
    assert (in_clips.kind, in_clips.supported, in_clips.n, in_clips.fn) == ("clock_drift", False, 2, None)
    assert (in_pictures.kind, in_pictures.supported, in_pictures.recall) == ("fall", False, None)


def test_a_file_that_could_not_be_looked_at_is_in_no_figure() -> None:
    rows = [clip("a", "moved", 1), clip("gone", "moved", 1)]
    result = only(tally.results(rows, finder(a=(("moved", 2.0),))), "moved")
    assert (result.n, result.tp, result.fn) == (1, 1, 0)


def test_every_alarm_on_normal_footage_counts_as_a_false_one() -> None:
    rows = [clip(name, labels.NONE) for name in "ab"] + [clip("c", "moved", 5)]
    alarms = tally.false_alarms(rows, finder(a=(("crowd", 1.0), ("crowd", 9.0)), b=(), c=(("crowd", 3.0),)))
    assert alarms.hours == pytest.approx(120 / 3600)
    assert alarms.per_hour("crowd") == pytest.approx(60.0)
    assert alarms.per_hour("moved") == 0.0
    upper = alarms.upper_95("moved")
    assert upper is not None and upper == pytest.approx(2.996 * 30, abs=0.1)


def test_counts_give_errors_with_intervals() -> None:
    rows = [Label(i, Path(str(i)), Task.COUNT, labels.PEOPLE, value=10.0) for i in (1, 2)]
    (result,) = tally.results(rows, lambda row: Found(people=8 if row.line == 1 else 14))
    assert result.mae == 3.0
    assert result.relative_error == pytest.approx(0.3)
    assert result.mae_ci == (2.0, 4.0)


def test_pictures_of_crowds_are_judged_by_the_count() -> None:
    rows = [Label(i, Path(str(i)), Task.IMAGE, kind) for i, kind in enumerate(["crowd", "crowd", "none", "none"])]
    people = {0: 30, 1: 3, 2: 20, 3: 0}
    (result,) = tally.results(rows, lambda row: Found(people=people[row.line]))
    assert (result.tp, result.fp, result.fn) == (1, 1, 1)
    assert result.ap == pytest.approx((1 + 2 / 3) / 2)
