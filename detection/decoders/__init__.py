"""How the outputs of a detector are read, by the name that a model's manifest entry gives.

Every form is told in models/README.md: what the graph takes, what it answers, which fields of the manifest entry belong to it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy.typing as npt

from detection import errors, models, types
from detection.decoders import detr, nanodet, yolov8, yolox

Feed = Mapping[str, npt.NDArray[Any]]
"""What a graph is given, by the names of its inputs; the picture first."""


class Decoder(Protocol):
    """What is particular to one form of model."""

    @property
    def stride_px(self) -> int:
        """Sides of a flexible input are multiples of this."""
        ...

    @property
    def input_name(self) -> str:
        """The input that takes the picture, float32 (1, 3, h, w)."""
        ...

    @property
    def output_names(self) -> tuple[str, ...]: ...

    def output_shapes(self, height_px: int, width_px: int) -> tuple[tuple[int, ...], ...]:
        """Return the shape of each output for an input of this size."""
        ...

    def feed(self, canvas: types.Pixels) -> Feed:
        """Return the inputs for a picture uint8 (h, w, 3) BGR."""
        ...

    def decode(self, outputs: Sequence[types.Float], size_px: tuple[int, int], min_score: float) -> types.Detections:
        """Return what was found, in pixels of the canvas (height, width = `size_px`); labels are the model's own classes."""
        ...


_FORMS: Mapping[str, Callable[[models.ModelEntry], Decoder]] = {
    "detr": lambda entry: detr.Raw(_names(entry, detr.RAW), entry.class_count, entry.query_count),
    "detr_boxes": lambda entry: detr.Finished(_names(entry, detr.FINISHED), entry.query_count),
    "nanodet": lambda entry: nanodet.NanoDet(),
    "yolov8": lambda entry: yolov8.YoloV8(_names(entry, yolov8.NAMES), entry.class_count),
    "yolox": lambda entry: yolox.YoloX(_names(entry, yolox.NAMES), entry.class_count),
}


def make(entry: models.ModelEntry) -> Decoder:
    """Return the decoder that the entry names, for its classes and the names of its inputs and outputs.

    Raises:
        ModelError: there is no such decoder, or the entry's names do not fit it.
    """
    if entry.decoder not in _FORMS:
        raise errors.ModelError(
            entry.name, f"needs decoder {entry.decoder!r}", f"use one of: {', '.join(sorted(_FORMS))}"
        )
    if entry.decoder == "nanodet" and (entry.input_names or entry.output_names or entry.class_count != nanodet.CLASSES):
        raise errors.ModelError(
            entry.name, "names inputs, outputs or classes of its own", "the decoder nanodet knows them: take them out"
        )
    return _FORMS[entry.decoder](entry)


def _names(entry: models.ModelEntry, usual: models.GraphNames) -> models.GraphNames:
    """Return the names that the entry gives, the usual ones of its form where it gives none."""
    inputs, outputs = entry.input_names or usual.inputs, entry.output_names or usual.outputs
    if len(inputs) != len(usual.inputs) or len(outputs) != len(usual.outputs):
        problem = f"names inputs {list(inputs)} and outputs {list(outputs)}"
        raise errors.ModelError(
            entry.name, problem, f"name {len(usual.inputs)} and {len(usual.outputs)}, in the order of models/README.md"
        )
    return models.GraphNames(inputs, outputs)
