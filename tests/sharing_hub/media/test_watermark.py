"""The watermark stands in every picture, in Korean, with the time running along."""

import datetime

import numpy as np
import pytest

from sharing_hub import errors
from sharing_hub.media import plan, watermark

NOON = datetime.datetime(2026, 11, 28, 3, tzinfo=datetime.UTC)


def mark(agency: str = "서울종로경찰서", captured_at: datetime.datetime | None = NOON) -> watermark.Mark:
    return watermark.Mark(plan.Watermark(agency, "홍길동 경위", NOON, "JK-8F3A21", captured_at), 640, 360)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_it_is_seen_on_any_ground_and_faint_outside_its_band(grey: int) -> None:
    clear = np.full((360, 640, 3), grey, np.uint8)
    marked = mark().draw(clear, 0)
    change = np.abs(marked.astype(int) - clear.astype(int))
    assert (change[:300] > 8).mean() > 0.005
    assert change[:300].max() <= 30
    assert marked[-20:].max() > 200 and (clear == grey).all()


def test_each_corner_of_the_picture_carries_it() -> None:
    change = mark().draw(np.full((360, 640, 3), 128, np.uint8), 0) != 128
    for rows in (slice(0, 170), slice(170, 330)):
        for columns in (slice(0, 320), slice(320, 640)):
            assert change[rows, columns].any()


def test_korean_letters_are_drawn_and_differ() -> None:
    ground = np.zeros((360, 640, 3), np.uint8)
    assert not np.array_equal(mark("가나다라").draw(ground, 0), mark("마바사아").draw(ground, 0))
    assert not np.array_equal(mark("뷁").draw(ground, 0), mark("?").draw(ground, 0))


def test_the_time_of_capture_runs_along_in_korean_time() -> None:
    assert "촬영 2026-11-28 12:00:07" in mark().lines(7)
    assert "촬영" not in mark(captured_at=None).lines(7)
    assert "제공 2026-11-28 12:00:00" in mark().lines(7)
    ground, one = np.zeros((360, 640, 3), np.uint8), mark()
    assert not np.array_equal(one.draw(ground, 0.5)[-20:], one.draw(ground, 1.5)[-20:])


def test_a_long_line_is_made_to_fit() -> None:
    long = mark("가" * 80)
    marked = long.draw(np.zeros((360, 640, 3), np.uint8), 0)
    assert marked.shape == (360, 640, 3)


@pytest.mark.parametrize("agency", ["", "  ", "a\nb", "가" * 81, "x\u202ey"])
def test_names_that_could_hide_something_are_refused(agency: str) -> None:
    with pytest.raises(errors.Unprocessable):
        plan.Watermark(agency, "홍길동", NOON, "JK-1")
