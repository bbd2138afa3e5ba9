"""When the pose model is asked, and what its answers become, with a model that answers what the test says."""

import numpy as np
import pytest

from detection import experts, thresholds, types
from detection.examiners import fall, poses
from detection.types import ObjectClass

WIDTH, HEIGHT = 640, 480
WHOLE = (0.0, 0.0, float(WIDTH), float(HEIGHT))
NEAR = (200.0, 100.0, 320.0, 400.0)


def row(
    shoulders: float,
    hips: float,
    knees: float,
    ankles: float,
    score: float = 0.5,
    point: float = 0.6,
    lean: float = 0.0,
) -> types.Float:
    """Return one body of an answer: heights of its parts, 0..1 of the canvas; each is `lean` to the right of the one above."""
    made = np.zeros(56, np.float32)
    points = made[:51].reshape(17, 3)
    points[:, 2] = point
    parts = ((poses.SHOULDERS, shoulders), (poses.HIPS, hips), (poses.KNEES, knees), (poses.ANKLES, ankles))
    for i, (part, y) in enumerate(parts):
        points[list(part), 0] = y
        points[list(part), 1] = 0.5 + (i - 1) * lean
    made[51:55] = (shoulders, 0.4, ankles, 0.6)
    made[55] = score
    return made


class Model:
    """Answers with what it was given, and remembers how large the inputs were."""

    def __init__(self, *rows: types.Float, shed: bool = False) -> None:
        self.answer = np.zeros((1, 6, 56), np.float32)
        for i, one in enumerate(rows):
            self.answer[0, i] = one
        self.shed = shed
        self.asked: list[tuple[int, ...]] = []

    def __call__(self, task: str, blob: experts.Blob) -> experts.Answer | None:
        assert task == "pose"
        self.asked.append(blob.shape)
        return None if self.shed else (self.answer,)


