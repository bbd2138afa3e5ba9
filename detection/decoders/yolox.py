"""YOLOX: one row per cell of strides 8, 16 and 32, with raw offsets from the cell and raw logarithms of the size.

The form of YOLOX's own ONNX export (`tools/export_onnx.py`, without `--decode_in_inference`): the sigmoid is applied to objectness and classes.
Source: Ge et al., "YOLOX: Exceeding YOLO Series in 2021"; Megvii-BaseDetection/YOLOX (Apache-2.0).
"""

from collections.abc import Sequence

import numpy as np

from detection import models, types
from detection.decoders import picture

STRIDES = (8, 16, 32)
NAMES = models.GraphNames(("images",), ("output",))
_LARGEST_LOG = 8.0
"""No object is e^8 strides wide; beyond it the exponential would only overflow."""


class YoloX:
    """Reads (1, cells, 5 + classes): x, y, log w, log h, objectness, classes; the cells of stride 8 first, row by row."""

    stride_px = 32

    def __init__(self, names: models.GraphNames, class_count: int) -> None:
        self.input_name = names.inputs[0]
        self.output_names = names.outputs
        self._class_count = class_count

    def output_shapes(self, height_px: int, width_px: int) -> tuple[tuple[int, ...], ...]:
        cells = sum((height_px // stride) * (width_px // stride) for stride in STRIDES)
        return ((1, cells, 5 + self._class_count),)

    def feed(self, canvas: types.Pixels) -> dict[str, types.Float]:
        return {self.input_name: picture.planes_bgr(canvas)}

    def decode(self, outputs: Sequence[types.Float], size_px: tuple[int, int], min_score: float) -> types.Detections:
        rows = outputs[0][0]
        label = rows[:, 5:].argmax(axis=1)
        score = rows[:, 4] * rows[np.arange(len(rows)), 5 + label]
        kept = np.flatnonzero(score >= min_score)
        corner, stride = _grid(size_px)
        centre = (rows[kept, :2] + corner[kept]) * stride[kept]
        size = np.exp(np.minimum(rows[kept, 2:4], _LARGEST_LOG)) * stride[kept]
        return types.Detections(
            picture.corners(centre, size), np.asarray(score[kept], np.float32), label[kept].astype(np.int64)
        )


def _grid(size_px: tuple[int, int]) -> tuple[types.Float, types.Float]:
    """Return each cell's column and row, float32 (n, 2), and its stride, float32 (n, 1)."""
    corners, strides = [], []
    for stride in STRIDES:
        rows, columns = size_px[0] // stride, size_px[1] // stride
        row, column = np.divmod(np.arange(rows * columns), columns)
        corners.append(np.stack([column, row], axis=1))
        strides.append(np.full((rows * columns, 1), stride))
    return np.concatenate(corners).astype(np.float32), np.concatenate(strides).astype(np.float32)
