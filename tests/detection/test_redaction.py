"""Masking destroys what is under it and touches nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection import redaction, types
from detection.types import ObjectClass

WIDTH, HEIGHT = 640, 360


def noise(width: int = WIDTH, height: int = HEIGHT, seed: int = 1) -> types.Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def detections(*found: tuple[ObjectClass, types.Box]) -> types.Detections:
    return types.Detections(
        np.array([box for _, box in found], np.float32).reshape(-1, 4),
        np.full(len(found), 0.9, np.float32),
        np.array([int(label) for label, _ in found], np.int64),
    )


def track(label: ObjectClass, box: types.Box) -> types.Track:
    return types.Track(1, label, box, 0.5, 0.0, 1.0, ())


@given(st.floats(-50, WIDTH), st.floats(-50, HEIGHT), st.floats(1, WIDTH), st.floats(1, HEIGHT), st.integers(0, 5))
def test_under_a_mask_every_block_has_one_colour_and_outside_nothing_changes(
    x: float, y: float, width: float, height: float, seed: int
) -> None:
    clear = noise(seed=seed)
    masked = redaction.pixelate(clear, [(x, y, x + width, y + height)])
    left, top = max(0, int(np.floor(x))), max(0, int(np.floor(y)))
    right, bottom = min(WIDTH, int(np.ceil(x + width))), min(HEIGHT, int(np.ceil(y + height)))
    outside = np.ones((HEIGHT, WIDTH), bool)
    if right > left and bottom > top:
        outside[top:bottom, left:right] = False
        block = redaction.block_px(WIDTH, HEIGHT, right - left, bottom - top)
        for row in range(top, bottom, block):
            for column in range(left, right, block):
                area = masked[row : min(row + block, bottom), column : min(column + block, right)]
                assert (area == area[0, 0]).all()
    assert np.array_equal(masked[outside], clear[outside])


def test_two_pictures_with_equal_block_means_become_one() -> None:
    """What is left depends on the means alone: no other information passes."""
    clear = noise()
    block = redaction.block_px(WIDTH, HEIGHT, 150, 300)
    shuffled = clear.copy()
    rng = np.random.default_rng(2)
    for row in range(30, 330, block):
        for column in range(100, 250, block):
            area = shuffled[row : min(row + block, 330), column : min(column + block, 250)]
            area[:] = rng.permutation(area.reshape(-1, 3)).reshape(area.shape)
    box = (100, 30, 250, 330)
    whole = (slice(30, 30 + block * (300 // block)), slice(100, 100 + block * (150 // block)))
    assert not np.array_equal(clear[whole], shuffled[whole])
    assert np.array_equal(redaction.pixelate(clear, [box])[whole], redaction.pixelate(shuffled, [box])[whole])


@pytest.mark.parametrize("size", [(20, 60), (60, 180), (300, 360)])
def test_an_area_never_keeps_more_than_a_few_blocks_across(size: tuple[int, int]) -> None:
    assert size[0] / redaction.block_px(WIDTH, HEIGHT, *size) <= 5


def test_the_clear_picture_stays_as_it_is() -> None:
    clear = noise()
    before = clear.copy()
    redaction.pixelate(clear, [(0, 0, 200, 200)])
    redaction.pixelate_whole(clear)
    assert np.array_equal(clear, before)


def test_a_whole_picture_is_left_with_twelve_blocks_across() -> None:
    masked = redaction.pixelate_whole(noise())
    colours = {tuple(pixel) for pixel in masked.reshape(-1, 3).tolist()}
    assert len(colours) <= 12 * -(-WIDTH // (HEIGHT // 12))


def test_a_person_is_masked_whole_with_a_margin() -> None:
    (area,) = redaction.areas_to_mask(detections((ObjectClass.PERSON, (100, 100, 140, 200))), (), WIDTH, HEIGHT)
    assert area == pytest.approx((94, 85, 146, 215))


def test_a_near_vehicle_is_masked_where_its_plate_is_and_a_far_one_whole() -> None:
    near, far = redaction.areas_to_mask(
        detections((ObjectClass.CAR, (100, 100, 300, 200)), (ObjectClass.CAR, (400, 50, 440, 80))), (), WIDTH, HEIGHT
    )
    assert 120 < near[1] < 150
    assert near[3] > 200
    assert far[1] < 50


def test_a_motorcycle_is_masked_whole_with_its_rider() -> None:
    (area,) = redaction.areas_to_mask(detections((ObjectClass.MOTORCYCLE, (100, 100, 200, 300))), (), WIDTH, HEIGHT)
    assert area[1] < 100


def test_a_track_missed_at_this_look_is_masked_too() -> None:
    areas = redaction.areas_to_mask(None, (track(ObjectClass.PERSON, (10, 10, 50, 110)),), WIDTH, HEIGHT)
    assert len(areas) == 1


def test_areas_are_cut_to_the_picture_and_those_outside_left_out() -> None:
    areas = redaction.areas_to_mask(
        None,
        (track(ObjectClass.PERSON, (-20, -20, 50, 110)), track(ObjectClass.PERSON, (WIDTH + 50, 10, WIDTH + 90, 90))),
        WIDTH,
        HEIGHT,
    )
    assert len(areas) == 1
    assert areas[0][:2] == (0.0, 0.0)
