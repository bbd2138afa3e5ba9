"""Each look changes the picture as its name says, and the same chance gives the same picture."""

import numpy as np
import pytest

from sample_streams import encoding
from sample_streams.render import looks


@pytest.fixture
def colourful() -> encoding.Picture:
    picture = np.full((120, 160, 3), 90, np.uint8)
    picture[40:80, 40:120] = (40, 60, 200)
    return picture


@pytest.mark.parametrize("look", looks.Look)
def test_the_same_seed_gives_the_same_picture(look: looks.Look, colourful: encoding.Picture) -> None:
    first, second = (looks.photograph(colourful, look, np.random.default_rng(3)) for _ in range(2))
    assert first.shape == colourful.shape
    assert np.array_equal(first, second)


def test_infrared_is_grey(colourful: encoding.Picture) -> None:
    seen = looks.photograph(colourful, looks.Look.INFRARED, np.random.default_rng(3)).astype(int)
    assert np.abs(seen[:, :, 0] - seen[:, :, 2]).max() <= 1


def test_rain_is_different_in_every_picture_and_washes_colours_out(colourful: encoding.Picture) -> None:
    chance = np.random.default_rng(3)
    first, second = (looks.photograph(colourful, looks.Look.RAIN, chance).astype(int) for _ in range(2))
    assert np.abs(first - second).max() > 15
    dry = looks.photograph(colourful, looks.Look.DAY, np.random.default_rng(3)).astype(int)
    assert np.ptp(first[60, 80]) < np.ptp(dry[60, 80])


def test_a_darkened_picture_is_darker_and_bluer(colourful: encoding.Picture) -> None:
    dim = looks.darken(colourful).astype(int)
    assert dim.mean() < 0.75 * colourful.mean()
    assert dim[0, 0, 0] > dim[0, 0, 2]


def test_a_lamp_shines_where_it_is_and_not_far_away(colourful: encoding.Picture) -> None:
    before = colourful.copy()
    looks.glow(colourful, [(20.0, 20.0, 3.0), (-500.0, 10.0, 3.0)], (200, 220, 255))
    assert colourful[20, 20].min() > before[20, 20].max()
    assert np.array_equal(colourful[60:], before[60:])
