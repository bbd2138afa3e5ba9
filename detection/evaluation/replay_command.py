"""The command around `replay`: which record, which models, and a report that says plainly what was compared."""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from detection import errors, journal, models, profile, types
from detection.evaluation import files, replay, work

SUFFIX = ".replay"
_STATUS = {replay.Verdict.SAME: 0, replay.Verdict.DRIFT: 1, replay.Verdict.NOT_COMPARABLE: 3}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("clip", type=Path, metavar="CLIP", help="the event's clip")
    parser.add_argument(
        "--state", type=Path, metavar="EVENT.replay",
        help="what the agent kept with the event (default: the file of the clip's name with .replay, if it is there)",
    )  # fmt: skip
    parser.add_argument(
        "--event", type=Path, metavar="EXPLANATION.json",
        help="the event's explanation, as the hub gives it: tells which models and settings it was raised with",
    )  # fmt: skip
    parser.add_argument("--models", type=Path, default=models.default_folder(), help="folder with manifest.toml")
    parser.add_argument("--model", default="nanodet", help="name of the object detector in the manifest")


def main(args: argparse.Namespace, out: TextIO = sys.stdout) -> int:
    """Go through the clip again and print; 0 = same event, 1 = drift, 3 = not comparable.

    Raises:
        DetectionError: clip, record, explanation or models cannot be used.
    """
    choice = work.ModelChoice(args.models, args.model)
    state = args.state or args.clip.with_suffix(SUFFIX)
    told = _read_event(args.event) if args.event is not None else {}
    if args.state is None and not state.is_file():
        lines, verdict = list(_fresh(args.clip, choice, told)), replay.Verdict.NOT_COMPARABLE
    else:
        record, eyes = replay.load(state), choice.load()
        outcome = replay.run(args.clip, record, eyes.finder, eyes.further)
        lines, verdict = list(_report(record, outcome, told)), outcome.verdict
    out.write("\n".join(lines) + "\n")
    return _STATUS[verdict]


def _report(record: journal.Record, outcome: replay.Outcome, told: dict[str, Any]) -> Iterator[str]:
    raised = record.raised
    yield f"{outcome.verdict}: {raised.kind} of {_time(raised.raised_s)}"
    for event in outcome.raised:
        near = f"{event.raised_s - raised.raised_s:+.3f} s"
        yield f"  came now: {event.kind}, {near} (one look: {replay.one_look_s(record):.2f} s), score {event.score:.2f}"
    yield f"  looks: {outcome.looks}, of which {outcome.missing} are not in the clip; regions differ in {outcome.other_regions}"
    if outcome.missing:
        yield "  what is missing was seen on the camera's small stream, or lies before the clip"
    yield f"  settings: {raised.settings_sha256[:12]}, as recorded"
    for difference in outcome.differences:
        yield f"  differs: {difference}"
    if told and told.get("settings_sha256") != raised.settings_sha256:
        yield "  differs: the explanation is of an event with other settings: it does not belong to this record"


def _fresh(clip: Path, choice: work.ModelChoice, told: dict[str, Any]) -> Iterator[str]:
    """Run the clip as if the camera had just been switched on, with everything that needs no zone."""
    wanted = profile.default_profile()
    eyes = choice.load()
    watched = files.watch(clip, wanted, eyes.finder, further=eyes.further)
    yield f"{replay.Verdict.NOT_COMPARABLE}: nothing was kept with this clip, so it ran fresh, with default settings"
    for event in watched.raised:
        yield f"  came now: {event.kind} at {event.raised_s:.2f} s of the file, score {event.score:.2f}"
    if not watched.raised:
        yield "  came now: nothing"
    for difference in _against(told, choice):
        yield f"  differs: {difference}"


def _against(told: dict[str, Any], choice: work.ModelChoice) -> Iterator[str]:
    if told:
        settings = profile.settings_sha256(profile.default_profile())
        if told["settings_sha256"] != settings:
            yield f"settings: {told['settings_sha256'][:12]} then, {settings[:12]} (default) now"
        then = [types.ModelUsed(str(model["name"]), str(model["sha256"])) for model in told["models"]]
        yield from replay.model_differences(then, choice.used())


def _read_event(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
        told = value.get("explanation", value)
        if not isinstance(told["settings_sha256"], str) or not isinstance(told["models"], list):
            raise ValueError("settings_sha256 and models are not in it")
        for model in told["models"]:
            _ = model["name"], model["sha256"]
        return dict(told)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        raise errors.MediaError(path, f"is no explanation: {e!r}", "save the event or its explanation as JSON") from e


def _time(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds")
