"""`jikimi-detect evaluate`: labels in, a table and a report out."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from detection import models, profile
from detection.evaluation import labels, libraries, provenance, report, tally, work
from detection.evaluation.labels import Label, Task
from detection.evaluation.work import Found, ModelChoice, Work

Key = tuple[Path, Task, float]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "source", type=Path, metavar="LABELS.tsv|CLIP.mp4|FOLDER",
        help="a labels file, or a video or folder of videos with KISA XML files beside them",
    )  # fmt: skip
    parser.add_argument("--report", type=Path, metavar="OUT.json", help="write the figures here")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes, one thread each (default: one per core)"
    )
    parser.add_argument(
        "--kisa-out", type=Path, metavar="DIR", help="write the alarms of each clip in KISA's form here"
    )
    parser.add_argument(
        "--models", type=Path, default=models.default_folder(), help="folder with manifest.toml and the weights"
    )
    parser.add_argument("--model", default="nanodet", help="name of the object detector in the manifest")
    parser.add_argument("--quiet", action="store_true", help="tell no progress")


def main(args: argparse.Namespace, out: TextIO = sys.stdout, err: TextIO = sys.stderr) -> int:
    """Evaluate, print the table and return the exit status: 1 if files could not be looked at, 0 if all were.

    Raises:
        DetectionError: labels, zones, manifest or model cannot be used.
    """
    rows = labels.read(args.source) if args.source.suffix == ".tsv" else libraries.read(args.source)
    model = ModelChoice(args.models, args.model)
    made, find = evaluate(args.source, rows, model, args.jobs, None if args.quiet else err)
    out.write(report.table(made))
    if args.report is not None:
        report.write(made, args.report)
    if args.kisa_out is not None:
        written = libraries.write_results(args.kisa_out, rows, find.get)
        print(f"{len(written)} files in {args.kisa_out}", file=err)
    return 1 if made.unreadable else 0


class Findings:
    """What was found for each row."""

    def __init__(self, found: Mapping[Key, Found]) -> None:
        self._found = found

    def get(self, row: Label) -> Found | None:
        """Return what was found for the row's file; None where it was not or could not be looked at."""
        found = self._found.get(work.work_key(row))
        return None if found is None or found.problem else found


def evaluate(
    source: Path, rows: Sequence[Label], model: ModelChoice, jobs: int = 1, err: TextIO | None = None
) -> tuple[report.Report, Findings]:
    """Look at everything that the labels name and return the report.

    Args:
        source: the labels' file or folder, for errors and for the manifest beside it.
        err: where progress is told; None = nowhere.

    Raises:
        DetectionError: labels, zones, manifest or model cannot be used.
    """
    told = provenance.read(source if source.is_dir() else source.parent)
    works = work.plan(source, rows)
    found: dict[Key, Found] = {}
    unreadable: list[report.Unreadable] = []
    for one, seen in work.do_all(works, model, jobs, _progress(len(works), err)):
        found[one.path, one.task, one.at_s] = seen
        if seen.problem:
            unreadable.append(report.Unreadable(str(one.path), one.line, seen.problem))
    find = Findings(found)
    parts = provenance.split(rows, told)
    made = report.Report(
        results=tally.results(rows, find.get),
        parts={name: tally.results(part, find.get) for name, part in parts.items()},
        false_alarms=tally.false_alarms(rows, find.get),
        models=model.used(),
        settings=profile.evaluation_profile(),
        unreadable=tuple(unreadable),
    )
    return made, find


def _progress(total: int, err: TextIO | None) -> Callable[[int, Work], None]:
    """Return what tells how far the work is, at every whole percent."""

    def tell(done: int, last: Work) -> None:
        percent = 100 * done // total
        if err is not None and percent != 100 * (done - 1) // total:
            print(f"{percent:3d} %  {done}/{total}  {last.path}", file=err, flush=True)

    return tell
