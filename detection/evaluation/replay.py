"""`jikimi-detect replay`: goes through an event's clip again from what was kept with it, and says whether the same comes out, or what differs.

Pictures are found in the clip by their checksums, so neither its name nor its time stamps are trusted; each is shown with the time and the fate it had
(detected or shed, questions answered or not).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from detection import detector, errors, experts, journal, motion, pipeline, snapshots, types
from detection.evaluation import files


class Verdict(StrEnum):
    """What became of an event."""

    SAME = "same event"
    DRIFT = "drift"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What going through it again gave.

    Attributes:
        raised: every event that came this time.
        looks: pictures that were looked at then; missing: those that the clip does not hold.
        other_regions: pictures in which a detector was sent elsewhere this time.
        differences: what is not as it was, one sentence each.
    """

    verdict: Verdict
    raised: tuple[types.Raised, ...]
    looks: int
    missing: int
    other_regions: int
    differences: tuple[str, ...]


def run(
    clip: Path, record: journal.Record, finder: detector.Detector, further: experts.Experts | None = None
) -> Outcome:
    """Go through `record` again with the pictures of `clip`.

    Raises:
        MediaError: the clip is no video that can be read.
    """
    asked = further or experts.Experts()
    differences = tuple(_differences(record, (finder.model, *asked.used.values())))
    minutes = None if record.week_shift is None else record.week_minute
    camera = pipeline.CameraPipeline(record.wanted, finder.model, further=asked.used, week_minute=minutes)
    try:
        camera.restore(record.state)
        places = _find(clip, record.calls)
        raised, other = _go_through(camera, record, _Pictures(clip, places), finder, asked)
    except (snapshots.SnapshotError, AttributeError, TypeError, ValueError, KeyError, IndexError) as e:
        because = f"what was kept cannot be gone on with by this program: {e}"
        return Outcome(Verdict.NOT_COMPARABLE, (), 0, 0, 0, (*differences, because))
    looks = [call for call in record.calls if call.picture is not None]
    missing = sum(place is None for call, place in zip(record.calls, places, strict=True) if call.picture is not None)
    verdict = _judge(record, raised, missing)
    return Outcome(verdict, raised, len(looks), missing, other, (*differences, *_told(record, raised, verdict)))


def one_look_s(record: journal.Record) -> float:
    """Return the time between the look at which the event was raised and the one before: how exactly its time is known."""
    usual_s = 1 / record.wanted.schedule.analysis_fps
    times = sorted({call.time_s for call in record.calls if call.concluded and call.time_s <= record.raised.raised_s})
    return max(usual_s, times[-1] - times[-2]) if len(times) > 1 else usual_s


def _judge(record: journal.Record, raised: Sequence[types.Raised], missing: int) -> Verdict:
    near_s = one_look_s(record) + 1e-3
    for event in raised:
        if event.kind == record.raised.kind and abs(event.raised_s - record.raised.raised_s) <= near_s:
            return Verdict.SAME
    return Verdict.NOT_COMPARABLE if missing else Verdict.DRIFT


def _told(record: journal.Record, raised: Sequence[types.Raised], verdict: Verdict) -> Iterator[str]:
    if verdict is Verdict.SAME:
        return
    times = [event.raised_s - record.raised.raised_s for event in raised if event.kind == record.raised.kind]
    if times:
        yield f"{record.raised.kind} came {min(times, key=abs):+.2f} s from when it was raised"
    else:
        came = ", ".join(sorted({str(event.kind) for event in raised})) or "nothing"
        yield f"{record.raised.kind} did not come; {came} did"


def _differences(record: journal.Record, here: Sequence[types.ModelUsed]) -> Iterator[str]:
    if record.program != journal.program_sha256():
        yield f"program: {record.program[:12]} then, {journal.program_sha256()[:12]} now"
    now = dict(journal.machine())
    for name, then in record.machine:
        if now.get(name) != then:
            yield f"{name}: {then} then, {now.get(name)} now"
    yield from model_differences(record.models, here)


