"""The motion gate: what moved, on 320x180 luma, against a running average of the scene.

It takes frames at any distance in time (key frames once per second, 30 frames per second) because the background follows
with time constants, not with frame counts. A difference counts as movement only where the picture also changed lately: a
car that parked, a place it left and a light that was switched on fall silent within about a second, long before the
background has taken them in.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from detection import settings, types

WIDTH_PX, HEIGHT_PX = 320, 180
NOISE_STEP_PX = 4
"""Noise and brightness are measured on every fourth pixel of every fourth row."""
FRESH_SHARE = 0.04
"""An area moves when at least this share of it changed lately; what was parked has next to none."""
MOST_AREAS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """What the gate saw in one frame: boxes in pixels of the source frame, largest area first."""

    thumb: types.Thumb
    boxes: tuple[types.Box, ...]


class Gate:
    """The motion gate of one camera."""

    def __init__(self, wanted: settings.MotionSettings) -> None:
        self._wanted = wanted
        self._background = np.zeros((HEIGHT_PX, WIDTH_PX), np.float32)
        self._older = self._newer = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)  # pictures to compare with for freshness
        self._newer_s = math.nan
        self._time_s = math.nan  # of the newest frame
        self._noise = 1.0

    def look(self, frame: types.Frame) -> Motion:
        """Take a frame and say what moved. A frame older than one before is compared and teaches nothing."""
        luma = shrink(frame)
        step_s = frame.time_s - self._time_s
        if math.isnan(step_s) or step_s < -self._wanted.absorb_s:  # the first frame, or a clock set back far
            self._begin(frame.time_s, luma)
        self._time_s = max(self._time_s, frame.time_s)
        changed = self._difference(luma)
        share = cv2.countNonZero(changed) / changed.size
        if share > self._wanted.scene_share:
            self._begin(frame.time_s, luma)  # light switched, camera turned: there is no background to compare with
            return Motion(types.Thumb(frame.time_s, luma, share, frame.is_key), ())
        found = np.zeros((0, 4), np.float32)
        if share >= self._wanted.min_area_share:
            found = self._find_areas(changed, luma, frame.time_s)
        if step_s > 0:
            self._learn(luma, changed, step_s)
        scale = np.array([frame.width_px / WIDTH_PX, frame.height_px / HEIGHT_PX] * 2)
        thumb = types.Thumb(frame.time_s, luma, share, frame.is_key)
        return Motion(thumb, tuple(_as_box(row) for row in found * scale))

    def _begin(self, time_s: float, luma: types.Pixels) -> None:
        self._background = luma.astype(np.float32)
        self._older = self._newer = luma
        self._newer_s = time_s
        self._time_s = time_s

    def _difference(self, luma: types.Pixels) -> types.Pixels:
        """Return 255 where the picture differs from the background by more than noise and a change of light."""
        coarse = luma[::NOISE_STEP_PX, ::NOISE_STEP_PX] - self._background[::NOISE_STEP_PX, ::NOISE_STEP_PX]
        light = float(np.median(coarse))
        rest = float(np.median(np.abs(coarse - np.float32(light))))
        if abs(light) >= max(2.0, 2 * rest):  # exposure or clouds: the whole picture is brighter or darker
            self._background += np.float32(light)
            coarse -= np.float32(light)
        # Noise grows over many frames; a picture that changed at once is no noise.
        noise = min(1.4826 * float(np.median(np.abs(coarse))), 2 * self._noise + 1)
        self._noise = 0.9 * self._noise + 0.1 * noise
        threshold = min(max(self._wanted.threshold, self._wanted.noise_factor * self._noise), 128.0)
        difference = cv2.absdiff(luma, cv2.convertScaleAbs(self._background))
        changed = cv2.threshold(difference, threshold, 255, cv2.THRESH_BINARY)[1]
        return np.asarray(cv2.morphologyEx(changed, cv2.MORPH_OPEN, _CROSS), np.uint8)

    def _find_areas(self, changed: types.Pixels, luma: types.Pixels, time_s: float) -> types.Float:
        """Return the moving areas as float32 (n, 4) in thumb pixels, largest first."""
        reference = self._newer if time_s - self._newer_s >= self._wanted.recent_s / 2 else self._older
        threshold = max(self._wanted.threshold * 0.6, self._wanted.noise_factor * 0.7 * self._noise)
        fresh = cv2.threshold(cv2.absdiff(luma, reference), threshold, 255, cv2.THRESH_BINARY)[1]
        fresh = cv2.bitwise_and(fresh, changed)
        outlines, _ = cv2.findContours(cv2.dilate(changed, _BLOCK), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        least = max(3.0, self._wanted.min_area_share * changed.size)
        areas: list[tuple[int, int, int, int, int]] = []
        for outline in outlines:
            x, y, w, h = cv2.boundingRect(outline)
            if w * h < least:
                continue
            part = np.s_[y : y + h, x : x + w]
            area_px, fresh_px = cv2.countNonZero(changed[part]), cv2.countNonZero(fresh[part])
            if area_px >= least and fresh_px >= max(3, FRESH_SHARE * area_px):
                areas.append((area_px, x + 1, y + 1, x + w - 1, y + h - 1))  # without the dilation
        areas.sort(key=lambda area: (-area[0], area))
        return np.asarray([area[1:] for area in areas[:MOST_AREAS]], np.float32).reshape(-1, 4)

    def _learn(self, luma: types.Pixels, changed: types.Pixels, step_s: float) -> None:
        """Let the background follow: soon where nothing differs, slowly where something does."""
        fast, slow = (1 - math.exp(-step_s / constant) for constant in (self._wanted.settle_s, self._wanted.absorb_s))
        cv2.accumulateWeighted(luma, self._background, fast, mask=cv2.bitwise_not(changed))
        cv2.accumulateWeighted(luma, self._background, slow, mask=changed)
        if self._time_s - self._newer_s >= self._wanted.recent_s / 2:
            self._older, self._newer, self._newer_s = self._newer, luma, self._time_s


def shrink(frame: types.Frame) -> types.Pixels:
    """Return the frame's luma as uint8 (180, 320), stretched."""
    # Linear, not area: 77 us against 460 us at 720p, and the noise that is left counts into the threshold.
    return np.asarray(cv2.resize(frame.y, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_LINEAR), np.uint8)


_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
_BLOCK = np.ones((3, 3), np.uint8)


def _as_box(row: types.Float) -> types.Box:
    return float(row[0]), float(row[1]), float(row[2]), float(row[3])
