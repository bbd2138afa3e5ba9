"""Changed views of a crowd's picture, as another camera or another hour might have given it, and people per cell of each."""

import math
import random
from dataclasses import dataclass

import cv2
import numpy as np

from models.recipes import crowd_network, crowd_pictures

VIEW_PX, CROP_CELLS = 512, 24
LEAST, MOST = 0.6, 1.5
"""The scales of views, against the whole picture's."""


@dataclass
class View:
    """What the fixed stages see of a changed part of a picture, and people per cell."""

    seen: np.ndarray
    people: np.ndarray


def view(picture: crowd_pictures.Picture, dice: random.Random, looker: crowd_network.Looker) -> View:
    """Return a part of a picture, VIEW_PX square, at another scale and as another camera might have given it."""
    h, w = picture.bgr.shape[:2]
    usual = crowd_pictures.LONG_PX / max(h, w)
    scale = max(usual * math.exp(dice.uniform(math.log(LEAST), math.log(MOST))), (VIEW_PX + 1) / min(h, w))
    side = VIEW_PX / scale
    x, y = dice.uniform(0, w - side), dice.uniform(0, h - side)
    move = np.array([[scale, 0, -x * scale], [0, scale, -y * scale]])
    blurred = cv2.GaussianBlur(picture.bgr, (0, 0), 0.4 / scale) if scale < 0.9 else picture.bgr
    part = cv2.warpAffine(blurred, move, (VIEW_PX, VIEW_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    heads = picture.heads * scale + move[:, 2]
    heads = heads[((heads >= 0) & (heads < VIEW_PX)).all(1)]
    if dice.random() < 0.5:
        part, heads = np.ascontiguousarray(part[:, ::-1]), [VIEW_PX - 1, 0] - heads * [1, -1]
    cells = VIEW_PX // crowd_pictures.STRIDE
    return View(looker.look(changed(part, dice)), counts(heads, cells, cells))


def part_of(one: View, dice: random.Random) -> View:
    """Return a random part of a view, CROP_CELLS square; what is seen has two rows and columns to a cell."""
    x, y = (dice.randrange(VIEW_PX // crowd_pictures.STRIDE - CROP_CELLS + 1) for _ in range(2))
    seen = one.seen[:, 2 * y : 2 * (y + CROP_CELLS), 2 * x : 2 * (x + CROP_CELLS)]
    return View(seen, one.people[y : y + CROP_CELLS, x : x + CROP_CELLS])


def changed(bgr: np.ndarray, dice: random.Random) -> np.ndarray:
    """Return the picture as another camera or another hour might have given it."""
    values = bgr.astype(np.float32)
    if dice.random() < 0.2:
        values[:] = values.mean(2, keepdims=True)  # infrared and old cameras
    values = (values - 128) * dice.uniform(0.7, 1.25) + 128 + dice.uniform(-35, 25)
    if dice.random() < 0.1:
        values *= dice.uniform(0.25, 0.6)  # dusk
    if dice.random() < 0.3:
        values *= np.float32([dice.uniform(0.85, 1.15) for _ in range(3)])
    if dice.random() < 0.2:
        values = cv2.GaussianBlur(values, (0, 0), dice.uniform(0.5, 1.3))
    if dice.random() < 0.3:
        noise = np.random.default_rng(dice.randrange(2**32)).normal(0, dice.uniform(1, 8), values.shape)
        values += noise.astype(np.float32)
    made = np.clip(values, 0, 255).astype(np.uint8)
    if dice.random() < 0.5:
        made = cv2.imdecode(cv2.imencode(".jpg", made, [cv2.IMWRITE_JPEG_QUALITY, dice.randrange(25, 80)])[1], 1)
    return made


def counts(heads: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return how many heads each cell holds, each head shared out between the four cells around it."""
    density = np.zeros((rows + 2, columns + 2), np.float32)
    if len(heads):
        at = np.clip(heads / crowd_pictures.STRIDE - 0.5, -0.5, [columns - 0.5, rows - 0.5]) + 1
        low = np.floor(at).astype(int)
        part = at - low
        for dx in (0, 1):
            for dy in (0, 1):
                share = np.abs(1 - dx - part[:, 0]) * np.abs(1 - dy - part[:, 1])
                np.add.at(density, (low[:, 1] + dy, low[:, 0] + dx), share)
    density[1] += density[0]
    density[-2] += density[-1]
    density[:, 1] += density[:, 0]
    density[:, -2] += density[:, -1]
    return density[1:-1, 1:-1]
