"""Abandoned and removed objects on drawn scenes with scripted people, at one and at five looks a second."""

from collections.abc import Callable, Iterable

import cv2
import numpy as np
import pytest

from detection import thresholds, types
from detection.profile import ZoneRule
from detection.triggers import objects
from detection.types import Kind, ObjectClass
from tests.detection import scenes

Drawing = Callable[[float, types.Pixels], None]
BAG_PX = (150, 118, 164, 128)
"""Left, top, right, bottom, thumb pixels: beside the feet of who walks along OWNER."""
OWNER = scenes.walk((0, 0.1, 0.7), (8, 0.48, 0.7), (11, 0.48, 0.7), (16, 0.95, 0.7))
"""Comes to the bag's place, stands there from 8 to 11 s and leaves the picture."""
rates = pytest.mark.parametrize("looks_per_s", [1.0, 5.0])


def ground() -> types.Pixels:
    """Return a street: two surfaces with fine texture and a kerb."""
    rng = np.random.default_rng(7)
    luma = np.full((180, 320), 110.0)
    luma[:60] = 150
    luma[60:63] = 60
    return np.clip(luma + cv2.GaussianBlur(rng.normal(0, 14, luma.shape), (0, 0), 1.5), 0, 255).astype(np.uint8)


def fill(luma: types.Pixels, box: tuple[int, int, int, int], grey: int) -> None:
    luma[box[1] : box[3], box[0] : box[2]] = grey


def play(
    at: Iterable[float], draw: Drawing, *actors: scenes.Actor, dwell_s: float = 10.0, zone: tuple[types.Point, ...] = ()
) -> tuple[list[types.Raised], list[types.Ended]]:
    """Run a drawn scene through the trigger; every actor is also drawn, as a dark figure, where it is seen."""
    rules = (
        ZoneRule("left", Kind.ABANDONED_OBJECT, zone, dwell_s=dwell_s),
        ZoneRule("taken", Kind.REMOVED_OBJECT, zone),
    )
    trigger = objects.Objects(rules, thresholds.ObjectThresholds())
    rng = np.random.default_rng(3)
    raised: list[types.Raised] = []
    ended: list[types.Ended] = []
    for time_s in at:
        luma = ground()
        draw(time_s, luma)
        tracks = tuple(track for actor in actors for track in actor.tracks(time_s))
        for track in tracks:
            if track.last_seen_s == time_s:
                x1, y1, x2, y2 = (max(0, int(side / 4)) for side in track.box)
                fill(luma, (x1, y1, x2, y2), 40)
        noisy = np.clip(luma + rng.normal(0, 1.5, luma.shape), 0, 255).astype(np.uint8)
        scene = types.Scene(time_s, scenes.WIDTH_PX, scenes.HEIGHT_PX, tracks, scenes.thumb(time_s, noisy), True)
        for outcome in trigger.update(scene):
            if isinstance(outcome, types.Raised):
                raised.append(outcome)
            else:
                ended.append(outcome)
    return raised, ended


def bag_from(since_s: float, until_s: float = np.inf, grey: int = 45) -> Drawing:
    return lambda t, luma: fill(luma, BAG_PX, grey) if since_s <= t < until_s else None


def nothing(time_s: float, luma: types.Pixels) -> None:
    """Draw nothing."""


@rates
def test_a_bag_left_by_somebody_who_walks_away_is_abandoned(looks_per_s: float) -> None:
    (event,), ended = play(scenes.times(35, looks_per_s), bag_from(9), scenes.Actor(OWNER))
    assert event.kind == Kind.ABANDONED_OBJECT
    assert 19 <= event.raised_s <= 27
    assert event.box_norm is not None
    assert event.box_norm == pytest.approx([x / (320 if i % 2 == 0 else 180) for i, x in enumerate(BAG_PX)], abs=0.02)
    assert ended == []


@rates
def test_a_bag_that_somebody_takes_away_is_removed(looks_per_s: float) -> None:
    (event,), _ = play(scenes.times(30, looks_per_s), bag_from(0, 9.5), scenes.Actor(OWNER))
    assert event.kind == Kind.REMOVED_OBJECT
    assert 11 <= event.raised_s <= 20


def test_a_bright_object_on_dark_ground_is_told_as_well_as_a_dark_one_on_bright_ground() -> None:
    raised, _ = play(scenes.times(35), bag_from(9, grey=215), scenes.Actor(OWNER))
    assert [event.kind for event in raised] == [Kind.ABANDONED_OBJECT]