def model_differences(then: Sequence[types.ModelUsed], here: Sequence[types.ModelUsed]) -> Iterator[str]:
    """Yield which models are not the ones used then."""
    known = {model.name: model.sha256 for model in here}
    for model in then:
        if model.name not in known:
            yield f"model {model.name}: {model.sha256[:12]} then, not here now"
        elif known[model.name] != model.sha256:
            yield f"model {model.name}: {model.sha256[:12]} then, {known[model.name][:12]} now"


def _go_through(
    camera: pipeline.CameraPipeline,
    record: journal.Record,
    pictures: "_Pictures",
    finder: detector.Detector,
    further: experts.Experts,
) -> tuple[tuple[types.Raised, ...], int]:
    raised: list[types.Raised] = []
    other = 0
    for i, call in enumerate(record.calls):
        if call.concluded or call.picture is None:
            camera.note_clock(call.clock)
        if call.picture is None:
            raised += camera.tick(call.time_s).raised
            continue
        frame = pictures.get(i)
        if frame is None:
            continue
        shown = replace(frame, time_s=call.time_s, is_key=call.is_key)
        look = camera.look(shown)
        other += look.regions != call.regions
        if call.concluded:
            detect = call.detected and bool(look.regions)
            found = finder.detect(shown, look.regions, record.wanted.detector) if detect else None
            raised += camera.conclude(look, found, _Answers(call.answered, further).ask).raised
    return tuple(raised), other


class _Answers:
    """Answers the questions that were answered, and no other."""

    def __init__(self, answered: Sequence[bool], further: experts.Experts) -> None:
        self._left = list(answered)
        self._further = further

    def ask(self, task: str, blob: experts.Blob) -> experts.Answer | None:
        return self._further.ask(task, blob) if not self._left or self._left.pop(0) else None


def _find(clip: Path, calls: Sequence[journal.Call]) -> list[float | None]:
    """Return the file time of the picture of each call; None for a tick and where the clip does not hold it."""
    by_picture: dict[int, list[float]] = {}
    for frame in _frames(clip):
        by_picture.setdefault(journal.checksum(motion.shrink(frame)), []).append(frame.time_s)
    offsets = [
        call.time_s - by_picture[call.picture][0]
        for call in calls
        if call.picture is not None and len(by_picture.get(call.picture, ())) == 1
    ]
    offset = float(np.median(offsets)) if offsets else 0.0
    return [_nearest(by_picture, call, offset) for call in calls]


def _nearest(by_picture: Mapping[int, Sequence[float]], call: journal.Call, offset: float) -> float | None:
    """Return where the call's picture is; of several that are alike (a frozen stream) the one whose time fits best."""
    if call.picture is None or call.picture not in by_picture:
        return None
    return min(by_picture[call.picture], key=lambda at_s: abs(call.time_s - offset - at_s))


def _frames(clip: Path) -> Iterator[types.Frame]:
    """Yield every frame of the clip."""
    with files.Source(clip) as source:
        for packet in source.packets():
            yield from source.decoder.decode(packet)
        yield from source.decoder.drain()


class _Pictures:
    """The clip's pictures in the order of the calls; only those still needed are held."""

    def __init__(self, clip: Path, places: Sequence[float | None]) -> None:
        self._places = places
        self._frames = _frames(clip)
        self._uses = Counter(place for place in places if place is not None)
        self._held: dict[float, types.Frame] = {}

    def get(self, i: int) -> types.Frame | None:
        """Return the picture of call `i`; call with rising `i`."""
        place = self._places[i]
        if place is None:
            return None
        while place not in self._held:
            frame = next(self._frames, None)
            if frame is None:
                return None
            if self._uses[frame.time_s]:
                self._held[frame.time_s] = frame
        frame = self._held[place]
        self._uses[place] -= 1
        if not self._uses[place]:
            del self._held[place]
        return frame


def load(path: Path) -> journal.Record:
    """Read what was kept with an event.

    Raises:
        MediaError: it is not there, or is nothing that was kept.
    """
    try:
        if path.stat().st_size > snapshots.MAX_BYTES:
            raise snapshots.SnapshotError("is too large")
        return journal.Record.from_bytes(path.read_bytes())
    except (OSError, snapshots.SnapshotError) as e:
        raise errors.MediaError(
            path, f"cannot be used: {e}", "name the .replay file that was kept with the event"
        ) from e
