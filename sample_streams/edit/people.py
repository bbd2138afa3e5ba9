"""People made to do what nobody does in vtest.avi: walk the wrong way, leave a bag behind, and take one away."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_streams import encoding
from sample_streams.edit import source

# From 21.3 to 31 s everybody in the right half of the picture walks to the left, and from 28.8 s on only a pair stands there.
ONE_WAY_S = (21.3, 31.0)
RIGHT_HALF_PX = (384, 130, 384, 288)  # x, y, width, height

BAG_SPAN_S = (31.5, 68.0)
SET_DOWN_S = 43.5  # a man stands still here, and leaves from 45.3 s on
LOWERED_S = 0.8
TAKEN_SPAN_S = (31.5, 56.0)
LIFTED_S = 44.5
HAND_PX, GROUND_PX = (308.0, 270.0), (301.0, 297.0)  # the bag's lower middle
BAG_PX = (28, 19)
FINE = 8  # the bag is drawn this many times larger and scaled down


def walk_one_way(vtest: Path) -> Iterator[encoding.Picture]:
    """Yield the right half of the picture while everybody walks to the left."""
    return source.repeat_to_clip_rate(_crop_right_half(vtest))


def walk_back(vtest: Path) -> Iterator[encoding.Picture]:
    """Yield the same span forwards, then backwards: those who left by the left edge come back from there."""
    pictures = list(_crop_right_half(vtest))
    return source.repeat_to_clip_rate(itertools.chain(pictures, reversed(pictures)))


def leave_bag(vtest: Path) -> Iterator[encoding.Picture]:
    """Yield a span in which a bag is set down beside a standing man, who walks away without it."""
    pictures = source.read_span(vtest, *BAG_SPAN_S)
    return source.repeat_to_clip_rate(_add_bag(pictures, lambda time_s: (time_s - SET_DOWN_S) / LOWERED_S))


def take_bag(vtest: Path) -> Iterator[encoding.Picture]:
    """Yield a span in which the same bag stands there from the beginning; the man lifts it, it goes behind him, and he walks away."""
    pictures = source.read_span(vtest, *TAKEN_SPAN_S)
    return source.repeat_to_clip_rate(_add_bag(pictures, lambda time_s: 1.0 - (time_s - LIFTED_S) / LOWERED_S))


def _crop_right_half(vtest: Path) -> Iterator[encoding.Picture]:
    x, y, width, height = RIGHT_HALF_PX
    for picture in source.read_span(vtest, *ONE_WAY_S):
        yield picture[y : y + height, x : x + width].copy()


def _add_bag(pictures: Iterable[encoding.Picture], lowered_at: Callable[[float], float]) -> Iterator[encoding.Picture]:
    """Draw the bag into pictures from BAG_SPAN_S on; `lowered_at` says how far it is down: 0 not there, 1 on the ground."""
    bag, alpha = _draw_bag()
    for index, picture in enumerate(pictures):
        lowered = lowered_at(BAG_SPAN_S[0] + index / source.SOURCE_FPS)
        if lowered > 0.0:
            share = min(1.0, lowered)
            x, y = (hand + (ground - hand) * share for hand, ground in zip(HAND_PX, GROUND_PX, strict=True))
            left, top = round(x) - bag.shape[1] // 2, round(y) - bag.shape[0]
            under = picture[top : top + bag.shape[0], left : left + bag.shape[1]]
            seen = alpha * min(1.0, 4.0 * share)
            under[:] = np.rint(under * (1.0 - seen) + bag * seen).astype(np.uint8)
        yield picture


def _draw_bag() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a dark red holdall with its shadow, BGR, and how opaque each pixel is (h, w, 1)."""
    width, height = BAG_PX[0] + 12, BAG_PX[1] + 12
    canvas = np.zeros((height * FINE, width * FINE, 3))
    solid = np.zeros(canvas.shape[:2])
    left, right = 5 * FINE, (5 + BAG_PX[0]) * FINE
    top, bottom = 9 * FINE, (9 + BAG_PX[1]) * FINE
    cv2.ellipse(
        solid,
        ((left + right) // 2 + 2 * FINE, bottom - FINE),
        ((right - left) // 2 + FINE, 2 * FINE),
        0,
        0,
        360,
        0.55,
        -1,
    )
    body = np.zeros_like(solid)
    cv2.rectangle(body, (left + 3 * FINE, top), (right - 3 * FINE, bottom), 1.0, -1)
    cv2.ellipse(body, (left + 4 * FINE, (top + bottom) // 2), (4 * FINE, (bottom - top) // 2), 0, 0, 360, 1.0, -1)
    cv2.ellipse(body, (right - 4 * FINE, (top + bottom) // 2), (4 * FINE, (bottom - top) // 2), 0, 0, 360, 1.0, -1)
    fall = np.linspace(1.25, 0.55, bottom - top)[:, None, None]  # light from above
    canvas[top:bottom] = np.array([38.0, 30.0, 92.0]) * fall
    canvas[body == 0] = 12.0
    cv2.rectangle(canvas, (left + 9 * FINE, top), (left + 11 * FINE, bottom), (25.0, 22.0, 48.0), -1)
    cv2.rectangle(canvas, (right - 11 * FINE, top), (right - 9 * FINE, bottom), (25.0, 22.0, 48.0), -1)
    handle = np.zeros_like(solid)
    cv2.ellipse(handle, ((left + right) // 2, top), (5 * FINE, 5 * FINE), 0, 180, 360, 1.0, FINE + FINE // 2)
    canvas[handle > 0] = (25.0, 22.0, 48.0)
    solid = np.maximum(solid, np.maximum(body, handle))
    small = cv2.resize(cv2.GaussianBlur(canvas, (0, 0), 0.6 * FINE), (width, height), interpolation=cv2.INTER_AREA)
    opaque = cv2.resize(cv2.GaussianBlur(solid, (0, 0), 0.6 * FINE), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float64), np.asarray(opaque, dtype=np.float64)[:, :, None]
