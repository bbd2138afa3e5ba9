"""KISA libraries as labels and results: videos with an XML of the same name beside them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from detection import types
from detection.evaluation import files, kisa, labels, tally
from detection.evaluation.labels import Label, Task
from detection.evaluation.work import CLIP_KINDS, Found

_NEEDS_ZONE = frozenset({"intrusion", "loitering"})


def read(source: Path) -> tuple[Label, ...]:
    """Return the labels of a video, or of every video of a folder, that has a KISA XML beside it.

    KISA's StartTime says when an alarm is due, its dwell passed; labels say when the behaviour begins.

    Raises:
        KisaError: an XML is missing or cannot be read.
        MediaError: a video cannot be read.
    """
    descriptions = sorted(source.glob("*.xml")) if source.is_dir() else [source.with_suffix(".xml")]
    if not descriptions:
        raise kisa.KisaError(source, "holds no XML", "put KISA's XML files beside the videos")
    rows = [row for path in descriptions for row in _rows(path, source)]
    return tuple(rows)


def write_results(folder: Path, rows: Sequence[Label], find: Callable[[Label], Found | None]) -> list[Path]:
    """Write what was found in each clip in KISA's form, one file per clip and scenario, and return the files.

    Scenarios that this version cannot raise get no file: an empty result would say that it looked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    clips = dict.fromkeys((r.path, r.kind) for r in rows if r.task is Task.CLIP and r.kind in CLIP_KINDS)
    by_path = {row.path: row for row in rows if row.task is Task.CLIP}
    written: list[Path] = []
    for path, kind in clips:
        found = find(by_path[path])
        alarms = [at_s for raised, at_s in found.raised if raised == kind] if found is not None else []
        clip = kisa.result(path.name, kind, found.duration_s, alarms) if found is not None else None
        if clip is not None:
            several = sum(other == path and kisa.result("", k, 0.0, ()) is not None for other, k in clips) > 1
            written.append(folder / (f"{path.stem}.{clip.scenario}.xml" if several else f"{path.stem}.xml"))
            kisa.write(written[-1], clip)
    return written


def _rows(description: Path, source: Path) -> list[Label]:
    clip = kisa.read(description)
    video = source if source.is_file() else description.with_name(clip.file or f"{description.stem}.mp4")
    if not video.is_file():
        raise kisa.KisaError(description, f"its video {video.name} is not beside it", "put the video there")
    kind = kisa.kind_of(clip, description)
    zone = _zone(clip, video)
    if kind in _NEEDS_ZONE and not zone:
        raise kisa.KisaError(
            description, f"has no area for {clip.scenario}", "write AlarmEvents with the area's points"
        )
    if not clip.alarms:
        return [Label(0, video, Task.CLIP, labels.NONE, zone=zone)]
    return [
        Label(0, video, Task.CLIP, kind, start_s=_begins(video, kind, at_s, clip.duration_s), zone=zone)
        for at_s, _ in clip.alarms
    ]


def _begins(video: Path, kind: str, due_s: float, clip_s: float) -> float:
    dwell_s = tally.due(Label(0, video, Task.CLIP, kind, start_s=0.0), clip_s).dwell_s
    return max(0.0, due_s - dwell_s)


def _zone(clip: kisa.Clip, video: Path) -> tuple[types.Point, ...]:
    """Return the area in 0..1 of the picture, cut to it."""
    if not clip.zone_px:
        return ()
    with files.Source(video) as opened:
        width, height = opened.size_px
    return tuple((min(1.0, max(0.0, x / width)), min(1.0, max(0.0, y / height))) for x, y in clip.zone_px)
