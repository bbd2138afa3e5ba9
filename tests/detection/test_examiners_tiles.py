"""Tiles cover what they should and lead back to where they are from."""

import numpy as np
import pytest

from detection.examiners import tiles


def test_a_level_covers_the_picture_and_its_tiles_overlap() -> None:
    seen = np.zeros((100, 100), int)
    for x1, y1, x2, y2 in tiles.level(3, 0.4):
        assert 0 <= x1 < x2 <= 1 + 1e-9 and 0 <= y1 < y2 <= 1 + 1e-9
        seen[round(100 * y1) : round(100 * y2), round(100 * x1) : round(100 * x2)] += 1
    assert (seen.min(), seen.max()) == (1, 4)


def test_parts_of_any_size_become_tiles() -> None:
    for shape in ((30, 50, 3), (700, 300, 3), (224, 224, 3)):
        made = tiles.as_tile(np.full(shape, 77, np.uint8))
        assert made.shape == (224, 224, 3)
        assert made.dtype == np.uint8
        assert (int(made.min()), int(made.max())) == (77, 77)


def test_the_surest_cells_are_found_where_they_lie_without_those_apart() -> None:
    cells = np.full((7, 7), 0.1, np.float32)
    cells[2, 3], cells[2, 4], cells[6, 0] = 0.9, 0.8, 0.85
    assert tiles.surest((100.0, 50.0, 170.0, 120.0), cells) == pytest.approx((130.0, 70.0, 150.0, 80.0))
