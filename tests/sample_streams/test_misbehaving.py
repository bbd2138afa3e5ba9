"""Every knob of the sample camera has the effect it names, seen from FFmpeg and while the camera runs."""

import contextlib
import itertools
from collections.abc import Iterator

import av
import numpy as np
import pytest

from tests.sample_streams import player
from tests.support import cameras, footage, waiting

pytestmark = pytest.mark.process

LARGE = footage.Footage(width_px=480, height_px=320, gop_frames=5)
H265 = footage.Footage(codec="h265", gop_frames=5)
FRAME_TICKS = 9000
PATIENCE_S = 10
IMPATIENCE_S = 1.5


@pytest.fixture(scope="module")
def process() -> Iterator[cameras.SampleCamera]:
    with cameras.SampleCamera({"gate": footage.make(), "yard": footage.make()}) as running:
        yield running


@pytest.fixture
def camera(process: cameras.SampleCamera) -> Iterator[cameras.SampleCamera]:
    yield process
    process.heal("gate")


def count(camera: cameras.SampleCamera, what: str) -> int:
    return int(camera.state("gate")["streams"]["main"]["counts"].get(what, 0))


def test_a_stall_sends_nothing_keeps_the_connection_and_goes_on_with_a_key_frame(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("gate")) as stream:
        player.packets(stream, 2)
        camera.fault("gate", stall=True)
        waiting.wait_until(lambda: count(camera, "withheld: stall") >= 8, PATIENCE_S, "eight withheld frames")
        assert camera.state("gate")["connections"] == 1
        camera.fault("gate", stall=False)
        packets = player.packets(stream, 25)
    after_gap = [
        packet.is_keyframe
        for before, packet in itertools.pairwise(packets)
        if (packet.pts or 0) - (before.pts or 0) > 8 * FRAME_TICKS
    ]
    assert after_gap == [True]


def test_a_drop_closes_connections_and_refuses_new_ones_until_it_is_over(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("gate")) as stream:
        player.packets(stream, 2)
        camera.fault("gate", drop_s=600)
        left = waiting.wait_until(lambda: camera.state("gate")["connections"] == 0, PATIENCE_S, "no connections")
        assert left
        with contextlib.suppress(av.FFmpegError):  # FFmpeg ends with or without an error, as the cut fell
            for _ in stream.demux(video=0):
                pass
    with pytest.raises(av.FFmpegError):
        av.open(camera.url("gate"), timeout=PATIENCE_S)
    camera.fault("gate", drop_s=None)
    with player.opened(camera.url("gate")) as stream:
        assert player.packets(stream, 1)


def test_a_drop_leaves_other_cameras_alone(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("yard")) as stream:
        camera.fault("gate", drop_s=600)
        times = player.times(player.packets(stream, 12))
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [FRAME_TICKS] * 11


def spoiled(camera: cameras.SampleCamera, name: str, clean: set[bytes]) -> int:
    """Return how many of twenty packets give no picture or one that is not in the file."""
    bad = 0
    with player.opened(camera.url(name)) as stream:
        for packet in player.packets(stream, 20):
            try:
                bad += sum(picture.to_ndarray(format="gray").tobytes() not in clean for picture in packet.decode())
            except av.InvalidDataError:
                bad += 1
    return bad


def test_garbage_cannot_be_decoded_cleanly(camera: cameras.SampleCamera) -> None:
    with av.open(str(footage.make())) as file:
        clean = {picture.to_ndarray(format="gray").tobytes() for picture in file.decode(video=0)}
    camera.fault("gate", garbage=1.0)
    assert spoiled(camera, "yard", clean) == 0
    assert spoiled(camera, "gate", clean) > 0
    assert count(camera, "units damaged") >= 20


def test_the_right_password_can_be_refused(camera: cameras.SampleCamera) -> None:
    camera.fault("gate", refuse_credentials=True)
    with pytest.raises(av.HTTPUnauthorizedError):
        av.open(camera.url("gate"), timeout=PATIENCE_S)
    assert camera.state("gate")["counts"]["credentials refused"] >= 1


def test_a_clock_jump_moves_both_the_reports_and_the_time_stamps(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("gate")) as stream:
        before = player.packets(stream, 3)
        camera.fault("gate", clock_jump_s=3600)
        after = player.packets(stream, 12)
    steps = [(later.pts or 0) - (earlier.pts or 0) for earlier, later in itertools.pairwise(before + after)]
    assert sorted(steps)[-1] == 3600 * 90_000 + FRAME_TICKS
    assert sorted(steps)[:-1] == [FRAME_TICKS] * 13
    moved_s = player.taken_at_unix_s(after[-1]) - player.taken_at_unix_s(before[0])
    assert 3600 < moved_s < 3600 + PATIENCE_S


