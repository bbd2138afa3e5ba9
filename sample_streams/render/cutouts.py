"""What was rendered as small pictures, cut out of the empty place: any of it can be laid over that place again."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_streams import encoding

Tones = tuple[int, int, int]
AS_IS: Tones = (0, 1, 2)
LEAST_CHANGE = 6
LEAST_SHARE = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A thing and its shadow at one position.

    Attributes:
        x: left edge in the whole picture, pixels.
        y: top edge.
        picture: uint8 (h, w, 3), BGR.
        alpha: float32 (h, w, 1), 0 where the place is untouched.
        paint: float32 (h, w, 1), 1 where the thing's own colour is seen.
    """

    x: int
    y: int
    picture: encoding.Picture
    alpha: NDArray[np.float32]
    paint: NDArray[np.float32]


class Place:
    """The pictures of one place that Blender left in a folder."""

    def __init__(self, folder: Path) -> None:
        """Read the empty place.

        Raises:
            FileNotFoundError: it has not been rendered.
        """
        self.empty = read(folder / "empty_fine.png")
        self.folder = folder
        self._coarse = read(folder / "empty.png")
        self._files: dict[str, dict[int, Path]] = {}
        self._cutouts: dict[Path, Cutout] = {}

    def find(self, sequence: str, index: int) -> Cutout | None:
        """Return the picture of that number of a sequence, or None where the thing is out of sight."""
        path = self._list(sequence).get(index)
        return None if path is None else self._open(path)

    def find_latest(self, sequence: str, index: int) -> Cutout | None:
        """Return the last picture of a sequence up to that number: a thing that stands still is rendered once."""
        past = [i for i in self._list(sequence) if i <= index]
        return self._open(self._list(sequence)[max(past)]) if past else None

    def _list(self, sequence: str) -> dict[int, Path]:
        if sequence not in self._files:
            self._files[sequence] = {int(p.name[:4]): p for p in (self.folder / sequence).glob("[0-9]*.png")}
        return self._files[sequence]

    def _open(self, path: Path) -> Cutout:
        if path not in self._cutouts:
            self._cutouts[path] = self._cut(path)
        return self._cutouts[path]

    def _cut(self, path: Path) -> Cutout:
        x, y = (int(word) for word in path.stem.split("_")[1:])
        picture = read(path)
        height, width = picture.shape[:2]
        under = self._coarse[y : y + height, x : x + width]
        alpha = cv2.GaussianBlur(_find_change(picture, under), (0, 0), 0.8)[:, :, None]
        calm = np.asarray(cv2.bilateralFilter(picture, 7, 22, 2), dtype=np.uint8)
        return Cutout(x, y, calm, alpha, _find_paint(calm, under))


def paste(picture: encoding.Picture, cutout: Cutout, tones: Tones = AS_IS, fade: float = 1.0) -> None:
    """Lay a cutout over the picture, its paint recoloured, `fade` of it opaque."""
    height, width = cutout.picture.shape[:2]
    under = picture[cutout.y : cutout.y + height, cutout.x : cutout.x + width]
    alpha = cutout.alpha * fade
    under[:] = np.rint(under * (1.0 - alpha) + _recolour(cutout, tones) * alpha).astype(np.uint8)


def slide(cutout: Cutout, from_px: tuple[float, float], to_px: tuple[float, float], scale: float) -> Cutout | None:
    """Return the cutout as it looks a little nearer or farther: `from_px` comes to `to_px`, and all grows by `scale`.

    Returns:
        None where nothing of it is left in a picture that begins at (0, 0); its right and lower edges are not cut.
    """
    height, width = cutout.picture.shape[:2]
    left, top = (to + scale * (edge - at) for edge, at, to in zip((cutout.x, cutout.y), from_px, to_px, strict=True))
    x, y = max(0, int(np.floor(left))), max(0, int(np.floor(top)))
    size = (int(np.ceil(left + width * scale)) - x, int(np.ceil(top + height * scale)) - y)
    if min(size) < 4:
        return None
    move = np.array([[scale, 0.0, left - x], [0.0, scale, top - y]])
    picture = cv2.warpAffine(cutout.picture, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha, paint = (
        cv2.warpAffine(m, move, size, flags=cv2.INTER_LINEAR)[:, :, None] for m in (cutout.alpha, cutout.paint)
    )
    return Cutout(x, y, np.asarray(picture, np.uint8), np.asarray(alpha, np.float32), np.asarray(paint, np.float32))


def clip(cutout: Cutout, width_px: int, height_px: int) -> Cutout | None:
    """Return what of the cutout lies within a picture of that size, or None."""
    width, height = width_px - cutout.x, height_px - cutout.y
    if width < 1 or height < 1:
        return None
    parts = (part[:height, :width] for part in (cutout.picture, cutout.alpha, cutout.paint))
    return Cutout(cutout.x, cutout.y, *parts)


def read(path: Path) -> encoding.Picture:
    """Return a picture file as BGR.

    Raises:
        FileNotFoundError: there is none.
    """
    picture = cv2.imread(str(path))
    if picture is None:
        raise FileNotFoundError(f"{path}: missing; run the shoot scripts in Blender first")
    return np.asarray(picture, dtype=np.uint8)


def _recolour(cutout: Cutout, tones: Tones) -> NDArray[np.floating]:
    """Exchange the colour channels of the thing's paint, a little greyer than they were (car paint seldom glows)."""
    if tones == AS_IS:
        return cutout.picture.astype(np.float32)
    other = cutout.picture[:, :, tones].astype(np.float32)
    muted = 0.65 * other + 0.35 * other.mean(axis=2, keepdims=True)
    return cutout.picture * (1.0 - cutout.paint) + muted * cutout.paint


def _find_change(picture: encoding.Picture, under: encoding.Picture) -> NDArray[np.float32]:
    """Return 1 where the thing or its shadow is, as one piece: specks of render noise are left out."""
    soft = cv2.absdiff(cv2.GaussianBlur(picture, (0, 0), 1.2), cv2.GaussianBlur(under, (0, 0), 1.2)).max(axis=2)
    solid = cv2.morphologyEx((soft > LEAST_CHANGE).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, pieces, sizes, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    kept = [
        i for i in range(1, len(sizes)) if sizes[i, cv2.CC_STAT_AREA] >= LEAST_SHARE * sizes[1:, cv2.CC_STAT_AREA].max()
    ]
    return np.isin(pieces, kept).astype(np.float32)


def _find_paint(picture: encoding.Picture, under: encoding.Picture) -> NDArray[np.float32]:
    """Return 1 where the hue differs from the place's: the thing's paint, not its shadow on a yellow line."""
    hues = [cv2.GaussianBlur(p, (0, 0), 1.0).astype(np.float32) + 4.0 for p in (picture, under)]
    shares = [hue / hue.sum(axis=2, keepdims=True) for hue in hues]
    apart = np.abs(shares[0] - shares[1]).max(axis=2, keepdims=True)
    return np.clip(apart * 12.0 - 0.6, 0.0, 1.0).astype(np.float32)
