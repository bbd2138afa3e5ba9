"""How the outputs of a detector are read, by the name that a model's manifest entry gives."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from detection import errors, types
from detection.decoders import nanodet

Shape = Sequence[int | str | None]


class Decoder(Protocol):
    """What is particular to one form of model."""

    @property
    def stride_px(self) -> int:
        """Sides of a flexible input are multiples of this."""
        ...

    @property
    def input_name(self) -> str: ...
    @property
    def output_names(self) -> tuple[str, ...]: ...

    def output_shapes(self, height_px: int, width_px: int) -> tuple[tuple[int, ...], ...]:
        """Return the shape of each output for an input of this size."""
        ...

    def prepare(self, canvas: types.Pixels) -> types.Float:
        """Return the input, float32 (1, 3, h, w), for a picture uint8 (h, w, 3) BGR."""
        ...

    def decode(self, outputs: Sequence[types.Float], size_px: tuple[int, int], min_score: float) -> types.Detections:
        """Return what was found, in pixels of the canvas (height, width = `size_px`); labels are the model's own classes."""
        ...


_DECODERS: Mapping[str, Decoder] = {"nanodet": nanodet.NanoDet()}


def find(name: str, model: str) -> Decoder:
    """Return the decoder of that name.

    Raises:
        ModelError: there is none.
    """
    if name not in _DECODERS:
        raise errors.ModelError(model, f"needs decoder {name!r}", f"use one of: {', '.join(sorted(_DECODERS))}")
    return _DECODERS[name]
