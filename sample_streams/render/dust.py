"""Dust in the yard as many soft puffs: where each is, how large and how thick, as plain numbers, and how they are laid over a picture.

A puff is thrown out by what fell, or carried in by a gust; it slows down, drifts with the wind, spreads and thins out. `cover` tells how much of a
place is hidden at a time, from which the ground truth follows.
"""

import functools
import math
import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_streams import encoding
from sample_streams.render import rubble, view

DRAG_S = 1.5  # how long a puff keeps its speed
WIND_MPS = 0.35
SETTLE_S = 2.6  # it thins out to 1/e within this, once it begins to
PUFFS = 120
TEXTURES, TEXTURE_PX = 6, 128
LIGHT, SHADE = (176.0, 190.0, 202.0), (138.0, 152.0, 164.0)  # BGR of its sunny and its shady side

Layer = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Puff:
    """One puff.

    Attributes:
        born_s: when it begins.
        x_m, y_m, z_m: where.
        east_mps, out_mps, up_mps: how fast it is thrown right, towards the camera and up.
        wide_m: its radius at first.
        thick: how much it hides at most, 0..1.
        holds_s: how long it stays so thick.
        texture: which of the `TEXTURES`.
    """

    born_s: float
    x_m: float
    y_m: float
    z_m: float
    east_mps: float
    out_mps: float
    up_mps: float
    wide_m: float
    thick: float
    holds_s: float
    texture: int

    def at(self, since_s: float) -> tuple[float, float, float]:
        """Return where its middle is; it does not come nearer to the camera than 2.5 m."""
        age_s = max(0.0, since_s - self.born_s)
        way_s = DRAG_S * (1.0 - math.exp(-age_s / DRAG_S))
        x = self.x_m + self.east_mps * way_s + WIND_MPS * age_s
        return x, max(2.5, self.y_m - self.out_mps * way_s), max(0.2, self.z_m + self.up_mps * way_s)

    def radius_m(self, since_s: float) -> float:
        """Return how large it is."""
        return self.wide_m + 0.55 * math.sqrt(max(0.0, since_s - self.born_s))

    def opacity(self, since_s: float) -> float:
        """Return how much it hides, 0..1."""
        age_s = since_s - self.born_s
        if age_s <= 0.0:
            return 0.0
        return self.thick * min(1.0, age_s / 0.35) * math.exp(-max(0.0, age_s - self.holds_s) / SETTLE_S)


@functools.cache
def collapse() -> tuple[Puff, ...]:
    """Return the dust that the falling wall throws up."""
    chance = random.Random(31)
    found = []
    for i in range(PUFFS):
        late_s = chance.random() ** 1.6 * 2.6
        aloft = late_s < 0.9 and i % 3 == 0  # the wall itself trails dust while it falls
        high = chance.uniform(1.0, 3.6) if aloft else chance.uniform(0.2, 1.2)
        found.append(
            Puff(
                0.15 + late_s, chance.uniform(rubble.LEFT_M, rubble.RIGHT_M), chance.uniform(8.2, 10.4), high,
                chance.gauss(0.0, 0.8), abs(chance.gauss(0.0, 0.7)), chance.uniform(-0.2, 1.5), chance.uniform(0.35, 0.75),
                chance.uniform(0.5, 0.85), chance.uniform(1.0, 4.0), i % TEXTURES,
            )
        )  # fmt: skip
    return tuple(found)


@functools.cache
def gust() -> tuple[Puff, ...]:
    """Return as much dust as that, blown in from the left by a gust that nothing fell in."""
    chance = random.Random(37)
    return tuple(
        Puff(
            chance.random() * 3.5, chance.uniform(-9.5, -6.5), chance.uniform(8.6, 10.2), chance.uniform(0.6, 2.6),
            chance.uniform(1.5, 4.5), chance.gauss(0.2, 0.3), chance.uniform(-0.2, 0.8), chance.uniform(0.45, 0.85),
            chance.uniform(0.5, 0.85), chance.uniform(1.0, 4.0), i % TEXTURES,
        )
        for i in range(PUFFS)
    )  # fmt: skip


