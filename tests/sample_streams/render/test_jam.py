"""Vehicles that follow each other keep apart, stop for what stands in their way and go on when it does."""

import itertools

from sample_streams.render import drives, jam

NAMES = ("red", "bus", "red", "truck")
FRAMES = 40 * drives.FPS


def test_nobody_runs_into_the_one_in_front() -> None:
    paths = jam.follow(NAMES, (60.0, 85.0, 105.0, 125.0), jam.Obstacle(10.0, 2.0), FRAMES)
    for (front, back), (a, b) in zip(itertools.pairwise(paths), itertools.pairwise(NAMES), strict=True):
        lengths = [jam.LENGTH_M[drives.find_drive(name).model] for name in (a, b)]
        assert all(far - near > sum(lengths) / 2 for near, far in zip(front, back, strict=True))


def test_nobody_drives_backwards() -> None:
    for path in jam.follow(NAMES, (60.0, 85.0, 105.0, 125.0), jam.Obstacle(10.0, 2.0), FRAMES):
        assert all(after <= before for before, after in itertools.pairwise(path))


def test_the_first_one_stops_a_gap_before_the_obstacle() -> None:
    (path,) = jam.follow(("red",), (60.0,), jam.Obstacle(10.0, 0.0), FRAMES)
    front = path[-1] - jam.LENGTH_M["sedan"] / 2
    assert 10.0 < front < 10.0 + 2 * jam.GAP_M
    assert path[-1] == path[-drives.FPS]


def test_a_queue_moves_on_when_what_it_waits_for_does() -> None:
    (path,) = jam.follow(("red",), (30.0,), jam.Obstacle(10.0, 0.0, creep_m=5.0, creep_every_s=15.0), FRAMES)
    assert path[14 * drives.FPS] - path[28 * drives.FPS] > 4.0


def test_without_an_obstacle_everybody_keeps_going() -> None:
    (path,) = jam.follow(("red",), (100.0,), jam.Obstacle(0.0, 1000.0), 5 * drives.FPS)
    assert path[0] - path[-1] > 4.5 * drives.find_drive("red").speed_mps * 0.95