def test_key_frames_can_be_left_out(camera: cameras.SampleCamera) -> None:
    camera.fault("gate", no_key_frames=True)
    with pytest.raises(av.FFmpegError), player.opened(camera.url("gate"), timeout_s=PATIENCE_S) as stream:
        packets = player.packets(stream, 25)
        assert not any(packet.is_keyframe for packet in packets)
        for packet in packets:
            packet.decode()
        raise av.InvalidDataError(0, "FFmpeg concealed it all")
    assert count(camera, "withheld: no_key_frames") >= 1


def test_a_frozen_camera_sends_one_picture_with_rising_time(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("gate")) as stream:
        moving = [picture.to_ndarray(format="gray") for picture in player.pictures(stream, 10)]
        camera.fault("gate", frozen=True)
        player.pictures(stream, 25)  # what was under way, and FFmpeg's own queue
        pictures = player.pictures(stream, 30)
    assert any(not np.array_equal(one, other) for one, other in itertools.pairwise(moving))
    still = [picture.to_ndarray(format="gray").astype(int) for picture in pictures]
    assert max(int(abs(one - other).max()) for one, other in itertools.pairwise(still)) == 0
    times = player.times(pictures)
    assert all(later > earlier for earlier, later in itertools.pairwise(times))


def test_a_replay_repeats_the_last_seconds_with_rising_time(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("gate")) as stream:
        player.packets(stream, 5)
        camera.fault("gate", replay_s=1.0)
        player.packets(stream, 25)
        packets = player.packets(stream, 45)  # more than the whole file of forty
    period = camera.state("gate")["streams"]["main"]["duration_s"] * 10
    assert 10 <= period <= 21
    assert len({bytes(packet) for packet in packets}) <= period
    times = player.times(packets)
    assert all(later > earlier for earlier, later in itertools.pairwise(times))


def test_the_picture_size_can_change_under_way(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("gate")) as stream:
        player.pictures(stream, 3)
        camera.fault("gate", file=str(footage.make(LARGE)))
        sizes = [(picture.width, picture.height) for picture in player.pictures(stream, 40)]
    assert sizes[-1] == (480, 320)
    assert sizes == sorted(sizes)


def test_the_codec_can_change_under_way(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("gate")) as stream:
        player.packets(stream, 3)
        camera.fault("gate", file=str(footage.make(H265)))
        waiting.wait_until(
            lambda: camera.state("gate")["streams"]["main"]["codec"] == "hevc", PATIENCE_S, "H.265 to be sent"
        )
    with player.opened(camera.url("gate")) as stream:
        assert stream.streams.video[0].codec_context.name == "hevc"
        assert len(player.pictures(stream, 5)) == 5


def test_key_frame_interval_and_b_frames_can_be_chosen(camera: cameras.SampleCamera) -> None:
    camera.fault("gate", gop_frames=20, bframes=2)
    with player.opened(camera.url("gate")) as stream:
        packets = player.packets(stream, 60)
        assert stream.streams.video[0].codec_context.has_b_frames
    keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert {later - earlier for earlier, later in itertools.pairwise(keys)} == {20}
    assert any(packet.pts != packet.dts for packet in packets)


@pytest.mark.parametrize("knob", ["hang", "endless_sdp", "redirect_loop"])
def test_a_client_meets_abuse_only_its_own_patience_ends(camera: cameras.SampleCamera, knob: str) -> None:
    camera.fault("gate", **{knob: True})
    with pytest.raises(av.FFmpegError):
        av.open(camera.url("gate"), options={"rtsp_transport": "tcp"}, timeout=IMPATIENCE_S)
    camera.fault("gate", **{knob: False})
    with player.opened(camera.url("gate")) as stream:
        assert player.packets(stream, 1)


def test_a_restart_plays_from_the_beginning(camera: cameras.SampleCamera) -> None:
    state = camera.restart("gate")["streams"]["main"]
    assert state["position_s"] < 1


def test_unknown_knobs_and_values_change_nothing(camera: cameras.SampleCamera) -> None:
    with pytest.raises(ValueError, match="unknown knob 'stal'"):
        camera.fault("gate", stal=True, frozen=True)
    with pytest.raises(ValueError, match="garbage takes a number from 0 to 1"):
        camera.fault("gate", garbage=2)
    with pytest.raises(ValueError, match="cannot be read as video"):
        camera.fault("gate", file="/nowhere.mp4")
    assert camera.state("gate")["faults"] == camera.state("yard")["faults"]
