"""Flames and smoke cut out of one picture and set into another that shows neither: more scenes than were filmed burning."""

from collections.abc import Sequence

import cv2
import numpy as np

from models.recipes import fire_cameras, fire_pictures
from models.recipes.fire_pictures import FIRE, Float, Picture, Pixels

_HONEST = 0.7
"""Of what is pasted; the rest are parts without fire or smoke, so that the marks of pasting mean nothing."""

_FLAMES = 0.1
"""Flames to be pasted are at least so much redder than blue."""


def paste(scene: Picture, source: Picture, rng: np.random.Generator) -> tuple[Pixels, Picture, Float] | None:
    """Return the picture made, what is known of it, and where the part went (float32 (4,), 0..1); None where there was no part to be had.

    `scene` shows neither fire nor smoke; `source` has boxes, or is a photo of a fire.
    """
    onto, from_ = scene.read(), source.read()
    honest = rng.random() < _HONEST
    if not honest:
        box, kind = np.array(_anywhere(rng), np.float32), int(rng.integers(2))
        if source.origin != fire_pictures.CCTV or _covered(box, source.boxes) > 0.02:
            return None
    elif source.origin == fire_pictures.PHOTO:
        box, kind = np.array([0.0, 0.0, 1.0, 1.0], np.float32), FIRE
    else:
        which = int(rng.integers(len(source.boxes)))
        box, kind = source.boxes[which], int(source.classes[which])
    patch = _part(from_, box)
    if honest and kind == FIRE and _redness(patch) < _FLAMES:
        return None  # too white to teach flames alone
    made, place = _blend(onto, patch, kind == FIRE, rng)
    if not honest:
        known = Picture(scene.path, scene.origin, scene.boxes, scene.classes, (False, False))
    else:
        # Smoke may hang over pasted flames; flames are not in pasted smoke where the source has none.
        burning = source.truth[FIRE] is not False and bool((source.classes == FIRE).any())
        truth = (None, None) if kind == FIRE or burning else (False, None)
        classes = np.array([kind], np.int64)
        known = Picture(scene.path, fire_pictures.SCENE, place[None], classes, truth)
    return made, known, place


def _blend(onto: Pixels, patch: Pixels, is_fire: bool, rng: np.random.Generator) -> tuple[Pixels, Float]:
    """Return the scene with the patch in it, and where. Flames are added as light, now and then pale; smoke covers."""
    h, w = onto.shape[:2]
    high = int(h * rng.uniform(0.12, 0.6))
    wide = int(np.clip(high * patch.shape[1] / max(1, patch.shape[0]) * rng.uniform(0.8, 1.25), 12, w * 0.8))
    how = cv2.INTER_AREA if high < patch.shape[0] else cv2.INTER_LINEAR
    piece = np.asarray(cv2.resize(patch, (wide, high), interpolation=how).astype(np.float32) / 255, np.float32)
    if rng.random() < 0.5:
        piece = piece[:, ::-1]
    left, top = int(rng.integers(0, w - wide + 1)), int(rng.integers(0, h - high + 1))
    y, x = np.mgrid[-1 : 1 : high * 1j, -1 : 1 : wide * 1j]
    if is_fire:
        bright = piece.max(2)
        edge = np.concatenate([bright[0], bright[-1], bright[:, 0], bright[:, -1]])
        base = min(0.8, max(0.35, float(np.median(edge)) + 0.1, float(np.percentile(bright, 50))))
        light = cv2.GaussianBlur(np.clip((bright - base) / 0.2, 0, 1), (0, 0), 1.5)
        mask = np.clip((1.0 - np.maximum(x * x, y * y) ** 2) * 2.5, 0, 1) * light
        piece = fire_cameras.pale_flames(piece, rng) if rng.random() < 0.4 else piece
    else:
        mask = np.clip(1.6 * (1 - x * x - y * y), 0, 1) * rng.uniform(0.7, 1.0)
    solid = mask[..., None].astype(np.float32)
    out = onto.astype(np.float32) / 255
    under = out[top : top + high, left : left + wide]
    out[top : top + high, left : left + wide] = under * (1 - solid) + piece.clip(0, 1) * solid
    if is_fire and rng.random() < 0.5:  # what burns lights what is around it
        y, x = np.mgrid[0:h, 0:w]
        far = ((x - left - wide / 2) / wide) ** 2 + ((y - top - high / 2) / high) ** 2
        glow = np.asarray(rng.uniform(0.1, 0.45) * np.exp(-far), np.float32)[..., None]
        out = out + glow * np.array([0.25, 0.55, 1.0], np.float32)
    place = np.array([left / w, top / h, (left + wide) / w, (top + high) / h], np.float32)
    if is_fire:
        place = _tight(place, mask)
    return np.asarray(out.clip(0, 1) * 255, np.uint8), place


def _redness(patch: Pixels) -> float:
    """Return how much redder than blue the brightest quarter of a patch is, 0..1 (mean)."""
    bright = patch.max(2)
    top = patch[bright >= np.percentile(bright, 75)].astype(np.float32)
    return float((top[:, 2] - top[:, 0]).mean() / 255)


def _tight(place: Float, mask: np.typing.NDArray[np.floating]) -> Float:
    """Return the part of `place` where the mask is."""
    rows, columns = np.nonzero(mask > 0.3)
    if not len(rows):
        return place
    h, w = mask.shape
    wide, high = place[2] - place[0], place[3] - place[1]
    return np.array(
        [
            place[0] + wide * columns.min() / w, place[1] + high * rows.min() / h,
            place[0] + wide * (columns.max() + 1) / w, place[1] + high * (rows.max() + 1) / h,
        ],
        np.float32,
    )  # fmt: skip


def _anywhere(rng: np.random.Generator) -> tuple[float, float, float, float]:
    wide, high = rng.uniform(0.1, 0.4, 2)
    left, top = rng.uniform(0, 1 - wide), rng.uniform(0, 1 - high)
    return float(left), float(top), float(left + wide), float(top + high)


def _covered(box: Float, boxes: Float) -> float:
    size = (np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])).clip(min=0)
    return float(size.prod(axis=1).sum() / ((box[2] - box[0]) * (box[3] - box[1])))


def _part(pixels: Pixels, box: Sequence[float] | Float) -> Pixels:
    h, w = pixels.shape[:2]
    x1, y1 = int(box[0] * w), int(box[1] * h)
    return pixels[y1 : max(y1 + 2, int(box[3] * h)), x1 : max(x1 + 2, int(box[2] * w))]
