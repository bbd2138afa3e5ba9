"""The two cars of the crash drive in their lanes, meet where and when the ground truth says, and then stand."""

import math

import pytest

from sample_streams.render import crash, drives

HITTER, HIT = crash.CARS


def test_both_drive_towards_the_camera_in_their_lanes_before() -> None:
    for car in crash.CARS:
        x, y, turn = crash.place(car, 0)
        assert x == car.from_x_m
        assert turn == pytest.approx(math.pi)
        assert y - crash.place(car, drives.FPS)[1] == pytest.approx(car.speed_mps)


def test_they_do_not_touch_before_and_do_when_they_meet() -> None:
    def gap_m(frame: int) -> float:
        return crash.place(HITTER, frame)[1] - crash.place(HIT, frame)[1]

    assert gap_m(crash.MEET_FRAME - drives.FPS) > 4.55 + 3.0
    assert 3.8 < gap_m(crash.MEET_FRAME) < 4.55


def test_no_car_jumps_at_the_impact() -> None:
    for car in crash.CARS:
        (x1, y1, _), (x2, y2, _) = (crash.place(car, crash.MEET_FRAME + i) for i in (0, 1))
        assert math.dist((x1, y1), (x2, y2)) < 1.0


def test_everything_stands_still_at_the_end() -> None:
    for car in crash.CARS:
        assert crash.place(car, crash.STILL_FRAME) == pytest.approx(crash.place(car, crash.STILL_FRAME + 100))
    assert crash.place_debris(crash.STILL_FRAME) == crash.place_debris(crash.STILL_FRAME + 100)


def test_the_car_that_is_hit_spins_and_debris_flies_and_falls() -> None:
    assert abs(crash.place(HIT, crash.STILL_FRAME)[2] - math.pi) > math.radians(40)
    flying = crash.place_debris(crash.MEET_FRAME + 4)
    assert max(z for _, _, z in flying) > crash.SPOT[2]
    assert all(z == 0.03 for _, _, z in crash.place_debris(crash.STILL_FRAME))


def test_every_frame_near_the_camera_is_rendered() -> None:
    frames = crash.rendered_frames()
    assert frames[-1] == crash.STILL_FRAME
    assert set(range(crash.MEET_FRAME - 2 * drives.FPS, crash.STILL_FRAME + 1)) <= set(frames)
