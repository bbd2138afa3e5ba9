"""Objects in regions of a frame, by an ONNX model on one thread.

One session serves any number of cameras, one call at a time; use one session per core (MEASURED: two threads cost 46 ms of
CPU where one costs 32).
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import onnxruntime

from detection import boxes, decoders, errors, letterbox, models, settings, types

WITHIN = 0.85
"""Of two boxes found in different regions, one that lies this far inside the other is the same object, cut by its region."""
GROUPS = np.array([0, 1, 2, 3, 2, 2], np.int64)
"""Per ObjectClass: boxes of one group hide each other. Detectors waver between car, bus and truck for one vehicle."""


class Detector(Protocol):
    """What finds objects."""

    @property
    def model(self) -> types.ModelUsed: ...

    def detect(
        self, frame: types.Frame, regions: tuple[types.Box, ...], wanted: settings.DetectorSettings | None = None
    ) -> types.Detections: ...


class OnnxDetector:
    """A detector whose weights are an ONNX file of the manifest. Make it with `load`.

    Attributes:
        inferences, canvas_px: how often the graph ran, and on how many pixels in all.
    """

    def __init__(
        self,
        session: Any,
        entry: models.ModelEntry,
        decoder: decoders.Decoder,
        wanted: settings.DetectorSettings,
    ) -> None:
        self.model = entry.used
        self.inferences = self.canvas_px = 0
        self._session = session
        self._decoder = decoder
        self._wanted = wanted
        self._sheet = letterbox.Sheet(entry.width_px, entry.height_px, decoder.stride_px, entry.flexible)
        self._label = np.full(1 + max(number for _, number in entry.classes), -1, np.int64)
        for ours, theirs in entry.classes:
            self._label[theirs] = ours

    @classmethod
    def load(
        cls, entry: models.ModelEntry, threads: int = 1, wanted: settings.DetectorSettings | None = None
    ) -> "OnnxDetector":
        """Return a detector, having checked the file's hash and the shapes of the graph.

        Raises:
            ModelError: the file is not the manifest's, is no ONNX graph, or has other shapes than its decoder reads.
        """
        weights = models.read_verified(entry)
        decoder = decoders.make(entry)
        try:
            session = onnxruntime.InferenceSession(
                weights, session_options(threads), providers=["CPUExecutionProvider"]
            )
        except Exception as e:  # onnxruntime's errors have no common class of their own
            raise errors.ModelError(entry.name, f"{entry.path} is no usable ONNX graph: {e}", "export it again") from e
        _check_shapes(session, entry, decoder)
        _check_answers(session, entry, decoder)
        return cls(session, entry, decoder, wanted or settings.DetectorSettings())

    def detect(
        self, frame: types.Frame, regions: tuple[types.Box, ...], wanted: settings.DetectorSettings | None = None
    ) -> types.Detections:
        """Return the objects in the regions of a frame, each once, in pixels of the frame.

        Args:
            wanted: thresholds for this look; None for those it was loaded with.
        """
        chosen = wanted or self._wanted
        whole = (0.0, 0.0, float(frame.width_px), float(frame.height_px))
        inside = [boxes.clip(region, whole[2], whole[3]) for region in regions]
        inside = [region for region in inside if boxes.width(region) >= 4 and boxes.height(region) >= 4]
        scales = [letterbox.choose_scale(region, (frame.width_px, frame.height_px)) for region in inside]
        found = [self._infer(frame, canvas, chosen) for canvas in letterbox.lay_out(inside, scales, self._sheet)]
        return _merge(found, chosen.overlap)

    def _infer(
        self, frame: types.Frame, canvas: letterbox.Canvas, wanted: settings.DetectorSettings
    ) -> types.Detections:
        """Return the objects on one canvas in pixels of the frame, of the classes we know."""
        outputs = self._session.run(list(self._decoder.output_names), self._decoder.feed(canvas.paint(frame)))
        size_px = (canvas.height_px, canvas.width_px)
        self.inferences += 1
        self.canvas_px += size_px[0] * size_px[1]
        raw = self._decoder.decode(outputs, size_px, wanted.min_score)
        label = self._label[np.minimum(raw.label, len(self._label) - 1)]
        label[raw.label >= len(self._label)] = -1
        known = np.flatnonzero(label >= 0)
        best = known[boxes.keep_best(raw.xyxy[known], raw.score[known], GROUPS[label[known]], wanted.overlap)]
        parts = []
        for place in canvas.placements:
            here = best[place.holds(raw.xyxy[best])]
            parts.append(types.Detections(place.restore(raw.xyxy[here]), raw.score[here], label[here]))
        return types.Detections.joined(parts)


def _merge(found: Sequence[types.Detections], overlap: float) -> types.Detections:
    """Join what overlapping regions found twice."""
    every = types.Detections.joined(found)
    kept = boxes.keep_best(every.xyxy, every.score, GROUPS[every.label], overlap, WITHIN)
    return types.Detections(every.xyxy[kept], every.score[kept], every.label[kept])


def session_options(threads: int) -> Any:
    """Return how sessions run here: in order, on this many threads, without spinning.

    A plan of memory for each input shape (the runtime's usual way) saves no time that can be measured and keeps a block as large as all of a run's values beside those
    of the run that it was learned from: measured after some questions, 209 MiB for crowds and 218 for fights with it, 129 and 142 without.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    options.enable_mem_pattern = False
    return options


def _check_shapes(session: Any, entry: models.ModelEntry, decoder: decoders.Decoder) -> None:
    """Refuse a graph that does not take or give what its manifest entry and decoder say."""
    sides: tuple[object, object] = (entry.height_px, entry.width_px)
    _check_shape(entry, "input", session.get_inputs(), decoder.input_name, (1, 3, *sides), entry.flexible)
    shapes = decoder.output_shapes(entry.height_px, entry.width_px)
    for name, shape in zip(decoder.output_names, shapes, strict=True):
        _check_shape(entry, "output", session.get_outputs(), name, shape, entry.flexible)


def _check_answers(session: Any, entry: models.ModelEntry, decoder: decoders.Decoder) -> None:
    """Run the graph once, because free sides in its declared shapes prove nothing about its answers."""
    step = 2 * decoder.stride_px
    height_px, width_px = (step, step) if entry.flexible else (entry.height_px, entry.width_px)
    feed = decoder.feed(np.zeros((height_px, width_px, 3), np.uint8))
    needed = decoder.output_shapes(height_px, width_px)
    try:
        outputs = session.run(list(decoder.output_names), feed)
    except Exception as e:  # as above
        given = ", ".join(str(array.shape) for array in feed.values())
        problem = f"fails on input {given}, needs to answer with {needed}: {e}"
        raise errors.ModelError(entry.name, problem, "correct its manifest entry") from e
    if (found := tuple(output.shape for output in outputs)) != needed:
        raise errors.ModelError(
            entry.name, f"answers with shapes {found}, needs {needed}", "correct its manifest entry"
        )


def _check_shape(
    entry: models.ModelEntry, what: str, nodes: Sequence[Any], name: str, needed: tuple[object, ...], flexible: bool
) -> None:
    shapes = {node.name: tuple(node.shape) for node in nodes}
    if name not in shapes:
        raise errors.ModelError(entry.name, f"has no {what} {name!r}, only {sorted(shapes)}", "name the right decoder")
    found = shapes[name]
    free = [not isinstance(side, int) for side in found]
    same = len(found) == len(needed) and all(
        is_free or a == b for is_free, a, b in zip(free, found, needed, strict=True)
    )
    if not same or (flexible and what == "input" and not all(free[2:])):
        form = f"{needed} with free height and width" if flexible and what == "input" else f"{needed}"
        raise errors.ModelError(
            entry.name, f"{what} {name!r} has shape {found}, needs {form}", "correct its manifest entry"
        )
