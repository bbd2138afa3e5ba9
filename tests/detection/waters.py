"""Drawn pictures of a paved place with a marked zone, and what may happen to it: water, shadow, rain, people, vehicles, night, fog."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from detection import types

WIDTH_PX, HEIGHT_PX = 640, 360
ZONE = ((0.2, 0.4), (0.8, 0.4), (0.9, 0.95), (0.1, 0.95))
Array = npt.NDArray[np.float32]
Scene = Callable[[Array, Array, float], None]
"""Changes luma (h, w) and colour (h / 2, w / 2, 2) in place as it is at a time."""


def ground(seed: int = 5) -> Array:
    """Paving: grain, joints and stains, float32 (h, w)."""
    dice = np.random.default_rng(seed)
    grain = cv2.GaussianBlur(dice.normal(0, 1, (HEIGHT_PX, WIDTH_PX)).astype(np.float32), (0, 0), 1.2) * 22
    stains = cv2.GaussianBlur(dice.normal(0, 1, (HEIGHT_PX, WIDTH_PX)).astype(np.float32), (0, 0), 12) * 120
    made = np.asarray(115 + grain + stains, np.float32)
    made[::24] -= 25
    made[:, ::40] -= 25
    return made


def film(scene: Scene, until_s: float, looks_per_s: float = 5.0, seed: int = 5) -> list[types.Frame]:
    """Return the frames of a scene, with sensor noise."""
    still, dice = ground(seed), np.random.default_rng(seed + 1)
    frames = []
    for i in range(round(until_s * looks_per_s)):
        time_s = i / looks_per_s
        luma = still.copy()
        colour = np.full((HEIGHT_PX // 2, WIDTH_PX // 2, 2), 128, np.float32)
        scene(luma, colour, time_s)
        luma += dice.normal(0, 2, luma.shape).astype(np.float32)
        chroma = np.clip(colour + dice.normal(0, 1, colour.shape), 0, 255).astype(np.uint8)
        y = np.clip(luma, 0, 255).astype(np.uint8)
        frames.append(types.Frame(time_s, y, chroma[..., 0].copy(), chroma[..., 1].copy(), is_key=i % 5 == 0))
    return frames


def dry(luma: Array, colour: Array, time_s: float) -> None:
    """Nothing happens."""


def rising(from_s: float, to_s: float, share: float = 0.6, level: float = 95.0) -> Scene:
    """Brown water with moving ripples rises from the lower edge over `share` of the picture's height."""

    def scene(luma: Array, colour: Array, time_s: float) -> None:
        risen = float(np.clip((time_s - from_s) / (to_s - from_s), 0, 1))
        top = round(HEIGHT_PX * (1 - share * risen))
        rows, columns = np.mgrid[top:HEIGHT_PX, 0:WIDTH_PX]
        luma[top:] = level + 6 * np.sin(rows / 3 + 7 * time_s) * np.sin(columns / 9 - 5 * time_s)
        colour[top // 2 :] = (118, 137)

    return scene


def shadow(from_s: float, to_s: float) -> Scene:
    """A building's shadow wanders over the place from the left."""

    def scene(luma: Array, colour: Array, time_s: float) -> None:
        edge = round(WIDTH_PX * float(np.clip((time_s - from_s) / (to_s - from_s), 0, 1)))
        luma[:, :edge] *= 0.5

    return scene


def rain(from_s: float, to_s: float) -> Scene:
    """The ground grows dark and loses some of its contrast, from one side to the other."""

    def scene(luma: Array, colour: Array, time_s: float) -> None:
        wet = np.clip((time_s - from_s) / (to_s - from_s) * 2 - np.linspace(0, 1, WIDTH_PX), 0, 1).astype(np.float32)
        luma[:] = luma * (1 - wet) + (75 + 0.55 * (luma - 115)) * wet

    return scene


def vehicle(from_s: float, to_s: float, speed_px_per_s: float) -> Scene:
    """A dark bus drives in from the left, stands until `to_s`, and is gone."""

    def scene(luma: Array, colour: Array, time_s: float) -> None:
        if not from_s <= time_s < to_s:
            return
        front = min(420, round((time_s - from_s) * speed_px_per_s))
        back = max(0, front - 420)
        luma[90:330, back:front] = 60
        for x in range(front - 30, back, -45):
            luma[110:190, max(back, x - 30) : x] = 170
        luma[300:330, back:front] = 20

    return scene


def walker(luma: Array, colour: Array, time_s: float) -> None:
    """Somebody crosses the place again and again."""
    x = round(time_s * 40) % WIDTH_PX
    luma[150:330, x : x + 50] = 40


def night(at_s: float) -> Scene:
    """The camera switches to infrared: bright in the middle, dark around, little texture."""

    def scene(luma: Array, colour: Array, time_s: float) -> None:
        if time_s >= at_s:
            rows, columns = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX]
            spot = np.exp(-(((rows - 180) / 150) ** 2 + ((columns - 320) / 220) ** 2))
            luma[:] = 40 + 120 * spot + 0.1 * (luma - 115)

    return scene


def fog(from_s: float, to_s: float) -> Scene:
    """The picture fades everywhere."""

    def scene(luma: Array, colour: Array, time_s: float) -> None:
        thick = float(np.clip((time_s - from_s) / (to_s - from_s), 0, 0.95))
        luma[:] = luma * (1 - thick) + 170 * thick

    return scene


def both(*scenes: Scene) -> Scene:
    """Several things at once."""

    def scene(luma: Array, colour: Array, time_s: float) -> None:
        for one in scenes:
            one(luma, colour, time_s)

    return scene
