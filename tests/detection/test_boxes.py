"""Box geometry, against plain arithmetic on single boxes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detection import boxes, types

coordinate = st.integers(0, 60)


@st.composite
def some_boxes(draw: st.DrawFn) -> list[types.Box]:
    corners = draw(st.lists(st.tuples(coordinate, coordinate, coordinate, coordinate), max_size=8))
    return [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]


def count_pixels(a: types.Box, b: types.Box) -> tuple[int, int]:
    """Return shared and joint area by painting both boxes."""
    canvas = np.zeros((61, 61), np.int64)
    for x1, y1, x2, y2 in (a, b):
        canvas[int(y1) : int(y2), int(x1) : int(x2)] += 1
    return int((canvas == 2).sum()), int((canvas > 0).sum())


@given(some_boxes(), some_boxes())
def test_overlap_is_what_painting_the_boxes_gives(a: list[types.Box], b: list[types.Box]) -> None:
    overlap = boxes.iou(boxes.as_array(a), boxes.as_array(b))
    assert overlap.shape == (len(a), len(b))
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            shared, joint = count_pixels(one, other)
            assert np.isclose(overlap[i, j], shared / joint if joint else 0, atol=1e-6)


@given(some_boxes())
def test_what_is_kept_overlaps_little_and_what_is_dropped_overlaps_something_better(found: list[types.Box]) -> None:
    xyxy = boxes.as_array(found)
    score = np.linspace(0.9, 0.1, len(found), dtype=np.float32)
    kept = boxes.keep_best(xyxy, score, np.zeros(len(found), np.int64), 0.5)
    overlap = boxes.iou(xyxy, xyxy)
    assert all(overlap[i, j] <= 0.5 for i in kept for j in kept if i != j)
    dropped = set(range(len(found))) - set(kept.tolist())
    assert all(any(overlap[i, j] > 0.5 and j < i for j in kept) for i in dropped)


def test_boxes_of_different_groups_do_not_hide_each_other() -> None:
    xyxy = boxes.as_array([(0, 0, 10, 10), (0, 0, 10, 10)])
    kept = boxes.keep_best(xyxy, np.array([0.9, 0.8], np.float32), np.array([0, 1]), 0.5)
    assert sorted(kept.tolist()) == [0, 1]


def test_a_box_inside_a_better_one_is_hidden_where_that_is_asked_for() -> None:
    xyxy = boxes.as_array([(0, 0, 100, 100), (40, 40, 50, 50)])
    score, group = np.array([0.9, 0.8], np.float32), np.zeros(2, np.int64)
    assert boxes.keep_best(xyxy, score, group, 0.5).tolist() == [0, 1]
    assert boxes.keep_best(xyxy, score, group, 0.5, within=0.9).tolist() == [0]


def test_a_box_outside_the_picture_becomes_empty_at_its_edge() -> None:
    assert boxes.size(boxes.clip((700.0, 10.0, 800.0, 50.0), 640, 360)) == 0
    assert boxes.clip((-5.0, -5.0, 700.0, 400.0), 640, 360) == (0.0, 0.0, 640, 360)
