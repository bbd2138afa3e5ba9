"""From labels and what was found to figures, by the protocol: per kind, the first alarm of a file counts, `none` files are its negatives."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from detection import profile
from detection.evaluation import kisa, labels, scores
from detection.evaluation.labels import Label, Task
from detection.evaluation.work import CLIP_KINDS, IMAGE_KINDS, Found
from detection.types import Kind

Find = Callable[[Label], Found | None]
"""Gives what was found for a row; None where its file was not or could not be looked at."""

SURE = 0.5
"""Scores of evidence are scaled so that one picture alone is believed from here on."""
_CROWD = profile.ZoneRule("picture", Kind.CROWD).needed_count
_DWELL_KINDS = frozenset({"loitering", "stopped_vehicle", "abandoned_object"})


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the report. What a task has no figure for is None.

    Attributes:
        n: files, positive and negative (image, clip), or pictures (count).
        supported: False for a kind that this version cannot decide; it has no figures then, rather than zeros.
        kisa: score of KISA's rule, 0 to 100.
        delay_s: p50 and p95 of the time from when an alarm was due to when it came, over hits; negative = early.
    """

    task: str
    kind: str
    n: int
    supported: bool = True
    tp: int | None = None
    fp: int | None = None
    fn: int | None = None
    precision: float | None = None
    recall: float | None = None
    precision_ci: scores.Interval | None = None
    recall_ci: scores.Interval | None = None
    f1: float | None = None
    f1_ci: scores.Interval | None = None
    ap: float | None = None
    ap_ci: scores.Interval | None = None
    kisa: float | None = None
    delay_s: tuple[float, float] | None = None
    mae: float | None = None
    mae_ci: scores.Interval | None = None
    relative_error: float | None = None
    relative_error_ci: scores.Interval | None = None


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Alarms on normal footage.

    Attributes:
        count: by kind, for every kind that was watched for.
    """

    hours: float
    count: Mapping[str, int]

    def per_hour(self, kind: str) -> float | None:
        """Return alarms per camera-hour; None without normal footage."""
        return self.count[kind] / self.hours if self.hours > 0 else None

    def upper_95(self, kind: str) -> float | None:
        """Return the rate that is exceeded with at most 5 % chance."""
        return scores.rate_upper_bound(self.count[kind], self.hours)


def results(rows: Sequence[Label], find: Find) -> tuple[Result, ...]:
    """Return one result per task and kind that the labels ask for, in their order."""
    asked = dict.fromkeys((row.task, row.kind) for row in rows if row.kind != labels.NONE)
    made = {Task.CLIP: _clip, Task.IMAGE: _image, Task.COUNT: _count}
    return tuple(made[task]([row for row in rows if row.task is task], kind, find) for task, kind in asked)


def false_alarms(rows: Sequence[Label], find: Find) -> FalseAlarms:
    """Return the alarms on all clips labelled `none`, every alarm counted."""
    normal = {row.path: row for row in rows if row.task is Task.CLIP and row.kind == labels.NONE}
    found = [f for row in normal.values() if (f := find(row)) is not None]
    count = dict.fromkeys(sorted(CLIP_KINDS), 0)
    for one in found:
        for kind, _ in one.raised:
            count[kind] += 1
    return FalseAlarms(sum(one.duration_s for one in found) / 3600, count)


def due(row: Label, clip_s: float) -> kisa.Due:
    """Return when the row's event is due, its kind's dwell counted."""
    dwell_s = profile.EVALUATION_DWELL_S if row.kind in _DWELL_KINDS else 0.0
    if row.kind == "illegal_parking":
        dwell_s = row.value or 0.0
    return kisa.Due(row.start_s or 0.0, dwell_s, clip_s)


def _clip(rows: Sequence[Label], kind: str, find: Find) -> Result:
    files = _files(rows, kind)
    if kind not in CLIP_KINDS:
        return Result(str(Task.CLIP), kind, len(files), supported=False)
    verdicts: list[kisa.Verdict] = []
    delays: list[float] = []
    for row in files:
        found = find(row)
        if found is None:
            continue
        first = min((at_s for raised, at_s in found.raised if raised == kind), default=None)
        wanted = due(row, found.duration_s) if row.kind == kind else None
        verdict = kisa.judge(first, wanted)
        verdicts.append(verdict)
        if verdict.tp and first is not None and wanted is not None:
            delays.append(first - wanted.at_s)
    return _counted(Task.CLIP, kind, verdicts, delays)


def _files(rows: Sequence[Label], kind: str) -> list[Label]:
    """Return one row per file that counts for `kind`: its first event, or the file's `none`."""
    chosen: dict[object, Label] = {}
    for row in rows:
        if row.kind not in (kind, labels.NONE):
            continue
        known = chosen.get(row.path)
        if known is None or (row.kind == kind and (known.kind != kind or (row.start_s or 0) < (known.start_s or 0))):
            chosen[row.path] = row
    return list(chosen.values())


def _counted(task: Task, kind: str, verdicts: Sequence[kisa.Verdict], delays: Sequence[float]) -> Result:
    tp, fp, fn = (sum(getattr(v, name) for v in verdicts) for name in ("tp", "fp", "fn"))
    p50, p95 = scores.percentile(delays, 50), scores.percentile(delays, 95)
    return Result(
        str(task), kind, len(verdicts), tp=tp, fp=fp, fn=fn,
        precision=scores.share(tp, tp + fp), recall=scores.share(tp, tp + fn),
        precision_ci=scores.wilson(tp, tp + fp), recall_ci=scores.wilson(tp, tp + fn),
        f1=scores.f1(tp, fp, fn), f1_ci=scores.f1_interval(tp, fp, fn),
        kisa=kisa.score(tp, fp, fn) if task is Task.CLIP else None,
        delay_s=(p50, p95) if p50 is not None and p95 is not None else None,
    )  # fmt: skip


def _image(rows: Sequence[Label], kind: str, find: Find) -> Result:
    files = _files(rows, kind)
    if kind not in IMAGE_KINDS:
        return Result(str(Task.IMAGE), kind, len(files), supported=False)
    seen = [(row.kind == kind, _picture_score(kind, found)) for row in files if (found := find(row)) is not None]
    verdicts = [
        kisa.Verdict(tp=int(true and score >= SURE), fp=int(not true and score >= SURE), fn=int(true and score < SURE))
        for true, score in seen
    ]
    truth, values = [float(true) for true, _ in seen], [score for _, score in seen]
    base = _counted(Task.IMAGE, kind, verdicts, ())
    return dataclasses.replace(base, ap=_precision(values, truth), ap_ci=scores.bootstrap(_precision, values, truth))


def _picture_score(kind: str, found: Found) -> float:
    """Return how much a picture speaks for a kind; SURE is where an alarm would be raised by it alone."""
    return SURE * found.people / _CROWD if kind == Kind.CROWD else found.scores.get(kind, 0.0)


def _precision(values: Sequence[float], truth: Sequence[float]) -> float | None:
    return scores.average_precision(values, [t > 0 for t in truth])


def _count(rows: Sequence[Label], kind: str, find: Find) -> Result:
    pairs = [(float(found.people), row.value or 0.0) for row in rows if (found := find(row)) is not None]
    people, heads = [p for p, _ in pairs], [h for _, h in pairs]
    return Result(
        str(Task.COUNT), kind, len(pairs),
        mae=scores.mean_absolute_error(people, heads), relative_error=scores.relative_error(people, heads),
        mae_ci=scores.bootstrap(scores.mean_absolute_error, people, heads),
        relative_error_ci=scores.bootstrap(scores.relative_error, people, heads),
    )  # fmt: skip
