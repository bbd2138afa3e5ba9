"""Transformers that answer with a fixed number of queries (RT-DETR, D-FINE), in the two forms in which they are exported.

`Raw` is the model's own answer (Hugging Face's export of RT-DETR and D-FINE: `logits`, `pred_boxes`); `Finished` has the post-processing in the graph
(`tools/export_onnx.py` of RT-DETR and D-FINE: `labels`, `boxes`, `scores`, with `orig_target_sizes` as second input).
Classes are independent of each other (sigmoid); the first DETR, with a softmax and a class for nothing, is not read.
Source: Zhao et al., "DETRs Beat YOLOs on Real-time Object Detection", CVPR 2024 (Apache-2.0).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from detection import models, types
from detection.decoders import picture

RAW = models.GraphNames(("pixel_values",), ("logits", "pred_boxes"))
FINISHED = models.GraphNames(("images", "orig_target_sizes"), ("labels", "boxes", "scores"))


class Raw:
    """Reads logits (1, queries, classes) and boxes (1, queries, 4): centre x, y, width, height, 0 to 1 of the input."""

    stride_px = 32

    def __init__(self, names: models.GraphNames, class_count: int, query_count: int) -> None:
        self.input_name = names.inputs[0]
        self.output_names = names.outputs
        self._class_count, self._query_count = class_count, query_count

    def output_shapes(self, height_px: int, width_px: int) -> tuple[tuple[int, ...], ...]:
        return (1, self._query_count, self._class_count), (1, self._query_count, 4)

    def feed(self, canvas: types.Pixels) -> dict[str, npt.NDArray[Any]]:
        return {self.input_name: picture.planes_rgb(canvas)}

    def decode(self, outputs: Sequence[types.Float], size_px: tuple[int, int], min_score: float) -> types.Detections:
        logits, boxes = outputs[0][0], outputs[1][0]
        label = logits.argmax(axis=1)
        best = logits[np.arange(len(logits)), label].astype(np.float64)
        score = np.asarray(1 / (1 + np.exp(-np.clip(best, -50, 50))), np.float32)
        kept = np.flatnonzero(score >= min_score)
        scale = np.array([size_px[1], size_px[0]], np.float32)
        xyxy = picture.corners(boxes[kept, :2] * scale, boxes[kept, 2:] * scale)
        return types.Detections(xyxy, score[kept], label[kept].astype(np.int64))


class Finished:
    """Reads labels (1, queries), boxes (1, queries, 4), xyxy in pixels of the size it is told, and scores (1, queries)."""

    stride_px = 32

    def __init__(self, names: models.GraphNames, query_count: int) -> None:
        self.input_name, self._size_name = names.inputs
        self.output_names = names.outputs
        self._query_count = query_count

    def output_shapes(self, height_px: int, width_px: int) -> tuple[tuple[int, ...], ...]:
        return (1, self._query_count), (1, self._query_count, 4), (1, self._query_count)

    def feed(self, canvas: types.Pixels) -> dict[str, npt.NDArray[Any]]:
        size = np.array([[canvas.shape[1], canvas.shape[0]]], np.int64)  # width first, as these graphs have it
        return {self.input_name: picture.planes_rgb(canvas), self._size_name: size}

    def decode(self, outputs: Sequence[types.Float], size_px: tuple[int, int], min_score: float) -> types.Detections:
        label, boxes, score = outputs[0][0], outputs[1][0], outputs[2][0]
        kept = np.flatnonzero(score >= min_score)
        return types.Detections(
            np.asarray(boxes[kept], np.float32), np.asarray(score[kept], np.float32), label[kept].astype(np.int64)
        )
