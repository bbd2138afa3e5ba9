"""Read spans of vtest.avi (768x576, 10 fps, 79.5 s) and carry them to the clips' frame rate."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np

from sample_streams import encoding

SOURCE_FPS = 10
CLIP_FPS = 15
SUB_FPS = 5
LENGTH_S = 79.5


def read_span(path: Path, start_s: float = 0.0, end_s: float = LENGTH_S) -> Iterator[encoding.Picture]:
    """Yield the source's own frames (BGR) from `start_s` up to, and without, `end_s`."""
    first, last = round(start_s * SOURCE_FPS), round(end_s * SOURCE_FPS)
    with av.open(str(path)) as box:
        for index, frame in enumerate(box.decode(video=0)):
            if index >= last:
                return
            if index >= first:
                yield np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)


def repeat_to_clip_rate(pictures: Iterable[encoding.Picture]) -> Iterator[encoding.Picture]:
    """Turn 10 fps into 15 by showing every other frame twice (A A B): real pixels only, a blend would make ghosts."""
    for index, picture in enumerate(pictures):
        yield picture
        if index % 2 == 0:
            yield picture


def halve_to_sub_rate(pictures: Iterable[encoding.Picture]) -> Iterator[encoding.Picture]:
    """Turn 10 fps into 5 by dropping every other frame."""
    for index, picture in enumerate(pictures):
        if index % 2 == 0:
            yield picture
