"""KISA's rule and files: only the first alarm in a clip counts, and it counts within a window around the truth.

The window is from 2 s before to 10 s after the moment at which the event is due. Files: a video and an XML of the same name beside it.
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detection import errors, plain_xml, types

EARLY_S = 2.0
LATE_S = 10.0
SHORT_CLIP_S = 12.0
PASS_SCORE = 90.0
MAX_XML_BYTES = 4 * 1024 * 1024
NAMES = {
    "Loitering": "loitering",
    "Intrusion": "intrusion",
    "Abandonment": "abandoned_object",
    "Falldown": "fall",
    "Violence": "fight",
    "FireDetection": "fire",
    "PeopleCounting": "people",
}
"""KISA's scenario names and ours. Queueing has no counterpart."""
_KINDS = {kind: name for name, kind in NAMES.items()}
_TIME = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d(?:\.\d{1,6})?)")


class KisaError(errors.DetectionError):
    """A KISA file cannot be read."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(f"{path}: {problem}; {remedy}")


@dataclass(frozen=True, slots=True)
class Due:
    """When an event of a clip is due.

    Attributes:
        start_s: when the behaviour begins.
        dwell_s: how long it must last before an alarm is right.
        clip_s: length of the file.
    """

    start_s: float
    dwell_s: float
    clip_s: float

    @property
    def at_s(self) -> float:
        """The moment from which delay is counted."""
        return self.start_s + self.dwell_s

    def covers(self, alarm_s: float) -> bool:
        """Say whether an alarm at this time is a hit. In a clip shorter than 12 s: any from 2 s before the start to the end."""
        if self.clip_s < SHORT_CLIP_S:
            return alarm_s >= self.start_s - EARLY_S
        return self.at_s - EARLY_S <= alarm_s <= self.at_s + LATE_S


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one clip adds to the sums; an alarm at the wrong time is a false one and a miss."""

    tp: int = 0
    fp: int = 0
    fn: int = 0


def judge(first_alarm_s: float | None, due: Due | None) -> Verdict:
    """Judge one clip by its first alarm.

    Args:
        first_alarm_s: None when there was no alarm.
        due: None on a clip without an event.
    """
    if due is None:
        return Verdict(fp=0 if first_alarm_s is None else 1)
    if first_alarm_s is None:
        return Verdict(fn=1)
    return Verdict(tp=1) if due.covers(first_alarm_s) else Verdict(fp=1, fn=1)


def score(tp: int, fp: int, fn: int) -> float | None:
    """Return KISA's score, 0 to 100 (pass at 90): 100 x F1. None where nothing was to be found and nothing was."""
    total = 2 * tp + fn + fp
    return 200.0 * tp / total if total else None


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip of a KISA library.

    Attributes:
        file: name of the video.
        scenario: KISA's name.
        duration_s: length of the video.
        zone_px: the drawn area, pixels of the video; empty where the scenario has none.
        alarms: start and duration of each, seconds.
    """

    file: str
    scenario: str
    duration_s: float
    zone_px: tuple[types.Point, ...] = ()
    alarms: tuple[tuple[float, float], ...] = ()


def kind_of(clip: Clip, path: Path) -> str:
    """Return our kind for the clip's scenario.

    Raises:
        KisaError: there is none.
    """
    if clip.scenario not in NAMES:
        raise KisaError(path, f"scenario {clip.scenario!r} is unknown", f"write one of {', '.join(NAMES)}")
    return NAMES[clip.scenario]


def read(path: Path) -> Clip:
    """Read a KISA XML file.

    Raises:
        KisaError: it is too large, no XML, of another form, or carries declarations that XML needs for tricks only.
    """
    try:
        raw = path.read_bytes() if path.stat().st_size <= MAX_XML_BYTES else None
    except OSError as e:
        raise KisaError(path, f"cannot be read: {e}", "put the XML beside the video, with the same name") from e
    if raw is None or plain_xml.declares_a_type(raw):
        raise KisaError(path, "is too large or declares a document type", "write a plain KISA XML of at most 4 MiB")
    try:
        library = ElementTree.fromstring(raw).find("Library")  # noqa: S314 (no declarations: nothing can be expanded)
    except ElementTree.ParseError as e:
        raise KisaError(path, f"is no XML: {e}", "write a KISA XML") from e
    clip = library.find("Clip") if library is not None else None
    if library is None or clip is None:
        raise KisaError(path, "has no Library/Clip", "write KisaLibraryIndex/Library/Clip")
    return Clip(
        file=clip.findtext("Header/Filename", "").strip(),
        scenario=library.findtext("Scenario", "").strip(),
        duration_s=_seconds(path, clip.findtext("Header/Duration", "").strip()),
        zone_px=tuple(_point(path, point.text or "") for point in clip.iterfind("Header/AlarmEvents/*/Point")),
        alarms=tuple(_alarm(path, alarm) for alarm in clip.iterfind("Alarms/Alarm")),
    )


def write(path: Path, clip: Clip) -> None:
    """Write a KISA XML file, of labels or of results."""
    root = ElementTree.Element("KisaLibraryIndex")
    library = ElementTree.SubElement(root, "Library")
    for name, text in (("Scenario", clip.scenario), ("Dataset", ""), ("Libversion", "1.0")):
        ElementTree.SubElement(library, name).text = text
    element = ElementTree.SubElement(library, "Clip")
    header = ElementTree.SubElement(element, "Header")
    ElementTree.SubElement(header, "Filename").text = clip.file
    ElementTree.SubElement(header, "Duration").text = _clock(clip.duration_s)
    events = ElementTree.SubElement(header, "AlarmEvents")
    if clip.zone_px:
        drawn = ElementTree.SubElement(events, clip.scenario)
        for x, y in clip.zone_px:
            ElementTree.SubElement(drawn, "Point").text = f"{x:g},{y:g}"
    alarms = ElementTree.SubElement(element, "Alarms")
    for start_s, duration_s in clip.alarms:
        alarm = ElementTree.SubElement(alarms, "Alarm")
        ElementTree.SubElement(alarm, "StartTime").text = _clock(start_s)
        ElementTree.SubElement(alarm, "AlarmDescription").text = clip.scenario
        ElementTree.SubElement(alarm, "AlarmDuration").text = _clock(duration_s)
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def result(video: str, kind: str, duration_s: float, alarms_s: Sequence[float]) -> Clip | None:
    """Return the result of one clip as KISA's form has it; None where KISA has no such scenario."""
    if kind not in _KINDS:
        return None
    return Clip(video, _KINDS[kind], duration_s, alarms=tuple((alarm_s, 0.0) for alarm_s in alarms_s))


def _alarm(path: Path, alarm: ElementTree.Element) -> tuple[float, float]:
    start = _seconds(path, alarm.findtext("StartTime", "").strip())
    duration = alarm.findtext("AlarmDuration", "").strip()
    return start, _seconds(path, duration) if duration else 0.0


def _point(path: Path, text: str) -> types.Point:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError as e:
        raise KisaError(path, f"point {text!r} is no point", "write x,y in pixels of the video") from e
    return x, y


def _seconds(path: Path, text: str) -> float:
    match = _TIME.fullmatch(text)
    if match is None:
        raise KisaError(path, f"time {text!r} is no time", "write HH:MM:SS")
    hours, minutes, seconds = match.groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _clock(seconds: float) -> str:
    """Return HH:MM:SS, rounded: the form has no fractions."""
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
