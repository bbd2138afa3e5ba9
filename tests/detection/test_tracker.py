"""The tracker on scripted people: crossing, hiding, few looks per second, jitter, and what must not become a track."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from detection import settings, tracker, types

SIZE = (1280, 720)
WHOLE = ((0.0, 0.0, 1280.0, 720.0),)
Walk = Callable[[float], types.Box | None]


def person(x: float, y: float, h: float = 100.0) -> types.Box:
    return x - 0.2 * h, y - h, x + 0.2 * h, y


def straight(x0: float, y0: float, vx: float, vy: float = 0.0, hidden: tuple[float, float] = (0.0, 0.0)) -> Walk:
    """Somebody at (x0, y0) at 0 s with a speed in px/s, not seen from `hidden[0]` to `hidden[1]`."""
    return lambda t: None if hidden[0] <= t < hidden[1] else person(x0 + vx * t, y0 + vy * t)


def detect(spots: Sequence[types.Box | None], score: float = 0.85, label: int = 0) -> types.Detections:
    seen = [box for box in spots if box is not None]
    return types.Detections(
        np.asarray(seen, np.float32).reshape(-1, 4),
        np.full(len(seen), score, np.float32),
        np.full(len(seen), label, np.int64),
    )


def follow(
    walks: Sequence[Walk], fps: float, seconds: float, jitter: float = 0.0
) -> tuple[tracker.Tracker, list[tuple[float, tuple[types.Track, ...]]]]:
    """Run a tracker over walks; jitter in box heights."""
    made = tracker.Tracker(settings.TrackerSettings())
    random = np.random.default_rng(3)
    history = []
    for i in range(round(seconds * fps)):
        found = detect([walk(i / fps) for walk in walks])
        height = found.xyxy[:, 3:] - found.xyxy[:, 1:2]
        moved = (found.xyxy + random.normal(0, 1, found.xyxy.shape) * jitter * height).astype(np.float32)
        found = types.Detections(moved, found.score, found.label)
        history.append((i / fps, made.update(found, WHOLE, i / fps, SIZE)))
    return made, history


def ids_near(history: Sequence[tuple[float, tuple[types.Track, ...]]], walk: Walk) -> list[int]:
    """Return the ids, in order, that the tracks nearest to somebody had."""
    ids: list[int] = []
    for time_s, tracks in history:
        box = walk(time_s)
        if box is None:
            continue
        close = [t for t in tracks if abs(t.box[0] - box[0]) < 30 and abs(t.box[3] - box[3]) < 30]
        if close:
            best = min(close, key=lambda t: abs(t.box[0] - box[0]))
            ids += [] if ids and ids[-1] == best.track_id else [best.track_id]
    return ids


@pytest.mark.parametrize("fps", [2, 5, 15])
def test_somebody_walking_keeps_one_id(fps: int) -> None:
    walk = straight(100, 400, 60)
    _, history = follow([walk], fps, 15, jitter=0.03)
    assert len(ids_near(history, walk)) == 1
    assert len(history[-1][1]) == 1


def test_somebody_standing_who_is_seen_once_per_second_keeps_one_id() -> None:
    walk = straight(500, 400, 0)
    _, history = follow([walk], 1, 120, jitter=0.03)
    assert len({t.track_id for _, tracks in history for t in tracks}) == 1


def test_two_who_cross_keep_their_ids() -> None:
    one, other = straight(200, 400, 80), straight(1000, 420, -80)
    _, history = follow([one, other], 5, 10, jitter=0.02)
    first, second = ids_near(history, one), ids_near(history, other)  # where they meet, the nearest is either's
    assert first[0] == first[-1] != second[0] == second[-1]
    assert {track.track_id for _, tracks in history for track in tracks} == {first[0], second[0]}


def test_somebody_hidden_for_a_second_and_a_half_keeps_the_id() -> None:
    walk = straight(100, 400, 70, hidden=(5.0, 6.5))
    _, history = follow([walk], 5, 12, jitter=0.02)
    assert len(ids_near(history, walk)) == 1


def test_somebody_gone_longer_than_the_patience_is_given_up() -> None:
    walk = straight(100, 400, 10, hidden=(5.0, 99.0))
    _, history = follow([walk], 5, 12)
    assert history[26][1]
    assert not history[-1][1]


def test_what_was_not_looked_for_is_not_given_up() -> None:
    made, _ = follow([straight(500, 400, 0)], 5, 3)
    for i in range(20):
        kept = made.update(types.Detections.none(), ((0.0, 0.0, 100.0, 100.0),), 3 + i / 2, SIZE)
    assert len(kept) == 1
    for i in range(20):
        kept = made.update(None, (), 13 + i / 2, SIZE)
    assert len(kept) == 1


def test_a_still_thing_of_moderate_score_never_becomes_a_track_and_a_moving_one_does() -> None:
    for speed, expected in ((0.0, 0), (60.0, 1)):
        made = tracker.Tracker(settings.TrackerSettings())
        for i in range(25):
            tracks = made.update(detect([person(300 + speed * i / 5, 400)], 0.55), WHOLE, i / 5, SIZE)
        assert len(tracks) == expected


def test_uncertain_detections_keep_a_track_for_a_while_and_begin_none() -> None:
    made, _ = follow([straight(300, 400, 0)], 5, 3)
    for i in range(20):
        tracks = made.update(detect([person(300, 400)], 0.3), WHOLE, 3 + i / 5, SIZE)
    assert len(tracks) == 1
    fresh = tracker.Tracker(settings.TrackerSettings())
    for i in range(20):
        tracks = fresh.update(detect([person(300 + 12 * i, 400)], 0.3), WHOLE, i / 5, SIZE)
    assert tracks == ()


def test_the_class_is_what_most_detections_say_and_people_never_become_cars() -> None:
    made = tracker.Tracker(settings.TrackerSettings())
    for i, label in enumerate([2, 5, 2, 4, 2, 5, 2]):
        tracks = made.update(detect([(100.0, 100.0, 300.0, 220.0)], label=label), WHOLE, i / 5, SIZE)
    assert [track.label for track in tracks] == [types.ObjectClass.CAR]
    tracks = made.update(detect([(100.0, 100.0, 300.0, 220.0)], label=0), WHOLE, 1.4, SIZE)
    assert tracks[0].last_seen_s == 1.2, "a person on the car's place is not the car"


def test_ids_belong_to_the_instance_and_the_same_input_gives_the_same_tracks() -> None:
    walks = [straight(200, 400, 80), straight(1000, 420, -80), straight(600, 600, 5)]
    assert follow(walks, 5, 10, jitter=0.05)[1] == follow(walks, 5, 10, jitter=0.05)[1]


def test_a_path_is_bounded_keeps_its_ends_and_its_order() -> None:
    walk = straight(100, 400, 2)
    _, history = follow([walk], 5, 200)
    path = history[-1][1][0].path
    assert len(path) <= settings.TrackerSettings().max_path_points
    assert path[0].time_s < 1 and path[-1].time_s == history[-1][0]
    times = [point.time_s for point in path]
    assert times == sorted(times)
    assert all(0 <= point.x_norm <= 1 and 0 <= point.y_norm <= 1 for point in path)


def test_a_jump_of_the_clock_ends_every_track() -> None:
    made, _ = follow([straight(500, 400, 0)], 5, 3)
    assert made.update(detect([person(500, 400)]), WHOLE, 4000.0, SIZE) == ()
