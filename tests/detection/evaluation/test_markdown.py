"""The README's table is what the command makes from the kept report, and a report tells its footage apart."""

import json
from pathlib import Path
from typing import Any

import pytest

from detection import __main__ as command
from detection import errors, models
from detection.evaluation import markdown

FOLDER = models.default_folder()
README = FOLDER / "README.md"
REPORT = FOLDER / "evaluation.json"


def test_the_readmes_table_is_made_from_the_kept_report() -> None:
    text = README.read_text("utf-8")
    assert markdown.replace(text, markdown.table(REPORT, FOLDER), README) == text, (
        "run: jikimi-detect models --table models/evaluation.json --into models/README.md"
    )


def test_the_kept_report_is_of_models_that_ship() -> None:
    detectors = {(entry.name, entry.sha256) for entry in models.load_manifest(FOLDER)}
    shipped = detectors | {(entry.name, entry.sha256) for entry in models.load_experts(FOLDER)}
    kept = json.loads(REPORT.read_text("utf-8"))
    assert {(model["name"], model["sha256"]) for model in kept["models"]} <= shipped, (
        "evaluate sample_streams/labels.tsv anew with --report models/evaluation.json"
    )


def report(**changed: Any) -> dict[str, Any]:
    wrong_way = {
        "task": "clip", "kind": "wrong_way", "n": 3, "tp": 1, "fp": 0, "fn": 0, "precision": 1.0, "recall": 1.0, "f1": 1.0,
        "f1_ci": [0.34, 1.0], "kisa": 100.0, "delay_s": {"p50": 1.24, "p95": 2.0},
    }  # fmt: skip
    people = {"task": "count", "kind": "people", "n": 3, "mae": 1.25, "relative_error": 0.2}
    fight = {"task": "clip", "kind": "fight", "n": 3, "supported": False}
    return {
        "results": [], "results_by_provenance": {"rendered": [wrong_way, fight], "real": [people]},
        "false_alarms_per_camera_hour": {"wrong_way": 0.0, "crowd": 0.0, "fire": 2.0},
        "false_alarms_per_camera_hour_upper_95": {"wrong_way": 12.0, "crowd": 12.0, "fire": 19.0},
        "hours_normal": 0.25, "models": [{"name": "nanodet", "sha256": "ab" * 32}], "settings": {"sha256": "cd" * 32},
        "unreadable": [], **changed,
    }  # fmt: skip


def made(folder: Path, told: dict[str, Any]) -> list[str]:
    (folder / "report.json").write_text(json.dumps(told), "utf-8")
    return markdown.table(folder / "report.json", folder).splitlines()


def test_each_kind_has_a_row_for_each_kind_of_footage(tmp_path: Path) -> None:
    lines = made(tmp_path, report())
    assert "| wrong_way | rendered | 3 | 1.00 | 1.00 | 1.00 (0.34–1.00) | – | 100 | – | 1.2 / 2.0 | 0 (≤ 12) |" in lines
    assert "| people | real | 3 | – | – | – | – | – | 1.2 (20%) | – | – |" in lines
    assert not any("fight" in line for line in lines)
    assert "Watched there without a false alarm, and without an example that may ship: crowd." in lines
    assert "False alarms there of other kinds: fire 2 (≤ 19)." in lines
    assert "15.0 minutes of normal footage ship: no alarm in them leaves a bound of 12 an hour." in lines


def test_cross_validated_figures_stand_beside_with_their_protocol(tmp_path: Path) -> None:
    figures = {"task": "image", "n": 900, "f1": 0.91, "f1_ci": [0.89, 0.93], "ap": 0.95}
    row = {"protocol": "5 folds by source", "positives": 400, "recall": [[0.5, 0.9]], "figures": figures}
    (tmp_path / "firenet.validation.json").write_text(json.dumps({"kinds": {"fire": row}}))
    (line,) = [line for line in made(tmp_path, report()) if line.startswith("| fire")]
    assert "| real; [firenet](firenet.md): 5 folds by source | 900 |" in line
    assert "| 0.91 (0.89–0.93) | 0.95 |" in line
    assert line.endswith("| 2 (≤ 19) |"), (
        "alarms on normal footage stand in the row of their kind, however its figures were made"
    )


def test_the_command_prints_the_table_or_puts_it_between_the_marks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, readme = tmp_path / "report.json", tmp_path / "README.md"
    path.write_text(json.dumps(report()), "utf-8")
    readme.write_text(f"before\n{markdown.BEGIN}\nold\n{markdown.END}\nafter\n", "utf-8")
    assert command.main(["models", "--models", str(tmp_path), "--table", str(path)]) == 0
    table = capsys.readouterr().out
    assert command.main(["models", "--models", str(tmp_path), "--table", str(path), "--into", str(readme)]) == 0
    assert readme.read_text("utf-8") == f"before\n{markdown.BEGIN}\n{table}{markdown.END}\nafter\n"


@pytest.mark.parametrize("told", ["", "[]", "{}", '{"results_by_provenance": {"real": [{"kind": "fire"}]}}'])
def test_what_is_no_report_is_refused_by_name(tmp_path: Path, told: str) -> None:
    (tmp_path / "report.json").write_text(told)
    with pytest.raises(errors.MediaError, match=r"report\.json"):
        markdown.table(tmp_path / "report.json", tmp_path)


def test_a_file_without_the_marks_is_refused() -> None:
    with pytest.raises(errors.MediaError, match="no place for the table"):
        markdown.replace("text", "table", README)
