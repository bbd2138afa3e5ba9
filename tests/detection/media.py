"""Small made videos and pictures for tests: moving squares over a textured ground, in any codec and pixel format."""

import contextlib
from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from detection import decoding
from detection.evaluation import files


def ground(width: int, height: int) -> np.ndarray:
    """Return a textured picture, uint8 (h, w, 3) BGR."""
    rng = np.random.default_rng(4)
    coarse = rng.integers(60, 200, (-(-height // 16), -(-width // 16), 3), dtype=np.uint8)
    return np.ascontiguousarray(coarse.repeat(16, axis=0).repeat(16, axis=1)[:height, :width])


def write_video(
    path: Path,
    frames: int = 30,
    size: tuple[int, int] = (320, 240),
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    fps: int = 15,
    gop: int = 15,
    b_frames: int = 0,
    speed_px_s: float = 0.0,
    missing: Collection[int] = (),
) -> Path:
    """Write a video in which a bright square moves to the right; its brightness tells nothing else.

    Args:
        speed_px_s: how fast; 0 for 4 px a frame.
        missing: frames that are left out, their time with them.
    """
    picture = ground(*size)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.codec_context.gop_size = gop
        stream.codec_context.max_b_frames = b_frames
        stream.codec_context.thread_count = 1
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "bf": str(b_frames)}
        for i in range(frames):
            if i in missing:
                continue
            shown = picture.copy()
            x = round(i * speed_px_s / fps) if speed_px_s else 4 * i
            shown[size[1] // 2 : size[1] // 2 + 32, x % max(1, size[0] - 32) :][:, :32] = 255
            frame = av.VideoFrame.from_ndarray(shown, format="bgr24")
            frame.pts, frame.time_base = i, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_image(path: Path, codec: str = "mjpeg", size: tuple[int, int] = (320, 240)) -> Path:
    """Write the ground as a picture file."""
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream: Any = container.add_stream(codec, rate=1)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "rgb24"
        frame = av.VideoFrame.from_ndarray(ground(*size), format="bgr24").reformat(format=stream.pix_fmt)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@contextlib.contextmanager
def remuxer(path: Path, source: files.Source) -> Iterator[Callable[[decoding.VideoPacket], None]]:
    """Give what writes a source's packets into another file, times beginning at zero; nothing is encoded again."""
    first: list[int] = []
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream_from_template(source._stream)

        def write(packet: decoding.VideoPacket) -> None:
            raw = packet.packet
            assert raw.pts is not None and raw.dts is not None
            first.append(raw.dts)
            raw.pts, raw.dts, raw.stream = raw.pts - first[0], raw.dts - first[0], stream
            container.mux(raw)

        yield write
