"""The flood's ground truth follows from how high the water stands over which ground."""

import pytest

from sample_streams.render import tide

RIVERS = {river.name: river for river in tide.RIVERS}


def test_the_normal_river_never_comes_near_the_walk() -> None:
    with pytest.raises(ValueError, match="below the walk"):
        RIVERS["flood_normal"].floods_s()


def test_the_flood_covers_the_whole_walk_in_the_end() -> None:
    assert RIVERS["flood"].level_m(tide.LENGTH_S) > tide.ground_m(tide.PATH_X_M[0])


def test_the_ground_is_straight_between_its_points() -> None:
    (x1, z1), (x2, z2) = tide.GROUND[5:7]
    assert tide.ground_m((x1 + x2) / 2) == pytest.approx((z1 + z2) / 2)
    assert tide.ground_m(99.0) == tide.GROUND[-1][1]
