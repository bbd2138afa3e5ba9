"""The newest pictures, kept small, on drawn frames."""

import numpy as np
import pytest

from detection import types
from detection.examiners import shots


def frame(time_s: float, level: int = 90, size_px: tuple[int, int] = (1280, 720)) -> types.Frame:
    width, height = size_px
    half = ((height + 1) // 2, (width + 1) // 2)
    chroma = np.full(half, 128, np.uint8)
    return types.Frame(time_s, np.full((height, width), level, np.uint8), chroma, chroma)


def filled(count: int, step_s: float = 0.2) -> shots.Shots:
    made = shots.Shots(count)
    for i in range(count):
        made.keep(frame(i * step_s))
    return made


def test_pictures_are_kept_small_in_their_own_shape_and_small_ones_as_they_are() -> None:
    assert shots.shrink(frame(0, size_px=(1280, 720))).y.shape == (270, 480)
    assert shots.shrink(frame(0, size_px=(720, 1280))).y.shape == (854, 480)
    tiny = frame(0, size_px=(97, 55))
    assert shots.shrink(tiny) is tiny


def test_pictures_are_a_fifth_of_a_second_apart_at_any_rate_of_looking() -> None:
    made = shots.Shots(8)
    kept = [made.keep(frame(i / 25)) for i in range(50)]
    assert sum(kept) == 10
    assert len(made.newest(2.5)) == 8


def test_too_few_pictures_too_far_apart_or_of_two_sizes_are_not_given() -> None:
    assert shots.Shots(8).newest(2.5) == ()
    assert filled(8).newest(2.5) != ()
    assert filled(8, step_s=1.0).newest(2.5) == ()
    made = filled(8)
    made.keep(frame(9.0, size_px=(640, 480)))
    assert made.newest(2.5) == ()


def test_what_comes_before_a_cut_is_not_shown_with_what_comes_after_it() -> None:
    made = filled(8)
    made.keep(frame(1.6, level=200))
    assert made.newest(2.5) == ()
    for i in range(7):
        made.keep(frame(1.8 + 0.2 * i, level=200))
    assert len(made.newest(2.5)) == 8


def test_the_square_around_an_area_stays_in_the_picture() -> None:
    assert shots.square((100, 100, 140, 200), 480, 270) == (70, 100, 170, 200)
    assert shots.square((-50, 0, 40, 100), 480, 270) == (0, 0, 100, 100)
    assert shots.square((0, 0, 480, 270), 480, 270) == (0, 0, 480, 270)


def test_one_part_is_cut_out_of_all_pictures() -> None:
    parts = shots.cut([frame(0, 50), frame(0.2, 200)], (10, 10, 50, 50), 32)
    assert parts.shape == (2, 32, 32, 3)
    assert parts[0].max() < parts[1].min()


@pytest.mark.parametrize(("levels", "share"), [((90, 90, 90), 0.0), ((90, 150, 90), 1.0), ((90, 150, 150), 0.5)])
def test_the_share_that_changes_is_an_average_over_the_pictures(levels: tuple[int, ...], share: float) -> None:
    assert shots.changed_share([frame(0, level) for level in levels], (0, 0, 40, 40)) == share


def test_an_area_without_pixels_does_not_change() -> None:
    assert shots.changed_share([frame(0), frame(1, 200)], (10, 10, 10, 10)) == 0.0
