from hypothesis import given
from hypothesis import strategies as st

from camera_agents.sending import live_queue
from sharing_hub.wire import framing
from tests.support import media_side


def drain(queue: live_queue.LiveQueue) -> list[int]:
    numbers = []
    while frame := queue.pop():
        numbers.append(framing.unpack(frame).pts // 6000)
    return numbers


def make(max_bytes: int = 1000, max_lag_s: float = 2.0) -> live_queue.LiveQueue:
    return live_queue.LiveQueue(lambda: None, max_bytes, max_lag_s)


def test_units_before_the_first_key_frame_are_dropped() -> None:
    queue = make()
    queue.push(media_side.unit(0))
    queue.push(media_side.unit(1, is_key=True))
    assert drain(queue) == [1]
    assert queue.dropped == 1


def test_a_full_queue_drops_up_to_the_next_key_frame_and_starts_there() -> None:
    queue = make(max_bytes=300)
    for number, is_key in enumerate([True, False, False, False, True, False]):
        queue.push(media_side.unit(number, is_key))
    assert drain(queue) == [4, 5]
    assert queue.dropped == 4


def test_what_is_too_old_gives_way_to_a_key_frame() -> None:
    queue = make(max_bytes=10**6, max_lag_s=1.0)
    for number in range(31):
        queue.push(media_side.unit(number, is_key=number % 15 == 0))
    assert drain(queue)[0] == 30


def test_a_unit_that_no_frame_can_hold_is_dropped_with_its_group() -> None:
    queue = make(max_bytes=10**9)
    queue.push(media_side.unit(0, is_key=True))
    queue.push(media_side.unit(1, size_bytes=0))
    queue.push(media_side.unit(2))
    queue.push(media_side.unit(3, is_key=True, size_bytes=framing.MAX_UNIT_BYTES + 1))
    queue.push(media_side.unit(4))
    queue.push(media_side.unit(5, is_key=True))
    assert drain(queue) == [0, 5]
    assert queue.dropped == 4


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(1, 400), st.booleans()),  # key frame, bytes, the link takes one
        max_size=80,
    )
)
def test_whatever_comes_the_hub_can_decode_what_it_gets_and_every_loss_is_counted(
    story: list[tuple[bool, int, bool]],
) -> None:
    queue = make(max_bytes=700)
    sent: list[framing.AccessUnit] = []
    units = [media_side.unit(n, is_key, size_bytes=size) for n, (is_key, size, _) in enumerate(story)]
    for unit, (_, _, takes) in zip(units, story, strict=True):
        queue.push(unit)
        if takes and (taken := queue.pop()):
            sent.append(framing.unpack(taken))
    while taken := queue.pop():
        sent.append(framing.unpack(taken))
    for before, unit in zip([None, *sent], sent, strict=False):
        assert unit.is_key or (before is not None and unit.pts == before.pts + 6000)
    assert queue.dropped == len(units) - len(sent)
