"""KISA's rule by a hand-computed example and against a second scorer; KISA's files out and in."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.evaluation import kisa
from detection.evaluation.kisa import Due, Verdict

MINUTE = 60.0

HAND_COMPUTED = [
    # first alarm, event start, dwell, clip length -> tp, fp, fn, worked out on paper from the rule
    (31.0, 30.0, 0.0, MINUTE, (1, 0, 0)),  # one second after
    (28.0, 30.0, 0.0, MINUTE, (1, 0, 0)),  # exactly two seconds early: still in
    (27.9, 30.0, 0.0, MINUTE, (0, 1, 1)),  # too early: a false alarm and a miss
    (40.0, 30.0, 0.0, MINUTE, (1, 0, 0)),  # exactly ten seconds late: still in
    (40.1, 30.0, 0.0, MINUTE, (0, 1, 1)),  # too late
    (None, 30.0, 0.0, MINUTE, (0, 0, 1)),  # missed
    (12.0, None, 0.0, MINUTE, (0, 1, 0)),  # an alarm on a normal clip
    (None, None, 0.0, MINUTE, (0, 0, 0)),  # silence on a normal clip
    (30.0, 20.0, 10.0, MINUTE, (1, 0, 0)),  # a kind with 10 s of dwell is due at 30
    (25.0, 20.0, 10.0, MINUTE, (0, 1, 1)),  # and 25 is too early for it
]


def second_scorer(first: float | None, start: float | None, dwell: float, length: float) -> tuple[int, int, int]:
    """Score one clip, written from DOMAIN.md section 7 and the clip-length rule of the labels protocol alone."""
    alarmed, event = first is not None, start is not None
    if event and not alarmed:
        return 0, 0, 1
    if not event:
        return 0, int(alarmed), 0
    assert first is not None and start is not None
    hit = first >= start - 2 if length < 12 else start + dwell - 2 <= first <= start + dwell + 10
    return (1, 0, 0) if hit else (0, 1, 1)


def judge(first: float | None, start: float | None, dwell: float, length: float) -> tuple[int, int, int]:
    verdict = kisa.judge(first, None if start is None else Due(start, dwell, length))
    return verdict.tp, verdict.fp, verdict.fn


@pytest.mark.parametrize(("first", "start", "dwell", "length", "expected"), HAND_COMPUTED)
def test_each_clip_of_the_hand_computed_example(
    first: float | None, start: float | None, dwell: float, length: float, expected: tuple[int, int, int]
) -> None:
    assert judge(first, start, dwell, length) == expected


def test_the_score_of_the_hand_computed_example() -> None:
    """4 hits, 4 false alarms, 4 misses: 200 x 4 / (8 + 4 + 4) = 50."""
    sums = [sum(column) for column in zip(*(row[4] for row in HAND_COMPUTED), strict=True)]
    assert sums == [4, 4, 4]
    judged = [judge(*row[:4]) for row in HAND_COMPUTED]
    assert kisa.score(*(sum(column) for column in zip(*judged, strict=True))) == 50.0


def test_ten_clips_of_which_one_is_missed_pass_and_two_do_not() -> None:
    nine, eight = kisa.score(9, 0, 1), kisa.score(8, 0, 2)
    assert nine is not None and nine == pytest.approx(94.74, abs=0.01) and nine >= kisa.PASS_SCORE
    assert eight is not None and eight == pytest.approx(88.89, abs=0.01) and eight < kisa.PASS_SCORE


halves = st.integers(0, 160).map(lambda n: n / 2)


@given(st.none() | halves, st.none() | halves, st.sampled_from([0.0, 10.0]), st.integers(4, 80).map(float))
def test_a_second_scorer_agrees(first: float | None, start: float | None, dwell: float, length: float) -> None:
    assert judge(first, start, dwell, length) == second_scorer(first, start, dwell, length)


@pytest.mark.parametrize(("alarm", "hit"), [(0.9, False), (1.0, True), (8.0, True), (11.5, True)])
def test_in_a_short_clip_any_alarm_from_two_seconds_before_the_start_is_a_hit(alarm: float, hit: bool) -> None:
    assert Due(3.0, 10.0, 11.9).covers(alarm) is hit


def test_nothing_to_find_and_nothing_found_has_no_score() -> None:
    assert kisa.score(0, 0, 0) is None
    assert kisa.judge(None, None) == Verdict()


def test_a_written_file_reads_back(tmp_path: Path) -> None:
    clip = kisa.Clip(
        "a.mp4", "Intrusion", 301.0, ((10, 20), (630, 20), (630, 470)), alarms=((61.0, 15.0), (4000.0, 1.0))
    )
    kisa.write(tmp_path / "a.xml", clip)
    assert kisa.read(tmp_path / "a.xml") == clip
    assert "<StartTime>01:06:40</StartTime>" in (tmp_path / "a.xml").read_text(encoding="utf-8")


def test_kisas_own_form_is_read(tmp_path: Path) -> None:
    path = tmp_path / "C001.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><KisaLibraryIndex><Library><Scenario>Loitering</Scenario><Dataset>d</Dataset>'
        "<Libversion>1</Libversion><Clip><Header><Filename>C001.mp4</Filename><Duration>00:05:00</Duration><AlarmEvents>"
        "<Loitering><Point>0,10</Point><Point>639, 10</Point><Point>320,479</Point></Loitering></AlarmEvents></Header>"
        "<Alarms><Alarm><StartTime>00:01:10</StartTime><AlarmDescription>x</AlarmDescription><AlarmDuration>00:00:20</AlarmDuration>"
        "</Alarm></Alarms></Clip></Library></KisaLibraryIndex>",
        encoding="utf-8",
    )
    clip = kisa.read(path)
    assert (clip.scenario, clip.duration_s, clip.alarms) == ("Loitering", 300.0, ((70.0, 20.0),))
    assert clip.zone_px == ((0, 10), (639, 10), (320, 479))
    assert kisa.kind_of(clip, path) == "loitering"


def test_a_document_type_is_found_in_utf_16_too(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text('<!DOCTYPE a [<!ENTITY b "c">]><KisaLibraryIndex/>', encoding="utf-16")
    with pytest.raises(kisa.KisaError, match="declares a document type"):
        kisa.read(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not xml", "is no XML"),
        ("<KisaLibraryIndex/>", "has no Library/Clip"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><KisaLibraryIndex/>', "declares a document type"),
        (
            "<K><Library><Clip><Header><Duration>5 min</Duration></Header></Clip></Library></K>",
            "time '5 min' is no time; write HH:MM:SS",
        ),
        (
            "<K><Library><Clip><Header><Duration>00:00:09</Duration><AlarmEvents><I><Point>3;4</Point></I></AlarmEvents>"
            "</Header></Clip></Library></K>",
            "point '3;4' is no point",
        ),
    ],
)
def test_a_damaged_file_is_refused_with_its_name(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(kisa.KisaError) as refused:
        kisa.read(path)
    assert str(refused.value).startswith(str(path))
    assert words in str(refused.value)


def test_an_unknown_scenario_is_refused(tmp_path: Path) -> None:
    with pytest.raises(kisa.KisaError, match="scenario 'Queueing' is unknown"):
        kisa.kind_of(kisa.Clip("a.mp4", "Queueing", 1.0), tmp_path)
