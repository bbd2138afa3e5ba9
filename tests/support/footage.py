"""Tiny test videos, made once per test run: a white square moving over a grey, slightly structured ground."""

import atexit
import hashlib
import shutil
import tempfile
from dataclasses import astuple, dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

_ENCODERS = {"h264": "libx264", "h265": "libx265"}


@dataclass(frozen=True, slots=True)
class Footage:
    """What to make.

    Attributes:
        seconds: how long.
        fps: pictures per second.
        gop_frames: pictures from key frame to key frame.
        bframes: B-frames between the others.
        codec: "h264" or "h265".
        width_px, height_px: of the picture, even.
        square_px: side of the square that crosses the picture once, 0 for a still scene.
    """

    seconds: float = 4.0
    fps: int = 10
    gop_frames: int = 10
    bframes: int = 0
    codec: str = "h264"
    width_px: int = 320
    height_px: int = 240
    square_px: int = 40


DEFAULT = Footage()


def make(wanted: Footage = DEFAULT) -> Path:
    """Return an MP4 of `wanted`; made at the first call in this process, kept until it ends."""
    path = _folder() / (hashlib.sha256(repr(astuple(wanted)).encode()).hexdigest()[:16] + ".mp4")
    if not path.exists():
        write(wanted, path)
    return path


def write(wanted: Footage, path: Path) -> None:
    """Encode `wanted` into an MP4 file."""
    with av.open(str(path), "w") as container:
        stream = cast(VideoStream, container.add_stream(_ENCODERS[wanted.codec], rate=wanted.fps))
        stream.width, stream.height, stream.pix_fmt = wanted.width_px, wanted.height_px, "yuv420p"
        stream.time_base = Fraction(1, wanted.fps)
        stream.codec_context.thread_count = 1
        stream.codec_context.options = _options(wanted)
        for number in range(round(wanted.seconds * wanted.fps)):
            picture = VideoFrame.from_ndarray(_picture(wanted, number), format="gray").reformat(format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, wanted.fps)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def _options(wanted: Footage) -> dict[str, str]:
    gop = f"keyint={wanted.gop_frames}:min-keyint={wanted.gop_frames}:scenecut=0:bframes={wanted.bframes}"
    if wanted.codec == "h264":
        return {"preset": "veryfast", "x264-params": gop}
    return {"preset": "ultrafast", "x265-params": gop + ":open-gop=0:log-level=none:pools=none:frame-threads=1"}


def _picture(wanted: Footage, number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    rows, columns = np.indices((wanted.height_px, wanted.width_px))
    picture = (90 + 20 * ((rows // 16 + columns // 16) % 2)).astype(np.uint8)
    if wanted.square_px:
        travel = wanted.width_px - wanted.square_px
        left = round(travel * number / max(1, round(wanted.seconds * wanted.fps) - 1))
        top = (wanted.height_px - wanted.square_px) // 2
        picture[top : top + wanted.square_px, left : left + wanted.square_px] = 235
    return picture


@cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="footage-")
    atexit.register(shutil.rmtree, folder)
    return Path(folder)
