"""Make the rendered clips from Blender's pictures: `python -m sample_streams.render RENDERS_DIR OUT_DIR [NAME ...]`."""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sample_streams import encoding
from sample_streams.render import compose, court, cutouts, drives, scenes, tide, view, walks, water

QUALITY = 29

Film = tuple[Iterator[encoding.Picture], tuple[int, int], int]


def main() -> None:
    """Compose and encode the clips named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m sample_streams.render", description=__doc__)
    parser.add_argument("renders", type=Path, help="folder that the shoot scripts filled")
    parser.add_argument("out", type=Path, help="folder for the clips")
    parser.add_argument("names", nargs="*", help="clips to make; all if none is named")
    asked = parser.parse_args()
    for name, make in _films(asked.renders).items():
        if not asked.names or name in asked.names:
            path = asked.out / f"{name}.mp4"
            pictures, size_px, fps = make()
            encoding.encode_clip(pictures, path, size_px, fps, quality=QUALITY)
            print(f"{path}: {path.stat().st_size / 1e6:.2f} MB", flush=True)


def _films(renders: Path) -> dict[str, Callable[[], Film]]:
    """Return for each clip what gives its pictures, their size and rate."""
    films: dict[str, Callable[[], Film]] = {}
    for seed, scene in enumerate(scenes.SCENES):
        films[scene.name] = partial(_film_road, renders / "road", scene, seed)
    for seed, clip in enumerate(court.CLIPS):
        films[clip.name] = partial(_film_yard, renders / "yard", clip, seed)
    for seed, river in enumerate(tide.RIVERS):
        films[river.name] = partial(_film_river, renders / "river", river, seed)
    return films


def _film_road(folder: Path, scene: scenes.Scene, seed: int) -> Film:
    return compose.compose(scene, compose.Road(folder), seed), scene.size_px, drives.FPS


def _film_yard(folder: Path, clip: court.Clip, seed: int) -> Film:
    size_px = (view.YARD.width_px, view.YARD.height_px)
    return court.compose(clip, cutouts.Place(folder), seed), size_px, walks.FPS


def _film_river(folder: Path, river: tide.River, seed: int) -> Film:
    size_px = (view.RIVER.width_px, view.RIVER.height_px)
    return water.compose(river, water.Riverside(folder), seed), size_px, tide.FPS


if __name__ == "__main__":
    main()
