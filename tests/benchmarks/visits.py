"""Footage with an intrusion in every round: real people of vtest step onto the lawn, the rest of the picture still or busy as wanted."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from sample_streams import manifest
from tests.benchmarks import footage

Picture = npt.NDArray[np.uint8]
FPS = footage.FPS
QUIET_S, VISIT_S = 7.5, 4.5
ROUND_S = QUIET_S + VISIT_S
APPEARS_S = QUIET_S + 0.9
"""When they set foot on the lawn (50.8 s of vtest), in seconds from the beginning of a round."""
_FROM_S = 50.8 - 0.9
_BUSY_FROM_S = 8.0
_LAWN = ((0.0, 0.45), (0.3, 0.5), (0.8, 0.715), (1.0, 0.74), (1.0, 1.0), (0.0, 1.0))
"""Where the visitors are shown, bodies included; nobody else is there then."""


@dataclass(frozen=True, slots=True)
class Visits:
    """A clip for a looping camera, and the zone to draw as agent.toml has it."""

    path: Path
    zone: str


def make(folder: Path, *, busy: bool) -> Visits:
    """Write (once) a clip of 960x720: 7.5 s without anybody on the lawn, then visitors; busy: others walk on the path all the time."""
    path = folder / f"visits-{'busy' if busy else 'idle'}.mp4"
    if not path.exists():
        _encode(path, _rounds(busy))
    truth = next(one for one in manifest.load().find("vtest").truth if one.kind == "intrusion")
    points = ", ".join(f"[{x}, {y}]" for x, y in truth.zone)
    return Visits(path, f'[[camera.zone]]\nname = "lawn"\nkind = "intrusion"\npoints = [{points}]\n')


def _rounds(busy: bool) -> Iterator[Picture]:
    source = manifest.load().find("vtest").main.path
    visitors = _frames(source, _FROM_S, VISIT_S)
    around = _frames(source, _BUSY_FROM_S, ROUND_S) if busy else None
    still = footage.background(source, crop=False).astype(np.int16)
    random = np.random.default_rng(footage.SEED)
    noise = [np.asarray(random.normal(0, footage.NOISE, still.shape), np.int16) for _ in range(8)]
    lawn = np.zeros(still.shape[:2], np.uint8)
    cv2.fillPoly(lawn, [np.asarray(np.array(_LAWN) * still.shape[1::-1], np.int32)], 1)
    for number in range(round(ROUND_S * FPS)):
        empty = np.clip(still + noise[int(random.integers(8))], 0, 255).astype(np.uint8)
        outside = next(around) if around is not None else empty
        inside = next(visitors) if number >= round(QUIET_S * FPS) else empty
        yield np.where(lawn[..., None] == 1, inside, outside)


def _frames(source: Path, from_s: float, seconds: float) -> Iterator[Picture]:
    first, count = round(from_s * FPS), round(seconds * FPS)
    with av.open(str(source)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if first <= number < first + count:
                yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def _encode(path: Path, pictures: Iterator[Picture]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 960, 720, "yuv420p", 2_000_000
        stream.time_base = Fraction(1, FPS)
        stream.options = {"preset": "veryfast", "bf": "0", "g": str(FPS), "keyint_min": str(FPS), "sc_threshold": "0"}
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
