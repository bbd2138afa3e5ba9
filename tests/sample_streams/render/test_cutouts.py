"""What has been cut out can be laid back, moved and clipped."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from sample_streams.render import cutouts


@pytest.fixture
def place(tmp_path: Path) -> cutouts.Place:
    """Return a grey place of 160x120 with one red block rendered at two positions."""
    ground = np.full((120, 160, 3), 100, np.uint8)
    for name in ("empty.png", "empty_fine.png"):
        cv2.imwrite(str(tmp_path / name), ground)
    (tmp_path / "block").mkdir()
    for index, x in ((0, 20), (4, 60)):
        part = np.full((50, 40, 3), 100, np.uint8)
        part[10:40, 8:32] = (30, 30, 200)
        cv2.imwrite(str(tmp_path / "block" / f"{index:04d}_{x}_30.png"), part)
    return cutouts.Place(tmp_path)


def find(place: cutouts.Place, index: int) -> cutouts.Cutout:
    found = place.find("block", index)
    assert found is not None
    return found


def test_a_thing_is_laid_where_it_was_rendered_and_nowhere_else(place: cutouts.Place) -> None:
    picture = place.empty.copy()
    cutouts.paste(picture, find(place, 0))
    assert picture[55, 40, 2] > 180
    assert np.array_equal(picture[:, 80:], place.empty[:, 80:])


def test_a_thing_that_stands_still_is_found_later_too(place: cutouts.Place) -> None:
    assert place.find("block", 7) is None
    assert place.find_latest("block", 7) is find(place, 4)
    assert place.find_latest("block", 3) is find(place, 0)
    assert place.find_latest("nothing", 3) is None


def test_a_slid_thing_is_where_and_as_large_as_asked(place: cutouts.Place) -> None:
    moved = cutouts.slide(find(place, 0), (40.0, 70.0), (80.0, 90.0), 1.5)
    assert moved is not None
    picture = place.empty.copy()
    clipped = cutouts.clip(moved, 160, 120)
    assert clipped is not None
    cutouts.paste(picture, clipped)
    rows, columns = np.nonzero(picture[:, :, 2] > 160)
    assert (columns.min(), columns.max()) == pytest.approx((80 - 18, 80 + 18), abs=2)
    assert (rows.min(), rows.max()) == pytest.approx((90 - 45, 90), abs=2)


def test_what_is_slid_out_of_the_picture_is_gone(place: cutouts.Place) -> None:
    assert cutouts.slide(find(place, 0), (40.0, 70.0), (-200.0, 70.0), 1.0) is None
    far = cutouts.slide(find(place, 0), (40.0, 70.0), (400.0, 70.0), 1.0)
    assert far is not None
    assert cutouts.clip(far, 160, 120) is None


def test_other_tones_change_the_paint_only(place: cutouts.Place) -> None:
    picture = place.empty.copy()
    cutouts.paste(picture, find(place, 0), (2, 1, 0))
    assert picture[55, 40, 0] > picture[55, 40, 2]
    assert np.array_equal(picture[:, 80:], place.empty[:, 80:])


def test_a_place_that_was_not_rendered_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="empty_fine"):
        cutouts.Place(tmp_path)
