"""The table of models/README.md, made from a kept report and from the cross-validated figures beside the cards: never written by hand.

Footage that may ship is scored by `jikimi-detect evaluate`; kinds of which none may ship (fights, real fires, crowds) have the figures that their
recipes' cross-validation measured, in `NAME.validation.json`.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from detection import errors

BEGIN, END = "<!-- made by `jikimi-detect models --table`: begin -->", "<!-- end -->"
VALIDATION = "*.validation.json"
_HEAD = (
    "kind", "footage", "n", "precision", "recall", "F1 (95 %)", "AP", "KISA", "MAE (relative)", "delay p50 / p95 s",
    "false alarms per camera-hour (95 % bound)",
)  # fmt: skip
_NONE = "–"
Row = Mapping[str, Any]


def table(report: Path, folder: Path) -> str:
    """Return the table as Markdown.

    Args:
        report: what `jikimi-detect evaluate --report` wrote.
        folder: of the models, for their validation files.

    Raises:
        MediaError: a file is not in its form.
    """
    told = _read(report)
    try:
        rows = [*_measured(told), *(row for path in sorted(folder.glob(VALIDATION)) for row in _validated(path, told))]
        rows.sort(key=lambda row: row[0])
        lines = [_line(_HEAD), _line(["---"] * len(_HEAD)), *(_line(row) for row in rows)]
        return "\n".join([*lines, "", *_notes(told, {row[0] for row in rows})]) + "\n"
    except (KeyError, TypeError, ValueError, IndexError) as e:
        raise errors.MediaError(report, f"is no report: {e!r}", "make it with jikimi-detect evaluate --report") from e


def replace(text: str, made: str, path: Path) -> str:
    """Return `text` with what lies between the two marks replaced.

    Raises:
        MediaError: the marks are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise errors.MediaError(path, "has no place for the table", f"put the lines {BEGIN} and {END} into it")
    return f"{before}{BEGIN}\n{made}{END}{after}"


def _measured(told: Row) -> Iterator[tuple[str, ...]]:
    parts: Mapping[str, Any] = told["results_by_provenance"] or {"": told["results"]}
    for footage, results in parts.items():
        for row in results:
            if row.get("supported", True):
                yield _cells(row, footage or _NONE, _alarms(told, row["kind"]))


def _validated(path: Path, told: Row) -> Iterator[tuple[str, ...]]:
    name = path.name.split(".")[0]
    for kind, row in _read(path)["kinds"].items():
        figures = row.get("figures")
        if figures is not None:
            yield _cells(
                {"kind": kind, **figures}, f"real; [{name}]({name}.md): {row['protocol']}", _alarms(told, kind)
            )


def _cells(row: Row, footage: str, alarms: str) -> tuple[str, ...]:
    delay = row.get("delay_s")
    return (
        str(row["kind"]), footage, str(row["n"]), _number(row.get("precision")), _number(row.get("recall")),
        _with_interval(row.get("f1"), row.get("f1_ci")), _with_interval(row.get("ap"), row.get("ap_ci")),
        _number(row.get("kisa"), 0), _error(row),
        _NONE if delay is None else f"{delay['p50']:.1f} / {delay['p95']:.1f}", alarms,
    )  # fmt: skip


def _alarms(told: Row, kind: str) -> str:
    per_hour = told["false_alarms_per_camera_hour"].get(kind)
    upper = told["false_alarms_per_camera_hour_upper_95"].get(kind)
    return _NONE if per_hour is None or upper is None else f"{_rate(per_hour)} (≤ {_rate(upper)})"


def _rate(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == 0 else f"{value:.2g}"


def _error(row: Row) -> str:
    mae, relative = row.get("mae"), row.get("relative_error")
    if mae is None:
        return _NONE
    return f"{mae:.1f}" if relative is None else f"{mae:.1f} ({relative:.0%})"


def _with_interval(value: float | None, interval: list[float] | None) -> str:
    if value is None or interval is None:
        return _number(value)
    return f"{value:.2f} ({interval[0]:.2f}–{interval[1]:.2f})"


def _number(value: float | None, digits: int = 2) -> str:
    return _NONE if value is None else f"{value:.{digits}f}"


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _notes(told: Row, shown: set[str]) -> Iterator[str]:
    minutes = told["hours_normal"] * 60
    silent = sorted(kind for kind, n in told["false_alarms_per_camera_hour"].items() if not n and kind not in shown)
    loud = sorted(kind for kind, n in told["false_alarms_per_camera_hour"].items() if n and kind not in shown)
    yield f"{minutes:.1f} minutes of normal footage ship: no alarm in them leaves a bound of {_bound(told)} an hour."
    if silent:
        yield f"Watched there without a false alarm, and without an example that may ship: {', '.join(silent)}."
    if loud:
        yield f"False alarms there of other kinds: {', '.join(f'{kind} {_alarms(told, kind)}' for kind in loud)}."
    yield "Models: " + ", ".join(f"{model['name']} `{model['sha256'][:12]}`" for model in told["models"]) + "."
    yield f"Settings: `{told['settings']['sha256'][:12]}`."


def _bound(told: Row) -> str:
    silent = [
        told["false_alarms_per_camera_hour_upper_95"][kind]
        for kind, n in told["false_alarms_per_camera_hour"].items()
        if not n
    ]
    return _rate(silent[0]) if silent else _NONE


def _read(path: Path) -> Row:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as e:
        raise errors.MediaError(path, f"cannot be read: {e}", "name a JSON file that was made here") from e
    if not isinstance(value, dict):
        raise errors.MediaError(path, "is no JSON object", "name a JSON file that was made here")
    return value
