"""The wall that falls fills its place before, falls as things fall, and lies within the yard after."""

import math

import pytest

from sample_streams.render import rubble, walks

ALL = (*rubble.pieces(), *rubble.crumbs())


def area(corners: rubble.Corners) -> float:
    return 0.5 * sum(x1 * z2 - x2 * z1 for (x1, z1), (x2, z2) in zip(corners, corners[1:] + corners[:1], strict=True))


def test_the_pieces_stand_side_by_side_from_the_foot_to_the_top() -> None:
    edges: dict[frozenset[tuple[float, float]], int] = {}
    for piece in rubble.pieces():
        assert area(piece.corners) > 0.02
        for edge in zip(piece.corners, piece.corners[1:] + piece.corners[:1], strict=True):
            edges[frozenset(edge)] = edges.get(frozenset(edge), 0) + 1
    assert set(edges.values()) == {1, 2}
    assert sum(count == 1 for count in edges.values()) == 2 * (rubble.COLUMNS + rubble.ROWS)


def test_nothing_has_moved_before_the_wall_gives_way() -> None:
    assert all(rubble.place(piece, 0.0) == (piece.at, (0.0, 0.0, 0.0)) for piece in ALL)


def test_everything_lies_still_in_the_last_picture() -> None:
    end_s = rubble.rendered_frames()[-1] / walks.FPS
    for piece in ALL:
        assert piece.lands_s <= end_s
        assert rubble.place(piece, end_s)[0] == pytest.approx(piece.rest)


def test_a_piece_falls_freely_until_it_lands() -> None:
    piece = max(rubble.pieces(), key=lambda one: one.at[2])
    middle_s = (piece.lets_go_s + piece.lands_s) / 2
    fallen_m = piece.at[2] - rubble.place(piece, middle_s)[0][2]
    assert fallen_m == pytest.approx(0.5 * 9.81 * (middle_s - piece.lets_go_s) ** 2)


def test_what_falls_stays_in_the_yard_and_comes_to_lie_in_front_of_the_wall_or_in_it() -> None:
    for piece in ALL:
        assert 2.5 < piece.rest[1] <= rubble.BACK_Y_M
        assert 0.0 < piece.rest[2] <= piece.at[2]
        assert math.isfinite(sum(piece.turn))


def test_the_heap_grows_only_after_the_first_pieces_are_down() -> None:
    x = (rubble.LEFT_M + rubble.RIGHT_M) / 2
    heights = [rubble.heap_m(x, rubble.FRONT_Y_M, i / 10) for i in range(25)]
    assert heights == sorted(heights)
    assert heights[3] == 0.0 < heights[-1] < 1.3
