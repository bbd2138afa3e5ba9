"""Signs of how a crowd moves, on scripted walkers."""

import pytest

from detection.triggers import flow, sightings
from tests.detection import scenes

ASPECT = scenes.WIDTH_PX / scenes.HEIGHT_PX


def seen(*actors: scenes.Actor, until_s: float = 8.0) -> list[sightings.Sighting]:
    last = [scenes.scene(time_s, actors) for time_s in scenes.times(until_s)][-1]
    return [sightings.sighting(last, track) for track in last.tracks]


def walker(i: int, speed: float) -> scenes.Actor:
    return scenes.Actor(scenes.walk((0, 0.5, 0.3 + i / 20), (10, 0.5 + 10 * speed, 0.3 + i / 20)), i + 1)


def test_walkers_of_one_way_have_no_counter_flow_and_two_of_six_are_a_third() -> None:
    assert flow.counter_flow(seen(*(walker(i, 0.04) for i in range(6))), ASPECT) == 0
    mixed = seen(*(walker(i, 0.04 if i < 4 else -0.04) for i in range(6)))
    assert flow.counter_flow(mixed, ASPECT) == pytest.approx(1 / 3)


def test_who_stands_goes_nowhere() -> None:
    assert flow.counter_flow(seen(*(walker(i, 0.0) for i in range(6))), ASPECT) == 0


def test_people_who_stand_and_walk_in_turn_are_counted() -> None:
    def halting(i: int) -> scenes.Actor:
        stops = ((0, 0.3, 0.4), (2, 0.4, 0.4), (4, 0.4, 0.4), (6, 0.5, 0.4), (8, 0.5, 0.4))
        return scenes.Actor(scenes.walk(*stops), i + 1)

    assert flow.stop_and_go(seen(*(halting(i) for i in range(3)), walker(5, 0.04)), ASPECT) == pytest.approx(0.75)
    assert flow.stop_and_go(seen(*(walker(i, 0.04) for i in range(5))), ASPECT) == 0


def test_a_rise_is_told_per_minute_and_not_before_ten_seconds() -> None:
    rise = flow.Rise()
    for i in range(9):
        rise.note(float(i), 2.0 * i)
    assert rise.per_min == 0
    for i in range(9, 200):
        rise.note(float(i), 2.0 * i)
    assert rise.per_min == pytest.approx(120)
