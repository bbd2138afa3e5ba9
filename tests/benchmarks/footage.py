"""Footage the benchmarks make: a street nobody walks in, with sensor noise, as a 720p camera would send it."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from sample_streams import manifest

WIDTH_PX, HEIGHT_PX, FPS = 1280, 720, 15
NOISE = 2.0
SEED = 20_260_101


def background(clip: Path, *, crop: bool = True) -> npt.NDArray[np.uint8]:
    """Return what stands still in a clip, uint8 BGR: the median of frames 2 s apart, cut to 16:9 and 1280x720 or as it is."""
    with av.open(str(clip)) as container:
        frames = [frame.to_ndarray(format="bgr24") for i, frame in enumerate(container.decode(video=0)) if i % 30 == 0]
    still = np.asarray(np.median(np.stack(frames).astype(np.float32), axis=0), np.uint8)
    if not crop:
        return still
    height = still.shape[1] * 9 // 16
    top = (still.shape[0] - height) // 2
    return np.asarray(cv2.resize(still[top : top + height], (WIDTH_PX, HEIGHT_PX)), np.uint8)


def idle_clip(
    folder: Path, gop_s: float = 1.0, seconds: int = 20, size: tuple[int, int] = (WIDTH_PX, HEIGHT_PX)
) -> Path:
    """Write (once) the idle street at about 2 Mbit/s and return its path.

    Args:
        gop_s: seconds between key frames.
        size: width and height in pixels; a sub stream is smaller.
    """
    path = folder / f"idle-{size[0]}x{size[1]}-gop{gop_s:g}.mp4"
    if path.exists():
        return path
    still = cv2.resize(background(manifest.load().find("vtest").main.path), size).astype(np.int16)
    random = np.random.default_rng(SEED)
    noise = [np.asarray(random.normal(0, NOISE, still.shape), np.int16) for _ in range(16)]
    with av.open(str(path), "w") as container:
        rate = 2_000_000 * size[0] * size[1] // (WIDTH_PX * HEIGHT_PX)
        gop = round(gop_s * FPS)
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = size[0], size[1], "yuv420p", rate
        stream.time_base = Fraction(1, FPS)
        stream.options = {
            "preset": "veryfast",
            "bf": "0",
            "g": str(gop),
            "keyint_min": str(gop),
            "sc_threshold": "0",
            "threads": "1",
        }
        for _ in range(seconds * FPS):
            picture = np.clip(still + noise[int(random.integers(16))], 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path
