"""Label files: what happens when in which file, and their strict reading. Every error names the file, the line and the remedy.

Tab-separated, header first: path, task, kind, start_s, end_s, value, zone; one row per event; paths relative to the labels file.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from detection import errors, types

COLUMNS = ("path", "task", "kind", "start_s", "end_s", "value", "zone")
NONE = "none"
PEOPLE = "people"
EVENT_KINDS = frozenset(
    {
        "fire", "smoke", "fight", "fall", "weapon", "intrusion", "line_crossing", "loitering", "abandoned_object",
        "removed_object", "accident", "wrong_way", "stopped_vehicle", "illegal_parking", "congestion", "pedestrian_on_road",
        "speeding", "crowd", "flood", "collapse", "shake", "offline", "frozen", "looped", "blinded", "sprayed", "defocused",
        "moved", "clock_drift",
    }
)  # fmt: skip
"""The kind ids of the protocol; this version raises some of them (detection.types.Kind)."""
MAX_ROWS = 1_000_000
MAX_LINE = 20_000


class Task(StrEnum):
    """What is asked of a file."""

    IMAGE = "image"
    CLIP = "clip"
    COUNT = "count"


class LabelError(errors.DetectionError):
    """A row of a labels file cannot be meant."""

    def __init__(self, path: Path, line: int, problem: str, remedy: str) -> None:
        super().__init__(f"{path}:{line}: {problem}; {remedy}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Label:
    """One row.

    Attributes:
        line: its number in the labels file, from 1.
        kind: a kind of the protocol, "people" or "none".
        start_s, end_s: when the behaviour begins and ends; None where the row does not say.
        value: heads for a count, seconds for illegal_parking; None elsewhere.
        zone: 0..1 of the picture; empty where none is given.
    """

    line: int
    path: Path
    task: Task
    kind: str
    start_s: float | None = None
    end_s: float | None = None
    value: float | None = None
    zone: tuple[types.Point, ...] = ()


def read(path: Path) -> tuple[Label, ...]:
    """Read a labels file and see that every file it names is there.

    Raises:
        LabelError: a row is wrong or names a missing file.
    """
    return tuple(_rows(path))


def _rows(path: Path) -> Iterator[Label]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise LabelError(path, 0, f"cannot be read: {e}", "name a tab-separated UTF-8 file") from e
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        raise LabelError(path, 1, "has no header", f"begin with the columns {' '.join(COLUMNS)}, separated by tabs")
    if len(lines) > MAX_ROWS:
        raise LabelError(path, len(lines), "has too many rows", f"write at most {MAX_ROWS}")
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            yield _row(path, number, line)


def _row(source: Path, line: int, text: str) -> Label:
    fields = text.split("\t")
    fields += [""] * (len(COLUMNS) - len(fields))
    if len(fields) != len(COLUMNS) or len(text) > MAX_LINE:
        raise LabelError(source, line, f"has {len(fields)} columns", f"write {len(COLUMNS)}, separated by tabs")
    name, task_name, kind, start, end, value, zone = (field.strip() for field in fields)
    task = _task(source, line, task_name)
    _check_kind(source, line, task, kind)
    file = source.parent / name
    if not name or not file.is_file():
        raise LabelError(source, line, f"{name or 'an empty path'!r} is not a file beside it", "correct the path")
    label = Label(
        line, file, task, kind,
        start_s=_number(source, line, "start_s", start), end_s=_number(source, line, "end_s", end),
        value=_number(source, line, "value", value), zone=_zone(source, line, zone),
    )  # fmt: skip
    _check_times(source, label)
    return label


def _task(source: Path, line: int, name: str) -> Task:
    try:
        return Task(name)
    except ValueError as e:
        raise LabelError(source, line, f"task {name!r} is unknown", f"write one of {', '.join(Task)}") from e


def _check_kind(source: Path, line: int, task: Task, kind: str) -> None:
    if task is Task.COUNT and kind != PEOPLE:
        raise LabelError(source, line, f"kind {kind!r} cannot be counted", f"write {PEOPLE}")
    if task is not Task.COUNT and kind not in EVENT_KINDS | {NONE}:
        choice = " ".join(sorted(EVENT_KINDS))
        raise LabelError(source, line, f"kind {kind!r} is unknown", f"write {NONE} or one of {choice}")


def _check_times(source: Path, label: Label) -> None:
    if label.task is Task.CLIP and label.kind != NONE and label.start_s is None:
        raise LabelError(source, label.line, "start_s is missing", "write when the behaviour begins, in seconds")
    if label.start_s is not None and label.end_s is not None and label.end_s < label.start_s:
        raise LabelError(source, label.line, "end_s is before start_s", "write the later time second")
    if label.task is Task.COUNT and label.value is None:
        raise LabelError(source, label.line, "value is missing", "write how many heads there are")


def _number(source: Path, line: int, name: str, text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise LabelError(
            source, line, f"{name} {text!r} is no number", "write seconds or heads from 0, or leave it empty"
        )
    return number


def _zone(source: Path, line: int, text: str) -> tuple[types.Point, ...]:
    points: list[types.Point] = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        numbers = [_coordinate(piece) for piece in part.split(",")]
        if len(numbers) != 2 or any(n is None for n in numbers):
            raise LabelError(
                source, line, f"zone point {part!r} is no point", "write x,y;x,y;... in 0..1 of the picture"
            )
        points.append((numbers[0] or 0.0, numbers[1] or 0.0))
    return tuple(points)


def _coordinate(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0.0 <= number <= 1.0 else None
