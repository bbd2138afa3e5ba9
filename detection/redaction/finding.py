"""What must be hidden in one frame: people, what they ride, vehicles, faces, writing. Models of the manifest, faces on one thread and all else on another.

A look at the whole picture finds who is near; tiles, a third of them at each look, find who is far.
"""

from collections.abc import Callable
from concurrent import futures
from pathlib import Path
from typing import Protocol

from detection import boxes, detector, errors, experts, models, settings, types
from detection.redaction import faces, texts, values

_OBJECTS = "nanodet"
_WANTED = settings.DetectorSettings(min_score=0.3)
"""Lower than where alarms begin: to hide what is nobody costs little, to show somebody much."""
_TILE_PX = (480, 320)
_TILE_OVERLAP_PX = (80, 120)
_TILE_TURNS = 3
TEXT_EVERY_LOOKS = 5
"""Writing is looked for at each fifth look: it costs as much as everything else, and between looks vehicles are followed by their own boxes."""
_SORTS = {
    types.ObjectClass.PERSON: values.Sort.PERSON,
    types.ObjectClass.BICYCLE: values.Sort.RIDDEN,
    types.ObjectClass.MOTORCYCLE: values.Sort.RIDDEN,
}


Found = Callable[[], tuple[values.Sighting, ...]]
"""Waits for a look to be over and returns everything found at it."""


class Finder(Protocol):
    """What finds what must be hidden. Looks are begun in order; the next may be begun before the last is over."""

    @property
    def models_used(self) -> tuple[types.ModelUsed, ...]: ...

    def begin(self, frame: types.Frame, look: int) -> Found: ...


class ModelFinder:
    """Finds with the models that ship. Use it in a `with` block: it holds two threads.

    Faces cost about as much as objects and writing together, but not at each look: with the next looks begun, neither thread waits for the other.
    """

    def __init__(self, folder: Path) -> None:
        """Load the models.

        Raises:
            ModelError: one is missing, altered, or of another form.
        """
        by_task = {entry.task: entry for entry in models.load_masking(folder)}
        missing = {faces.TASK, texts.TASK} - set(by_task)
        if missing:
            raise errors.ModelError(
                str(folder / models.MANIFEST),
                f"has no model for {sorted(missing)}",
                "masking needs all of them: restore the folder",
            )
        self._objects = detector.OnnxDetector.load(models.find(models.load_manifest(folder), _OBJECTS))
        self._faces = experts.Expert.load(by_task[faces.TASK])
        self._texts = experts.Expert.load(by_task[texts.TASK])
        self._for_faces = futures.ThreadPoolExecutor(1, thread_name_prefix="faces")
        self._for_others = futures.ThreadPoolExecutor(1, thread_name_prefix="objects")

    @property
    def models_used(self) -> tuple[types.ModelUsed, ...]:
        return (self._objects.model, self._faces.entry.used, self._texts.entry.used)

    def begin(self, frame: types.Frame, look: int) -> Found:
        """Begin to look at a frame; `look` numbers the looks of a clip from 0."""
        bgr = frame.bgr()
        others = self._for_others.submit(self._find_others, frame, bgr, look)
        found = self._for_faces.submit(faces.find, bgr, self._faces.answer)
        return lambda: (*others.result(), *found.result())

    def find(self, frame: types.Frame, look: int) -> tuple[values.Sighting, ...]:
        """Return everything found in a frame."""
        return self.begin(frame, look)()

    def _find_others(self, frame: types.Frame, bgr: types.Pixels, look: int) -> list[values.Sighting]:
        found = self._find_objects(frame, look)
        return [*found, *texts.find(bgr, self._texts.answer)] if look % TEXT_EVERY_LOOKS == 0 else found

    def _find_objects(self, frame: types.Frame, look: int) -> list[values.Sighting]:
        whole = (0.0, 0.0, float(frame.width_px), float(frame.height_px))
        detections = self._objects.detect(frame, (whole, *tiles(frame.width_px, frame.height_px, look)), _WANTED)
        rows = zip(detections.xyxy, detections.score, detections.label, strict=True)
        return [
            values.Sighting(
                _SORTS.get(types.ObjectClass(int(label)), values.Sort.VEHICLE), boxes.as_box(box), float(score)
            )
            for box, score, label in rows
        ]

    def close(self) -> None:
        """Give the threads back."""
        for lane in (self._for_faces, self._for_others):
            lane.shutdown(cancel_futures=True)

    def __enter__(self) -> "ModelFinder":
        return self

    def __exit__(self, *told: object) -> None:
        self.close()


def tiles(width_px: int, height_px: int, look: int) -> tuple[types.Box, ...]:
    """Return the tiles that this look enlarges: every third of those that cover the picture, another third at the next look."""
    if width_px <= _TILE_PX[0] and height_px <= _TILE_PX[1]:
        return ()
    columns = _starts(width_px, _TILE_PX[0], _TILE_OVERLAP_PX[0])
    rows = _starts(height_px, _TILE_PX[1], _TILE_OVERLAP_PX[1])
    every = [
        (x, y, min(x + _TILE_PX[0], float(width_px)), min(y + _TILE_PX[1], float(height_px)))
        for y in rows
        for x in columns
    ]
    return tuple(every[look % _TILE_TURNS :: _TILE_TURNS])


def _starts(side_px: int, tile_px: int, overlap_px: int) -> list[float]:
    """Return where tiles begin so that they cover a side, evenly, with at least this overlap."""
    if side_px <= tile_px:
        return [0.0]
    count = 1 + -(-(side_px - tile_px) // (tile_px - overlap_px))
    return [i * (side_px - tile_px) / (count - 1) for i in range(count)]
