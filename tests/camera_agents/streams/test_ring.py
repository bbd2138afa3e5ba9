from hypothesis import given
from hypothesis import strategies as st

from camera_agents.streams import packets, ring

FORM = packets.StreamFormat("h264", b"sets", 64, 48)


def packet(i: int, *, key: bool, size: int = 100, form: packets.StreamFormat = FORM) -> packets.VideoPacket:
    return packets.VideoPacket(form, i * 6000, i * 66_667, key, bytes(size))


def test_a_viewer_who_joins_gets_every_packet_since_the_key_frame_and_then_each_new_one() -> None:
    subject = ring.Ring(ring.RingLimits())
    for i in range(20):
        subject.push(packet(i, key=i % 8 == 0))
    got: list[packets.VideoPacket] = []
    subject.join(got.append)
    subject.push(packet(20, key=False))
    assert [p.pts // 6000 for p in got] == [16, 17, 18, 19, 20]


def test_a_viewer_who_left_gets_nothing_more() -> None:
    subject = ring.Ring(ring.RingLimits())
    got: list[packets.VideoPacket] = []
    sink = got.append
    subject.join(sink)
    subject.leave(sink)
    subject.push(packet(0, key=True))
    assert got == []


def test_packets_before_the_first_key_frame_are_dropped_and_counted() -> None:
    subject = ring.Ring(ring.RingLimits())
    for i in range(3):
        subject.push(packet(i, key=False))
    assert subject.dropped == 3
    assert subject.since_key() == []


def test_a_group_larger_than_the_ring_is_let_go_and_counted() -> None:
    subject = ring.Ring(ring.RingLimits(seconds=60, max_bytes=1000))
    for i in range(12):
        subject.push(packet(i, key=i == 0))
    assert subject.held_bytes <= 1000
    assert subject.dropped >= 10


def test_a_new_format_begins_a_new_ring() -> None:
    subject = ring.Ring(ring.RingLimits())
    subject.push(packet(0, key=True))
    other = packets.StreamFormat("h264", b"others", 128, 96)
    subject.push(packet(1, key=True, form=other))
    assert [p.format for p in subject.since_key()] == [other]
    assert subject.held_bytes == 100


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 400)), max_size=300))
def test_it_never_holds_more_than_its_limits_and_always_begins_with_a_key_frame(
    arrivals: list[tuple[bool, int]],
) -> None:
    subject = ring.Ring(ring.RingLimits(seconds=2.0, max_bytes=3000))
    for i, (key, size) in enumerate(arrivals):
        subject.push(packet(i, key=key, size=size))
        assert subject.held_bytes <= 3000
        assert subject.held_s <= 2.0
        held = subject.since_key()
        assert not held or held[0].is_key
