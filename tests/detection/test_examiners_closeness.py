"""Where people are close to each other, on drawn boxes."""

from detection import boxes
from detection.examiners import closeness

LEFT = (100.0, 100.0, 150.0, 220.0)


def beside(gap_heights: float, height: float = 120.0) -> tuple[float, float, float, float]:
    """Return a person of this height whose box begins this many of LEFT's heights to the right of it, feet on one level."""
    x1 = LEFT[2] + gap_heights * 120.0
    return x1, 220.0 - height, x1 + 50.0, 220.0


def test_two_people_beside_each_other_are_one_area_that_holds_both() -> None:
    (area,) = closeness.close_areas([LEFT, beside(0.2)], [])
    assert boxes.contains(area, LEFT)
    assert boxes.contains(area, beside(0.2))


def test_people_apart_and_one_far_behind_another_are_not_close() -> None:
    assert closeness.close_areas([LEFT, beside(1.5)], []) == []
    assert closeness.close_areas([LEFT, beside(0.1, height=40.0)], []) == []


def test_one_person_counts_where_something_moves_beside_them_and_not_alone() -> None:
    assert closeness.close_areas([LEFT], []) == []
    assert closeness.close_areas([LEFT], [(600.0, 100.0, 650.0, 220.0)]) == []
    assert closeness.close_areas([LEFT], [(90.0, 95.0, 165.0, 222.0)]) == [], "their own movement and its shadow"
    (area,) = closeness.close_areas([LEFT], [(140.0, 110.0, 230.0, 215.0)])
    assert boxes.contains(area, (100.0, 110.0, 230.0, 215.0))


def test_movement_beside_a_person_widens_the_area_by_their_height_at_most() -> None:
    (area,) = closeness.close_areas([LEFT], [(0.0, 0.0, 1280.0, 720.0)])
    assert boxes.width(area) <= 50 + 2 * 120 + 2 * closeness.MARGIN_HEIGHTS * 120


def test_a_crowd_is_bounded_and_pairs_that_overlap_become_few_areas() -> None:
    row = [(40.0 * i, 100.0, 40.0 * i + 50.0, 220.0) for i in range(100)]
    areas = closeness.close_areas(row, [])
    assert 1 <= len(areas) <= closeness.MOST_PEOPLE