def test_an_event_explains_itself() -> None:
    (event,), _ = play(scenes.times(35), bag_from(9), scenes.Actor(OWNER))
    assert {c.name for c in event.conditions} >= {"unattended", "person_before", "size", "contour", "stirred"}


def test_a_bag_whose_owner_stays_beside_it_is_attended() -> None:
    stays = scenes.Actor(scenes.walk((0, 0.1, 0.7), (8, 0.48, 0.7), (11, 0.48, 0.7), (13, 0.54, 0.7), (40, 0.54, 0.7)))
    assert play(scenes.times(40), bag_from(9), stays) == ([], [])


def test_passers_by_do_not_make_an_abandoned_bag_attended() -> None:
    passer = scenes.Actor(scenes.walk((17, 0.9, 0.7), (27, 0.1, 0.7)), track_id=9)
    raised, _ = play(scenes.times(35), bag_from(9), scenes.Actor(OWNER), passer)
    assert [event.kind for event in raised] == [Kind.ABANDONED_OBJECT]


def test_an_abandoned_bag_that_is_fetched_ends() -> None:
    fetches = scenes.Actor(scenes.walk((28, 0.95, 0.7), (31, 0.48, 0.7), (32, 0.48, 0.7), (37, 0.05, 0.7)), track_id=2)
    (event,), (end,) = play(scenes.times(45), bag_from(9, 31.5), scenes.Actor(OWNER), fetches)
    assert end.key == event.key
    assert 31 <= end.ended_s <= 38


def test_something_that_appears_where_nobody_was_is_nobodys_bag() -> None:
    assert play(scenes.times(40), bag_from(9)) == ([], [])


def test_a_car_that_parks_and_one_that_leaves_raise_nothing() -> None:
    parking = scenes.walk((0, -0.2, 0.7), (8, 0.5, 0.7), (60, 0.5, 0.7))
    car = scenes.Actor(parking, 1, ObjectClass.CAR, (0.2, 0.15))
    assert play(scenes.times(40), nothing, car) == ([], [])
    leaving = scenes.walk((0, 0.5, 0.7), (20, 0.5, 0.7), (26, 1.3, 0.7))
    assert play(scenes.times(45), nothing, scenes.Actor(leaving, 1, ObjectClass.CAR, (0.2, 0.15))) == ([], [])


def test_a_person_who_stands_for_long_and_leaves_is_no_object_and_leaves_no_ghost() -> None:
    stands = scenes.Actor(scenes.walk((0, 0.5, 0.7), (25, 0.5, 0.7), (30, 1.2, 0.7)))
    assert play(scenes.times(45), nothing, stands) == ([], [])


def test_a_change_as_large_as_the_person_is_not_what_they_left() -> None:
    def large(time_s: float, luma: types.Pixels) -> None:
        if time_s >= 9:
            fill(luma, (140, 90, 200, 132), 45)

    assert play(scenes.times(40), large, scenes.Actor(OWNER)) == ([], [])


def test_a_change_of_light_is_followed() -> None:
    def dusk(time_s: float, luma: types.Pixels) -> None:
        luma[:] = np.clip(luma.astype(int) - (35 if time_s >= 12 else 0) - int(time_s), 0, 255)

    assert play(scenes.times(40), dusk, scenes.Actor(OWNER)) == ([], [])


def test_a_shadow_keeps_the_ground_it_falls_on() -> None:
    def shadow(time_s: float, luma: types.Pixels) -> None:
        if time_s >= 9:
            part = luma[BAG_PX[1] : BAG_PX[3], BAG_PX[0] : BAG_PX[2]]
            part[:] = np.asarray(part * 0.65, np.uint8)

    assert play(scenes.times(40), shadow, scenes.Actor(OWNER)) == ([], [])


def test_light_switched_off_begins_the_scene_anew() -> None:
    def switched(time_s: float, luma: types.Pixels) -> None:
        if time_s >= 12:
            luma[:, 100:] = luma[:, 100:] // 3

    assert play(scenes.times(40), switched, scenes.Actor(OWNER)) == ([], [])


def test_what_stirs_is_no_object() -> None:
    def waving(time_s: float, luma: types.Pixels) -> None:
        if time_s >= 9:
            fill(luma, BAG_PX, 45 if int(time_s * 5) % 25 < 17 else 120)

    assert play(scenes.times(40), waving, scenes.Actor(OWNER)) == ([], [])


def test_a_zone_limits_where_objects_are_told() -> None:
    elsewhere = ((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0))
    assert play(scenes.times(35), bag_from(9), scenes.Actor(OWNER), zone=elsewhere) == ([], [])
