"""`jikimi-detect`: evaluate labelled files, choose operating points, go through events again, measure what looking costs, check the models."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import cv2

from detection import bench, detector, errors, experts, models, profile
from detection.evaluation import calibrate, markdown, replay_command, run


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 = done, 1 = refused, 2 = wrong arguments."""
    arguments = _make_parser().parse_args(argv)
    cv2.setNumThreads(1)  # a second thread costs more CPU than it saves at these picture sizes
    try:
        return int(arguments.command(arguments))
    except errors.DetectionError as e:
        print(f"jikimi-detect: {e}", file=sys.stderr)
        return 1


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jikimi-detect", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    evaluate = commands.add_parser("evaluate", help="score labelled files by the evaluation protocol")
    run.add_arguments(evaluate)
    evaluate.set_defaults(command=run.main)
    calibrating = commands.add_parser("calibrate", help="choose operating points for a budget of false alarms")
    calibrate.add_arguments(calibrating)
    calibrating.set_defaults(command=calibrate.main)
    replaying = commands.add_parser("replay", help="go through an event's clip again and compare")
    replay_command.add_arguments(replaying)
    replaying.set_defaults(command=replay_command.main)
    check = commands.add_parser("models", help="list the models and verify their hashes, or make their table")
    check.add_argument("--models", type=Path, default=models.default_folder(), help="folder with manifest.toml")
    check.add_argument(
        "--table", type=Path, metavar="REPORT.json", help="print the README's table of this report instead"
    )
    check.add_argument("--into", type=Path, metavar="README.md", help="and put it between the marks of this file")
    check.set_defaults(command=_list_models)
    measure = commands.add_parser("bench", help="what looking at a video file costs, by stage")
    measure.add_argument("file", type=Path)
    measure.add_argument("--model", default="nanodet", help="name in the manifest")
    measure.add_argument("--models", type=Path, default=models.default_folder(), help="folder with manifest.toml")
    measure.add_argument("--seconds", type=float, default=float("inf"), help="only this much of the file")
    measure.add_argument("--json", type=Path, help="write the figures here too")
    measure.set_defaults(command=_bench)
    return parser


def _list_models(arguments: argparse.Namespace) -> int:
    """Print each model and whether its file is the manifest's; or the table of a report."""
    if arguments.table is not None:
        return _make_table(arguments)
    bad = 0
    for entry in models.load_manifest(arguments.models):
        try:
            models.read_verified(entry)
            state = "ok"
        except errors.ModelError as e:
            state, bad = str(e), bad + 1
        classes = ", ".join(label.name.lower() for label, _ in entry.classes)
        print(f"{entry.name}\t{entry.task}\t{classes}\t{entry.licence}\t{entry.sha256}\t{state}")
    for expert in (*models.load_experts(arguments.models), *models.load_masking(arguments.models)):
        try:
            models.read_verified(expert)
            state = "ok"
        except errors.ModelError as e:
            state, bad = str(e), bad + 1
        print(f"{expert.name}\t{expert.task}\t\t{expert.licence}\t{expert.sha256}\t{state}")
    return 1 if bad else 0


def _make_table(arguments: argparse.Namespace) -> int:
    made = markdown.table(arguments.table, arguments.models)
    if arguments.into is None:
        print(made, end="")
    else:
        text = arguments.into.read_text("utf-8")
        arguments.into.write_text(markdown.replace(text, made, arguments.into), "utf-8")
    return 0


def _bench(arguments: argparse.Namespace) -> int:
    wanted = profile.default_profile()
    entry = models.find(models.load_manifest(arguments.models), arguments.model)
    finder = detector.OnnxDetector.load(entry, wanted=wanted.detector)
    further = experts.Experts.load(models.load_experts(arguments.models))
    result = bench.run(arguments.file, wanted, finder, time.process_time, arguments.seconds, further)
    print(result.table())
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(result.as_json(), indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
