"""What is real, edited or rendered: read from the manifest beside a labels file, so that no figure mixes them unsaid."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from detection import errors
from detection.evaluation.labels import Label

MANIFEST = "manifest.toml"
UNKNOWN = "unknown"


def read(folder: Path) -> Mapping[str, str]:
    """Return the provenance of each file that the folder's manifest names, by file name; nothing where there is no manifest.

    Raises:
        MediaError: the manifest is no TOML.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    try:
        clips = tomllib.loads(path.read_text(encoding="utf-8")).get("clip", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise errors.MediaError(path, f"is no TOML: {e}", "correct it or take it away") from e
    told: dict[str, str] = {}
    for clip in clips:
        for part in ("main", "sub"):
            if part in clip:
                told[str(clip[part]["file"])] = str(clip.get("provenance", UNKNOWN))
    return told


def split(rows: Sequence[Label], told: Mapping[str, str]) -> Mapping[str, list[Label]]:
    """Return the rows by provenance; nothing where nothing is told."""
    parts: dict[str, list[Label]] = {}
    if told:
        for row in rows:
            parts.setdefault(told.get(row.path.name, UNKNOWN), []).append(row)
    return dict(sorted(parts.items()))
