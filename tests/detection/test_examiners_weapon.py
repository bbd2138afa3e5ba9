"""Whom the weapon examiner asks about and when, with a scripted model."""

from collections.abc import Callable

import numpy as np
import pytest

from detection import boxes, experts, types, weapon_thresholds
from detection.examiners import weapon
from detection.types import Kind, ObjectClass

WIDTH_PX, HEIGHT_PX = 1280, 720
WHOLE = (0.0, 0.0, 1280.0, 720.0)
LIMITS = weapon_thresholds.WeaponThresholds()


class Model:
    """Scores a tile by how many bright pixels it shows, and says which of its cells are bright."""

    def __init__(self, score: Callable[[types.Pixels], float] = lambda _: 0.1) -> None:
        self._score = score
        self.asked: list[int] = []

    def ask(self, task: str, blob: experts.Blob) -> experts.Answer:
        assert task == "weapon"
        assert blob.shape[1:] == (224, 224, 3)
        assert blob.dtype == np.uint8
        self.asked.append(len(blob))
        cells = np.stack([tile.mean(2).reshape(7, 32, 7, 32).max((1, 3)) / 255 for tile in blob])
        return np.array([self._score(tile) for tile in blob], np.float32), cells.astype(np.float32)


def person(number: int, left: float = 400.0, height: float = 200.0, seen_s: float = 0.0) -> types.Track:
    box = (left, 300.0, left + 0.4 * height, 300.0 + height)
    return types.Track(number, ObjectClass.PERSON, box, 0.9, 0.0, seen_s, ())


def look(time_s: float, whole: bool = False, gun: types.Box | None = None) -> types.Look:
    """Return a look at a dark picture, with a bright box where a gun is."""
    y = np.full((HEIGHT_PX, WIDTH_PX), 40, np.uint8)
    if gun is not None:
        x1, y1, x2, y2 = (int(side) for side in gun)
        y[y1:y2, x1:x2] = 220
    chroma = np.full((HEIGHT_PX // 2, WIDTH_PX // 2), 128, np.uint8)
    frame = types.Frame(time_s, y, chroma, chroma)
    thumb = types.Thumb(time_s, np.zeros((180, 320), np.uint8), 0.0, True)
    return types.Look(frame, thumb, True, (), (WHOLE,) if whole else ())


def run(model: Model, until_s: float, *people: types.Track) -> list[tuple[float, int]]:
    """Look five times a second at people who stay; return when who was answered about."""
    one = weapon.WeaponExaminer(LIMITS)
    found = []
    for i in range(round(until_s * 5) + 1):
        seen = tuple(person(p.track_id, p.box[0], p.box[3] - p.box[1], i / 5) for p in people)
        found += [(i / 5, int(dict(e.values)["track"])) for e in one.examine(look(i / 5), seen, model.ask)]
    return found


def test_nobody_in_view_asks_nothing() -> None:
    model = Model()
    assert run(model, 5.0) == []
    assert model.asked == []


def test_a_person_is_asked_about_every_two_seconds_and_sooner_after_suspicion() -> None:
    assert run(Model(lambda _: 0.1), 6.0, person(1)) == [(0.0, 1), (2.0, 1), (4.0, 1), (6.0, 1)]
    assert run(Model(lambda _: 0.6), 3.0, person(1)) == [(0.0, 1), (1.0, 1), (2.0, 1), (3.0, 1)]


def test_people_too_small_to_show_what_they_hold_are_not_asked_about() -> None:
    assert run(Model(), 3.0, person(1, height=89.0)) == []
    assert run(Model(), 1.0, person(1, height=91.0)) == [(0.0, 1)]


def test_of_many_people_two_at_a_look_take_turns_and_nobody_is_left_out() -> None:
    found = run(Model(), 1.8, *(person(n, left=100.0 * n) for n in range(1, 8)))
    assert [n for _, n in found] == [1, 2, 3, 4, 5, 6, 7]
    assert [t for t, _ in found] == pytest.approx([0.0, 0.0, 0.2, 0.2, 0.4, 0.4, 0.6])


def test_a_person_who_was_not_seen_at_this_look_is_not_asked_about() -> None:
    model = Model()
    assert weapon.WeaponExaminer(LIMITS).examine(look(5.0), (person(1, seen_s=4.0),), model.ask) == ()
    vehicle = types.Track(2, ObjectClass.CAR, (0.0, 0.0, 300.0, 300.0), 0.9, 0.0, 5.0, ())
    assert weapon.WeaponExaminer(LIMITS).examine(look(5.0), (vehicle,), model.ask) == ()
    assert model.asked == []


def test_the_answer_is_about_the_person_and_tells_where_the_gun_is() -> None:
    gun = (470.0, 380.0, 490.0, 395.0)
    one, someone = weapon.WeaponExaminer(LIMITS), person(7)
    (said,) = one.examine(look(0.0, gun=gun), (someone,), Model(lambda tile: float(tile.max() > 150)).ask)
    values = dict(said.values)
    assert (said.kind, said.score, said.box, values["track"]) == (Kind.WEAPON, 1.0, someone.box, 7.0)
    place = (values["x1"], values["y1"], values["x2"], values["y2"])
    assert boxes.contains(place, gun, slack_px=2)
    assert boxes.size(place) < 0.2 * boxes.size(weapon.reach(someone.box, (WIDTH_PX, HEIGHT_PX)))


def test_a_question_that_was_shed_gives_no_evidence_and_is_put_again_at_the_next_look() -> None:
    one, model = weapon.WeaponExaminer(LIMITS), Model()
    assert one.examine(look(0.0), (person(1),), experts.nobody) == ()
    assert len(one.examine(look(0.2), (person(1, seen_s=0.2),), model.ask)) == 1


def test_the_first_look_is_judged_as_a_picture_and_later_looks_at_all_of_it_are_not() -> None:
    one, model = weapon.WeaponExaminer(LIMITS), Model(lambda tile: float(tile.mean()) / 255)
    (said,) = one.examine(look(0.0, whole=True, gun=(900.0, 100.0, 1100.0, 250.0)), (), model.ask)
    assert model.asked == [len(weapon.PYRAMID)]
    assert (said.kind, dict(said.values)) == (Kind.WEAPON, {})
    assert said.box is not None and boxes.share_inside((900.0, 100.0, 1100.0, 250.0), said.box) > 0.5
    assert one.examine(look(1.0, whole=True), (), model.ask) == ()
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    "box",
    [
        (600.0, 200.0, 680.0, 400.0),
        (-20.0, 10.0, 60.0, 190.0),
        (1200.0, 500.0, 1290.0, 725.0),
        (100.0, 20.0, 700.0, 720.0),
    ],
    ids=["in the middle", "left edge", "lower right corner", "close up"],
)
def test_the_tile_around_a_person_lies_in_the_picture_and_shows_their_upper_body(box: types.Box) -> None:
    tile = weapon.reach(box, (WIDTH_PX, HEIGHT_PX))
    assert boxes.contains(WHOLE, tile)
    assert boxes.width(tile) == pytest.approx(boxes.height(tile)) or boxes.width(tile) > 700
    middle = (box[0] + box[2]) / 2
    hands = (middle - 10, box[1] + 0.2 * boxes.height(box), middle + 10, box[1] + 0.55 * boxes.height(box))
    assert boxes.contains(tile, hands)


def test_tracks_that_are_gone_are_forgotten() -> None:
    one = weapon.WeaponExaminer(LIMITS)
    for i in range(100):
        one.examine(look(float(i)), (person(i, seen_s=float(i)),), Model().ask)
    assert len(one._due_s) <= 2
