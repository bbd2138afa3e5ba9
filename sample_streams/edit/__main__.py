"""Make the edited clips: `python -m sample_streams.edit VTEST_AVI OUT_DIR [NAME ...]`."""

import argparse
from pathlib import Path

from sample_streams import encoding
from sample_streams.edit import clips


def main() -> None:
    """Make the clips named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m sample_streams.edit", description=__doc__)
    parser.add_argument("vtest", type=Path, help="OpenCV's vtest.avi (Debian: opencv-doc)")
    parser.add_argument("out", type=Path, help="folder for the clips")
    parser.add_argument("names", nargs="*", help="clips to make; all if none is named")
    asked = parser.parse_args()
    unknown = set(asked.names) - {recipe.name for recipe in clips.RECIPES}
    if unknown:
        parser.error(f"no such clip: {', '.join(sorted(unknown))}")
    asked.out.mkdir(parents=True, exist_ok=True)
    for recipe in clips.RECIPES:
        if not asked.names or recipe.name in asked.names:
            path = asked.out / f"{recipe.name}.mp4"
            count = encoding.encode_clip(recipe.make(asked.vtest), path, recipe.size_px, recipe.fps, recipe.quality)
            print(f"{path}: {count} frames, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
