"""How a camera shows a rendered place: by day, at dusk, in rain, or by its own infrared light at night."""

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_streams import encoding

BLUR_PX, NOISE, COLOUR_NOISE = 0.6, 2.2, 1.6
STREAKS = 260  # drops seen in one picture of 640x360

Layer = NDArray[np.float32]


class Look(StrEnum):
    """Weather and light."""

    DAY = "day"
    DUSK = "dusk"
    RAIN = "rain"
    INFRARED = "infrared"


def photograph(picture: encoding.Picture, look: Look, chance: np.random.Generator) -> encoding.Picture:
    """Return the picture as a street camera gives it: light, weather, blur, noise and the word "rendered"."""
    noise, tint = NOISE, COLOUR_NOISE
    if look is not Look.DAY:
        shown = _GRADES[look](picture.astype(np.float32) / 255.0, chance)
        picture = np.asarray(np.clip(shown * 255.0, 0, 255), np.uint8)
        noise, tint = (4.0, 0.0) if look is Look.INFRARED else (3.0, 1.8)
    height, width = picture.shape[:2]
    grain = chance.normal(0.0, noise, (height, width, 1))
    specks = cv2.resize(chance.normal(0.0, 1.0, (height // 2, width // 2, 3)), (width, height)) * tint
    soft = cv2.GaussianBlur(picture, (0, 0), BLUR_PX)
    noisy = np.clip(soft + grain + specks, 0, 255).astype(np.uint8)
    cv2.putText(noisy, "rendered", (12, height - 14), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (225, 225, 225), 1, cv2.LINE_AA)
    return noisy


def glow(picture: encoding.Picture, lamps: list[tuple[float, float, float]], colour: tuple[int, int, int]) -> None:
    """Add lamps (x, y and radius in pixels) to the picture, each with a halo; colour is BGR."""
    height, width = picture.shape[:2]
    light = np.zeros((height, width), np.float32)
    for x, y, radius in lamps:
        reach = int(6 * radius) + 2
        x1, y1, x2, y2 = (
            max(0, int(x) - reach),
            max(0, int(y) - reach),
            min(width, int(x) + reach),
            min(height, int(y) + reach),
        )
        if x1 >= x2 or y1 >= y2:
            continue
        rows, columns = np.mgrid[y1:y2, x1:x2]
        apart = np.hypot(columns - x, rows - y) / radius
        light[y1:y2, x1:x2] += np.exp(-(apart**2)) + 0.22 * np.exp(-((apart / 2.8) ** 2))
    lit = picture + light[:, :, None] * np.array(colour, np.float32)
    picture[:] = np.clip(lit, 0, 255).astype(np.uint8)


def darken(picture: encoding.Picture) -> encoding.Picture:
    """Return a daylight picture as the last light of the day shows it, before lamps are lit."""
    shown = picture.astype(np.float32) / 255.0
    grey = shown.mean(axis=2, keepdims=True)
    dim = (0.55 * shown + 0.45 * grey) ** 1.35 * np.array((0.68, 0.57, 0.52), np.float32)
    return np.asarray(np.clip(dim * 255.0, 0, 255), np.uint8)


def _keep(shown: Layer, _chance: np.random.Generator) -> Layer:
    return shown


def _rain(shown: Layer, chance: np.random.Generator) -> Layer:
    height, width = shown.shape[:2]
    grey = shown.mean(axis=2, keepdims=True)
    dull = (0.6 * shown + 0.4 * grey) * 0.62 + 0.10
    streaks = np.zeros((height, width), np.uint8)
    scale = height / 360.0
    for _ in range(round(STREAKS * width * height / (640 * 360) / scale)):
        x, y, length = chance.uniform(0, width), chance.uniform(-0.05, 1) * height, chance.uniform(9, 26) * scale
        end = (round(x - 0.16 * length), round(y + length))
        cv2.line(streaks, (round(x), round(y)), end, int(chance.uniform(18, 62)), 1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(streaks, (0, 0), 0.7).astype(np.float32)[:, :, None] / 255.0
    return np.asarray(dull + soft * (0.9 - dull), np.float32)


def _infrared(shown: Layer, _chance: np.random.Generator) -> Layer:
    height, width = shown.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width]
    apart = np.hypot((columns / width - 0.5) * 1.25, (rows / height - 0.62) * 1.1)
    beam = (0.16 + 0.95 * np.exp(-((apart / 0.48) ** 2)))[:, :, None]
    # leaves and cloth throw infrared light back more than paint and stone: weigh the channels towards red
    grey = (shown * np.array((0.15, 0.35, 0.5), np.float32)).sum(axis=2, keepdims=True)
    return np.repeat(np.asarray((grey**0.85) * beam, np.float32), 3, axis=2)


_GRADES = {Look.RAIN: _rain, Look.INFRARED: _infrared, Look.DUSK: _keep}
