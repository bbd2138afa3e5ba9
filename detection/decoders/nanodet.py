"""NanoDet: per-cell class scores and box sides as distributions over 11 bins, on strides 8, 16 and 32.

Source: RangiLyu/nanodet (Apache-2.0); Li et al., "Generalized Focal Loss", NeurIPS 2020, for the distributions.
"""

from collections.abc import Sequence

import numpy as np

from detection import types

STRIDES = (8, 16, 32)
CLASSES = 80
BINS = 11
MEAN_BGR = (103.53, 116.28, 123.675)
STD_BGR = (57.375, 57.12, 58.395)


class NanoDet:
    """Reads the graph that `models/recipes/nanodet.py` makes: sigmoid applied to classes, box distributions raw."""

    stride_px = 32
    input_name = "input_1:0"
    output_names = ("Identity:0", "Identity_1:0", "Identity_2:0", "Identity_3:0", "Identity_4:0", "Identity_5:0")

    def output_shapes(self, height_px: int, width_px: int) -> tuple[tuple[int, ...], ...]:
        cells = [(height_px // stride) * (width_px // stride) for stride in STRIDES]
        return tuple((1, n, CLASSES) for n in cells) + tuple((1, n, 4 * BINS) for n in cells)

    def feed(self, canvas: types.Pixels) -> dict[str, types.Float]:
        return {self.input_name: _planes(canvas)}

    def decode(self, outputs: Sequence[types.Float], size_px: tuple[int, int], min_score: float) -> types.Detections:
        found = [
            _decode_level(outputs[level][0], outputs[level + 3][0], stride, size_px[1] // stride, min_score)
            for level, stride in enumerate(STRIDES)
        ]
        xyxy, score, label = (np.concatenate(part) for part in zip(*found, strict=True))
        return types.Detections(xyxy, score, label)


def _planes(canvas: types.Pixels) -> types.Float:
    """Return blue, green, red less their means, over their deviations."""
    planes = np.empty((1, 3, *canvas.shape[:2]), np.float32)
    for channel, (mean, std) in enumerate(zip(MEAN_BGR, STD_BGR, strict=True)):
        np.subtract(canvas[:, :, channel], np.float32(mean), out=planes[0, channel])
        planes[0, channel] *= np.float32(1 / std)
    return planes


def _decode_level(
    classes: types.Float, sides: types.Float, stride_px: int, columns: int, min_score: float
) -> tuple[types.Float, types.Float, types.Ints]:
    """Read one level: classes float32 (n, 80), sides float32 (n, 44) in the order left, top, right, bottom."""
    label = classes.argmax(axis=1)
    score = classes[np.arange(len(label)), label]
    kept = np.flatnonzero(score >= min_score)
    distance = _expect(sides[kept].reshape(-1, 4, BINS)) * stride_px
    centre = np.stack([kept % columns, kept // columns], axis=1).astype(np.float32)
    centre = (centre + 0.5) * stride_px
    xyxy = np.concatenate([centre - distance[:, :2], centre + distance[:, 2:]], axis=1)
    return np.asarray(xyxy, np.float32), score[kept], label[kept].astype(np.int64)


def _expect(bins: types.Float) -> types.Float:
    """Return the expected bin, float32 (n, 4), of raw distributions float32 (n, 4, 11)."""
    weight = np.exp(bins - bins.max(axis=2, keepdims=True))
    return np.asarray(weight @ np.arange(BINS, dtype=np.float32) / weight.sum(axis=2), np.float32)
