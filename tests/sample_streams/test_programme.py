"""A looped recording's times only rise, and no picture is sent before it is taken."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_streams.camera import nal, programme, recording

FRAME_TICKS = 6000
EPSILON_S = 1e-6


def make_recording(groups: int = 3, *, reordered: bool = False) -> recording.Recording:
    """Return groups of four pictures, shown I B B P and decoded I P B B where `reordered`."""
    shown = (0, 3, 1, 2) if reordered else (0, 1, 2, 3)
    units = [
        recording.Unit(
            (b"\x67\x42\x00\x1f", b"\x65x") if place == 0 else (b"\x41x",),
            (group * 4 + place - (2 if reordered else 0)) * FRAME_TICKS,
            (group * 4 + shown[place]) * FRAME_TICKS,
            place == 0,
        )
        for group in range(groups)
        for place in range(4)
    ]
    return recording.assemble(nal.Codec.H264, units, (64, 48), "made")


@given(st.booleans(), st.floats(0, 100))
def test_units_are_due_in_order_and_never_before_they_are_shown(reordered: bool, start_s: float) -> None:
    playing = programme.begun(make_recording(reordered=reordered), start_s)
    cues = list(itertools.accumulate(range(40), lambda cue, _: playing.next_after(cue), initial=programme.Cue(0, 0)))
    due = [playing.due_s(cue) for cue in cues]
    assert due == sorted(due)
    assert all(playing.shown_s(cue) <= playing.due_s(cue) + EPSILON_S for cue in cues)
    shown = sorted(playing.shown_s(cue) for cue in cues[:36])  # three loops: every picture once
    assert all(abs(later - earlier - FRAME_TICKS / 90_000) < EPSILON_S for earlier, later in itertools.pairwise(shown))


@given(st.floats(0, 50))
def test_the_first_unit_due_is_neither_past_nor_more_than_a_picture_away(after_s: float) -> None:
    playing = programme.begun(make_recording(), 10.0)
    due_s = playing.due_s(playing.first_due(10.0 + after_s))
    assert -EPSILON_S <= due_s - (10.0 + after_s) <= FRAME_TICKS / 90_000 + EPSILON_S


@given(st.floats(0, 50))
def test_resuming_goes_on_at_once_with_a_key_frame(after_s: float) -> None:
    now_s = 10.0 + after_s
    playing = programme.resumed(make_recording(), 10.0, now_s)
    cue = playing.first_due(now_s - 1e-4)
    assert playing.unit(cue).is_key
    assert abs(playing.due_s(cue) - now_s) < 1e-3


def test_an_excerpt_begins_at_zero_with_its_key_frame() -> None:
    part = recording.excerpt(make_recording(), 4, 9)
    assert part.units[0].is_key
    assert (part.units[0].show_ticks, part.period_ticks) == (0, 6 * FRAME_TICKS)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.booleans())
def test_recordings_in_turn_are_due_in_order_over_every_change_and_every_round(
    groups: list[int], reordered: bool
) -> None:
    parts = [make_recording(count, reordered=reordered) for count in groups]
    playing = programme.begun(recording.join(parts), 5.0)
    pictures = 4 * sum(groups)
    cues = list(
        itertools.accumulate(
            range(2 * pictures - 1), lambda cue, _: playing.next_after(cue), initial=programme.Cue(0, 0)
        )
    )
    due = [playing.due_s(cue) for cue in cues]
    assert all(abs(later - earlier - FRAME_TICKS / 90_000) < EPSILON_S for earlier, later in itertools.pairwise(due))
    shown = sorted(playing.shown_s(cue) for cue in cues)
    assert all(abs(later - earlier - FRAME_TICKS / 90_000) < EPSILON_S for earlier, later in itertools.pairwise(shown))


def test_each_recording_in_turn_begins_with_its_own_key_frame_and_parameter_sets() -> None:
    first, second = make_recording(2), make_recording(1)
    joined = recording.join([first, second])
    assert joined.units[len(first.units)].is_key
    assert joined.units[len(first.units)].nals == second.units[0].nals
    assert joined.period_ticks == first.period_ticks + second.period_ticks


def test_recordings_of_another_size_or_order_are_not_joined() -> None:
    plain = make_recording()
    large = recording.assemble(nal.Codec.H264, list(plain.units), (128, 96), "large")
    with pytest.raises(ValueError, match="large is h264 128x96"):
        recording.join([plain, large])
    with pytest.raises(ValueError, match="out of order"):
        recording.join([plain, make_recording(reordered=True)])
