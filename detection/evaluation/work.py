"""What has to be looked at for a set of labels, and the looking: one piece of work per file, in this process or in several."""

import concurrent.futures
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from detection import detector, errors, experts, models, profile, types
from detection.evaluation import files, labels
from detection.evaluation.labels import Label, Task
from detection.types import Kind

CLIP_KINDS = frozenset(str(kind) for kind in profile.RAISED_KINDS - {Kind.CLOCK_DRIFT, Kind.SPEEDING})
"""A file tells no camera's clock; speed takes a calibration and a limit, which the protocol's labels do not give."""
IMAGE_KINDS = frozenset({str(Kind.CROWD)} | {str(kind) for kind in profile.PICTURE_KINDS})
"""What one picture can show. Other kinds need time, or a model that this version does not have."""
_POLYGON_KINDS_OF_NONE = (Kind.INTRUSION, Kind.LOITERING, Kind.FLOOD)


@dataclass(frozen=True, slots=True)
class Work:
    """One file to look at in one way.

    Attributes:
        line: where the labels name it first.
        at_s: the moment to count at, for a count.
        rules: the zones its rows give.
    """

    path: Path
    task: Task
    line: int
    at_s: float = 0.0
    rules: tuple[profile.ZoneRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What looking gave.

    Attributes:
        raised: kind and time of every event of a clip.
        duration_s: length of a clip.
        people: how many were counted in a picture.
        scores: of a picture, the highest score of each kind that was examined.
        problem: why the file could not be looked at; "" when it could.
    """

    raised: tuple[tuple[str, float], ...] = ()
    duration_s: float = 0.0
    people: int = 0
    scores: Mapping[str, float] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Eyes:
    """What a process looks with."""

    finder: detector.Detector
    further: experts.Experts = field(default_factory=experts.Experts)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which object detector a process loads, beside every further model of the folder: processes share no session."""

    folder: Path
    name: str

    def load(self) -> Eyes:
        """Return the models, on one thread.

        Raises:
            ModelError: one is missing, altered, or not in the manifest.
        """
        finder = detector.OnnxDetector.load(models.find(models.load_manifest(self.folder), self.name))
        return Eyes(finder, experts.Experts.load(models.load_experts(self.folder)))

    def used(self) -> tuple[types.ModelUsed, ...]:
        """Return the models by name and hash, without loading them."""
        chosen = models.find(models.load_manifest(self.folder), self.name)
        return (chosen.used, *(entry.used for entry in models.load_experts(self.folder)))


def plan(source: Path, rows: Sequence[Label]) -> tuple[Work, ...]:
    """Return the work that the labels need, in their order; rows of kinds that cannot be decided yet need none.

    Raises:
        LabelError: a zone cannot be used, with its line.
    """
    made: dict[tuple[Path, Task, float], Work] = {}
    by_clip: dict[Path, list[Label]] = {}
    with_images = any(row.task is Task.IMAGE and row.kind in IMAGE_KINDS for row in rows)
    for row in rows:
        if row.task is Task.CLIP:
            by_clip.setdefault(row.path, []).append(row)
    for row in rows:
        key = work_key(row)
        if key in made or (row.task is Task.IMAGE and not with_images):
            continue
        rules = _rules(source, by_clip[row.path]) if row.task is Task.CLIP else ()
        made[key] = Work(row.path, row.task, row.line, key[2], rules)
    return tuple(made.values())


def work_key(row: Label) -> tuple[Path, Task, float]:
    """Return what tells the work for a row from other work: a count is made at its own moment, in the middle of its span."""
    if row.task is not Task.COUNT or row.start_s is None:
        return row.path, row.task, 0.0
    return row.path, row.task, (row.start_s + (row.end_s if row.end_s is not None else row.start_s)) / 2


def do_all(
    works: Sequence[Work], model: ModelChoice, jobs: int, done: Callable[[int, Work], None]
) -> Iterator[tuple[Work, Found]]:
    """Do the work, in order, and yield what was found; `done` is told the number finished and the last one.

    Raises:
        ModelError: the model cannot be loaded.
    """
    if jobs <= 1 or len(works) <= 1:
        eyes = model.load()
        for i, work in enumerate(works, start=1):
            yield work, do(work, eyes)
            done(i, work)
        return
    model.load()  # so that a bad model is told once and plainly, not by a broken pool
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(jobs, context, _prepare, (model,)) as pool:
        for i, (work, found) in enumerate(zip(works, pool.map(_do_here, works), strict=True), start=1):
            yield work, found
            done(i, work)


def do(work: Work, eyes: Eyes) -> Found:
    """Look at one file."""
    try:
        if work.task is Task.CLIP:
            wanted = profile.evaluation_profile(work.rules)
            watched = files.watch(work.path, wanted, eyes.finder, further=eyes.further)
            return Found(tuple((str(e.kind), e.raised_s) for e in watched.raised), watched.duration_s)
        frame = files.frame_at(work.path, work.at_s)
        people = files.count_people(frame, eyes.finder, eyes.further.ask)
        if work.task is Task.COUNT:
            return Found(people=people)
        scores = files.judge_picture(frame, profile.evaluation_profile(), eyes.finder, eyes.further)
        return Found(people=people, scores={str(kind): score for kind, score in scores.items()})
    except errors.MediaError as e:
        return Found(problem=str(e))


_eyes: Eyes | None = None


def _prepare(model: ModelChoice) -> None:
    global _eyes
    _eyes = model.load()


def _do_here(work: Work) -> Found:
    assert _eyes is not None  # noqa: S101 (the pool's initialiser has run)
    return do(work, _eyes)


def _rules(source: Path, rows: Sequence[Label]) -> tuple[profile.ZoneRule, ...]:
    """Return the zones of one file's rows; the same zone for several events of a kind is one zone.

    A zone of a `none` row tells where nothing happens: a polygon is watched for intrusion, loitering and flood, and where a value gives the time
    for illegal parking; two points are an allowed direction.
    """
    wanted: dict[tuple[Kind, tuple[types.Point, ...]], Label] = {}
    for row in rows:
        for kind in _zone_kinds(row):
            wanted.setdefault((kind, row.zone), row)
    rules: list[profile.ZoneRule] = []
    for number, ((kind, zone), row) in enumerate(wanted.items(), start=1):
        try:
            rules.append(profile.ZoneRule(f"{kind} {number}", kind, zone, dwell_s=_dwell_s(kind, row)))
            profile.evaluation_profile(rules)
        except errors.ProfileError as e:
            raise labels.LabelError(source, row.line, str(e), "correct the row's zone") from e
    return tuple(rules)


def _zone_kinds(row: Label) -> tuple[Kind, ...]:
    if not row.zone:
        return ()
    if row.kind == labels.NONE:
        polygon_kinds = _POLYGON_KINDS_OF_NONE if row.value is None else (*_POLYGON_KINDS_OF_NONE, Kind.ILLEGAL_PARKING)
        return (Kind.WRONG_WAY,) if len(row.zone) == 2 else polygon_kinds
    takes_zone = row.kind in profile.ZONE_KINDS and row.kind in CLIP_KINDS
    return (Kind(row.kind),) if takes_zone else ()


def _dwell_s(kind: Kind, row: Label) -> float | None:
    """Return the dwell that a row gives its zone: `value` is how long a vehicle may stand where it may not park."""
    return row.value if kind == Kind.ILLEGAL_PARKING else None
