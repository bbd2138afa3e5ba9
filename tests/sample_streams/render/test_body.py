"""A figure's points follow its bones."""

import numpy as np
import pytest

from sample_streams.render import body

ARM = body.Body(
    np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]]),
    (((0, 1, 2), body.SKIN),),
    (
        body.Bone("upper", "", np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.5, 0.0])),
        body.Bone("lower", "upper", np.array([0.0, 0.0, 0.5]), np.array([0.0, 0.5, 1.0])),
    ),
)


def test_at_rest_nothing_moves() -> None:
    assert ARM.pose({}) == pytest.approx(ARM.points)


def test_a_turned_joint_carries_what_hangs_on_it() -> None:
    posed = ARM.pose({"upper": (90.0, 0.0, 0.0)})
    assert posed[0] == pytest.approx((0.0, 0.0, 1.0))
    assert posed[2] == pytest.approx((0.0, 1.0, 1.0))  # what hung down points backwards


def test_a_lower_joint_turns_on_top_of_the_upper_one() -> None:
    posed = ARM.pose({"upper": (90.0, 0.0, 0.0), "lower": (90.0, 0.0, 0.0)})
    assert posed[2] == pytest.approx((0.0, 0.5, 1.5))


def test_a_turn_keeps_lengths_and_hands() -> None:
    matrix = body.turn((20.0, -35.0, 70.0))
    assert matrix @ matrix.T == pytest.approx(np.eye(3))
    assert np.linalg.det(matrix) == pytest.approx(1.0)
