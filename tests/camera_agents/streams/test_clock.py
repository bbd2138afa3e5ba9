import itertools

from hypothesis import given
from hypothesis import strategies as st

from camera_agents.streams import clock

UTC_S = 1_800_000_000.0
FRAME = 6000


def run(steps: list[tuple[int, float]], jumps: clock.Jumps | None = None) -> tuple[list[float], clock.Jumps]:
    """Feed (pts, arrival after the start in s); return UTC after the start in s."""
    counted = jumps or clock.Jumps()
    subject = clock.StreamClock(counted)
    out = [subject.utc_us(pts, clock.Arrival(UTC_S + at, 100.0 + at))[1] / 1e6 - UTC_S for pts, at in steps]
    return out, counted


def test_steady_pictures_keep_the_spacing_of_their_time_stamps() -> None:
    jitter = (0.0, 0.021, 0.003, 0.016, 0.009)
    out, jumps = run([(i * FRAME, i / 15 + jitter[i % 5]) for i in range(150)])
    assert all(abs(b - a - 1 / 15) < 0.001 for a, b in itertools.pairwise(out))
    assert jumps.total == 0


def test_the_time_stamp_counter_may_wrap() -> None:
    start = (1 << 32) - 20 * FRAME
    out, jumps = run([((start + i * FRAME) % (1 << 32), i / 15) for i in range(60)])
    assert abs(out[-1] - 59 / 15) < 0.01
    assert jumps.total == 0


def test_a_wrapped_time_stamp_is_given_back_unwrapped() -> None:
    subject = clock.StreamClock(clock.Jumps())
    first, _ = subject.utc_us((1 << 32) - FRAME, clock.Arrival(UTC_S, 5.0))
    second, _ = subject.utc_us(0, clock.Arrival(UTC_S + 1 / 15, 5.0 + 1 / 15))
    assert second - first == FRAME


def test_a_jump_forwards_is_counted_and_the_time_stays_near_arrival() -> None:
    steps = [(i * FRAME, i / 15) for i in range(30)] + [(i * FRAME + 90_000 * 3600, i / 15) for i in range(30, 60)]
    out, jumps = run(steps)
    assert (jumps.forwards, jumps.backwards) == (1, 0)
    assert abs(out[-1] - 59 / 15) < 0.05


def test_a_jump_backwards_is_counted_and_the_time_still_rises() -> None:
    steps = [(90_000 * 3600 + i * FRAME, i / 15) for i in range(30)] + [(i * FRAME, i / 15) for i in range(30, 60)]
    out, jumps = run(steps)
    assert (jumps.forwards, jumps.backwards) == (0, 1)
    assert out == sorted(out)


def test_a_camera_whose_crystal_runs_fast_is_followed() -> None:
    out, jumps = run([(round(i * FRAME * 1.0002), i / 15) for i in range(15 * 600)])
    assert abs(out[-1] - (15 * 600 - 1) / 15) < 0.02
    assert jumps.total == 0


def test_a_camera_whose_crystal_runs_slow_is_followed() -> None:
    out, jumps = run([(round(i * FRAME * 0.9998), i / 15) for i in range(15 * 600)])
    assert abs(out[-1] - (15 * 600 - 1) / 15) < 0.02
    assert jumps.total == 0


def test_a_stalled_network_that_catches_up_is_no_jump() -> None:
    late = [(i * FRAME, max(i / 15, 4.0) if 30 <= i < 60 else i / 15) for i in range(120)]
    out, jumps = run(late)
    assert jumps.total == 0
    assert abs(out[45] - 3.0) < 0.05, "the pictures held back are placed when they were taken, not when they came"


def test_a_clock_that_stood_still_is_taken_as_a_jump_after_a_while() -> None:
    steps = [(i * FRAME, i / 15) for i in range(30)] + [(i * FRAME, i / 15 + 5.0) for i in range(30, 120)]
    out, jumps = run(steps)
    assert jumps.backwards == 1
    assert abs(out[-1] - (119 / 15 + 5.0)) < 0.05


def test_a_step_of_the_agents_own_clock_is_followed_and_not_blamed_on_the_camera() -> None:
    counted = clock.Jumps()
    subject = clock.StreamClock(counted)
    for i in range(30):
        subject.utc_us(i * FRAME, clock.Arrival(UTC_S + i / 15, 50 + i / 15))
    _, utc_us = subject.utc_us(30 * FRAME, clock.Arrival(UTC_S + 2 + 60, 50 + 2))
    assert abs(utc_us / 1e6 - (UTC_S + 62)) < 0.05
    assert (counted.agent_steps, counted.forwards, counted.backwards) == (1, 0, 0)


def test_pictures_sent_out_of_order_get_times_in_the_order_they_are_shown() -> None:
    order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8]
    out, jumps = run([(pts * FRAME, i / 15) for i, pts in enumerate(order)])
    shown = [out[order.index(i)] for i in range(3, 10)]
    assert shown == sorted(shown)
    assert jumps.total == 0


@given(st.lists(st.floats(0, 0.5), min_size=2, max_size=200))
def test_time_rises_and_never_runs_ahead_of_arrival_whatever_the_jitter(jitter: list[float]) -> None:
    arrived = 0.0
    steps = []
    for i, late in enumerate(jitter):
        arrived = max(arrived, i / 15 + late)
        steps.append((i * FRAME, arrived))
    out, jumps = run(steps)
    assert all(b > a for a, b in itertools.pairwise(out))
    assert all(utc <= at + 0.001 for utc, (_, at) in zip(out, steps, strict=True))
    assert jumps.total == 0
