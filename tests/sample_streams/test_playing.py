"""The sample camera as FFmpeg sees it: every transport, both codecs, loops, several clients."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from tests.sample_streams import player
from tests.support import cameras, footage

pytestmark = pytest.mark.process

SHORT = footage.Footage(seconds=1.2, gop_frames=4)
H265 = footage.Footage(codec="h265", gop_frames=5)
SMALL = footage.Footage(width_px=160, height_px=120, gop_frames=5)
REORDERED = footage.Footage(seconds=1.2, gop_frames=6, bframes=2)
STILL = footage.Footage(seconds=1.0, gop_frames=5, square_px=0)
FRAME_TICKS = 9000


@pytest.fixture(scope="module")
def camera() -> Iterator[cameras.SampleCamera]:
    files: dict[str, Path | str] = {
        "plain": footage.make(),
        "short": footage.make(SHORT),
        "h265": footage.make(H265),
        "reordered": footage.make(REORDERED),
        "turns": f"{footage.make(SHORT)},then={footage.make(STILL)}",
    }
    with cameras.SampleCamera(files, subs={"plain": footage.make(SMALL)}) as running:
        yield running


@pytest.mark.parametrize(
    ("scheme", "transport"), [("rtsp", "tcp"), ("rtsp", "udp"), ("rtsps", "tcp")], ids=["tcp", "udp", "rtsps"]
)
@pytest.mark.parametrize(("name", "codec"), [("short", "h264"), ("h265", "hevc")])
def test_ffmpeg_decodes_each_codec_over_each_transport(
    camera: cameras.SampleCamera, scheme: str, transport: str, name: str, codec: str
) -> None:
    with player.opened(camera.url(name, scheme=scheme), transport) as stream:
        pictures = player.pictures(stream, 12)
        assert stream.streams.video[0].codec_context.name == codec
    assert [(picture.width, picture.height) for picture in pictures] == [(320, 240)] * 12
    assert not any(picture.is_corrupt for picture in pictures)


def test_time_stamps_rise_evenly_over_the_loops_wrap(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("short")) as stream:
        times = player.times(player.packets(stream, 30))  # two and a half times the file
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [FRAME_TICKS] * 29


def test_time_stamps_rise_evenly_over_a_change_of_file_and_over_the_rounds_wrap(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("turns")) as stream:
        packets = player.packets(stream, 55)  # two and a half rounds of 12 and 10 pictures
    times = player.times(packets)
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [FRAME_TICKS] * 54
    contents = [bytes(packet) for packet in packets]
    assert contents[:33] == contents[22:]


def test_files_in_turn_are_decoded_whole(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("turns")) as stream:
        pictures = player.pictures(stream, 44)
    assert not any(picture.is_corrupt for picture in pictures)
    bright = [
        bool((picture.to_ndarray(format="gray") > 200).any()) for picture in pictures
    ]  # the square's clip, or not
    assert (sum(bright), bright[:22]) == (24, bright[22:])


def test_files_of_different_sizes_are_refused_as_one_camera() -> None:
    mixed = f"{footage.make(SHORT)},then={footage.make(SMALL)}"
    with pytest.raises(RuntimeError, match="are no one stream"), cameras.SampleCamera({"mixed": mixed}):
        pass


def test_b_frames_are_shown_in_order_over_the_loops_wrap(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("reordered")) as stream:
        times = player.times(player.pictures(stream, 30))
        assert stream.streams.video[0].codec_context.has_b_frames
    assert {later - earlier for earlier, later in itertools.pairwise(times)} == {FRAME_TICKS}


def test_two_clients_at_once_are_sent_the_same_pictures(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("plain")) as first, player.opened(camera.url("plain"), "udp") as second:
        ours = {bytes(packet) for packet in player.packets(first, 41)}
        theirs = {bytes(packet) for packet in player.packets(second, 41)}
    assert ours == theirs  # a whole loop each


def test_the_sub_stream_is_the_smaller_one(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("plain", "sub")) as stream:
        assert (stream.streams.video[0].width, stream.streams.video[0].height) == (160, 120)


def test_a_wrong_password_is_refused(camera: cameras.SampleCamera) -> None:
    bare = camera.url("plain", credentials=False)
    with pytest.raises(av.HTTPUnauthorizedError):
        av.open(cameras.with_credentials(bare, cameras.USER, "guess"), timeout=player.TIMEOUT_S)


def test_nothing_is_shown_without_credentials(camera: cameras.SampleCamera) -> None:
    with pytest.raises(av.HTTPUnauthorizedError):
        av.open(camera.url("plain", credentials=False), timeout=player.TIMEOUT_S)


def test_an_unknown_camera_is_not_found(camera: cameras.SampleCamera) -> None:
    with pytest.raises(av.HTTPNotFoundError):
        av.open(camera.url("plain").replace("/plain/", "/nowhere/"), timeout=player.TIMEOUT_S)


def test_the_password_is_never_said(camera: cameras.SampleCamera) -> None:
    with player.opened(camera.url("plain")) as stream:
        player.packets(stream, 1)
    assert cameras.PASSWORD not in camera.log()
    assert cameras.PASSWORD not in str(camera.ready)
