"""`jikimi-detect calibrate`: histograms that agents kept, or clips of normal footage, in; operating points for a budget of false alarms out."""

import argparse
import json
import sys
from pathlib import Path
from typing import TextIO

from detection import errors, histograms, models, profile, types
from detection.evaluation import calibration, files, work

MAX_BYTES = 64 * 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "sources", type=Path, nargs="+", metavar="HISTOGRAMS.json|CLIP",
        help="what agents kept in their state folder (histograms.json), or videos on which nothing happened",
    )  # fmt: skip
    parser.add_argument(
        "--budget", required=True, metavar="0.15/camera/day", help="false alarms of one kind that a camera may raise"
    )
    parser.add_argument("--camera", action="append", metavar="ID", help="only these cameras of the histograms")
    parser.add_argument("--models", type=Path, default=models.default_folder(), help="folder with manifest.toml")
    parser.add_argument("--model", default="nanodet", help="name of the object detector, for clips")
    parser.add_argument("--report", type=Path, metavar="OUT.json", help="write the histogram of all sources here")


def main(args: argparse.Namespace, out: TextIO = sys.stdout) -> int:
    """Choose and print; 0 = every point is supported by the hours seen, 1 = not.

    Raises:
        DetectionError: budget, histograms, clips or models cannot be used.
    """
    budget = calibration.Budget.parse(args.budget)
    curves = calibration.load_curves(args.models)
    seen = histograms.Histogram()
    clips = [path for path in args.sources if path.suffix != ".json"]
    for path in args.sources:
        if path.suffix == ".json":
            seen = seen.add(read(path, args.camera))
    if clips:
        seen = seen.add(watch(clips, work.ModelChoice(args.models, args.model)))
    choices = calibration.choose(seen, budget, curves)
    out.write(calibration.table(choices, budget))
    if len(seen.models) > len({name.split()[0] for name in seen.models}):
        out.write("The sources were scored by different versions of a model: their scores may not be comparable.\n")
    if args.report is not None:
        args.report.write_text(json.dumps(histograms.as_json(seen)) + "\n", "utf-8")
    return 0 if choices and all(choice.supported for choice in choices) else 1


def read(path: Path, cameras: list[str] | None = None) -> histograms.Histogram:
    """Return what a file holds: one histogram, or one for each camera as agents keep them, added.

    Raises:
        MediaError: it is not in that form.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"has more than {MAX_BYTES} bytes")
        value = json.loads(path.read_text("utf-8"))
        rows = value.get("cameras", {"": value})
        if missing := sorted(set(cameras or ()) - set(rows)):
            raise ValueError(f"has no camera {missing[0]!r}, only {sorted(rows)}")
        seen = histograms.Histogram()
        for camera_id, row in rows.items():
            if cameras is None or camera_id in cameras:
                seen = seen.add(histograms.from_json(row))
        return seen
    except (OSError, ValueError, AttributeError) as e:
        raise errors.MediaError(path, f"holds no histograms: {e}", "name a histograms.json that an agent wrote") from e


def watch(clips: list[Path], model: work.ModelChoice) -> histograms.Histogram:
    """Return what clips give, looked at as evaluation does.

    Raises:
        DetectionError: a clip or the model cannot be used.
    """
    eyes = model.load()
    seen = histograms.Histogram()
    for path in clips:
        recorder = histograms.Recorder(models=model.used())
        watched = files.watch(
            path, profile.evaluation_profile(), eyes.finder, further=eyes.further, noticed=recorder.note
        )
        recorder.note(watched.duration_s, types.Step())
        seen = seen.add(recorder.histogram())
    return seen
