"""Small drawn MP4s for the hub's media, and a finder that knows where their figures are."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from detection import redaction

WIDTH, HEIGHT, FPS = 320, 240, 15
BOX = (40.0, 60.0, 80.0, 160.0)
SECOND_BOX = (220.0, 60.0, 260.0, 160.0)


def write(path: Path, frames: int = 30, times_s: Sequence[float] | None = None, sound: bool = False) -> Path:
    """Write noise that differs from block to block, the same in every frame, as H.264 with a key frame each second."""
    picture = np.random.default_rng(1).integers(0, 256, (HEIGHT // 4, WIDTH // 4, 3), dtype=np.uint8)
    picture = np.ascontiguousarray(np.repeat(np.repeat(picture, 4, 0), 4, 1))
    shown = times_s or [number / FPS for number in range(frames)]
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "12", "preset": "ultrafast", "g": str(FPS)})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        heard = container.add_stream("aac", rate=8000, layout="mono") if sound else None
        for time_s in shown:
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = round(time_s * 90_000), Fraction(1, 90_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if heard is not None:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            silence.sample_rate = 8000
            container.mux([*heard.encode(silence), *heard.encode(None)])
    return path


def read(path: Path) -> list[tuple[float, np.ndarray]]:
    """Return every frame's time and BGR picture."""
    with av.open(str(path)) as container:
        return [
            (float(frame.pts * frame.time_base), frame.to_ndarray(format="bgr24"))
            for frame in container.decode(video=0)
            if frame.pts is not None and frame.time_base is not None
        ]


class Told:
    """Stands in for the models: finds a person in BOX, and one in SECOND_BOX, from the look `since` on."""

    models_used = (redaction.ModelUsed("told", "0" * 64),)
    since = 0
    boxes: tuple[redaction.Box, ...] = (BOX, SECOND_BOX)

    def __init__(self, folder: Path) -> None:
        pass

    def begin(self, frame: redaction.Frame, look: int) -> Callable[[], tuple[redaction.Sighting, ...]]:
        found = tuple(redaction.Sighting(redaction.Sort.PERSON, box, 0.9) for box in self.boxes)
        return lambda: () if look < self.since else found

    def __enter__(self) -> "Told":
        return self

    def __exit__(self, *told: object) -> None:
        pass
