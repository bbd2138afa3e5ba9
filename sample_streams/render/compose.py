"""Put the rendered vehicles into the empty street, frame by frame, and give the picture a camera's blur and noise."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_streams import encoding
from sample_streams.render import drives, scenes

FADE_FRAMES = 8  # a vehicle appears 105 m away within half a second
BLUR_PX, NOISE, COLOUR_NOISE = 0.6, 2.2, 1.6


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A vehicle and its shadow at one position.

    Attributes:
        x: left edge in the whole picture, pixels.
        y: top edge.
        picture: uint8 (h, w, 3), BGR.
        alpha: float32 (h, w, 1), 0 where the street is untouched.
        paint: float32 (h, w, 1), 1 where the vehicle's own colour is seen.
    """

    x: int
    y: int
    picture: encoding.Picture
    alpha: NDArray[np.float32]
    paint: NDArray[np.float32]


class Renders:
    """The pictures that shoot.py left in a folder."""

    def __init__(self, folder: Path) -> None:
        self.street = _read(folder / "empty_fine.png")
        self._coarse = _read(folder / "empty.png")
        self._files = {d.name: {int(p.name[:4]): p for p in (folder / d.name).glob("*.png")} for d in drives.DRIVES}
        self._frames = {d.name: drives.rendered_frames(drives.positions_m(d)) for d in drives.DRIVES}
        self._cutouts: dict[Path, Cutout] = {}

    def find(self, drive: str, index: int) -> Cutout | None:
        """Return the vehicle at that index of its path, or None where it is out of the picture."""
        path = self._files[drive].get(self._frames[drive][index])
        if path is None:
            return None
        if path not in self._cutouts:
            self._cutouts[path] = self._cut(path)
        return self._cutouts[path]

    def _cut(self, path: Path) -> Cutout:
        x, y = (int(word) for word in path.stem.split("_")[1:])
        picture = _read(path)
        height, width = picture.shape[:2]
        under = self._coarse[y : y + height, x : x + width]
        alpha = cv2.GaussianBlur(_find_change(picture, under), (0, 0), 0.8)[:, :, None]
        calm = np.asarray(cv2.bilateralFilter(picture, 7, 22, 2), dtype=np.uint8)
        return Cutout(x, y, calm, alpha, _find_paint(calm, under))


def compose(scene: scenes.Scene, renders: Renders, seed: int) -> Iterator[encoding.Picture]:
    """Yield the frames of a scene."""
    chance = np.random.default_rng(seed)
    for frame in range(round(scenes.LENGTH_S * drives.FPS)):
        picture = renders.street.copy()
        placed = [(entry, scenes.place(entry, frame)) for entry in scene.entries]
        there = sorted(((entry, *at) for entry, at in placed if at), key=lambda item: -item[2])
        for entry, index, _ in there:  # far ones first: near ones hide them
            cutout = renders.find(entry.drive, index)
            if cutout is not None:
                fade = 1.0 if drives.find_drive(entry.drive).away else min(1.0, (index + 1) / FADE_FRAMES)
                _paste(picture, cutout, entry.tones, fade)
        yield _photograph(picture, chance)


def _paste(picture: encoding.Picture, cutout: Cutout, tones: scenes.Tones, fade: float) -> None:
    height, width = cutout.picture.shape[:2]
    under = picture[cutout.y : cutout.y + height, cutout.x : cutout.x + width]
    alpha = cutout.alpha * fade
    under[:] = np.rint(under * (1.0 - alpha) + _recolour(cutout, tones) * alpha).astype(np.uint8)


def _recolour(cutout: Cutout, tones: scenes.Tones) -> NDArray[np.floating]:
    """Exchange the colour channels of the vehicle's paint, a little greyer than they were (car paint seldom glows)."""
    if tones == scenes.AS_IS:
        return cutout.picture.astype(np.float32)
    other = cutout.picture[:, :, tones].astype(np.float32)
    muted = 0.65 * other + 0.35 * other.mean(axis=2, keepdims=True)
    return cutout.picture * (1.0 - cutout.paint) + muted * cutout.paint


def _find_change(picture: encoding.Picture, under: encoding.Picture) -> NDArray[np.float32]:
    """Return 1 where the vehicle or its shadow is, as one piece: specks of render noise are left out."""
    soft = cv2.absdiff(cv2.GaussianBlur(picture, (0, 0), 1.2), cv2.GaussianBlur(under, (0, 0), 1.2)).max(axis=2)
    solid = cv2.morphologyEx((soft > 6).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, pieces, sizes, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    kept = [i for i in range(1, len(sizes)) if sizes[i, cv2.CC_STAT_AREA] >= 0.04 * sizes[1:, cv2.CC_STAT_AREA].max()]
    return np.isin(pieces, kept).astype(np.float32)


def _find_paint(picture: encoding.Picture, under: encoding.Picture) -> NDArray[np.float32]:
    """Return 1 where the hue differs from the street's: the vehicle's paint, not its shadow on a yellow line."""
    hues = [cv2.GaussianBlur(p, (0, 0), 1.0).astype(np.float32) + 4.0 for p in (picture, under)]
    shares = [hue / hue.sum(axis=2, keepdims=True) for hue in hues]
    apart = np.abs(shares[0] - shares[1]).max(axis=2, keepdims=True)
    return np.clip(apart * 12.0 - 0.6, 0.0, 1.0).astype(np.float32)


def _photograph(picture: encoding.Picture, chance: np.random.Generator) -> encoding.Picture:
    height, width = picture.shape[:2]
    grain = chance.normal(0.0, NOISE, (height, width, 1))
    tint = cv2.resize(chance.normal(0.0, COLOUR_NOISE, (height // 2, width // 2, 3)), (width, height))
    soft = cv2.GaussianBlur(picture, (0, 0), BLUR_PX)
    noisy = np.clip(soft + grain + tint, 0, 255).astype(np.uint8)
    cv2.putText(noisy, "rendered", (12, height - 14), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (225, 225, 225), 1, cv2.LINE_AA)
    return noisy


def _read(path: Path) -> encoding.Picture:
    picture = cv2.imread(str(path))
    if picture is None:
        raise FileNotFoundError(f"{path}: missing; run shoot.py in Blender first")
    return np.asarray(picture, dtype=np.uint8)
