"""Counting by density: what the model is shown, sums over places, and the mixture with people found on their own."""

import numpy as np
import pytest

from detection import crowds, types


def frame(width: int, height: int) -> types.Frame:
    half = np.full(((height + 1) // 2, (width + 1) // 2), 128, np.uint8)
    return types.Frame(0.0, np.full((height, width), 90, np.uint8), half, half)


@pytest.mark.parametrize(
    ("size", "shown"),
    [((1280, 720), (576, 1024)), ((768, 576), (768, 1024)), ((160, 120), (768, 1024)), ((360, 640), (1024, 576))],
)
def test_a_picture_is_shown_at_one_size_in_steps_of_sixteen(size: tuple[int, int], shown: tuple[int, int]) -> None:
    blob = crowds.prepare(frame(*size))
    assert blob.shape == (1, 3, *shown)
    assert blob.dtype == np.float32
    assert 80 < blob.mean() < 100


def test_density_is_summed_over_a_zone_and_over_all() -> None:
    density = np.zeros((27, 48), np.float32)
    density[20, 10], density[3, 40] = 5.0, 7.0
    assert crowds.people_in(density, ()) == pytest.approx(12)
    assert crowds.people_in(density, ((0, 0.5), (1, 0.5), (1, 1), (0, 1))) == pytest.approx(5)


def test_a_zone_that_cuts_cells_gets_its_share_of_them() -> None:
    density = np.ones((8, 8), np.float32)
    left = crowds.people_in(density, ((0, 0), (0.4375, 0), (0.4375, 1), (0, 1)))
    assert left == pytest.approx(28, abs=2)


def test_few_are_believed_as_found_many_as_density_says_and_between_the_two_meet() -> None:
    assert crowds.believed(4, crowds.FEW) == 4
    assert crowds.believed(4, None) == 4
    assert crowds.believed(20, crowds.MANY) == crowds.MANY
    assert crowds.believed(50, 120) == 120
    assert crowds.believed(60, 40) == 40
    middle = (crowds.FEW + crowds.MANY) / 2
    assert crowds.believed(10, middle) == pytest.approx((10 + middle) / 2)


def test_density_alone_makes_no_crowd() -> None:
    assert crowds.believed(0, 500) < 1
    assert crowds.believed(1, 500) < 12
    assert crowds.believed(10, 500) == 88
    assert crowds.believed(10, 500, glimpsed=99) == 500
