"""Make the road clips from Blender's pictures: `python -m sample_streams.render RENDERS_DIR OUT_DIR [NAME ...]`."""

import argparse
from pathlib import Path

from sample_streams import encoding
from sample_streams.render import compose, drives, scenes, view


def main() -> None:
    """Compose and encode the scenes named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m sample_streams.render", description=__doc__)
    parser.add_argument("renders", type=Path, help="folder that shoot.py filled")
    parser.add_argument("out", type=Path, help="folder for the clips")
    parser.add_argument("names", nargs="*", help="scenes to make; all if none is named")
    asked = parser.parse_args()
    renders = compose.Renders(asked.renders)
    for seed, scene in enumerate(scenes.SCENES):
        if not asked.names or scene.name in asked.names:
            path = asked.out / f"{scene.name}.mp4"
            pictures = compose.compose(scene, renders, seed)
            encoding.encode_clip(pictures, path, (view.WIDTH_PX, view.HEIGHT_PX), drives.FPS, quality=29)
            print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
