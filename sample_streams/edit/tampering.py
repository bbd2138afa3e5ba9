"""What is done to a camera, as pictures: covered, sprayed, out of focus, knocked, shaken, frozen.

Each function takes the pictures of a clip and the time at which it happens, and leaves all before
that time alone.
"""

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_streams import encoding
from sample_streams.edit import source

VIEW_PX = (614, 461)  # the window into the source that `knock` and `quake` move
VIEW_AT = (338.0, 268.0)  # its centre before they do
SWAYS_HZ = ((1.3, 2.9), (1.7, 2.3))  # across and up and down: no multiples of each other, nor of a look rate


def cover(pictures: Iterable[encoding.Picture], at_s: float, over_s: float = 2.0) -> Iterator[encoding.Picture]:
    """Darken the picture to a flat near-black, as by a cap or a bag over the lens."""
    chance = np.random.default_rng(1)
    for picture, since_s in _clocked(pictures, at_s):
        amount = _ramp(since_s, over_s)
        if amount == 0.0:
            yield picture
            continue
        dark = 13.0 + chance.normal(0.0, 1.5, picture.shape[:2])[:, :, None]
        soft = cv2.GaussianBlur(picture, (0, 0), 1.0 + 20.0 * amount)
        yield _to_picture(soft * (1.0 - amount) + dark * amount)


def spray(pictures: Iterable[encoding.Picture], at_s: float, over_s: float = 4.0) -> Iterator[encoding.Picture]:
    """Let blots of paint grow over most of the lens and stay there."""
    paint, thickness = None, None
    for picture, since_s in _clocked(pictures, at_s):
        if since_s <= 0.0:
            yield picture
            continue
        if paint is None or thickness is None:
            thickness, paint = _make_paint(picture.shape[:2])
        amount = _ramp(since_s, over_s)
        alpha = np.clip((thickness - (1.0 - 0.72 * amount)) * 6.0, 0.0, 0.97)[:, :, None]
        yield _to_picture(picture * (1.0 - alpha) + paint * alpha)


def defocus(
    pictures: Iterable[encoding.Picture], at_s: float, over_s: float = 3.0, sigma_px: float = 9.0
) -> Iterator[encoding.Picture]:
    """Blur the picture more and more, as when the lens is turned."""
    for picture, since_s in _clocked(pictures, at_s):
        amount = _ramp(since_s, over_s)
        yield picture if amount == 0.0 else _to_picture(cv2.GaussianBlur(picture, (0, 0), sigma_px * amount))


def knock(pictures: Iterable[encoding.Picture], at_s: float, over_s: float = 0.8) -> Iterator[encoding.Picture]:
    """Show a window of the picture that jumps aside and tilts at `at_s`, swings out, and stays."""
    before, after = np.array([*VIEW_AT, 0.0]), np.array([434.0, 310.0, 6.0])  # centre x, y in pixels, tilt in degrees
    for picture, since_s in _clocked(pictures, at_s):
        amount = _ramp(since_s, over_s / 2)
        swing = 0.12 * np.sin(since_s * 25.0) * np.exp(-4.0 * since_s) if since_s > over_s / 2 else 0.0
        x, y, tilt = before + (after - before) * min(1.0, amount + swing)
        yield _window(picture, float(x), float(y), float(tilt))


def quake(
    pictures: Iterable[encoding.Picture], at_s: float, lasts_s: float = 8.0, reach_px: float = 9.0
) -> Iterator[encoding.Picture]:
    """Show a window of the picture that sways to and fro for `lasts_s`, as on a pole in an earthquake, and comes to rest where it was."""
    for picture, since_s in _clocked(pictures, at_s):
        force = reach_px * _ramp(since_s, 0.6) * _ramp(lasts_s - since_s, 2.0)
        aside, up = (sum(np.sin(2 * np.pi * hz * since_s) for hz in sways) / len(sways) for sways in SWAYS_HZ)
        yield _window(picture, VIEW_AT[0] + 2 * force * float(aside), VIEW_AT[1] + force * float(up), 0.0)


def freeze(pictures: Iterable[encoding.Picture], at_s: float) -> Iterator[encoding.Picture]:
    """Repeat the picture of `at_s` for the rest of the clip, as a hung camera does while its stream goes on."""
    held = None
    for picture, since_s in _clocked(pictures, at_s):
        held = picture if since_s <= 0.0 or held is None else held
        yield held


def _window(picture: encoding.Picture, x: float, y: float, tilt_deg: float) -> encoding.Picture:
    """Return the window of `VIEW_PX` around (x, y), turned, at 640x480."""
    turn = cv2.getRotationMatrix2D((x, y), tilt_deg, 640 / VIEW_PX[0])
    turn[:, 2] += np.array([320.0 - x, 240.0 - y])
    return np.asarray(cv2.warpAffine(picture, turn, (640, 480), flags=cv2.INTER_CUBIC), dtype=np.uint8)


def _clocked(pictures: Iterable[encoding.Picture], at_s: float) -> Iterator[tuple[encoding.Picture, float]]:
    for index, picture in enumerate(pictures):
        yield picture, index / source.CLIP_FPS - at_s


def _ramp(since_s: float, over_s: float) -> float:
    return float(np.clip(since_s / over_s, 0.0, 1.0))


def _to_picture(values: NDArray[np.floating] | NDArray[np.uint8] | cv2.typing.MatLike) -> encoding.Picture:
    return np.asarray(np.clip(values, 0, 255), dtype=np.uint8)


def _make_paint(shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how thick the paint lies (0 to 1, thick where it lands first) and its mottled colour."""
    chance = np.random.default_rng(5)
    height, width = shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    thickness: NDArray[np.floating] = np.zeros(shape)
    for _ in range(22):
        cx, cy = chance.normal(0.5, 0.2) * width, chance.normal(0.47, 0.2) * height
        radius = chance.uniform(0.10, 0.24) * width
        thickness = np.maximum(thickness, np.exp(-(((x - cx) ** 2 + (y - cy) ** 2) / radius**2)))
    grain = cv2.GaussianBlur(chance.normal(0.0, 1.0, shape), (0, 0), 5.0)
    thickness = cv2.GaussianBlur(thickness + 0.8 * grain, (0, 0), 4.0) * 1.05
    colour = (
        np.array([62.0, 48.0, 40.0]) + 30.0 * cv2.GaussianBlur(chance.normal(0.0, 1.0, shape), (0, 0), 7.0)[:, :, None]
    )
    return np.asarray(thickness, dtype=np.float64), np.asarray(colour, dtype=np.float64)
