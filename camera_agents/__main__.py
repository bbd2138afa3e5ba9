"""`jikimi-agent`: the agent's command line. The only place that holds the real clock, environment and signals."""

import argparse
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from camera_agents import check, discover, errors, logs, supervisor
from camera_agents.analysis import reports
from camera_agents.configuration import settings_file, settings_reference
from camera_agents.recording import chain_check, clip, recordings, recordings_check
from camera_agents.sending import enrol
from detection import errors as detection_errors

_M_ARENA_MAX = -8


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 findings, 2 refused."""
    given = _parser().parse_args(arguments)
    try:
        code: int = given.run(given)
        return code
    except (errors.AgentError, detection_errors.DetectionError) as e:
        print(logs.hidden(str(e)), file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jikimi-agent", description="Record cameras, watch them, and report to the hub."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run the agent until SIGTERM or Ctrl-C")
    run.add_argument("settings", type=Path, help="agent.toml")
    run.set_defaults(run=_run)
    checking = commands.add_parser(
        "check", help="verify identity, outbox, media, recordings and their chains; changes nothing"
    )
    checking.add_argument("settings", type=Path, help="agent.toml")
    checking.add_argument(
        "--thorough",
        action="store_true",
        help="read every byte of the recordings too, and compare it with the chain's hashes",
    )
    checking.set_defaults(run=_check)
    enrolling = commands.add_parser("enroll", help="join a hub with the one-time token it gave for this site")
    enrolling.add_argument("settings", type=Path, help="agent.toml")
    enrolling.add_argument("token", nargs="?", help="the token; read from standard input when left out")
    enrolling.set_defaults(run=_enrol)
    discovering = commands.add_parser("discover", help="list the ONVIF cameras of this network and their streams")
    discover.add_arguments(discovering)
    discovering.set_defaults(run=_discover)
    exporting = commands.add_parser("export", help="write recorded video to a file")
    exporting.add_argument("settings", type=Path, help="agent.toml")
    exporting.add_argument("camera", help="the camera's id")
    exporting.add_argument("begin", type=_time, metavar="FROM", help="such as 2026-11-22T14:00:00+09:00")
    exporting.add_argument("end", type=_time, metavar="TO")
    exporting.add_argument("path", type=Path, metavar="OUT.mp4")
    exporting.set_defaults(run=_export)
    reference = commands.add_parser(
        "settings", help="print every key of agent.toml with default and meaning (Markdown)"
    )
    reference.set_defaults(run=_settings)
    return parser


def _run(given: argparse.Namespace) -> int:
    wanted = settings_file.load(given.settings)
    logs.configure(wanted.log_level)
    _limit_arenas()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    agent = supervisor.Supervisor(wanted)
    agent.start()
    stopping.wait()
    agent.stop()
    return 0


def _check(given: argparse.Namespace) -> int:
    wanted = settings_file.load(given.settings)
    state = wanted.state_dir

    def recorded() -> Iterable[check.Finding]:
        folder = state / supervisor.RECORDINGS_FOLDER
        return recordings_check.find(state / supervisor.RECORDINGS_FILE, folder, given.thorough)

    def chained() -> Iterable[check.Finding]:
        folder = state / supervisor.RECORDINGS_FOLDER
        return chain_check.find(state / supervisor.RECORDINGS_FILE, folder, state, given.thorough)

    return check.run(state, sys.stdout, [recorded, chained])


def _enrol(given: argparse.Namespace) -> int:
    wanted = settings_file.load(given.settings)
    token = given.token or sys.stdin.readline()
    wanted.state_dir.mkdir(parents=True, exist_ok=True)
    me = enrol.enrol(token.strip(), enrol.Site(wanted.site, supervisor.SOFTWARE), wanted.state_dir, datetime.now(UTC))
    print(f"enrolled at {me.hub_url} as agent {me.agent_id}")
    return 0


def _discover(given: argparse.Namespace) -> int:
    return discover.run(discover.options_of(given, os.environ.get(discover.PASSWORD_VARIABLE, "")), sys.stdout)


def _export(given: argparse.Namespace) -> int:
    wanted = settings_file.load(given.settings)
    index = recordings.Recordings(wanted.state_dir / supervisor.RECORDINGS_FILE)
    span = recordings.Span(given.camera, reports.us(given.begin), reports.us(given.end))
    try:
        made = clip.make(index, wanted.state_dir / supervisor.RECORDINGS_FOLDER, span, given.path)
    finally:
        index.close()
    print(f"{given.path}: {made.frames} frames, {reports.at_us(made.start_us)} to {reports.at_us(made.end_us)}")
    for gap in made.gaps:
        print(f"missing: {reports.at_us(gap.start_us)} to {reports.at_us(gap.end_us or gap.start_us)}: {gap.reason}")
    return 0


def _settings(_given: argparse.Namespace) -> int:
    print(settings_reference.markdown())
    return 0


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo is not None else time.astimezone()


def _limit_arenas() -> None:
    """Let glibc share its memory arenas: one for each of many threads holds on to tens of megabytes. Elsewhere it does nothing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)


if __name__ == "__main__":
    sys.exit(main())
