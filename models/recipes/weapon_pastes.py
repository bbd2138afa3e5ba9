"""Guns cut out of pictures with an even background, things that are none, and both pasted into pictures of people."""

from dataclasses import dataclass

import cv2
import numpy as np

from detection.types import Box, Float, Pixels

_LEAST_BORDER = 0.8
_DRAWN_PX = 96


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A thing without its background.

    Attributes:
        pixels: uint8 (h, w, 3) BGR.
        cover: float32 (h, w), 0 to 1.
    """

    pixels: Pixels
    cover: Float


def cut_out(pixels: Pixels, gun: Float) -> Cutout | None:
    """Return the gun under a box (0..1 of the picture) without what is around it; None unless the background is even and it is large."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).astype(np.int16)
    usual = np.median(border, axis=0)
    even = float((np.abs(border - usual).max(1) < 16).mean())
    if even < _LEAST_BORDER or (gun[2:] - gun[:2]).max() < 0.4:
        return None
    h, w = pixels.shape[:2]
    x1, y1, x2, y2 = (int(v) for v in gun * np.array((w, h, w, h), np.float32))
    part = pixels[y1:y2, x1:x2]
    differs = np.asarray(np.abs(part.astype(np.int16) - usual).max(2) > 28, np.uint8)
    closed = cv2.morphologyEx(differs, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    share = float(closed.mean())
    return Cutout(part, np.asarray(closed, np.float32)) if 0.15 < share < 0.9 else None


def other(rng: np.random.Generator) -> Cutout:
    """Return something drawn that people hold and that is no gun: a phone, a stick, a bag."""
    cover = np.zeros((_DRAWN_PX, _DRAWN_PX), np.uint8)
    shape = int(rng.integers(3))
    middle, half = _DRAWN_PX // 2, _DRAWN_PX // 2 - 2
    if shape == 0:
        wide = int(half * rng.uniform(0.4, 0.6))
        cv2.rectangle(cover, (middle - wide, middle - half), (middle + wide, middle + half), 1, -1)
    elif shape == 1:
        wide = int(rng.integers(3, 10))
        cv2.line(cover, (middle, 2), (middle, _DRAWN_PX - 3), 1, wide)
    else:
        sides = (half, int(half * rng.uniform(0.6, 1.0)))
        cv2.ellipse(cover, (middle, middle), sides, 0, 0, 360, 1, -1)
    base = rng.integers(10, 240, 3) if rng.random() < 0.4 else np.full(3, rng.integers(10, 110))
    slope = np.linspace(-1, 1, _DRAWN_PX)[:, None, None] * rng.uniform(-40, 40)
    noise = cv2.resize(rng.normal(0, 14, (12, 12, 1)).astype(np.float32), (_DRAWN_PX, _DRAWN_PX))[..., None]
    pixels = np.asarray((base + slope + noise).clip(0, 255), np.uint8)
    return Cutout(pixels, cover.astype(np.float32))


def paste(
    onto: Pixels, thing: Cutout, middle: tuple[float, float], length_px: float, rng: np.random.Generator
) -> tuple[Pixels, Box]:
    """Return the picture with the thing in it, turned at random and as bright as what is around, and its box in pixels."""
    h, w = thing.cover.shape
    longer = max(h, w)
    scale = length_px / longer
    turn = cv2.getRotationMatrix2D(
        (w / 2, h / 2), float(rng.uniform(-180, 180) if rng.random() < 0.3 else rng.normal(0, 35)), scale
    )
    side = max(6, int(length_px * 1.5))
    turn[:, 2] += (side / 2 - w / 2, side / 2 - h / 2)
    if rng.random() < 0.5:
        thing = Cutout(np.ascontiguousarray(thing.pixels[:, ::-1]), np.ascontiguousarray(thing.cover[:, ::-1]))
    soft = cv2.GaussianBlur(thing.cover, (0, 0), max(0.3, 0.5 / scale))
    blurred = cv2.GaussianBlur(thing.pixels, (0, 0), max(0.3, 0.5 / scale))
    cover = cv2.warpAffine(soft, turn, (side, side))
    pixels = cv2.warpAffine(blurred, turn, (side, side)).astype(np.float32)
    left = int(np.clip(middle[0] - side / 2, 0, max(0, onto.shape[1] - side)))
    top = int(np.clip(middle[1] - side / 2, 0, max(0, onto.shape[0] - side)))
    out = onto.copy()
    under = out[top : top + side, left : left + side].astype(np.float32)
    cover, pixels = cover[: under.shape[0], : under.shape[1], None], pixels[: under.shape[0], : under.shape[1]]
    pixels = pixels * np.float32(np.clip(rng.normal(0.6, 0.2), 0.2, 1.0) * (0.5 + under.mean() / 255))
    out[top : top + side, left : left + side] = np.asarray(
        (under * (1 - cover) + pixels * cover).clip(0, 255), np.uint8
    )
    rows, columns = np.nonzero(cover[..., 0] > 0.4)
    if not len(rows):
        return out, (middle[0] - 2, middle[1] - 2, middle[0] + 2, middle[1] + 2)
    return out, (
        float(left + columns.min()), float(top + rows.min()), float(left + columns.max() + 1), float(top + rows.max() + 1),
    )  # fmt: skip
