"""The pictures weapnet is trained on, what is known of each, and who is seen in them.

A data folder holds weapon/{images,labels} (guns with boxes, mostly film stills), and any of fire_smoke/cair_normal, person_vehicle/coco_val100,
crowd/images, fight, fall: scenes without guns.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from detection import detector, types
from detection.evaluation import files
from detection.types import Float, Pixels

GUN, PHOTO, COCO, STREET, FIGHT, DAILY = "gun", "hard photo", "coco", "street", "fight clip", "fall clip"
KEEP_EVERY = {STREET: 2, FIGHT: 2}
"""Of what shows the same street or room again and again only every second is kept."""
CLIP_S = 0.8
LEAST_SCORE = 0.4
_FOLDERS = (
    (PHOTO, "fire_smoke/cair_normal"),
    (COCO, "person_vehicle/coco_val100/images"),
    (STREET, "crowd/images"),
    (FIGHT, "fight/fight"),
    (FIGHT, "fight/nofight"),
    (DAILY, "fall/fall"),
    (DAILY, "fall/adl"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture.

    Attributes:
        path: a picture, or a clip of which one frame is meant.
        origin: GUN, PHOTO, COCO, STREET, FIGHT or DAILY.
        guns: float32 (n, 4), xyxy, 0..1 of the picture; empty where it shows none.
        source: what its name tells of the film or camera it is from; "" where it tells nothing.
    """

    path: Path
    origin: str
    guns: Float
    source: str = ""

    def frame(self) -> types.Frame:
        """Return it as evaluation sees it."""
        return files.frame_at(self.path, CLIP_S)


def find(data: Path) -> list[Picture]:
    """Return the pictures of the data folder that are learned from, in a fixed order."""
    found = list(_guns(data / "weapon"))
    for origin, folder in _FOLDERS:
        found += [Picture(path, origin, np.zeros((0, 4), np.float32)) for path in _files(data / folder)]
    return [picture for i, picture in enumerate(found) if i % KEEP_EVERY.get(picture.origin, 1) == 0]


def people(frame: types.Frame, finder: detector.Detector) -> list[types.Box]:
    """Return the people that the detector finds in the whole picture, tallest first, in pixels."""
    found = finder.detect(frame, ((0.0, 0.0, float(frame.width_px), float(frame.height_px)),))
    chosen = (found.label == int(types.ObjectClass.PERSON)) & (found.score >= LEAST_SCORE)
    rows = found.xyxy[chosen]
    return [(float(r[0]), float(r[1]), float(r[2]), float(r[3])) for r in rows[np.argsort(rows[:, 1] - rows[:, 3])]]


def shrink(pixels: Pixels, most_px: int) -> Pixels:
    """Return the picture with its longer side at most so many pixels."""
    scale = most_px / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _guns(folder: Path) -> Iterator[Picture]:
    for path in _files(folder / "images"):
        lines = (folder / "labels" / f"{path.stem}.txt").read_text("utf-8").splitlines()
        table = np.array([[float(v) for v in line.split()[1:5]] for line in lines if line.strip()], np.float32)
        middle, half = table.reshape(-1, 4)[:, :2], table.reshape(-1, 4)[:, 2:] / 2
        # Names begin with the film's ("DH2ColtPython-8", "Dhoom_2_revolver"), except "Gun_1041": photos numbered by whoever gathered them.
        named = re.match(r"(?!Gun_)[A-Za-z]{1,4}", path.name)
        source = named[0].upper() if named else ""
        yield Picture(path, GUN, np.concatenate([middle - half, middle + half], 1).clip(0, 1), source)


def _files(folder: Path) -> list[Path]:
    suffixes = {".jpg", ".jpeg", ".png", ".mp4", ".avi"}
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in suffixes)
