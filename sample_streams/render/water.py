"""The river's clips: moving water is laid over the dry riverside up to the height at which it stands."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_streams import encoding
from sample_streams.render import cutouts, looks, tide, view

SOFT_M = 0.015  # over how much height the water's edge fades
WET_M, WET = 0.06, 0.22  # ground this far above the water is wet, and darker by so much
SWELL_M = 0.025
LOOP_BLEND = 3  # pictures over which the loop of waves fades into itself


class Riverside:
    """What shoot_river.py left in a folder."""

    def __init__(self, folder: Path) -> None:
        """Read the dry place, its heights and the waves.

        Raises:
            FileNotFoundError: a picture is missing.
        """
        self.dry = cutouts.read(folder / "dry.png")
        self.waves = [cutouts.read(folder / f"water_{i:02d}.png") for i in range(tide.WAVES)]
        stored = cv2.imread(str(folder / "heights.png"), cv2.IMREAD_UNCHANGED)
        if stored is None:
            raise FileNotFoundError(f"{folder / 'heights.png'}: missing; run shoot_river.py in Blender first")
        low, high = tide.SPAN_M
        share = (stored if stored.ndim == 2 else stored[:, :, 1]).astype(np.float32) / np.iinfo(stored.dtype).max
        self.heights_m = np.asarray(low + (high - low) * share, np.float32)


def compose(river: tide.River, place: Riverside, seed: int) -> Iterator[encoding.Picture]:
    """Yield the frames of a clip."""
    chance = np.random.default_rng(seed)
    swell = _make_swell(chance)
    for frame in range(round(tide.LENGTH_S * tide.FPS)):
        level = river.level_m(frame / tide.FPS) + SWELL_M * swell[:, :, frame % swell.shape[2]]
        above_m = place.heights_m - level
        wet = (1.0 - WET * np.clip(1.0 - above_m / WET_M, 0.0, 1.0))[:, :, None]
        cover = np.clip(0.5 - above_m / (2 * SOFT_M), 0.0, 1.0)[:, :, None]
        foam = (24.0 * np.exp(-((above_m / 0.02) ** 2)))[:, :, None]
        shown = place.dry * wet * (1.0 - cover) + _wave(place.waves, frame) * cover + foam
        yield looks.photograph(np.clip(shown, 0, 255).astype(np.uint8), looks.Look.RAIN, chance)


def _wave(waves: list[encoding.Picture], frame: int) -> NDArray[np.floating]:
    period = len(waves) - LOOP_BLEND
    at = frame % period
    if at >= LOOP_BLEND or frame < period:
        return waves[at].astype(np.float32)
    share = at / LOOP_BLEND
    return waves[at] * share + waves[at + period] * (1.0 - share)


def _make_swell(chance: np.random.Generator) -> NDArray[np.float32]:
    """Return how the waterline wanders: smooth noise of about -1..1 over the picture and 40 frames that repeat."""
    coarse = chance.normal(0.0, 1.0, (27, 48, 8)).astype(np.float32)
    coarse = np.concatenate([coarse, coarse[:, :, :1]], axis=2)
    steps = np.linspace(0, 8, 40, endpoint=False)
    between = [coarse[:, :, int(s)] * (1 - s % 1) + coarse[:, :, int(s) + 1] * (s % 1) for s in steps]
    size = (view.RIVER.width_px, view.RIVER.height_px)
    return np.stack([cv2.resize(one, size, interpolation=cv2.INTER_CUBIC) for one in between], axis=2)
