"""Layout of regions on canvases and the way back."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detection import boxes, letterbox, types

SHEET = letterbox.Sheet(416, 416, 32, flexible=True)


@st.composite
def regions(draw: st.DrawFn) -> list[types.Box]:
    found = []
    for _ in range(draw(st.integers(1, 12))):
        x, y = draw(st.integers(0, 1200)), draw(st.integers(0, 700))
        w, h = draw(st.integers(4, 1280)), draw(st.integers(4, 720))
        found.append((float(x), float(y), float(x + w), float(y + h)))
    return found


@given(regions(), st.booleans())
def test_every_region_has_one_place_inside_its_canvas_and_none_overlap(found: list[types.Box], flexible: bool) -> None:
    sheet = letterbox.Sheet(416, 416, 32, flexible)
    scales = [letterbox.choose_scale(region, (1280, 720)) for region in found]
    canvases = letterbox.lay_out(found, scales, sheet)
    assert sorted(place.region for canvas in canvases for place in canvas.placements) == sorted(found)
    for canvas in canvases:
        assert canvas.width_px % 32 == canvas.height_px % 32 == 0
        assert canvas.width_px <= 416 and canvas.height_px <= 416
        spots = [(p.left_px, p.top_px, p.left_px + p.width_px, p.top_px + p.height_px) for p in canvas.placements]
        assert all(s[2] <= canvas.width_px and s[3] <= canvas.height_px for s in spots)
        assert not any(boxes.touch(a, b) for a, b in itertools.combinations(spots, 2))


@given(regions())
def test_a_box_goes_to_the_canvas_and_back(found: list[types.Box]) -> None:
    canvas = letterbox.lay_out(found, [0.5] * len(found), SHEET)[0]
    for place in canvas.placements:
        x1, y1, x2, y2 = place.region
        inner = np.array([[x1 + 1, y1 + 1, x2 - 1, y2 - 1]], np.float32)
        origin = np.array([x1, y1, x1, y1], np.float32)
        corner = np.array([place.left_px, place.top_px] * 2, np.float32)
        drawn = (inner - origin) * np.float32(place.scale) + corner
        assert np.allclose(place.restore(drawn), inner, atol=0.05)


def test_small_regions_share_a_small_canvas() -> None:
    found = [(0.0, 0.0, 100.0, 150.0), (500.0, 300.0, 600.0, 450.0), (900.0, 0.0, 1000.0, 150.0)]
    canvases = letterbox.lay_out(found, [1.0] * 3, SHEET)
    assert len(canvases) == 1
    assert canvases[0].width_px * canvases[0].height_px < 0.4 * 416 * 416


def test_a_canvas_shows_each_region_at_its_place_and_grey_between() -> None:
    y = np.full((200, 400), 30, np.uint8)
    y[:, 200:] = 200
    half = np.full((100, 200), 128, np.uint8)
    frame = types.Frame(0.0, y, half, half)
    canvas = letterbox.lay_out([(0.0, 0.0, 100.0, 100.0), (300.0, 0.0, 360.0, 60.0)], [1.0, 1.0], SHEET)[0]
    picture = canvas.paint(frame)
    dark, bright = sorted(canvas.placements, key=lambda place: place.region)
    assert picture[dark.top_px + 50, dark.left_px + 50].max() < 30
    assert picture[bright.top_px + 30, bright.left_px + 30].min() > 200
    assert (picture[-1, -1] == letterbox.FILL).all()


def test_no_region_is_shown_smaller_than_it_is_in_the_whole_picture() -> None:
    assert letterbox.choose_scale((0.0, 0.0, 1280.0, 720.0), (1280, 720)) == 416 / 1280
    assert letterbox.choose_scale((0.0, 0.0, 300.0, 320.0), (1280, 720)) == 0.5
    assert letterbox.choose_scale((0.0, 0.0, 60.0, 100.0), (1280, 720)) == 1.0
