"""When the density model is asked, and what is made of its answer."""

import numpy as np
import pytest

from detection import experts, profile, types
from detection.examiners import crowd
from detection.types import Kind, ObjectClass

PLAZA = profile.ZoneRule("plaza", Kind.CROWD, ((0, 0.5), (1, 0.5), (1, 1), (0, 1)), min_count=20)
HALF = np.full((180, 320), 128, np.uint8)
LUMA = np.full((360, 640), 90, np.uint8)
SPREAD = tuple((x, y, x + 60.0, y + 60.0) for x in (0.0, 200.0, 400.0, 560.0) for y in (0.0, 150.0, 290.0))


class Model:
    """Answers with so many people spread evenly, and remembers when it was asked."""

    def __init__(self, people: float | None) -> None:
        self.people = people
        self.blobs: list[tuple[int, ...]] = []

    def ask(self, task: str, blob: experts.Blob) -> experts.Answer | None:
        assert task == "crowd"
        self.blobs.append(blob.shape)
        if self.people is None:
            return None
        return (np.full((1, 1, 27, 48), self.people / (27 * 48), np.float32),)


def look(time_s: float, motion: tuple[types.Box, ...] = (), whole: bool = False) -> types.Look:
    frame = types.Frame(time_s, LUMA, HALF, HALF)
    regions = ((0.0, 0.0, 640.0, 360.0),) if whole else ()
    return types.Look(frame, types.Thumb(time_s, HALF, 0.0, True), bool(motion), motion, regions)


def people(n: int, time_s: float) -> tuple[types.Track, ...]:
    return tuple(
        types.Track(i, ObjectClass.PERSON, (10.0 * i, 100, 10.0 * i + 20, 160), 0.8, 0.0, time_s, ()) for i in range(n)
    )


def examiner(*rules: profile.ZoneRule) -> crowd.CrowdExaminer:
    return crowd.CrowdExaminer(profile.CameraProfile(frozenset({Kind.CROWD}), rules))


def test_the_answer_is_told_for_the_picture_and_for_each_zone() -> None:
    model = Model(60.0)
    (evidence,) = examiner(PLAZA).examine(look(0.0, SPREAD), (), model.ask)
    values = dict(evidence.values)
    assert values["people"] == pytest.approx(60)
    assert values["people/plaza"] == pytest.approx(30, rel=0.1)
    assert evidence.score == pytest.approx(30 / 40, rel=0.1)
    assert model.blobs == [(1, 3, 576, 1024)]


def test_without_a_zone_just_enough_people_score_a_half() -> None:
    enough = profile.ZoneRule("picture", Kind.CROWD).needed_count
    (evidence,) = examiner().examine(look(0.0, SPREAD), (), Model(enough).ask)
    assert evidence.score == pytest.approx(0.5)
    assert dict(evidence.values)["people/picture"] == pytest.approx(enough)


@pytest.mark.parametrize(("there", "asked"), [(30.0, 31), (6.0, 7), (1.5, 3), (0.5, 3)])
def test_the_fewer_people_the_seldomer_it_is_asked(there: float, asked: int) -> None:
    model, one = Model(there), examiner()
    for i in range(301):
        one.examine(look(i / 5, SPREAD), (), model.ask)
    assert len(model.blobs) == pytest.approx(asked, abs=1)


def test_where_many_more_are_followed_than_at_the_last_answer_it_is_asked_sooner() -> None:
    model, one = Model(3.0), examiner()
    for i in range(25):
        one.examine(look(float(i)), people(5 if i < 11 else 8, float(i)), model.ask)
    assert len(model.blobs) == 2


def test_people_followed_are_a_cue_too() -> None:
    model, one = Model(3.0), examiner()
    one.examine(look(0.0), people(3, 0.0), model.ask)
    assert model.blobs == []
    one.examine(look(1.0), people(6, 1.0), model.ask)
    assert len(model.blobs) == 1


def test_a_still_picture_is_asked_about_at_first_and_then_every_five_minutes() -> None:
    model, one = Model(0.0), examiner()
    for i in range(660):
        one.examine(look(float(i), whole=i % 30 == 0), (), model.ask)
    assert len(model.blobs) == 3


def test_a_question_that_was_shed_is_asked_again_five_seconds_later() -> None:
    model, one = Model(None), examiner()
    assert one.examine(look(0.0, SPREAD), (), model.ask) == ()
    model.people = 40.0
    assert one.examine(look(4.0, SPREAD), (), model.ask) == ()
    assert len(one.examine(look(5.0, SPREAD), (), model.ask)) == 1
