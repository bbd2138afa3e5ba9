"""The report of an evaluation: a JSON file by the protocol's form, and a table for people."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detection import profile, types
from detection.evaluation import tally

_HEAD = (
    "task",
    "kind",
    "n",
    "tp",
    "fp",
    "fn",
    "prec",
    "recall",
    "f1",
    "95 %",
    "ap",
    "kisa",
    "p50 s",
    "p95 s",
    "mae",
    "rel",
)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be looked at; it is in no figure."""

    path: str
    line: int
    problem: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything an evaluation tells.

    Attributes:
        parts: the same results for each provenance ("real", "edited", "rendered"), where a manifest tells it.
    """

    results: tuple[tally.Result, ...]
    parts: Mapping[str, tuple[tally.Result, ...]]
    false_alarms: tally.FalseAlarms
    models: tuple[types.ModelUsed, ...]
    settings: profile.CameraProfile
    unreadable: tuple[Unreadable, ...] = ()


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as JSON values: the protocol's keys, and what helps to read them beside."""
    alarms = report.false_alarms
    kinds = sorted(alarms.count) if alarms.hours > 0 else []
    settings = profile.as_json(report.settings)
    return {
        "results": [_row(result) for result in report.results],
        "results_by_provenance": {name: [_row(result) for result in part] for name, part in report.parts.items()},
        "false_alarms_per_camera_hour": {kind: alarms.per_hour(kind) for kind in kinds},
        "false_alarms_per_camera_hour_upper_95": {kind: alarms.upper_95(kind) for kind in kinds},
        "hours_normal": alarms.hours,
        "models": [{"name": model.name, "sha256": model.sha256} for model in report.models],
        "settings": {"profile": settings, "sha256": profile.settings_sha256(report.settings)},
        "unreadable": [dataclasses.asdict(one) for one in report.unreadable],
    }


def write(report: Report, path: Path) -> None:
    """Write the report as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(as_json(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def table(report: Report) -> str:
    """Return the report as text."""
    parts = [_aligned([_HEAD, *(_cells(result) for result in report.results)])]
    for name, results in report.parts.items():
        parts.append(f"{name}:\n" + _aligned([_HEAD, *(_cells(result) for result in results)]))
    parts.append(_false_alarms(report.false_alarms))
    parts.append("models: " + ", ".join(f"{model.name} {model.sha256[:12]}" for model in report.models))
    for one in report.unreadable:
        parts.append(f"not looked at: line {one.line}: {one.problem}")
    return "\n\n".join(parts) + "\n"


def _row(result: tally.Result) -> dict[str, Any]:
    row = {name: value for name, value in dataclasses.asdict(result).items() if value is not None}
    if result.delay_s is not None:
        row["delay_s"] = {"p50": result.delay_s[0], "p95": result.delay_s[1]}
    if result.supported:
        del row["supported"]
    return row


def _cells(result: tally.Result) -> tuple[str, ...]:
    if not result.supported:
        return (result.task, result.kind, str(result.n), "not supported by this version")
    interval = f"{result.f1_ci[0]:.2f}-{result.f1_ci[1]:.2f}" if result.f1_ci else "-"
    p50, p95 = result.delay_s or (None, None)
    return (
        result.task, result.kind, str(result.n), *(_whole(v) for v in (result.tp, result.fp, result.fn)),
        *(_number(v) for v in (result.precision, result.recall, result.f1)), interval, _number(result.ap),
        _number(result.kisa, 0), _number(p50, 1), _number(p95, 1), _number(result.mae, 1), _number(result.relative_error),
    )  # fmt: skip


def _whole(value: int | None) -> str:
    return "-" if value is None else str(value)


def _number(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    full = [row for row in rows if len(row) == len(_HEAD)]
    widths = [max(len(row[i]) for row in full) for i in range(len(_HEAD))]
    widths[:3] = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=False))
        )
        for row in rows
    )


def _false_alarms(alarms: tally.FalseAlarms) -> str:
    if alarms.hours == 0:
        return "false alarms: no normal footage to count them on"
    lines = [f"false alarms on {alarms.hours:.3f} h of normal footage, per camera-hour (95 % upper bound):"]
    for kind in sorted(alarms.count):
        lines.append(f"  {kind:<16} {_number(alarms.per_hour(kind))} (<= {_number(alarms.upper_95(kind))})")
    return "\n".join(lines)
