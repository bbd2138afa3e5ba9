"""The sample clips and their ground truth, read from manifest.toml; labels.tsv is written from it and never by hand.

`python -m sample_streams.manifest` checks the clips' hashes and labels.tsv; `--update` brings both up to date.
"""

import argparse
import hashlib
import re
import sys
import tomllib
from pathlib import Path
from typing import Literal

import pydantic
from pydantic.dataclasses import dataclass

FOLDER = Path(__file__).parent
CLIPS = FOLDER / "clips"
MANIFEST = FOLDER / "manifest.toml"
LABELS = FOLDER / "labels.tsv"
HEADER = "path\ttask\tkind\tstart_s\tend_s\tvalue\tzone"

_RULES = pydantic.ConfigDict(extra="forbid")

Point = tuple[float, float]


class ManifestError(Exception):
    """manifest.toml does not say what it must; the message names the place and the remedy."""


@dataclass(frozen=True, slots=True, config=_RULES)
class Stream:
    """One encoded file.

    Attributes:
        file: name within clips/.
        sha256: of the file, hexadecimal.
        duration_s: frames divided by fps.
        width_px: coded width; pixels are square.
        height_px: coded height.
        fps: frames per second, and frames per GOP.
    """

    file: str
    sha256: str
    duration_s: float
    width_px: int
    height_px: int
    fps: int

    @property
    def path(self) -> Path:
        """Where the file is."""
        return CLIPS / self.file


@dataclass(frozen=True, slots=True, config=_RULES)
class Truth:
    """One thing that happens in a clip, or that must not.

    Attributes:
        kind: a kind id, `people` for a count or `none` for "nothing happens here" (see the README).
        start_s: when the behaviour begins; None for `none`.
        end_s: when it ends; None if it lasts to the end of the clip.
        zone: a polygon, a line or the allowed direction (two points), in 0..1 of the picture; empty if not needed.
        value: heads, for `people`; seconds of dwell, for illegal_parking, and for `none` where that must not be raised.
        task: "clip" or "count".
        note: what is seen, and how sure the time is.
    """

    kind: str
    start_s: float | None = None
    end_s: float | None = None
    zone: tuple[Point, ...] = ()
    value: float | None = None
    task: Literal["clip", "count"] = "clip"
    note: str = ""

    def __post_init__(self) -> None:
        if any(not 0.0 <= number <= 1.0 for point in self.zone for number in point):
            raise ValueError(f"{self.kind}: a zone's points lie in 0..1 of the picture")
        if self.start_s is not None and self.end_s is not None and self.end_s < self.start_s:
            raise ValueError(f"{self.kind}: end_s {self.end_s} lies before start_s {self.start_s}")


@dataclass(frozen=True, slots=True, config=_RULES)
class Clip:
    """One sample clip.

    Attributes:
        name: its id.
        title: what it shows.
        title_ko: the same for operators, in Korean.
        source: what it was made from and how.
        licence: SPDX id.
        attribution: whom to name.
        provenance: "real", "edited" or "rendered"; to be said beside every figure that rests on it.
        main: the stream that is recorded and analysed.
        sub: a smaller stream of the same time line, or None.
        twin: name of the clip that shows the same place with nothing happening, or "".
        truth: what happens when.
    """

    name: str
    title: str
    title_ko: str
    source: str
    licence: str
    attribution: str
    provenance: Literal["real", "edited", "rendered"]
    main: Stream
    truth: tuple[Truth, ...]
    sub: Stream | None = None
    twin: str = ""

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Main and, if there is one, sub stream."""
        return (self.main,) if self.sub is None else (self.main, self.sub)


@dataclass(frozen=True, slots=True, config=_RULES)
class Manifest:
    """All sample clips, in the order of the file."""

    clip: tuple[Clip, ...]

    def find(self, name: str) -> Clip:
        """Return the clip of that name.

        Raises:
            KeyError: There is none.
        """
        for clip in self.clip:
            if clip.name == name:
                return clip
        raise KeyError(f"no sample clip {name!r}; there are {', '.join(c.name for c in self.clip)}")


def load(path: Path = MANIFEST) -> Manifest:
    """Read the manifest.

    Raises:
        ManifestError: Not TOML, or a key is unknown, missing or of the wrong form.
    """
    try:
        return pydantic.TypeAdapter(Manifest).validate_python(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, pydantic.ValidationError) as e:
        raise ManifestError(f"{path}: {e}") from e


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_labels(manifest: Manifest) -> str:
    """Return labels.tsv: one row per event, in the form that `jikimi-detect evaluate` reads."""
    rows = [_write_row(clip, truth) for clip in manifest.clip for truth in clip.truth]
    return "\n".join([HEADER, *rows]) + "\n"


def find_faults(manifest: Manifest) -> list[str]:
    """Return what does not agree between the manifest, the clips and labels.tsv; empty if all is well."""
    streams = [stream for clip in manifest.clip for stream in clip.streams]
    faults = [f"{s.file}: missing from {CLIPS}" for s in streams if not s.path.exists()]
    faults += [f"{s.file}: sha256 differs" for s in streams if s.path.exists() and hash_file(s.path) != s.sha256]
    known = {stream.file for stream in streams}
    faults += [f"{path.name}: not in {MANIFEST.name}" for path in sorted(CLIPS.glob("*.mp4")) if path.name not in known]
    if not LABELS.exists() or LABELS.read_text("utf-8") != write_labels(manifest):
        faults.append(f"{LABELS.name}: differs from {MANIFEST.name}")
    return faults


def update(manifest: Manifest) -> None:
    """Write the clips' present hashes into manifest.toml, and labels.tsv anew."""
    text = MANIFEST.read_text("utf-8")
    for stream in (stream for clip in manifest.clip for stream in clip.streams):
        line = re.compile(rf'(file = "{re.escape(stream.file)}", sha256 = ")[^"]*(")')
        text = line.sub(rf"\g<1>{hash_file(stream.path)}\g<2>", text)
    MANIFEST.write_text(text, "utf-8")
    LABELS.write_text(write_labels(manifest), "utf-8")


def _write_row(clip: Clip, truth: Truth) -> str:
    zone = ";".join(f"{x:g},{y:g}" for x, y in truth.zone)
    times = ["" if value is None else f"{value:g}" for value in (truth.start_s, truth.end_s, truth.value)]
    return "\t".join([f"clips/{clip.main.file}", truth.task, truth.kind, *times, zone])


def main() -> int:
    """Check, or with --update refresh, what is derived from the manifest."""
    parser = argparse.ArgumentParser(prog="python -m sample_streams.manifest", description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the clips' hashes and labels.tsv")
    if parser.parse_args().update:
        update(load())
    faults = find_faults(load())
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
