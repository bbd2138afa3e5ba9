"""The pictures firenet is trained on, and what is known of each.

A data folder holds, all but the first optional: fire_smoke/abonia_cctv (CCTV pictures with boxes), fire_smoke/cair_fire (photos of fires, whole pictures),
fire_smoke/cair_normal (photos without), and for more that is neither: crowd/images, person_vehicle, fight, fall.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
FIRE, SMOKE = 0, 1
CCTV, PHOTO, HARD, SCENE = "cctv", "fire photo", "hard negative", "other scene"
_ROBOFLOW_CLASSES = {0: FIRE, 2: SMOKE}
"""Class 1 of the CCTV labels is a box around the whole picture that means "nothing": no object."""
_CLIP_FRAME = 20


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture.

    Attributes:
        path: a picture, or a clip of which one frame is meant.
        origin: CCTV, PHOTO, HARD or SCENE.
        boxes: float32 (n, 4), xyxy, 0..1 of the picture.
        classes: int64 (n,), FIRE or SMOKE.
        truth: whether it shows fire, smoke; None where that is not known.
        video: the video its name tells; "" where it tells none.
    """

    path: Path
    origin: str
    boxes: Float
    classes: npt.NDArray[np.int64]
    truth: tuple[bool | None, bool | None]
    video: str = ""

    def read(self) -> Pixels:
        """Return it as uint8 (h, w, 3) BGR, its longer side at most 960 pixels."""
        picture = _frame_of(self.path) if self.path.suffix in (".mp4", ".avi") else cv2.imread(str(self.path))
        if picture is None:
            raise SystemExit(f"{self.path} cannot be read: take it out of the data folder")
        scale = 960 / max(picture.shape[:2])
        if scale < 1:
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return np.asarray(picture, np.uint8)


def find(data: Path) -> list[Picture]:
    """Return all pictures of the data folder, in a fixed order."""
    fires = data / "fire_smoke"
    found = [*_cctv(fires / "abonia_cctv")]
    found += [_whole(path, PHOTO, (True, None)) for path in _files(fires / "cair_fire")]
    found += [_whole(path, HARD, (False, False)) for path in _files(fires / "cair_normal")]
    for folder in (
        "crowd/images",
        "person_vehicle/coco_val100/images",
        "fight/fight",
        "fight/nofight",
        "fall/fall",
        "fall/adl",
    ):
        found += [_whole(path, SCENE, (False, False)) for path in _files(data / folder)]
    return found


def _cctv(folder: Path) -> Iterator[Picture]:
    for path in _files(folder / "images"):
        rows = [line.split() for line in (folder / "labels" / f"{path.stem}.txt").read_text("utf-8").splitlines()]
        kept = [(_ROBOFLOW_CLASSES[int(row[0])], *map(float, row[1:5])) for row in rows if int(row[0]) in (0, 2)]
        table = np.array(kept, np.float32).reshape(-1, 5)
        middle, half = table[:, 1:3], table[:, 3:5] / 2
        boxes = np.concatenate([middle - half, middle + half], 1).clip(0, 1)
        classes = table[:, 0].astype(np.int64)
        shown = {int(c) for c in classes}
        # A picture labelled with one of the two is silent about the other: smoke is seen over many fires that have no smoke box.
        truth = (FIRE in shown, SMOKE in shown) if not shown else (FIRE in shown or None, SMOKE in shown or None)
        named = re.match(r"(.+?_mp4)-", path.name)
        yield Picture(path, CCTV, np.asarray(boxes, np.float32), classes, truth, named[1] if named else "")


def _whole(path: Path, origin: str, truth: tuple[bool | None, bool | None]) -> Picture:
    return Picture(path, origin, np.zeros((0, 4), np.float32), np.zeros(0, np.int64), truth)


def _files(folder: Path) -> list[Path]:
    suffixes = {".jpg", ".jpeg", ".png", ".mp4", ".avi"}
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in suffixes)


def _frame_of(path: Path) -> Pixels | None:
    with av.open(str(path)) as container:
        frames = list(itertools.islice(container.decode(video=0), _CLIP_FRAME + 1))
        return np.asarray(frames[-1].to_ndarray(format="bgr24"), np.uint8) if frames else None
