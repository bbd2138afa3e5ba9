"""The plain projection agrees with the rendered pictures."""

import pytest

from sample_streams.render import view


def test_the_point_looked_at_is_the_middle_of_the_picture() -> None:
    assert view.project(*view.CAMERA_TO) == pytest.approx((0.5, 0.5))


def test_farther_points_of_the_road_lie_higher_in_the_picture() -> None:
    heights = [view.project(0.0, y)[1] for y in (12, 20, 40, 80)]
    assert heights == sorted(heights, reverse=True)


def test_a_mark_painted_on_the_road_is_where_the_picture_shows_it() -> None:
    """The tip of the middle lane's arrow lies at y = 19.3 m; in the rendered picture it is at pixel (589, 528)."""
    assert view.project(0.0, 19.3) == pytest.approx((589 / view.WIDTH_PX, 528 / view.HEIGHT_PX), abs=0.004)


def test_a_point_behind_the_camera_is_refused() -> None:
    with pytest.raises(ValueError, match="behind"):
        view.project(0.0, -30.0)
