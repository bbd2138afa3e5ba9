"""A video's bytes cut where its groups of pictures begin, each part with its hash: one flipped byte names the second of video that it hit.

Invariant: the segments follow each other without a gap and cover the file. A group larger than 1 MiB is cut further; what stands before the first
picture and after the last (the file's index) has segments of its own.
"""

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORM = "jikimi segments 1"
MOST_BYTES = 1 << 20
MOST_SEGMENTS = 200_000


@dataclass(frozen=True, slots=True)
class Segment:
    """Some of a video's bytes.

    Attributes:
        from_ms, until_ms: what they show, from the first frame; None where they are the file's index or it cannot be told.
    """

    offset: int
    length_bytes: int
    sha256: str
    from_ms: int | None
    until_ms: int | None

    def name(self, number: int) -> str:
        """Return what a segment is called."""
        if self.from_ms is None or self.until_ms is None:
            return f"segment {number} (the file's index)"
        return f"segment {number} ({self.from_ms / 1000:.3f} s to {self.until_ms / 1000:.3f} s)"


def cut(video: Path) -> tuple[Segment, ...]:
    """Return a video's segments. A file that cannot be read as video is cut into equal parts."""
    length_bytes = video.stat().st_size
    marks = _marks(video, length_bytes)
    found: list[Segment] = []
    with video.open("rb") as file:
        for (start, from_ms), (end, until_ms) in itertools.pairwise([*marks, (length_bytes, None)]):
            told = (from_ms, until_ms) if from_ms is not None and until_ms is not None else (None, None)
            for offset in range(start, end, MOST_BYTES):
                data = file.read(min(MOST_BYTES, end - offset))
                found.append(Segment(offset, len(data), hashlib.sha256(data).hexdigest(), *told))
    return tuple(found)


def as_json(segments: Iterable[Segment]) -> dict[str, Any]:
    """Return segments as JSON values."""
    return {
        "form": FORM,
        "segments": [
            {"from_ms": one.from_ms, "length_bytes": one.length_bytes, "offset": one.offset, "sha256": one.sha256, "until_ms": one.until_ms}
            for one in segments
        ],
    }  # fmt: skip


def of_json(values: Mapping[str, Any], length_bytes: int) -> tuple[Segment, ...]:
    """Read segments.

    Raises:
        ValueError, KeyError, TypeError: they are not the segments of a file of this length.
    """
    rows: Sequence[Mapping[str, Any]] = values["segments"]
    if values["form"] != FORM or len(rows) > MOST_SEGMENTS:
        raise ValueError("it is not a list of segments")
    found = tuple(Segment(**row) for row in rows)
    at = 0
    for one in found:
        if one.offset != at or not 0 < one.length_bytes <= MOST_BYTES:
            raise ValueError("its segments do not follow each other")
        at += one.length_bytes
    if at != length_bytes:
        raise ValueError("its segments do not cover the video")
    return found


def _marks(video: Path, length_bytes: int) -> list[tuple[int, int | None]]:
    """Return where groups of pictures begin, with the times they show, and last the end of what is shown."""
    import av  # here, because verifying needs no decoder
    import av.error

    shown: list[tuple[int, int, int, bool]] = []
    last_byte = 0
    try:
        with av.open(str(video)) as container:
            for packet in container.demux(video=0):
                if packet.pos is not None and packet.pts is not None and packet.time_base is not None:
                    start = int(1000 * packet.pts * packet.time_base)
                    end = int(1000 * (packet.pts + (packet.duration or 0)) * packet.time_base)
                    shown.append((packet.pos, start, end, packet.is_keyframe))
                    last_byte = packet.pos + packet.size
    except (av.error.FFmpegError, IndexError):
        return [(0, None)]
    keys = [one for one in shown if one[3]]
    rising = all(a[0] < b[0] for a, b in itertools.pairwise(shown))
    if not keys or not rising or keys[0][0] <= 0 or last_byte > length_bytes:
        return [(0, None)]
    first_ms = min(one[1] for one in shown)
    marks: list[tuple[int, int | None]] = [(0, None)]
    marks += [(position, start - first_ms) for position, start, _, _ in keys]
    return [*marks, (last_byte, max(one[2] for one in shown) - first_ms)]
