"""Models beside the object detector: each answers one question about a prepared array (fire in this crop? two people fighting?).

They are named by their task in the manifest. An examiner asks through a function that it is handed, so that where and when a model runs is the
caller's choice; None instead of an answer means that the question was shed.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from detection import detector, errors, models, types

Blob = npt.NDArray[Any]
Answer = tuple[types.Float, ...]
Ask = Callable[[str, Blob], Answer | None]
"""Given a task ("fire") and its model's input, the model's outputs in the order of the manifest; None when shed."""


def nobody(task: str, blob: Blob) -> Answer | None:
    """Answer nothing: for a pipeline without further models."""
    return None


class Expert:
    """One model, on one thread. Make it with `load`."""

    def __init__(self, session: Any, entry: models.ExpertEntry) -> None:
        self.entry = entry
        self._session = session

    @classmethod
    def load(cls, entry: models.ExpertEntry, threads: int = 1) -> "Expert":
        """Return the model, having checked its file's hash and the shapes of its answers.

        Raises:
            ModelError: the file is not the manifest's, is no ONNX graph, or answers in other shapes.
        """
        weights = models.read_verified(entry)
        try:
            session = onnxruntime.InferenceSession(
                weights, detector.session_options(threads), providers=["CPUExecutionProvider"]
            )
            made = cls(session, entry)
            found = tuple(answer.shape for answer in made.answer(np.zeros(entry.input_shape, entry.input_type)))
        except Exception as e:  # onnxruntime's errors have no common class of their own
            raise errors.ModelError(
                entry.name, f"{entry.path} cannot answer on {entry.input_shape}: {e}", "export it again"
            ) from e
        if found != entry.output_shapes:
            problem = f"answers on {entry.input_shape} with shapes {found}, the manifest says {entry.output_shapes}"
            raise errors.ModelError(entry.name, problem, "correct its manifest entry")
        return made

    def answer(self, blob: Blob) -> Answer:
        """Return the outputs for one input.

        More rows than the manifest's shape has are put to the model in parts of that size: on one thread that takes as long, and a session keeps the memory
        of its largest question for good (fourteen tiles at once: 180 MiB).
        """
        rows = self.entry.input_shape[0]
        parts = [self._run(blob[i : i + rows]) for i in range(0, len(blob), rows)]
        if len(parts) == 1:
            return parts[0]
        return tuple(np.concatenate(outputs) for outputs in zip(*parts, strict=True))

    def _run(self, blob: Blob) -> Answer:
        return tuple(self._session.run(list(self.entry.output_names), {self.entry.input_name: blob}))


class Experts:
    """The models of one thread, by task."""

    def __init__(self, loaded: Iterable[Expert] = ()) -> None:
        self._loaded: Mapping[str, Expert] = {expert.entry.task: expert for expert in loaded}

    @classmethod
    def load(cls, entries: Iterable[models.ExpertEntry]) -> "Experts":
        """Return all of `entries`, loaded.

        Raises:
            ModelError: one of them cannot be used.
        """
        return cls(Expert.load(entry) for entry in entries)

    @property
    def used(self) -> dict[str, types.ModelUsed]:
        """The models by task."""
        return {task: expert.entry.used for task, expert in self._loaded.items()}

    def ask(self, task: str, blob: Blob) -> Answer | None:
        """Return the answer of the model for `task`; None where there is none."""
        expert = self._loaded.get(task)
        return None if expert is None else expert.answer(blob)
