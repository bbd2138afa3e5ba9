"""The flood's ground truth follows from how high the water stands over which ground."""

import pytest

from sample_streams import manifest
from sample_streams.render import tide, view

RIVERS = {river.name: river for river in tide.RIVERS}


def test_the_manifest_says_when_the_water_reaches_the_walk() -> None:
    (truth,) = manifest.load().find("flood").truth
    assert truth.start_s == pytest.approx(RIVERS["flood"].floods_s(), abs=0.15)


def test_the_watched_zone_is_the_walk_in_both_clips() -> None:
    (left, right), (near, far) = tide.PATH_X_M, tide.PATH_Y_M
    corners = [
        view.RIVER.project(x, y, tide.ground_m(x)) for x, y in ((left, far), (right, far), (right, near), (left, near))
    ]
    for name in RIVERS:
        (truth,) = manifest.load().find(name).truth
        assert [p for point in truth.zone for p in point] == pytest.approx([p for c in corners for p in c], abs=0.002)


def test_the_normal_river_never_comes_near_the_walk() -> None:
    with pytest.raises(ValueError, match="below the walk"):
        RIVERS["flood_normal"].floods_s()


def test_the_flood_covers_the_whole_walk_in_the_end() -> None:
    assert RIVERS["flood"].level_m(tide.LENGTH_S) > tide.ground_m(tide.PATH_X_M[0])


def test_the_ground_is_straight_between_its_points() -> None:
    (x1, z1), (x2, z2) = tide.GROUND[5:7]
    assert tide.ground_m((x1 + x2) / 2) == pytest.approx((z1 + z2) / 2)
    assert tide.ground_m(99.0) == tide.GROUND[-1][1]
