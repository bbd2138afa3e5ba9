import dataclasses
from collections import Counter
from collections.abc import Iterable

import pytest

from camera_agents.streams import annexb, assembly, clock, packets, rtsp
from tests.support import coded

UTC_S = coded.START_US / 1e6
STEP_S = 1 / coded.FPS


class Connection:
    """An assembler and the pictures it is given, one every fifteenth of a second."""

    def __init__(self, codec: str = "h264", parameter_sets: bytes = b"") -> None:
        self.dropped: Counter[str] = Counter()
        self.jumps = clock.Jumps()
        self.assembler = assembly.Assembler(codec, parameter_sets, self.jumps, self.dropped)
        self.now_s = 0.0

    def give(self, pictures: Iterable[rtsp.CodedPicture]) -> list[packets.VideoPacket]:
        taken = []
        for picture in pictures:
            self.now_s += STEP_S
            taken.append(self.assembler.take(picture, clock.Arrival(UTC_S + self.now_s, 500 + self.now_s)))
        return [packet for packet in taken if packet is not None]


def pictures(
    seconds: float, *, codec: str = "h264", width: int = 96, height: int = 64, b_frames: int = 0, begin_s: float = 0.0
) -> list[rtsp.CodedPicture]:
    sent = coded.coded(seconds, codec=codec, width=width, height=height, b_frames=b_frames)
    shift = round(begin_s * packets.TICKS_PER_S)
    return [rtsp.CodedPicture(pts + shift, is_key, data, None) for pts, is_key, data in sent]


def bare(picture: rtsp.CodedPicture) -> rtsp.CodedPicture:
    """Return a key frame without its parameter sets."""
    slices = [unit for unit in annexb.units(picture.data) if annexb.is_picture("h264", unit)]
    return dataclasses.replace(picture, data=b"".join(b"\x00\x00\x00\x01" + unit for unit in slices))


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_every_picture_becomes_a_packet_of_one_format_with_rising_times(codec: str) -> None:
    connection = Connection(codec)
    taken = connection.give(pictures(2, codec=codec))
    assert len(taken) == 2 * coded.FPS
    assert len({id(packet.format) for packet in taken}) == 1
    form = taken[0].format
    assert (form.codec, form.width_px, form.height_px) == (codec, 96, 64)
    times = [packet.captured_us for packet in taken]
    assert times == sorted(set(times))
    assert connection.dropped.total() == 0


def test_nothing_comes_out_before_the_first_key_frame_and_what_came_is_counted() -> None:
    connection = Connection()
    taken = connection.give(pictures(2)[3:])
    assert taken[0].is_key
    assert len(taken) == coded.FPS
    assert connection.dropped == {"before_key_frame": coded.FPS - 3}


def test_key_frames_without_parameter_sets_get_those_of_the_description() -> None:
    sent = pictures(2)
    sets = annexb.parameter_sets("h264", sent[0].data)
    connection = Connection(parameter_sets=sets)
    taken = connection.give(bare(picture) if picture.is_key else picture for picture in sent)
    keys = [packet for packet in taken if packet.is_key]
    assert len(keys) == 2
    assert all(annexb.parameter_sets("h264", key.data) == sets for key in keys)


def test_a_key_frame_that_nothing_describes_is_dropped_as_garbage() -> None:
    connection = Connection()
    assert connection.give([bare(pictures(1)[0])]) == []
    assert connection.dropped == {"garbage_packets": 1}
    assert connection.assembler.undecodable_keys == 1


def test_a_key_frame_of_noise_is_dropped_and_the_next_good_one_begins() -> None:
    connection = Connection()
    sent = pictures(2)
    noise = dataclasses.replace(sent[0], data=b"\x00\x00\x00\x01\x67" + bytes(range(1, 200)))
    taken = connection.give([noise, *sent[1:]])
    assert taken[0].is_key
    assert len(taken) == coded.FPS
    assert connection.dropped["garbage_packets"] == 1


def test_a_change_of_size_is_a_new_format_from_its_key_frame_on() -> None:
    connection = Connection()
    taken = connection.give([*pictures(1), *pictures(1, width=128, height=96, begin_s=1)])
    widths = [packet.format.width_px for packet in taken]
    assert widths == [96] * coded.FPS + [128] * coded.FPS
    assert len({id(packet.format) for packet in taken}) == 2


def test_a_first_picture_without_a_time_stamp_counts_as_the_beginning() -> None:
    connection = Connection()
    sent = pictures(1)
    taken = connection.give([dataclasses.replace(sent[0], pts=None), *sent[1:]])
    assert len(taken) == coded.FPS
    assert taken[0].pts == 0


def test_a_later_picture_without_a_time_stamp_is_dropped_and_counted() -> None:
    connection = Connection()
    sent = pictures(1)
    taken = connection.give([*sent[:5], dataclasses.replace(sent[5], pts=None), *sent[6:]])
    assert len(taken) == coded.FPS - 1
    assert connection.dropped == {"no_time_stamp": 1}


@pytest.mark.parametrize(("b_frames", "reorders"), [(0, False), (2, True)])
def test_a_stream_with_b_frames_is_told_from_one_without(b_frames: int, reorders: bool) -> None:
    connection = Connection()
    connection.give(pictures(2, b_frames=b_frames))
    assert connection.assembler.reorders is reorders


def test_a_camera_whose_clock_steps_back_is_not_taken_for_one_with_b_frames() -> None:
    connection = Connection()
    taken = connection.give([*pictures(2, begin_s=100), *pictures(1)])
    assert not connection.assembler.reorders
    assert connection.jumps.backwards == 1
    times = [packet.captured_us for packet in taken]
    assert times == sorted(set(times))


def test_how_far_the_cameras_clock_is_ahead_is_known_from_its_newest_report() -> None:
    connection = Connection()
    first, second, *_ = pictures(1)
    connection.give([first])
    assert connection.assembler.camera_ahead_s is None
    produced_us = round((UTC_S + 2 * STEP_S + 5) * 1e6)
    (packet,) = connection.give([dataclasses.replace(second, produced_us=produced_us)])
    assert connection.assembler.camera_at_us == produced_us
    assert connection.assembler.camera_ahead_s == (produced_us - packet.captured_us) / 1e6


def test_it_waits_for_a_key_frame_only_after_ten_seconds_without_one() -> None:
    connection = Connection()
    assert not connection.assembler.waits_for_key_frame(1e9)  # nothing came yet: that is another trouble
    connection.give(pictures(2)[1:3])
    began_s = 500 + STEP_S
    assert not connection.assembler.waits_for_key_frame(began_s + 9.9)
    assert connection.assembler.waits_for_key_frame(began_s + 10.1)
    connection.give(pictures(1))
    assert not connection.assembler.waits_for_key_frame(began_s + 10.1)
