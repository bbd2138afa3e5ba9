"""The schedule: what is decoded and looked at, on streams made by hypothesis and by hand, with a decoder that checks."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detection import schedule, settings, types

PLANE = np.zeros((4, 4), np.uint8)
HALF = np.zeros((2, 2), np.uint8)
THUMB = types.Thumb(0.0, np.zeros((180, 320), np.uint8), 0.0, False)


@dataclass(frozen=True)
class Packet:
    number: int
    time_s: float
    is_key: bool
    size_bytes: int = 1000


class StrictDecoder:
    """Gives a frame per packet and fails the test when a packet's references were not decoded."""

    def __init__(self, held_back: int = 0) -> None:
        self.expected: int | None = None
        self.decoded: list[int] = []
        self.held_back = held_back
        self.queue: list[types.Frame] = []

    def decode(self, packet: Packet) -> Sequence[types.Frame]:
        assert packet.is_key or packet.number == self.expected, f"packet {packet.number} without those before it"
        assert not packet.is_key or self.expected in (None, packet.number), "a key frame after a gap needs a reset"
        self.expected = packet.number + 1
        self.decoded.append(packet.number)
        self.queue.append(types.Frame(packet.time_s, PLANE, HALF, HALF, is_key=packet.is_key))
        ready = len(self.queue) - self.held_back
        given, self.queue = self.queue[: max(0, ready)], self.queue[max(0, ready) :]
        return given

    def reset(self) -> None:
        self.expected = None
        self.queue = []


def make_stream(gop: int, fps: float, seconds: float, start_s: float = 0.0) -> list[Packet]:
    return [Packet(i, start_s + i / fps, i % gop == 0) for i in range(round(seconds * fps))]


def walk(
    packets: Sequence[Packet], moving: tuple[float, float] = (9e9, 9e9), wanted: settings.ScheduleSettings | None = None
) -> Iterator[tuple[schedule.Walker[Packet], StrictDecoder, float, bool]]:
    """Yield (walker, decoder, time, concluded) for each look; what lies in `moving` shows movement."""
    decoder = StrictDecoder()
    walker = schedule.Walker(wanted or settings.ScheduleSettings(), decoder.decode, decoder.reset)
    for packet in packets:
        for frame in walker.feed(packet):
            is_moving = moving[0] <= frame.time_s <= moving[1]
            concluded = walker.saw(types.Look(frame, THUMB, is_moving, (), ()), has_tracks=False)
            yield walker, decoder, frame.time_s, concluded


def test_an_idle_stream_with_frequent_key_frames_has_only_those_decoded() -> None:
    looks = list(walk(make_stream(gop=15, fps=15, seconds=20)))
    walker, decoder = looks[-1][0], looks[-1][1]
    assert walker.mode is schedule.Mode.KEY_FRAMES
    assert decoder.decoded[-17:] == [15 * i for i in range(3, 20)]
    assert [time for _, _, time, _ in looks][-17:] == [float(i) for i in range(3, 20)]


def test_a_stream_with_rare_key_frames_is_decoded_whole_and_looked_at_at_the_analysis_rate() -> None:
    looks = list(walk(make_stream(gop=100, fps=10, seconds=30)))
    walker, decoder = looks[-1][0], looks[-1][1]
    assert walker.mode is schedule.Mode.ALL
    assert decoder.decoded == list(range(300))
    assert 145 <= len(looks) <= 150


def test_movement_seen_at_a_key_frame_is_followed_back_to_the_key_frame_before() -> None:
    looks = list(walk(make_stream(gop=15, fps=15, seconds=20), moving=(9.5, 12.0)))
    times = [round(time, 3) for _, _, time, concluded in looks if concluded]
    assert (10.0, False) in [(time, concluded) for _, _, time, concluded in looks]
    around = [time for time in times if 9 <= time <= 10]
    assert around == [9.0, 9.2, 9.4, 9.6, 9.8, 10.0]
    assert looks[-1][0].counters.went_back == 1


def test_concluded_looks_are_always_in_order() -> None:
    looks = list(walk(make_stream(gop=15, fps=15, seconds=40), moving=(9.5, 12.0)))
    times = [time for _, _, time, concluded in looks if concluded]
    assert times == sorted(set(times))


def test_a_stream_grows_quiet_again_after_the_linger() -> None:
    looks = list(walk(make_stream(gop=15, fps=15, seconds=40), moving=(9.5, 12.0)))
    modes = {round(time, 3): walker_mode for walker_mode, time in _modes(looks)}
    assert modes[39.0] is schedule.Mode.KEY_FRAMES
    quiet = [time for _, _, time, _ in looks if time > 16]
    assert quiet == [float(i) for i in range(17, 40)]


def test_key_frames_off_the_beat_are_looked_at_while_everything_is_decoded_but_once_a_second_only() -> None:
    for gop, keys in ((17, 17 / 15), (5, 1.0)):
        packets = make_stream(gop=gop, fps=15, seconds=40)
        looks = list(walk(packets, moving=(1.0, 40.0)))
        keyed = {packet.time_s for packet in packets if packet.is_key}
        seen = [time for _, _, time, _ in looks if time > 5 and time in keyed]
        assert max(b - a for a, b in itertools.pairwise(seen)) <= keys + 0.01
        assert len([time for _, _, time, _ in looks if time > 5]) <= 6 * 35