def lay(picture: encoding.Picture, puffs: tuple[Puff, ...], since_s: float) -> None:
    """Lay the dust over the yard's picture as it is that long after it began, the farthest first."""
    seen = [puff for puff in puffs if puff.opacity(since_s) > 0.01]
    if not seen:
        return
    whole = picture.astype(np.float32)
    for puff in sorted(seen, key=lambda one: -one.at(since_s)[1]):
        _lay_one(whole, puff, since_s)
    picture[:] = np.clip(np.rint(whole), 0, 255).astype(np.uint8)


def cover(puffs: tuple[Puff, ...], since_s: float, corners_m: tuple[tuple[float, float, float], ...]) -> float:
    """Return how much of an upright part of the view the dust hides, 0..1 on average; the part is the box round the corners' places."""
    clear = np.ones((view.YARD.height_px, view.YARD.width_px, 3), np.float32)
    for puff in puffs:
        if puff.opacity(since_s) > 0.01:
            _lay_one(clear, puff, since_s, hide=True)
    places = [view.YARD.project_px(*corner) for corner in corners_m]
    x1, x2 = (round(f(x for x, _ in places)) for f in (min, max))
    y1, y2 = (max(0, round(f(y for _, y in places))) for f in (min, max))
    return float(1.0 - clear[y1:y2, x1:x2].mean())


def _lay_one(whole: Layer, puff: Puff, since_s: float, hide: bool = False) -> None:
    """Lay one puff over a picture in place; with `hide` it only darkens, so that a white picture tells what is still seen."""
    x_m, y_m, z_m = puff.at(since_s)
    x, y = view.YARD.project_px(x_m, y_m, z_m)
    _, higher = view.YARD.project_px(x_m, y_m, z_m + puff.radius_m(since_s))
    size = max(2, round(2 * (y - higher)))
    left, top = round(x - size / 2), round(y - size / 2)
    height, width = whole.shape[:2]
    x1, y1, x2, y2 = max(0, left), max(0, top), min(width, left + size), min(height, top + size)
    if x1 >= x2 or y1 >= y2:
        return
    grain, light = (
        cv2.resize(part, (size, size), interpolation=cv2.INTER_LINEAR)[y1 - top : y2 - top, x1 - left : x2 - left, None]
        for part in _texture(puff.texture)
    )
    alpha = puff.opacity(since_s) * grain
    colour = 0.0 if hide else np.array(SHADE, np.float32) * (1.0 - light) + np.array(LIGHT, np.float32) * light
    part = whole[y1:y2, x1:x2]
    part[:] = part * (1.0 - alpha) + colour * alpha


@functools.cache
def _texture(number: int) -> tuple[Layer, Layer]:
    """Return how thick a puff is, 0..1, and how sunlit, 0..1, both float32 (TEXTURE_PX, TEXTURE_PX)."""
    chance = np.random.default_rng(41 + number)
    rough = np.zeros((TEXTURE_PX, TEXTURE_PX), np.float32)
    for cells, weight in ((4, 0.5), (8, 0.3), (16, 0.2)):
        coarse = chance.uniform(-1.0, 1.0, (cells, cells)).astype(np.float32)
        rough += weight * cv2.resize(coarse, (TEXTURE_PX, TEXTURE_PX), interpolation=cv2.INTER_CUBIC)
    rows, columns = np.mgrid[0:TEXTURE_PX, 0:TEXTURE_PX].astype(np.float32) / (TEXTURE_PX - 1) * 2.0 - 1.0
    apart = np.hypot(rows, columns) + 0.28 * rough
    thick = np.clip((0.95 - apart) / 0.6, 0.0, 1.0)
    light = np.clip(0.55 - 0.35 * rows + 0.35 * rough, 0.0, 1.0)
    return np.asarray(thick * thick * (3.0 - 2.0 * thick), np.float32), np.asarray(light, np.float32)
