from camera_agents.analysis import standby
from camera_agents.streams import packets
from detection import settings

FORM = packets.StreamFormat("h264", b"sets", 64, 48)


def packet(i: int, gop: int) -> packets.VideoPacket:
    return packets.VideoPacket(FORM, i * 6000, 1_000_000_000 + i * 66_667, i % gop == 0, b"x" * 10)


def run(subject: standby.Standby, count: int, gop: int, *, begin: int = 0, fresh: bool = True) -> int:
    """Feed packets and return how many were to be analysed."""
    return sum(len(subject.take(packet(i, gop), quiet=True, small_is_fresh=fresh)) for i in range(begin, begin + count))


def test_with_frequent_key_frames_the_small_stream_is_never_wanted() -> None:
    subject = standby.Standby(settings.ScheduleSettings())
    assert run(subject, 150, gop=15) == 150
    assert not subject.wants_small_stream


def test_with_rare_key_frames_the_main_stream_is_held_once_the_small_one_gives_pictures() -> None:
    subject = standby.Standby(settings.ScheduleSettings())
    run(subject, 61, gop=60, fresh=False)
    assert subject.wants_small_stream
    assert not subject.on
    assert run(subject, 100, gop=60, begin=120) == 0
    assert subject.on


def test_waking_gives_back_the_main_stream_from_its_last_key_frame() -> None:
    subject = standby.Standby(settings.ScheduleSettings())
    run(subject, 150, gop=60)
    held = subject.wake()
    assert held[0].is_key
    assert [p.pts // 6000 for p in held] == list(range(120, 150))
    assert not subject.on


def test_a_small_stream_that_stops_gives_the_main_one_back_at_once() -> None:
    subject = standby.Standby(settings.ScheduleSettings())
    run(subject, 150, gop=60)
    taken = subject.take(packet(150, 60), quiet=True, small_is_fresh=False)
    assert [p.pts // 6000 for p in taken] == list(range(120, 151))


def test_after_movement_the_main_stream_is_analysed_until_it_is_calm() -> None:
    subject = standby.Standby(settings.ScheduleSettings(linger_s=2.0))
    run(subject, 130, gop=60)
    subject.moved(packet(179, 60).time_s)
    subject.wake()
    assert run(subject, 60, gop=60, begin=180) == 60
    assert run(subject, 60, gop=60, begin=240) == 0


def test_what_is_held_is_bounded() -> None:
    subject = standby.Standby(settings.ScheduleSettings(buffer_packets=50))
    run(subject, 60 + 200, gop=60)
    run(subject, 100, gop=1000, begin=260)
    assert len(subject.wake()) <= 50
