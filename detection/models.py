"""The models that may be used: `manifest.toml` beside the weights. A file whose hash is not in it is refused."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detection import errors, types

MANIFEST = "manifest.toml"
FIELDS = {
    "name", "file", "task", "decoder", "input", "flexible", "classes", "sha256", "licence", "source", "recipe", "card",
    "input_names", "output_names", "class_count", "query_count",
}  # fmt: skip
EXPERT_FIELDS = {
    "name", "file", "task", "input_name", "input_shape", "input_type", "outputs", "sha256", "licence", "source", "recipe", "card",
}  # fmt: skip
OBJECTS = "objects"
MASKING = frozenset({"faces", "texts"})
"""Tasks of the models that find what is hidden in what is handed out; no camera is watched with them."""


@dataclass(frozen=True, slots=True)
class GraphNames:
    """How a graph names its inputs and outputs, in the order in which its decoder means them."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model as the manifest describes it.

    Attributes:
        path: the weights.
        task: what it does ("objects").
        decoder: the name of the code that reads its outputs (`detection.decoders`).
        height_px, width_px: its input, or the largest input where it is flexible.
        flexible: it takes any smaller input whose sides are multiples of its decoder's stride.
        classes: our classes, each with the model's own class number.
        sha256: of the weights file, lower-case hex.
        licence, source: where it came from and on which terms.
        input_names, output_names: of the graph; empty for those that its decoder expects.
        class_count: how many classes the model itself tells apart.
        query_count: how many boxes a model answers with that always answers with as many.
    """

    name: str
    path: Path
    task: str
    decoder: str
    height_px: int
    width_px: int
    flexible: bool
    classes: tuple[tuple[types.ObjectClass, int], ...]
    sha256: str
    licence: str
    source: str
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    class_count: int = 80
    query_count: int = 300

    @property
    def used(self) -> types.ModelUsed:
        return types.ModelUsed(self.name, self.sha256)


@dataclass(frozen=True, slots=True)
class ExpertEntry:
    """A model beside the object detector, as the manifest describes it.

    Attributes:
        path: the weights.
        task: the question it answers ("fire"); one model per task.
        input_name, input_shape, input_type: its one input; free sides are given at the size that is checked when it is loaded.
        output_names, output_shapes: its outputs in the order in which they are answered, and their shapes for that input.
        sha256: of the weights file, lower-case hex.
    """

    name: str
    path: Path
    task: str
    input_name: str
    input_shape: tuple[int, ...]
    input_type: str
    output_names: tuple[str, ...]
    output_shapes: tuple[tuple[int, ...], ...]
    sha256: str
    licence: str
    source: str

    @property
    def used(self) -> types.ModelUsed:
        return types.ModelUsed(self.name, self.sha256)


def default_folder() -> Path:
    """Return the folder of the models that come with the distribution."""
    return Path(__file__).resolve().parent.parent / "models"


def load_manifest(folder: Path) -> tuple[ModelEntry, ...]:
    """Return the object detectors that the folder's manifest lists.

    Raises:
        ModelError: the manifest is missing or not in its form.
    """
    return tuple(entry for entry in _entries(folder) if isinstance(entry, ModelEntry))


def load_experts(folder: Path) -> tuple[ExpertEntry, ...]:
    """Return the models for further questions about a camera that the folder's manifest lists, at most one for each task.

    Raises:
        ModelError: as above, or two models answer the same question.
    """
    return tuple(entry for entry in _experts(folder) if entry.task not in MASKING)


def load_masking(folder: Path) -> tuple[ExpertEntry, ...]:
    """Return the models that find what is hidden. Raises as `load_experts`."""
    return tuple(entry for entry in _experts(folder) if entry.task in MASKING)


def _experts(folder: Path) -> tuple[ExpertEntry, ...]:
    found = tuple(entry for entry in _entries(folder) if isinstance(entry, ExpertEntry))
    tasks = [entry.task for entry in found]
    if len(set(tasks)) != len(tasks):
        raise errors.ModelError(str(folder / MANIFEST), f"has two models for one task: {tasks}", "keep one for each")
    return found


def _entries(folder: Path) -> tuple[ModelEntry | ExpertEntry, ...]:
    path = folder / MANIFEST
    try:
        rows = tomllib.loads(path.read_text("utf-8"))["model"]
        entries = tuple(
            _read_entry(folder, row) if row["task"] == OBJECTS else _read_expert(folder, row) for row in rows
        )
    except FileNotFoundError as e:
        raise errors.ModelError(str(folder), f"there is no {MANIFEST}", "name the folder that holds it") from e
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as e:
        raise errors.ModelError(str(path), f"cannot be read: {e!r}", "see models/README.md for its form") from e
    names = [entry.name for entry in entries]
    if len(set(names)) != len(names):
        raise errors.ModelError(str(path), f"lists a name twice: {names}", "give every model its own name")
    return entries


def find(entries: tuple[ModelEntry, ...], name: str) -> ModelEntry:
    """Return the entry of that name."""
    for entry in entries:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in entries) or "none"
    raise errors.ModelError(name, "is not in the manifest", f"use one of: {known}")


def read_verified(entry: ModelEntry | ExpertEntry) -> bytes:
    """Return the weights, having checked that they are the ones the manifest means.

    Raises:
        ModelError: the file is missing or its hash differs.
    """
    try:
        weights = entry.path.read_bytes()
    except OSError as e:
        raise errors.ModelError(entry.name, f"{entry.path} cannot be read ({e.strerror})", "restore the file") from e
    found = hashlib.sha256(weights).hexdigest()
    if found != entry.sha256:
        raise errors.ModelError(
            entry.name,
            f"{entry.path} has sha256 {found}, the manifest says {entry.sha256}",
            "restore the file, or enter the new hash in the manifest if you trust the file",
        )
    return weights


def _read_entry(folder: Path, row: Mapping[str, Any]) -> ModelEntry:
    if unknown := set(row) - FIELDS:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    height_px, width_px = (int(side) for side in row["input"])
    if not (0 < height_px <= 4096 and 0 < width_px <= 4096):
        raise ValueError(f"input {row['input']} is out of 1..4096")
    class_count, query_count = _count(row, "class_count", 80), _count(row, "query_count", 300)
    if not all(0 <= int(number) < class_count for number in row["classes"].values()):
        raise ValueError(f"classes {row['classes']} do not lie in 0..{class_count - 1} (class_count is {class_count})")
    return ModelEntry(
        name=str(row["name"]),
        path=folder / str(row["file"]),
        task=str(row["task"]),
        decoder=str(row["decoder"]),
        height_px=height_px,
        width_px=width_px,
        flexible=bool(row.get("flexible", False)),
        classes=tuple((types.ObjectClass[name.upper()], int(number)) for name, number in row["classes"].items()),
        sha256=_sha256(row),
        licence=str(row["licence"]),
        source=str(row["source"]),
        input_names=_names(row, "input_names"),
        output_names=_names(row, "output_names"),
        class_count=class_count,
        query_count=query_count,
    )


def _count(row: Mapping[str, Any], key: str, usual: int) -> int:
    count = int(row.get(key, usual))
    if not 1 <= count <= 100_000:
        raise ValueError(f"{key} {count} is out of 1..100000")
    return count


def _names(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = row.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"{key} {names!r} is no list of names")
    return tuple(names)


def _read_expert(folder: Path, row: Mapping[str, Any]) -> ExpertEntry:
    if unknown := set(row) - EXPERT_FIELDS:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    shape = tuple(int(side) for side in row["input_shape"])
    if not shape or not all(0 < side <= 4096 for side in shape):
        raise ValueError(f"input_shape {row['input_shape']} is out of 1..4096")
    return ExpertEntry(
        name=str(row["name"]),
        path=folder / str(row["file"]),
        task=str(row["task"]),
        input_name=str(row["input_name"]),
        input_shape=shape,
        input_type=str(row.get("input_type", "float32")),
        output_names=tuple(str(name) for name in row["outputs"]),
        output_shapes=tuple(tuple(int(side) for side in shape) for shape in row["outputs"].values()),
        sha256=_sha256(row),
        licence=str(row["licence"]),
        source=str(row["source"]),
    )


def _sha256(row: Mapping[str, Any]) -> str:
    sha256 = str(row["sha256"])
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise ValueError(f"sha256 {sha256!r} is not 64 lower-case hex digits")
    return sha256
