"""What the fire examiner asks about and when, with a scripted model."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from detection import experts, fire_thresholds, types
from detection.examiners import fire
from detection.types import Kind, ObjectClass

WIDTH_PX, HEIGHT_PX = 640, 360
WHOLE = (0.0, 0.0, 640.0, 360.0)
AREA = (300.0, 150.0, 340.0, 200.0)


class Model:
    """Answers every tile with what `score` says of it, and counts what it was asked."""

    def __init__(self, score: Callable[[types.Pixels], tuple[float, float]]) -> None:
        self._score = score
        self.asked: list[int] = []

    def ask(self, task: str, blob: experts.Blob) -> experts.Answer:
        assert task == "fire"
        assert blob.shape[1:] == (224, 224, 3)
        assert blob.dtype == np.uint8
        self.asked.append(len(blob))
        scores = np.array([self._score(tile) for tile in blob], np.float32)
        cells = np.repeat(scores, 49).reshape(-1, 2, 7, 7) * np.float32(0.2)
        for i, tile in enumerate(blob):
            bright = tile[..., 2].reshape(7, 32, 7, 32).max((1, 3)) > 200
            bright[3, 3] |= not bright.any()
            cells[i][:, bright] = scores[i][:, None]
        return scores, cells


def frame(time_s: float, glow: types.Box | None = None) -> types.Frame:
    """Return a grey picture, with a box coloured as flames."""
    y = np.full((HEIGHT_PX, WIDTH_PX), 90, np.uint8)
    u, v = (np.full((HEIGHT_PX // 2, WIDTH_PX // 2), 128, np.uint8) for _ in range(2))
    u[::2], v[::3] = 118, 138  # some colour, or it would count as infrared
    if glow is not None:
        x1, y1, x2, y2 = (int(value) for value in glow)
        y[y1:y2, x1:x2] = 180
        u[y1 // 2 : y2 // 2, x1 // 2 : x2 // 2] = 60
        v[y1 // 2 : y2 // 2, x1 // 2 : x2 // 2] = 190
    return types.Frame(time_s, y, u, v)


def look(
    time_s: float, motion: tuple[types.Box, ...] = (), whole: bool = False, glow: types.Box | None = None
) -> types.Look:
    thumb = types.Thumb(time_s, np.zeros((180, 320), np.uint8), 0.0, True)
    return types.Look(frame(time_s, glow), thumb, bool(motion), motion, (WHOLE,) if whole else ())


def examiner() -> fire.FireExaminer:
    return fire.FireExaminer(fire_thresholds.FireThresholds(), frozenset({Kind.FIRE, Kind.SMOKE}))


def person(box: types.Box) -> types.Track:
    return types.Track(1, ObjectClass.PERSON, box, 0.9, 0.0, 0.0, ())


def test_a_look_without_movement_asks_nothing() -> None:
    model = Model(lambda tile: (0.0, 0.0))
    assert examiner().examine(look(0.0), (), model.ask) == ()
    assert model.asked == []


def test_a_look_at_the_whole_picture_asks_about_the_pyramid_and_tells_the_best_of_each_kind() -> None:
    model = Model(lambda tile: (float(tile[..., 2].max()) / 1000, 0.1))
    fire_found, smoke_found = examiner().examine(look(0.0, whole=True, glow=AREA), (), model.ask)
    assert model.asked == [14]
    assert (fire_found.kind, smoke_found.kind) == (Kind.FIRE, Kind.SMOKE)
    assert fire_found.score > 0.15
    assert smoke_found.score == np.float32(0.1)


def test_the_pyramid_covers_the_picture_and_overlaps() -> None:
    seen = np.zeros((100, 100), int)
    for x1, y1, x2, y2 in fire.PYRAMID:
        assert 0 <= x1 < x2 <= 1 + 1e-9
        assert 0 <= y1 < y2 <= 1 + 1e-9
        seen[round(100 * y1) : round(100 * y2), round(100 * x1) : round(100 * x2)] += 1
    assert seen.min() >= 3


def test_movement_is_asked_about_once_a_second() -> None:
    model, one = Model(lambda tile: (0.0, 0.0)), examiner()
    for i in range(11):
        one.examine(look(i / 5, (AREA,)), (), model.ask)
    assert model.asked == [1, 1, 1]


def test_movement_without_suspicion_is_asked_about_ever_more_seldom() -> None:
    model, one, asked_s = Model(lambda tile: (0.0, 0.0)), examiner(), []
    for i in range(300):
        before = len(model.asked)
        one.examine(look(i / 5, (AREA,)), (), model.ask)
        asked_s += [i / 5] * (len(model.asked) - before)
    assert [round(b - a, 1) for a, b in itertools.pairwise(asked_s)] == [1.0] * 4 + [2.0] * 10 + [4.0] * 8


def test_two_people_who_move_as_one_area_are_not_asked_about() -> None:
    model, one = Model(lambda tile: (0.0, 0.0)), examiner()
    x1, y1, x2, y2 = AREA
    middle = (x1 + x2) / 2
    one.examine(look(0.0, (AREA,)), (person((x1, y1, middle, y2)), person((middle, y1, x2, y2))), model.ask)
    assert model.asked == []
    one.examine(look(2.0, (AREA,)), (person((x1, y1, middle, y2)),), model.ask)
    assert model.asked == [1]


@pytest.mark.parametrize(("score", "questions"), [(0.9, 10), (0.5, 5)], ids=["believed", "doubted"])
def test_a_watched_place_whose_answers_would_not_be_believed_is_asked_about_half_as_often(
    score: float, questions: int
) -> None:
    model, one = Model(lambda tile: (score, 0.1)), examiner()
    one.examine(look(0.0, whole=True, glow=AREA), (), model.ask)
    for i in range(1, 26):
        one.examine(look(i / 5, glow=AREA), (), model.ask)
    assert one.urgent
    assert len(model.asked) - 1 == pytest.approx(questions, abs=1.5)


def test_a_person_who_moves_is_not_asked_about_but_one_in_flames_is() -> None:
    model, one = Model(lambda tile: (0.0, 0.0)), examiner()
    walker = person((295.0, 145.0, 345.0, 205.0))
    one.examine(look(0.0, (AREA,)), (walker,), model.ask)
    assert model.asked == []
    one.examine(look(2.0, (AREA,), glow=AREA), (walker,), model.ask)
    assert model.asked == [1]


def test_a_suspected_place_is_asked_about_again_without_movement_and_change_is_measured() -> None:
    model, one = Model(lambda tile: (0.9, 0.1)), examiner()
    one.examine(look(0.0, whole=True, glow=AREA), (), model.ask)
    first = [e for e in one.examine(look(0.5, glow=AREA), (), model.ask) if e.kind == Kind.FIRE]
    assert "spot" in dict(first[0].values)
    assert "flicker" not in dict(first[0].values)
    higher = (AREA[0], AREA[1] - 20, AREA[2] - 10, AREA[3])
    second = [e for e in one.examine(look(1.0, glow=higher), (), model.ask) if e.kind == Kind.FIRE]
    values = dict(second[0].values)
    assert values["spot"] == dict(first[0].values)["spot"]


def test_a_place_without_suspicion_is_left_after_a_while() -> None:
    burning = [True]
    model, one = Model(lambda tile: (0.9, 0.0) if burning[0] else (0.0, 0.0)), examiner()
    one.examine(look(0.0, whole=True), (), model.ask)
    burning[0] = False
    for i in range(1, 30):
        one.examine(look(i * 0.5), (), model.ask)
    assert sum(count for count in model.asked[1:]) <= 3 * 13
    asked = len(model.asked)
    one.examine(look(20.0), (), model.ask)
    assert len(model.asked) == asked


def test_a_place_that_keeps_still_is_left_and_only_movement_leads_back_to_it() -> None:
    model, one = Model(lambda tile: (0.0, 0.9 if tile[..., 2].max() > 200 else 0.0)), examiner()
    for i in range(40):
        one.examine(look(i * 0.5, whole=i == 0, glow=AREA), (), model.ask)
    asked = len(model.asked)
    assert 2 < asked <= 1 + 14
    one.examine(look(20.0, whole=True, glow=AREA), (), model.ask)
    one.examine(look(20.5, glow=AREA), (), model.ask)
    assert model.asked[asked:] == [14]
    one.examine(look(22.0, (AREA,), glow=AREA), (), model.ask)
    one.examine(look(22.5, glow=AREA), (), model.ask)
    assert model.asked[asked:] == [14, 1, 1]


def test_a_question_that_is_shed_gives_no_evidence_and_harms_nothing() -> None:
    one = examiner()
    assert one.examine(look(0.0, whole=True), (), experts.nobody) == ()
    assert one.examine(look(1.0, whole=True), (), Model(lambda tile: (0.2, 0.2)).ask) != ()


def test_a_kind_that_is_off_gives_no_evidence() -> None:
    one = fire.FireExaminer(fire_thresholds.FireThresholds(), frozenset({Kind.SMOKE}))
    found = one.examine(look(0.0, whole=True), (), Model(lambda tile: (0.9, 0.9)).ask)
    assert {e.kind for e in found} == {Kind.SMOKE}


def test_another_picture_size_forgets_the_places() -> None:
    model, one = Model(lambda tile: (0.9, 0.0)), examiner()
    one.examine(look(0.0, whole=True), (), model.ask)
    chroma = np.full((90, 160), 128, np.uint8)
    small = types.Frame(1.0, np.zeros((180, 320), np.uint8), chroma, chroma)
    thumb = types.Thumb(1.0, np.zeros((180, 320), np.uint8), 0.0, True)
    assert one.examine(types.Look(small, thumb, False, (), ()), (), model.ask) == ()


def test_tiles_stay_inside_the_picture_and_keep_context() -> None:
    for area in [(0.0, 0.0, 10.0, 10.0), (630.0, 350.0, 640.0, 360.0), (0.0, 0.0, 640.0, 300.0)]:
        x1, y1, x2, y2 = fire.with_context(area, (WIDTH_PX, HEIGHT_PX))
        assert x1 >= 0
        assert y1 >= 0
        assert x2 <= WIDTH_PX
        assert y2 <= HEIGHT_PX
        assert x2 - x1 >= 0.2 * WIDTH_PX
        assert y2 - y1 >= 0.2 * HEIGHT_PX
