"""Packets in, frames out: times, pixel formats, garbage and resets, on files made here."""

from pathlib import Path

import av
import numpy as np
import pytest

from detection import decoding, types
from detection.evaluation import files
from tests.detection import media


def frames_of(path: Path) -> list[types.Frame]:
    with files.Source(path) as source:
        made = [frame for packet in source.packets() for frame in source.decoder.decode(packet)]
        return [*made, *source.decoder.drain()]


def reference_bgr(path: Path, index: int) -> np.ndarray:
    with av.open(str(path)) as container:
        for i, frame in enumerate(container.decode(video=0)):
            if i == index:
                return frame.to_ndarray(format="bgr24")
    raise AssertionError("no such frame")


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("a.mp4", "libx264", "yuv420p"),
        ("b.mp4", "libx264", "yuv444p"),
        ("c.mp4", "libx264", "yuv422p10le"),
        ("d.avi", "mpeg4", "yuv420p"),
        ("e.avi", "mjpeg", "yuvj422p"),
        ("f.mkv", "libx265", "yuv420p"),
        ("g.mkv", "ffv1", "bgr0"),
    ],
)
def test_any_codec_and_pixel_format_gives_the_right_colours_and_times(
    tmp_path: Path, name: str, codec: str, pixel_format: str
) -> None:
    path = media.write_video(tmp_path / name, codec=codec, pixel_format=pixel_format)
    made = frames_of(path)
    assert len(made) == 30
    assert [frame.time_s for frame in made] == pytest.approx([i / 15 for i in range(30)], abs=0.002)
    difference = made[12].bgr().astype(int) - reference_bgr(path, 12)
    assert abs(difference).mean() < 3.0
    assert abs(difference.mean()) < 1.5


def test_frames_of_a_stream_with_b_frames_carry_their_own_packets_times(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "b.mp4", b_frames=2)
    made = frames_of(path)
    assert sorted(frame.time_s for frame in made) == pytest.approx([i / 15 for i in range(30)], abs=0.002)
    assert [frame.is_key for frame in sorted(made, key=lambda f: f.time_s)].count(True) == 2
    for frame in made:
        index = round(frame.time_s * 15)
        columns = np.flatnonzero(frame.y[130] > 225)
        assert abs(int(columns.min()) - 4 * index) <= 1


@pytest.mark.parametrize("size", [(322, 242), (160, 90), (318, 178)])
def test_planes_fit_pictures_of_any_even_size(tmp_path: Path, size: tuple[int, int]) -> None:
    (first, *_) = frames_of(media.write_video(tmp_path / "a.mp4", size=size, frames=2))
    assert (first.width_px, first.height_px) == size


def test_odd_sizes_are_kept(tmp_path: Path) -> None:
    (first,) = frames_of(media.write_image(tmp_path / "a.png", "png", (75, 51)))
    assert (first.width_px, first.height_px) == (75, 51)
    assert first.u.shape == (26, 38)


def test_garbage_is_counted_and_a_reset_brings_the_stream_back(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "a.mp4", frames=45)
    rng = np.random.default_rng(1)
    with files.Source(path) as source:
        packets = list(source.packets())
        garbage = decoding.VideoPacket(0.5, False, 900, av.Packet(rng.integers(0, 256, 900, dtype=np.uint8).tobytes()))
        assert len(source.decoder.decode(packets[0])) == 1
        assert source.decoder.decode(garbage) == ()
        assert source.decoder.unusable == 1
        source.decoder.reset()
        (frame,) = source.decoder.decode(packets[15])
    assert frame.is_key
    assert frame.time_s == pytest.approx(1.0)


def test_a_key_frame_alone_is_given_at_once(tmp_path: Path) -> None:
    """Idle cameras decode key frames only: a decoder that held them back would see nothing."""
    with files.Source(media.write_video(tmp_path / "a.mp4", frames=60)) as source:
        keys = [packet for packet in source.packets() if packet.is_key]
        for packet in keys:
            source.decoder.reset()
            assert [frame.time_s for frame in source.decoder.decode(packet)] == [packet.time_s]
    assert len(keys) == 4
