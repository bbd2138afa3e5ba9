"""The fire is shown from rendered frames only, without a jump where it repeats."""

import pytest

from sample_streams.render import blaze, drives


def test_nothing_is_shown_before_the_first_wisp() -> None:
    assert blaze.mix(-0.1) == []


@pytest.mark.parametrize("frame", range(0, 60 * drives.FPS, 7))
def test_only_rendered_frames_are_mixed_and_their_weights_add_up(frame: int) -> None:
    mixed = blaze.mix(frame / drives.FPS)
    assert {index for index, _ in mixed} <= set(blaze.rendered_frames())
    assert sum(weight for _, weight in mixed) == pytest.approx(1.0)


def test_it_grows_once_and_then_repeats_the_full_fire() -> None:
    late = [index for second in range(20, 60) for index, _ in blaze.mix(second)]
    assert min(late) >= blaze.LOOP_FROM_S * drives.FPS - 1


def test_what_is_shown_moves_on_slowly() -> None:
    def mean(frame: int) -> float:
        return sum(index * weight for index, weight in blaze.mix(frame / drives.FPS))

    steps = [mean(i + 1) - mean(i) for i in range(60 * drives.FPS)]
    longest = blaze.frames() / (blaze.LOOP_BLEND_S * drives.FPS)
    assert all(-longest <= step <= 1.5 for step in steps)
