"""Lay the rendered fire over a picture: it covers by its smoke, shines by its flames and lights what is near."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_streams import encoding
from sample_streams.render import blaze, view

GAMMA = 2.2
GLARE, GLARE_PX = 0.35, 14.0
SHINE = 0.9  # how much brighter the ground is made next to a full fire
EXPOSURE = 1.0

Light = NDArray[np.float32]


class Blaze:
    """The frames that shoot_blaze.py left in a folder."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; a missing frame is told when it is needed."""
        self._folder = folder
        self._open: dict[int, tuple[int, int, Light]] = {}

    def lay(self, picture: encoding.Picture, since_s: float) -> None:
        """Lay the fire over the road's picture as it is that long after its first wisp of smoke."""
        mixed = blaze.mix(since_s)
        if not mixed:
            return
        x, y, _ = self._frame(mixed[0][0])
        light = np.sum([share * self._frame(index)[2] for index, share in mixed], axis=0)
        height, width = light.shape[:2]
        part = picture[y : y + height, x : x + width]
        under = (part.astype(np.float32) / 255.0) ** GAMMA
        shine = light[:, :, :3].clip(0, 1)
        hot = float(np.clip(shine[:, :, 2].max() - shine[:, :, 0].max(), 0, 1)) if shine.size else 0.0
        under *= 1.0 + hot * SHINE * self._near(x, y, width, height)[:, :, None] * np.array(
            (0.25, 0.55, 1.0), np.float32
        )
        glare = cv2.GaussianBlur(np.clip(light[:, :, :3], 0, 2.5), (0, 0), GLARE_PX) * GLARE
        seen = under * (1.0 - light[:, :, 3:]) + light[:, :, :3] * EXPOSURE + glare
        seen = np.where(seen > 0.7, 0.7 + 0.3 * np.tanh((seen - 0.7) / 0.3), seen)  # a sensor's soft shoulder
        part[:] = np.clip(seen.clip(0) ** (1 / GAMMA) * 255.0, 0, 255).astype(np.uint8)

    def _near(self, x: int, y: int, width: int, height: int) -> Light:
        at_x, at_y = view.ROAD.project_px(blaze.SEAT[0], blaze.SEAT[1], 0.4)
        rows, columns = np.mgrid[y : y + height, x : x + width]
        return np.exp(-(((columns - at_x) / 130.0) ** 2 + ((rows - at_y) / 38.0) ** 2)).astype(np.float32)

    def _frame(self, index: int) -> tuple[int, int, Light]:
        """Return left, top and light (BGR and cover) in the road's pixels."""
        if index not in self._open:
            with np.load(self._folder / f"{index:04d}.npz") as stored:
                light, scale = stored["light"].astype(np.float32), float(stored["scale"])
                x, y = round(int(stored["x"]) * scale), round(int(stored["y"]) * scale)
            light = cv2.GaussianBlur(light, (0, 0), 0.7)
            size = round(light.shape[1] * scale), round(light.shape[0] * scale)
            large = cv2.resize(light, size, interpolation=cv2.INTER_CUBIC)
            room = (slice(0, view.HEIGHT_PX - y), slice(0, view.WIDTH_PX - x))
            self._open[index] = x, y, large[room][:, :, (2, 1, 0, 3)].clip(0, None)
        return self._open[index]
