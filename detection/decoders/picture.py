"""Pictures as graphs take them, and boxes from centres and sizes."""

import numpy as np

from detection import types


def planes_bgr(canvas: types.Pixels) -> types.Float:
    """Return float32 (1, 3, h, w), blue, green, red, 0 to 255, for a picture uint8 (h, w, 3) BGR."""
    return np.ascontiguousarray(canvas.transpose(2, 0, 1)[None], np.float32)


def planes_rgb(canvas: types.Pixels) -> types.Float:
    """Return float32 (1, 3, h, w), red, green, blue, 0 to 1, for a picture uint8 (h, w, 3) BGR."""
    return np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1)[None], np.float32) * np.float32(1 / 255)


def corners(centre: types.Float, size: types.Float) -> types.Float:
    """Return boxes float32 (n, 4), xyxy, of centres (n, 2) and sizes (n, 2)."""
    return np.asarray(np.concatenate([centre - size / 2, centre + size / 2], axis=1), np.float32)