def _modes(looks: Sequence[tuple[schedule.Walker[Packet], StrictDecoder, float, bool]]) -> list[tuple[str, float]]:
    return [(walker.mode, time) for walker, _, time, _ in looks]


def test_when_key_frames_stop_coming_what_is_held_is_decoded_and_looking_goes_on() -> None:
    packets = [Packet(p.number, p.time_s, p.is_key and p.time_s < 10.5) for p in make_stream(15, 15, 30)]
    looks = list(walk(packets))
    late = [time for _, _, time, _ in looks if time > 10]
    assert late[0] < 10.3, "frames since the last key frame are looked at afterwards"
    assert max(b - a for a, b in itertools.pairwise(late)) < 0.3
    assert looks[-1][0].mode is schedule.Mode.ALL


def test_a_group_of_pictures_too_long_to_hold_is_counted_and_watching_goes_on() -> None:
    wanted = settings.ScheduleSettings(buffer_packets=10)
    looks = list(walk(make_stream(15, 15, 20), moving=(10.0, 12.0), wanted=wanted))
    counters = looks[-1][0].counters
    assert counters.overflowed > 5
    assert counters.went_back == 0
    assert all(concluded for _, _, _, concluded in looks)


def test_key_frames_that_come_very_often_are_not_all_looked_at() -> None:
    looks = list(walk(make_stream(gop=1, fps=25, seconds=20)))
    assert looks[-1][0].mode is schedule.Mode.KEY_FRAMES
    assert 17 <= len([time for _, _, time, _ in looks if time >= 1]) <= 40


def test_a_decoder_that_holds_frames_back_is_given_every_packet() -> None:
    decoder = StrictDecoder(held_back=2)
    walker = schedule.Walker(settings.ScheduleSettings(), decoder.decode, decoder.reset)
    seen = []
    for packet in make_stream(15, 15, 30):
        for frame in walker.feed(packet):
            seen.append(frame.time_s)
            walker.saw(types.Look(frame, THUMB, False, (), ()), False)
    assert walker.mode is schedule.Mode.ALL
    assert max(b - a for a, b in itertools.pairwise(seen)) < 5


def test_nothing_is_decoded_before_the_first_key_frame() -> None:
    packets = make_stream(15, 15, 5)[4:]
    looks = list(walk(packets))
    assert looks[0][2] == 1.0
    assert looks[0][0].counters.skipped >= 11


@st.composite
def streams(draw: st.DrawFn) -> list[Packet]:
    """Streams with changing key-frame distance, frame rate, jitter, size and, now and then, a jump of the clock."""
    packets: list[Packet] = []
    time_s = draw(st.sampled_from([0.0, 1.7e9]))
    for _ in range(draw(st.integers(1, 12))):
        gop = draw(st.integers(1, 40))
        step_s = 1 / draw(st.sampled_from([2, 5, 10, 15, 30]))
        jump_s = draw(st.sampled_from([0.0] * 8 + [-30.0, -0.3, 5.0, 4000.0]))
        time_s += jump_s
        for i in range(gop):
            packets.append(Packet(len(packets), time_s, i == 0, draw(st.integers(100, 200_000))))
            time_s += step_s * draw(st.sampled_from([1.0, 1.0, 0.5, 1.5]))
    return packets[draw(st.integers(0, 3)) :]


@given(streams(), st.randoms(use_true_random=False), st.sampled_from([4, 30, 300]))
def test_whatever_the_stream_frames_are_decoded_with_their_references_and_memory_is_bounded(
    packets: list[Packet], random: object, most: int
) -> None:
    wanted = settings.ScheduleSettings(buffer_packets=most, buffer_bytes=2**20)
    decoder = StrictDecoder()  # asserts the references
    walker = schedule.Walker(wanted, decoder.decode, decoder.reset)
    chance = getattr(random, "random")  # noqa: B009  (typed as object by hypothesis)
    for packet in packets:
        for frame in walker.feed(packet):
            walker.saw(types.Look(frame, THUMB, chance() < 0.1, (), ()), False)
        assert walker.held_packets <= most
    counters = walker.counters
    assert len(set(decoder.decoded)) + counters.skipped >= len(packets)
    assert counters.decoded == len(decoder.decoded)


@given(st.integers(1, 60), st.sampled_from([1.0, 5.0, 10.0, 15.0, 30.0]), st.floats(0, 20), st.floats(0.1, 20))
def test_on_a_steady_stream_concluded_looks_are_in_order_and_never_far_apart(
    gop: int, fps: float, begin_s: float, length_s: float
) -> None:
    looks = list(walk(make_stream(gop, fps, 30), moving=(begin_s, begin_s + length_s)))
    times = [time for _, _, time, concluded in looks if concluded]
    assert times == sorted(set(times))
    assert max((b - a for a, b in itertools.pairwise(times)), default=0) <= 1.3
