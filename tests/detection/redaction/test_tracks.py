"""Where a thing is hidden between the looks, before the first and after the last."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection import types
from detection.redaction import tracks, values


def walking(*looks: int, step_px: float = 10, every_s: float = 0.2) -> tracks.Track:
    """Return the track of somebody who goes to the right, seen at these looks."""
    track = tracks.Track(values.Sort.PERSON)
    for look in looks:
        x = 100 + step_px * look
        track.append(look, look * every_s, (x, 100, x + 40, 200), seen=True)
    return track


def test_between_two_looks_the_box_lies_between_theirs() -> None:
    assert walking(0, 1).at(0.1) == pytest.approx((105, 100, 145, 200))


def test_before_the_first_look_the_box_holds_both_who_stood_and_who_walked() -> None:
    box = walking(5, 6, 7).at(0.8)
    assert box is not None
    assert box[0] < 140 and box[2] > 190


def test_long_before_and_long_after_nothing_is_hidden() -> None:
    track = walking(5, 6)
    assert track.at(1.0 - tracks.HOLD_S - 0.01) is None
    assert track.at(1.2 + tracks.HOLD_S + 0.01) is None


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6, unique=True), st.floats(0, 8))
def test_at_each_of_its_looks_the_box_found_there_is_hidden(looks: list[int], time_s: float) -> None:
    track = walking(*sorted(looks))
    for at, box in zip(track.times_s, track.boxes, strict=True):
        hidden = track.at(at)
        assert hidden is not None and covers(hidden, box)
    inside = track.times_s[0] <= time_s <= track.times_s[-1]
    assert not inside or track.at(time_s) is not None


def test_where_looks_are_missing_between_the_box_is_larger() -> None:
    box = walking(0, 4).at(0.4)
    assert box is not None and box[2] - box[0] > 40


def covers(outer: types.Box, inner: types.Box) -> bool:
    slack = 1e-3
    return (
        outer[0] <= inner[0] + slack
        and outer[1] <= inner[1] + slack
        and outer[2] >= inner[2] - slack
        and outer[3] >= inner[3] - slack
    )
