"""Write the sample clips: H.264 as a street camera sends it, one closed GOP a second, no B-frames, no audio."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def encode_clip(pictures: Iterable[Picture], path: Path, size_px: tuple[int, int], fps: int, quality: int = 25) -> int:
    """Encode BGR pictures, resized to `size_px` (width, height), and return how many there were.

    Args:
        pictures: uint8 (h, w, 3), of the same aspect as `size_px`.
        path: an mp4 file, replaced if it exists.
        size_px: width and height, both even.
        fps: frames and, for the key-frame interval, frames per GOP.
        quality: x264's constant rate factor; the rate is capped at 1.6 Mbit/s besides.

    Raises:
        ValueError: A picture's aspect differs from the clip's by more than 1 %.
    """
    width, height = size_px
    rules = f"keyint={fps}:min-keyint={fps}:scenecut=0:bframes=0:open-gop=0:vbv-maxrate=1600:vbv-bufsize=1600:threads=2"
    count = 0
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as box:
        media = box.add_stream(
            "libx264", rate=fps, options={"crf": str(quality), "preset": "slow", "x264-params": rules}
        )
        media.width, media.height, media.pix_fmt = width, height, "yuv420p"
        media.codec_context.time_base = Fraction(1, fps)
        for count, picture in enumerate(pictures, start=1):
            frame = av.VideoFrame.from_ndarray(_fit(picture, size_px), format="bgr24")
            frame.pts, frame.time_base = count - 1, Fraction(1, fps)
            box.mux(media.encode(frame))
        box.mux(media.encode(None))
    return count


def _fit(picture: Picture, size_px: tuple[int, int]) -> Picture:
    height, width = picture.shape[:2]
    if abs(width * size_px[1] / (height * size_px[0]) - 1) > 0.01:
        raise ValueError(f"a {width}x{height} picture would be stretched to {size_px[0]}x{size_px[1]}")
    if (width, height) == size_px:
        return np.ascontiguousarray(picture)
    way = cv2.INTER_AREA if size_px[0] < width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size_px, interpolation=way), dtype=np.uint8)
