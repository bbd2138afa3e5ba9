"""The fight examiner on drawn pictures, with answers as the test says."""

import itertools
from dataclasses import dataclass, field

import numpy as np
import pytest

from detection import boxes, experts, types
from detection.examiners import fight
from detection.types import Kind, ObjectClass

PAIR = ((560.0, 260.0, 620.0, 420.0), (630.0, 260.0, 690.0, 420.0))
ONE = PAIR[:1]
WHOLE = (0.0, 0.0, 1280.0, 720.0)
BUSY = (540, 250, 710, 430)
"""Where the drawn people move, pixels."""


@dataclass
class Model:
    """Answers with one score and keeps what it was asked."""

    score: float = 0.9
    sheds: bool = False
    asked: list[types.Pixels] = field(default_factory=list)

    def ask(self, task: str, blob: experts.Blob) -> experts.Answer | None:
        assert task == "fight"
        self.asked.append(np.asarray(blob))
        return None if self.sheds else (np.array([self.score], np.float32),)


def look(
    number: int,
    people: tuple[types.Box, ...] = PAIR,
    busy: bool = True,
    motion: tuple[types.Box, ...] = (),
    looks_per_s: float = 5.0,
) -> types.Look:
    """Return a look at people of whom, where `busy`, everything changes from look to look."""
    luma = np.full((720, 1280), 90, np.uint8)
    if busy:
        x1, y1, x2, y2 = BUSY
        luma[y1:y2, x1:x2] = 60 if number % 2 else 160
    chroma = np.full((360, 640), 128, np.uint8)
    time_s = number / looks_per_s
    frame = types.Frame(time_s, luma, chroma, chroma)
    thumb = types.Thumb(time_s, np.zeros((180, 320), np.uint8), 0.01, True)
    found = types.Detections(
        boxes.as_array(people),
        np.full(len(people), 0.4, np.float32),
        np.full(len(people), int(ObjectClass.PERSON), np.int64),
    )
    return types.Look(frame, thumb, True, motion, (WHOLE,), found)


def watch(model: Model, looks: list[types.Look]) -> list[tuple[float, types.Evidence]]:
    examiner = fight.Fight()
    return [(one.frame.time_s, said) for one in looks for said in examiner.examine(one, (), model.ask)]


def test_people_who_struggle_are_answered_twice_within_a_clip_of_two_seconds() -> None:
    model = Model(score=0.9)
    found = watch(model, [look(i) for i in range(10)])
    assert [time_s for time_s, _ in found] == pytest.approx([1.0, 1.4, 1.8])
    assert model.asked[0].shape == (fight.FRAMES, fight.SIDE_PX, fight.SIDE_PX, 3)
    assert model.asked[0].dtype == np.uint8
    for _, said in found:
        assert said.kind is Kind.FIGHT
        assert said.score == pytest.approx(0.9)
        assert said.box is not None
        assert boxes.contains(said.box, (560.0, 260.0, 690.0, 420.0), slack_px=4)


def test_after_three_answers_that_speak_for_nothing_the_model_rests() -> None:
    found = watch(Model(score=0.05), [look(i) for i in range(60)])
    assert [time_s for time_s, _ in found] == pytest.approx([1.0, 1.4, 1.8, 5.8, 9.8])


def test_a_first_answer_without_suspicion_does_not_silence_a_clip_of_two_seconds() -> None:
    model = Model(score=0.05)
    examiner = fight.Fight()
    found: list[types.Evidence] = []
    for i in range(10):
        found += examiner.examine(look(i), (), model.ask)
        model.score = 0.9 if found else 0.05
    assert [round(said.score, 2) for said in found] == [0.05, 0.9, 0.9]


def test_where_suspicion_goes_on_the_model_is_asked_every_other_second() -> None:
    found = watch(Model(score=0.6), [look(i) for i in range(60)])
    times_s = [time_s for time_s, _ in found]
    assert times_s[:5] == pytest.approx([1.0 + 0.4 * i for i in range(5)])
    assert times_s[5:] == pytest.approx([4.6 + 2 * i for i in range(4)])


def test_only_a_question_after_a_suspicious_answer_is_urgent() -> None:
    model, examiner = Model(score=0.05), fight.Fight()
    urgent: list[bool] = []
    for i in range(10):
        if examiner.examine(look(i), (), model.ask):
            urgent.append(examiner.urgent)
            model.score = 0.6
    assert urgent == [False, False, True]


def test_after_a_rest_the_model_is_asked_quickly_again() -> None:
    model = Model(score=0.6)
    examiner = fight.Fight()
    times_s: list[float] = []
    for i in range(110):
        model.score = 0.05 if 4.5 < i / 5 < 9.5 else 0.6
        times_s += [i / 5 for _ in examiner.examine(look(i), (), model.ask)]
    resting = next(i for i, (a, b) in enumerate(itertools.pairwise(times_s)) if b - a > 3.9)
    assert times_s[resting + 2] - times_s[resting + 1] == pytest.approx(0.4)


def test_one_person_is_enough_where_movement_reaches_beyond_them_and_not_without_it() -> None:
    beyond = (550.0, 255.0, 720.0, 425.0)
    assert len(watch(Model(), [look(i, ONE, motion=(beyond,)) for i in range(10)])) == 3
    own = (556.0, 258.0, 626.0, 421.0)
    model = Model()
    assert watch(model, [look(i, ONE, motion=(own,)) for i in range(10)]) == []
    assert model.asked == []


@pytest.mark.parametrize(
    "looks",
    [
        [look(i, busy=False) for i in range(20)],
        [look(i, people=()) for i in range(20)],
        [look(i, looks_per_s=1.0) for i in range(20)],
    ],
    ids=["people who keep still", "nobody there", "pictures too far apart"],
)
def test_the_model_is_not_asked_without_its_cue(looks: list[types.Look]) -> None:
    model = Model()
    assert watch(model, looks) == []
    assert model.asked == []


def test_a_question_that_was_shed_gives_no_evidence_and_is_put_again_soon() -> None:
    model = Model(sheds=True)
    assert watch(model, [look(i) for i in range(11)]) == []
    assert len(model.asked) == 2


def test_a_track_that_this_look_did_not_show_counts_while_it_is_fresh() -> None:
    def track(seen_s: float) -> types.Track:
        return types.Track(2, ObjectClass.PERSON, PAIR[1], 0.6, 0.0, seen_s, ())

    examiner, model = fight.Fight(), Model()
    for i in range(6):
        examiner.examine(look(i, ONE), (track(i / 5 - 0.5),), model.ask)
    assert len(model.asked) == 1
    examiner, model = fight.Fight(), Model()
    for i in range(6):
        examiner.examine(look(i, ONE), (track(i / 5 - 2.0),), model.ask)
    assert model.asked == []
