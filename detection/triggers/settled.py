"""What stands in a scene that did not stand there before: a picture of how it has settled now against one of how it was for long.

A pixel settles when it shows one value for a few seconds and no tracked object hides it, so that passers-by, people who stand and vehicles
never get into either picture. Both follow a change of light; a change of most of the scene begins them anew. Times are those of the
looks, so that one look a second gives what five give.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from detection import boxes, motion, thresholds, types

FOLLOW_S = 1.5
"""Time constant with which a pixel's value is averaged while it holds."""
LIGHT_S = 20.0
"""Time constant with which the old picture follows small changes of the new one."""
LONGEST_STEP_S = 2.0
"""A longer gap between looks counts as this much: nobody knows what was there meanwhile."""
NOISE_STEP_PX = 4
MOST_PATCHES = 16
AROUND = 0.12
"""A tracked object hides its box and this share of its size around it: limbs, bags in hands, jitter."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """An area of the thumb that has settled into something else.

    Attributes:
        box: thumb pixels.
        mask: uint8 (h, w) of the box, 1 where it differs.
        area_px: how many do.
    """

    box: types.Box
    mask: types.Pixels
    area_px: int


class Settled:
    """The two pictures of one camera."""

    def __init__(self, limits: thresholds.ObjectThresholds) -> None:
        shape = (motion.HEIGHT_PX, motion.WIDTH_PX)
        self._limits = limits
        self._time_s = math.nan
        self._noise = 1.0
        self._shown = np.zeros(shape, np.float32)  # what each pixel shows
        self._held_s = np.zeros(shape, np.float32)  # for how long it has shown that, seen and not hidden
        self._known = np.zeros(shape, bool)  # settled at least once
        self._differs_s = np.zeros(shape, np.float32)
        self.now = np.zeros(shape, np.float32)
        self.before = np.zeros(shape, np.float32)

    def update(self, scene: types.Scene, thumb: types.Thumb) -> tuple[Patch, ...] | None:
        """Take in one look and return where the scene differs from how it was; None when it had to begin anew."""
        luma = thumb.luma.astype(np.float32)
        first = math.isnan(self._time_s)
        step_s = 0.0 if first else min(max(0.0, scene.time_s - self._time_s), LONGEST_STEP_S)
        self._time_s = scene.time_s
        if first or thumb.moving_share > self._limits.scene_share:
            self._begin(luma)
            return None
        self._follow_light(luma)
        self._settle(luma, _hidden(scene), step_s)
        differs = self._compare(step_s)
        if differs.mean() > self._limits.scene_share:
            self._begin(luma)
            return None
        return self._find(differs)

    def stirred(self, luma: types.Pixels, patch: Patch) -> float:
        """Return the share of a patch's pixels that do not show now what they settled into: someone moves, or passes."""
        x1, y1, x2, y2 = (int(side) for side in patch.box)
        off = np.abs(luma[y1:y2, x1:x2] - self.now[y1:y2, x1:x2]) > self._tolerance()
        return float((off & (patch.mask > 0)).sum() / max(1, patch.area_px))

    def _begin(self, luma: types.Float) -> None:
        self._shown = luma
        self._held_s.fill(0)
        self._differs_s.fill(0)
        self._known.fill(False)

    def _follow_light(self, luma: types.Float) -> None:
        """Take a change of brightness of the whole picture into all that is remembered, and learn how noisy it is."""
        coarse = luma[::NOISE_STEP_PX, ::NOISE_STEP_PX] - self._shown[::NOISE_STEP_PX, ::NOISE_STEP_PX]
        light = float(np.median(coarse))
        rest = float(np.median(np.abs(coarse - np.float32(light))))
        if abs(light) >= max(2.0, 2 * rest):
            for picture in (self._shown, self.now, self.before):
                picture += np.float32(light)
        noise = min(1.4826 * rest, 2 * self._noise + 1)
        self._noise = 0.9 * self._noise + 0.1 * noise

    def _tolerance(self) -> float:
        return max(0.6 * self._limits.contrast, 5 * self._noise)

    def _settle(self, luma: types.Float, hidden: types.Pixels, step_s: float) -> None:
        holds = cv2.absdiff(luma, self._shown) < self._tolerance()
        share = np.float32(1 - math.exp(-step_s / FOLLOW_S))
        self._shown = np.where(holds, self._shown + (luma - self._shown) * share, luma)
        self._held_s = np.where(holds & (hidden == 0), self._held_s + np.float32(step_s), np.float32(0))
        settled = self._held_s >= self._limits.settle_s
        self.now = np.where(settled, self._shown, self.now)
        self.before = np.where(settled & ~self._known, self._shown, self.before)
        self._known |= settled

    def _compare(self, step_s: float) -> types.Pixels:
        """Return 1 where now differs from before, having taken into `before` what did not or did for too long."""
        differs = (cv2.absdiff(self.now, self.before) > max(self._limits.contrast, 5 * self._noise)) & self._known
        self._differs_s = np.where(differs, self._differs_s + np.float32(step_s), np.float32(0))
        old = self._differs_s > self._limits.absorb_s
        share = np.where(differs, old, np.float32(1 - math.exp(-step_s / LIGHT_S))).astype(np.float32)
        self.before += (self.now - self.before) * share * self._known
        return np.asarray(differs & ~old, np.uint8)

    def _find(self, differs: types.Pixels) -> tuple[Patch, ...]:
        least_px = max(8, int(self._limits.min_area_share * differs.size))
        if cv2.countNonZero(differs) < least_px:
            return ()
        whole = cv2.morphologyEx(differs, cv2.MORPH_CLOSE, _BLOCK)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
        order = sorted(range(1, count), key=lambda i: -int(stats[i][cv2.CC_STAT_AREA]))
        patches: list[Patch] = []
        for i in order[:MOST_PATCHES]:
            x, y, w, h, area_px = (int(value) for value in stats[i])
            if area_px >= least_px:
                mask = np.asarray(labels[y : y + h, x : x + w] == i, np.uint8)
                patches.append(Patch((float(x), float(y), float(x + w), float(y + h)), mask, area_px))
        return tuple(patches)


_BLOCK = np.ones((3, 3), np.uint8)


def to_thumb(scene: types.Scene, box: types.Box) -> types.Box:
    """Return a box of the picture in pixels of the thumb."""
    x, y = motion.WIDTH_PX / scene.width_px, motion.HEIGHT_PX / scene.height_px
    return box[0] * x, box[1] * y, box[2] * x, box[3] * y


def _hidden(scene: types.Scene) -> types.Pixels:
    """Return 1 where a tracked object, seen or still waited for, hides the scene."""
    hidden = np.zeros((motion.HEIGHT_PX, motion.WIDTH_PX), np.uint8)
    for track in scene.tracks:
        box = boxes.grow(track.box, AROUND * boxes.width(track.box), AROUND * boxes.height(track.box))
        x1, y1, x2, y2 = boxes.clip(to_thumb(scene, box), motion.WIDTH_PX, motion.HEIGHT_PX)
        hidden[int(y1) : math.ceil(y2), int(x1) : math.ceil(x2)] = 1
    return hidden