def look(
    time_s: float, motion: tuple[types.Box, ...] = (), regions: tuple[types.Box, ...] = (), height: int = HEIGHT
) -> types.Look:
    y = np.full((height, WIDTH), 90, np.uint8)
    chroma = np.full((height // 2, WIDTH // 2), 128, np.uint8)
    thumb = types.Thumb(time_s, np.full((180, 320), 90, np.uint8), 0.0, False)
    return types.Look(types.Frame(time_s, y, chroma, chroma), thumb, bool(motion), motion, regions)


def track(box: types.Box, time_s: float, label: ObjectClass = ObjectClass.PERSON, number: int = 1) -> types.Track:
    return types.Track(number, label, box, 0.8, 0.0, time_s, ())


def make() -> fall.Falls:
    return fall.Falls(thresholds.FallThresholds())


STANDING = row(0.2, 0.5, 0.7, 0.9)
LYING = row(0.8, 0.82, 0.84, 0.86, score=0.2, lean=0.15)


def test_nothing_is_asked_while_nothing_calls_for_it() -> None:
    model = Model(STANDING)
    small = (100.0, 100.0, 140.0, 160.0)
    for i in range(20):
        assert make().examine(look(i / 5, (small,)), (), model) == ()
    assert model.asked == []


def test_somebody_near_who_moves_is_looked_at_a_few_times_a_second() -> None:
    model, examiner = Model(STANDING), make()
    for i in range(26):
        examiner.examine(look(i / 5, (NEAR,)), (), model)
    assert 12 <= len(model.asked) <= 14


def test_somebody_near_whom_the_detector_follows_is_looked_at_less_often() -> None:
    model, examiner = Model(STANDING), make()
    for i in range(26):
        examiner.examine(look(i / 5, (NEAR,)), (track(NEAR, i / 5),), model)
    assert 8 <= len(model.asked) <= 10


def test_a_large_moving_vehicle_is_not_looked_at() -> None:
    model = Model(STANDING)
    make().examine(look(0, (NEAR,)), (track(NEAR, 0, ObjectClass.TRUCK),), model)
    assert model.asked == []


def test_a_look_at_the_whole_picture_asks_once() -> None:
    model = Model(STANDING)
    (evidence,) = make().examine(look(0, (), (WHOLE,)), (), model)
    assert len(model.asked) == 1
    assert evidence.kind == types.Kind.FALL


def test_a_far_box_that_shrinks_from_above_is_looked_at_where_it_is() -> None:
    model, examiner = Model(LYING), make()
    for i in range(5):
        examiner.examine(look(i / 5), (track((300, 100, 320, 160), i / 5),), model)
    assert model.asked == []
    examiner.examine(look(1.0), (track((295, 130, 325, 160), 1.0),), model)
    assert len(model.asked) == 1


def test_a_box_that_comes_nearer_whole_is_not_looked_at() -> None:
    model, examiner = Model(STANDING), make()
    for i in range(20):
        examiner.examine(look(i / 5), (track((300, 100 + 6 * i, 320, 160 + 6.5 * i), i / 5),), model)
    assert model.asked == []


def test_a_body_that_sinks_is_looked_at_in_every_look_for_a_while() -> None:
    model, examiner = Model(STANDING), make()
    examiner.examine(look(0, (NEAR,)), (), model)
    model.answer[0, 0] = LYING
    for i in range(1, 60):
        examiner.examine(look(i / 5, (NEAR,) if i == 2 else ()), (), model)
    assert 20 <= len(model.asked) <= 50


def test_evidence_says_how_high_shoulders_and_hips_are() -> None:
    (standing,) = make().examine(look(0, (), (WHOLE,)), (), Model(STANDING))
    (lying,) = make().examine(look(0, (), (WHOLE,)), (), Model(LYING))
    up, down = dict(standing.values), dict(lying.values)
    assert up["shoulders_up"] == pytest.approx(0.7)
    assert up["hips_up"] == pytest.approx(0.4)
    assert down["shoulders_up"] < 0.1 < up["hips_up"]
    assert lying.score > 0.5 > standing.score


def test_a_shed_question_gives_no_evidence_and_is_asked_again_as_soon_as_an_answered_one() -> None:
    model, examiner = Model(STANDING, shed=True), make()
    assert examiner.examine(look(0, (NEAR,)), (), model) == ()
    assert not examiner.urgent
    model.shed = False
    assert examiner.examine(look(0.2, (NEAR,)), (), model) == ()
    assert examiner.examine(look(0.4, (NEAR,)), (), model) != ()


def test_a_shed_question_about_who_sinks_is_urgent_and_asked_again_at_the_next_look() -> None:
    model, examiner = Model(LYING, shed=True), make()
    for i in range(5):
        examiner.examine(look(i / 5), (track((300, 100, 320, 160), i / 5),), model)
    examiner.examine(look(1.0), (track((295, 130, 325, 160), 1.0),), model)
    assert examiner.urgent
    model.shed = False
    assert examiner.examine(look(1.2), (track((295, 130, 325, 160), 1.2),), model) != ()


def test_uncertain_answers_and_doubles_are_left_out() -> None:
    weak = row(0.2, 0.5, 0.7, 0.9, score=0.1)
    blind = row(0.2, 0.5, 0.7, 0.9, point=0.05)
    assert make().examine(look(0, (), (WHOLE,)), (), Model(weak, blind)) == ()
    assert len(make().examine(look(0, (), (WHOLE,)), (), Model(STANDING, STANDING))) == 1


def test_inputs_are_small_and_in_steps_of_32() -> None:
    model = Model(STANDING)
    make().examine(look(0, (), (WHOLE,)), (), model)
    make().examine(look(0, (), ((0.0, 0.0, 640.0, 300.0),), height=300), (), model)
    assert model.asked == [(1, 192, 256, 3), (1, 128, 256, 3)]


def test_people_far_off_whom_the_detector_follows_are_not_looked_at_for_moving_alone() -> None:
    model, examiner = Model(STANDING), make()
    crowd = (100.0, 200.0, 400.0, 360.0)
    for i in range(20):
        examiner.examine(look(i / 5, (crowd,)), (track((200, 240, 240, 340), i / 5),), model)
    assert model.asked == []


WALKERS = ((200.0, 100.0, 245.0, 200.0), (230.0, 180.0, 275.0, 290.0), (270.0, 270.0, 320.0, 400.0))


@pytest.mark.parametrize(("followed", "looks"), [(3, 0), (2, 14), (0, 14)], ids=["all", "not the lowest", "nobody"])
def test_walkers_who_move_as_one_large_area_are_looked_at_where_not_all_of_it_is_followed(
    followed: int, looks: int
) -> None:
    model, examiner = Model(STANDING), make()
    for i in range(26):
        tracks = tuple(track(box, i / 5, number=n) for n, box in enumerate(WALKERS[:followed]))
        examiner.examine(look(i / 5, (NEAR,)), tracks, model)
    assert len(model.asked) == pytest.approx(looks, abs=2)


def test_looking_closely_ends_soon_where_everybody_stands() -> None:
    model, examiner = Model(STANDING), make()
    for i in range(5):
        examiner.examine(look(i / 5), (track((300, 100, 320, 160), i / 5),), model)
    for i in range(5, 30):
        examiner.examine(look(i / 5), (track((300, 130, 320, 160), i / 5),), model)
    assert 2 <= len(model.asked) <= 4


def test_a_far_box_that_turns_wide_is_looked_at_though_its_upper_edge_stays() -> None:
    model, examiner = Model(LYING), make()
    for i in range(5):
        examiner.examine(look(i / 5), (track((300, 100, 320, 160), i / 5),), model)
    examiner.examine(look(1.0), (track((280, 102, 335, 160), 1.0),), model)
    assert len(model.asked) == 1
