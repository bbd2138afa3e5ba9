"""The pictures that crowdnet learns from, with their heads, and the pictures without people that it must find empty."""

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

LONG_PX = 1024
"""The longer side of the picture as the network sees it. The training pictures have 768: enlarged, far heads cover more of the features' cells."""
STRIDE = 16
"""Pixels per cell of the answer."""

CROWD, NORMAL = Path("crowd/images"), Path("fire_smoke/cair_normal")
"""Where in the data folder the pictures of crowds are, and those without people."""

PEOPLED = frozenset({
    2, 11, 13, 19, 22, 36, 38, 47, 48, 65, 66, 67, 68, 72, 76, 85, 91, 93, 95, 96, 98, 100, 103, 106, 107, 111, 112, 113, 118, 130,
    131, 134, 135, 139, 140, 143, 144, 150, 151, 154, 160, 165, 166, 169, 170, 174, 175, 183, 186, 189, 192, 194, 197, 209, 212, 216, 221, 223, 235, 236,
    239, 243, 245, 247, 249,
})  # fmt: skip
"""Normal pictures in which nanodet finds a person (score >= .4), by the number that begins their names."""


@dataclass
class Picture:
    """A picture with its heads (pixels of the picture, inside it)."""

    name: str
    bgr: np.ndarray
    heads: np.ndarray


def read_pictures(folder: Path) -> list[Picture]:
    """Return the crowd pictures, heads that lie outside moved to the edge."""
    made = []
    for path in sorted((folder / CROWD).glob("*.jpg")):
        bgr = cv2.imread(str(path))
        with (folder / "crowd" / "points" / f"{path.stem}.csv").open() as file:
            heads = np.array([[float(row["x"]), float(row["y"])] for row in csv.DictReader(file)], np.float32)
        h, w = bgr.shape[:2]
        made.append(Picture(path.stem, bgr, np.clip(heads.reshape(-1, 2), 0, [w - 1, h - 1]).astype(np.float32)))
    return made


def read_empty(folder: Path) -> list[Picture]:
    """Return the normal pictures, in the order of their names; those in `PEOPLED` show people."""
    paths = sorted((folder / NORMAL).glob("*.jpg"))
    paths = [path for path in paths if int(path.stem[:3]) not in PEOPLED]
    return [Picture(path.stem, as_seen(cv2.imread(str(path))), np.zeros((0, 2), np.float32)) for path in paths]


def as_seen(bgr: np.ndarray) -> np.ndarray:
    """Return the picture as the network sees it: LONG_PX on its longer side, sides multiples of 16."""
    h, w = bgr.shape[:2]
    scale = LONG_PX / max(h, w)
    size = tuple(max(16, round(side * scale / 16) * 16) for side in (w, h))
    return cv2.resize(bgr, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def blob(bgr: np.ndarray) -> np.ndarray:
    """Return a picture as float32 (1, 3, h, w)."""
    return np.ascontiguousarray(bgr.transpose(2, 0, 1)[None], np.float32)
