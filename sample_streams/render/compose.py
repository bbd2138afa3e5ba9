"""Put what was rendered into the empty street, frame by frame, the farthest first, and photograph it."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from sample_streams import encoding
from sample_streams.render import blaze, crash, cutouts, drives, fire, looks, scenes, view, walks

FADE_FRAMES = 8  # a vehicle appears 105 m away within half a second
LAMP_M, LAMP_COLOUR = 0.13, (190, 225, 255)
HEADLAMPS = {
    "sedan": (0.54, 2.17, 0.60),
    "wagon": (0.54, 2.17, 0.60),
    "truck": (0.75, 2.98, 0.85),
    "bus": (0.95, 5.01, 0.85),
}
LANTERNS = ((-4.4, 27.0, 7.8), (-4.4, 55.0, 7.8), (4.4, 38.0, 7.8), (4.4, 68.0, 7.8))

Layer = tuple[float, Callable[[encoding.Picture], None]]


class Road:
    """The rendered road and what may be laid over it."""

    def __init__(self, folder: Path) -> None:
        """Read the empty street of `folder`."""
        self.place = cutouts.Place(folder)
        self.blaze = fire.Blaze(folder / blaze.NAME)


def compose(scene: scenes.Scene, road: Road, seed: int) -> Iterator[encoding.Picture]:
    """Yield the frames of a scene, in the size in which it is encoded."""
    chance = np.random.default_rng(seed)
    empty = road.place.empty
    if scene.look is looks.Look.DUSK:
        empty = looks.darken(empty)
        looks.glow(empty, [_lamp(at, 0.3) for at in LANTERNS], LAMP_COLOUR)
    for frame in range(round(scene.length_s * drives.FPS)):
        picture = empty.copy()
        for _, lay in sorted(_layers(scene, road, frame), key=lambda layer: -layer[0]):
            lay(picture)
        x, y, width, height = scene.window_px
        picture = picture[y : y + height, x : x + width]
        if scene.size_px != (width, height):
            picture = np.asarray(cv2.resize(picture, scene.size_px, interpolation=cv2.INTER_AREA), np.uint8)
        yield looks.photograph(picture, scene.look, chance)


def _layers(scene: scenes.Scene, road: Road, frame: int) -> Iterator[Layer]:
    """Yield what is to be laid over the street, each with its distance."""
    for entry in scene.entries:
        at = scenes.place(entry, frame)
        if at is not None:
            yield at[1], _vehicle(scene, road, entry, at)
    at_s = frame / drives.FPS
    if scene.crash_s is not None and at_s >= scene.crash_s:
        index = min(crash.STILL_FRAME, round((at_s - scene.crash_s) * drives.FPS))
        found = road.place.find_latest(crash.NAME, index)
        if found is not None:
            y = min(crash.place(car, index)[1] for car in crash.CARS)
            yield y, _paster(found, scenes.AS_IS, min(1.0, (index + 1) / FADE_FRAMES))
    if scene.crossing_s is not None and at_s >= scene.crossing_s:
        act = walks.find("crossing")
        shown = road.place.find_latest(act.name, round((at_s - scene.crossing_s) * walks.FPS))
        if shown is not None and at_s - scene.crossing_s < act.seconds:
            yield walks.stance(act, at_s - scene.crossing_s).y_m, _paster(shown, scenes.AS_IS, 1.0)
    if scene.blaze_s is not None and at_s >= scene.blaze_s:
        yield blaze.SEAT[1], lambda picture: road.blaze.lay(picture, at_s - (scene.blaze_s or 0.0))


def _vehicle(
    scene: scenes.Scene, road: Road, entry: scenes.Entry, at: tuple[int, float]
) -> Callable[[encoding.Picture], None]:
    drive, (index, y) = drives.find_drive(entry.drive), at
    path = drives.positions_m(drive)
    used = drives.rendered_frames(path)[index]
    cutout = road.place.find(drive.name, used)
    dusk = scene.look is looks.Look.DUSK
    if cutout is not None and dusk:
        cutout = _dim(cutout)
    if cutout is not None and entry.course:
        cutout = _bring(cutout, drive.lane * drives.LANE_M, path[used], y)
    if cutout is None:
        return lambda picture: None
    fade = 1.0 if drive.away else min(1.0, (index + 1) / FADE_FRAMES)
    if not dusk:
        return _paster(cutout, entry.tones, fade)
    aside, ahead, up = HEADLAMPS[drive.model]
    lamps = [_lamp((drive.lane * drives.LANE_M + side * aside, y - ahead, up), LAMP_M) for side in (-1, 1)]
    shown = _paster(cutout, entry.tones, fade)

    def lay(picture: encoding.Picture) -> None:
        shown(picture)
        looks.glow(picture, lamps, LAMP_COLOUR)

    return lay


def _paster(cutout: cutouts.Cutout, tones: cutouts.Tones, fade: float) -> Callable[[encoding.Picture], None]:
    return lambda picture: cutouts.paste(picture, cutout, tones, fade)


def _bring(cutout: cutouts.Cutout, x_m: float, from_y_m: float, to_y_m: float) -> cutouts.Cutout | None:
    """Return the cutout of a vehicle as it looks at a neighbouring distance."""
    (ax, ay), (bx, by) = (view.ROAD.project_px(x_m, y) for y in (from_y_m, to_y_m))
    (_, high_a), (_, high_b) = (view.ROAD.project_px(x_m, y, 1.5) for y in (from_y_m, to_y_m))
    moved = cutouts.slide(cutout, (ax, ay), (bx, by), (by - high_b) / (ay - high_a))
    return None if moved is None else cutouts.clip(moved, view.WIDTH_PX, view.HEIGHT_PX)


@functools.lru_cache(maxsize=2048)
def _dim(cutout: cutouts.Cutout) -> cutouts.Cutout:
    return cutouts.Cutout(cutout.x, cutout.y, looks.darken(cutout.picture), cutout.alpha, cutout.paint)


def _lamp(at: tuple[float, float, float], size_m: float) -> tuple[float, float, float]:
    x, y = view.ROAD.project_px(*at)
    _, higher = view.ROAD.project_px(at[0], at[1], at[2] + size_m)
    return x, y, max(0.8, y - higher)
