"""Pictures as another camera, another hour or a worse stream might give them, so that a model does not learn one camera's looks."""

import cv2
import numpy as np

from detection.types import Pixels


def alter(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return the picture with other light, colour, sharpness, noise and compression: uint8 (h, w, 3) BGR, of the same size.

    One in eight loses its colour, as at night. Half lose up to three quarters of their detail: people far from a camera are a hundred pixels tall.
    """
    x = pixels.astype(np.float32) / 255
    x = np.power(x, np.float32(np.exp(rng.normal(0, 0.3))))
    x = x * np.asarray(rng.normal(1, 0.05, 3), np.float32) * np.float32(rng.normal(1, 0.12))
    mixed = x.mean(2, keepdims=True)
    colour = 0.0 if rng.random() < 0.125 else float(np.clip(rng.normal(0.9, 0.25), 0.2, 1.4))
    x = mixed + (x - mixed) * np.float32(colour)
    if rng.random() < 0.5:
        small = rng.uniform(0.25, 0.8)
        h, w = x.shape[:2]
        x = cv2.resize(cv2.resize(x, None, fx=small, fy=small, interpolation=cv2.INTER_AREA), (w, h))
    if rng.random() < 0.5:
        x = x + rng.normal(0, rng.uniform(0.005, 0.04), x.shape).astype(np.float32)
    out = np.asarray((x.clip(0, 1) * 255), np.uint8)
    if rng.random() < 0.6:
        coded = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))])[1]
        out = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return out
