"""Clips are written as a street camera sends them."""

from pathlib import Path

import av
import numpy as np
import pytest

from sample_streams import encoding


def make_pictures(count: int) -> list[encoding.Picture]:
    chance = np.random.default_rng(0)
    return [chance.integers(0, 256, (48, 64, 3), dtype=np.uint8) for _ in range(count)]


def test_a_clip_has_a_key_frame_a_second_even_where_every_picture_is_a_new_scene(tmp_path: Path) -> None:
    assert encoding.encode_clip(make_pictures(12), tmp_path / "a.mp4", (64, 48), fps=5) == 12
    with av.open(str(tmp_path / "a.mp4")) as box:
        packets = [packet for packet in box.demux(video=0) if packet.size]
    assert [i for i, packet in enumerate(packets) if packet.is_keyframe] == [0, 5, 10]
    assert all(packet.pts == packet.dts for packet in packets)


def test_a_picture_is_scaled_and_never_stretched(tmp_path: Path) -> None:
    encoding.encode_clip(make_pictures(1), tmp_path / "a.mp4", (32, 24), fps=5)
    with pytest.raises(ValueError, match="stretched"):
        encoding.encode_clip(make_pictures(1), tmp_path / "b.mp4", (64, 36), fps=5)
