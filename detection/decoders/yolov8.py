"""The YOLOv8 form: one column per cell with a finished box and a score for each class, no objectness.

Only the form of the output is read here, as several projects under free licences export it (the box decoded, the sigmoid applied); whoever
brings weights answers for their licence: those of Ultralytics are AGPL-3.0.
"""

from collections.abc import Sequence

import numpy as np

from detection import models, types
from detection.decoders import picture

STRIDES = (8, 16, 32)
NAMES = models.GraphNames(("images",), ("output0",))


class YoloV8:
    """Reads (1, 4 + classes, cells): centre x, y, width, height in pixels of the input, then the classes' scores."""

    stride_px = 32

    def __init__(self, names: models.GraphNames, class_count: int) -> None:
        self.input_name = names.inputs[0]
        self.output_names = names.outputs
        self._class_count = class_count

    def output_shapes(self, height_px: int, width_px: int) -> tuple[tuple[int, ...], ...]:
        cells = sum((height_px // stride) * (width_px // stride) for stride in STRIDES)
        return ((1, 4 + self._class_count, cells),)

    def feed(self, canvas: types.Pixels) -> dict[str, types.Float]:
        return {self.input_name: picture.planes_rgb(canvas)}

    def decode(self, outputs: Sequence[types.Float], size_px: tuple[int, int], min_score: float) -> types.Detections:
        columns = outputs[0][0]
        label = columns[4:].argmax(axis=0)
        score = columns[4 + label, np.arange(columns.shape[1])]
        kept = np.flatnonzero(score >= min_score)
        found = columns[:4, kept].T
        return types.Detections(
            picture.corners(found[:, :2], found[:, 2:]),
            np.asarray(score[kept], np.float32),
            label[kept].astype(np.int64),
        )
