"""What another camera, another hour or a worse stream might make of a tile: the changes firenet learns to see through.

Every change keeps what the tile shows. Cheap cameras pass infrared, and flames look pink or white to them; glare and cheap lenses wash a picture out, which is
no smoke; a lens out of focus makes everything soft; players and recorders add bars and captions, which tell nothing.
"""

import cv2
import numpy as np

from models.recipes.fire_pictures import Float, Pixels


def alter(pixels: Pixels, rng: np.random.Generator) -> tuple[Pixels, bool]:
    """Return a tile, uint8 (h, w, 3) BGR, as another camera might give it, and whether it lost its colour."""
    x = pixels.astype(np.float32) / 255
    x = np.asarray(np.power(x, np.float32(np.exp(rng.normal(0, 0.27)))), np.float32)
    warm = float(rng.normal(0, 0.1))
    gains = rng.normal(1, 0.05, 3) * np.array([1 - warm, 1, 1 + warm]) * rng.normal(1, 0.12)
    x = np.asarray(x * np.asarray(gains, np.float32), np.float32)
    if rng.random() < 0.25:
        x = pale_flames(x, rng)
    grey = bool(rng.random() < 0.08)
    mixed = x.mean(2, keepdims=True)
    colour = 0.0 if grey else float(np.clip(rng.normal(0.9, 0.3), 0.2, 1.5))
    x = np.asarray(mixed + (x - mixed) * np.float32(colour), np.float32)
    if rng.random() < 0.25:
        x = _wash_out(x, rng)
    x = _soften(x, rng)
    if rng.random() < 0.5:
        x = x + rng.normal(0, rng.uniform(0.005, 0.04), x.shape).astype(np.float32)
    out = np.asarray(x.clip(0, 1) * 255, np.uint8)
    if rng.random() < 0.15:
        out = _with_bars_or_words(out, rng)
    if rng.random() < 0.6:
        coded = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 80))])[1]
        out = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return out, grey


def pale_flames(x: Float, rng: np.random.Generator) -> Float:
    """Return float (h, w, 3) BGR, 0..1, in which what is redder than it is blue shines in the other colours too: orange becomes pink or white."""
    excess = (x[..., 2] - x[..., :2].min(2)).clip(0)
    strength = rng.uniform(0.1, 0.8)
    out = x.copy()
    out[..., 0] += excess * np.float32(strength)
    out[..., 1] += excess * np.float32(strength * rng.uniform(0, 0.8))
    return out


def blank(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return hardly more than the colours of a tile: a wall, a sky, a covered lens."""
    soft = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(12, 50)).astype(np.float32)
    mixed = soft.mean(2, keepdims=True)
    soft = mixed + (soft - mixed) * np.float32(rng.uniform(0, 0.8))
    soft = soft * np.float32(rng.uniform(0.6, 1.3)) + rng.normal(0, rng.uniform(0.5, 5), soft.shape).astype(np.float32)
    return np.asarray(soft.clip(0, 255), np.uint8)


def _wash_out(x: Float, rng: np.random.Generator) -> Float:
    """Return it under a veil of light, even or stronger towards one side."""
    h, w = x.shape[:2]
    veil = np.full((h, w, 1), rng.uniform(0.08, 0.32), np.float32)
    if rng.random() < 0.5:
        angle = rng.uniform(0, 2 * np.pi)
        y, x_ = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
        veil = veil * np.asarray(0.5 + 0.5 * (np.cos(angle) * x_ + np.sin(angle) * y), np.float32)[..., None]
    light = np.asarray(rng.normal(0.85, 0.12) + rng.normal(0, 0.06, 3), np.float32)
    return np.asarray(x * (1 - veil.clip(0)) + light * veil.clip(0), np.float32)


def _soften(x: Float, rng: np.random.Generator) -> Float:
    """Return it at less sharpness, now and then far out of focus."""
    h, w = x.shape[:2]
    chance = rng.random()
    if chance < 0.05:
        x = np.asarray(cv2.GaussianBlur(x, (0, 0), rng.uniform(3, 7)), np.float32)
    elif chance < 0.25:
        x = np.asarray(cv2.GaussianBlur(x, (0, 0), rng.uniform(0.5, 2)), np.float32)
    elif chance < 0.55:
        small = rng.uniform(0.3, 0.8)
        less = cv2.resize(x, None, fx=small, fy=small, interpolation=cv2.INTER_AREA)
        x = np.asarray(cv2.resize(less, (w, h)), np.float32)
    return x


def _with_bars_or_words(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    out = pixels.copy()
    h, w = out.shape[:2]
    if rng.random() < 0.5:
        bar = int(rng.uniform(0.05, 0.2) * w)
        if rng.random() < 0.5:
            out[:, :bar] = out[:, w - bar :] = 0
        else:
            out[:bar] = out[h - bar :] = 0
        return out
    words = "".join(chr(int(c)) for c in rng.integers(48, 91, int(rng.integers(4, 18))))
    colour = ((255, 255, 255), (0, 0, 220), (20, 20, 20))[int(rng.integers(3))]
    at = (int(rng.uniform(0, 0.4) * w), int((0.1 if rng.random() < 0.5 else 0.93) * h))
    return np.asarray(
        cv2.putText(out, words, at, cv2.FONT_HERSHEY_SIMPLEX, rng.uniform(0.3, 0.9), colour, int(rng.integers(1, 3))),
        np.uint8,
    )
