"""The process that makes a derivative: `python -m sharing_hub.media` reads one job from standard input; see `worker`.

With arguments it serves by hand: `python -m sharing_hub.media SOURCE TARGET --level people_and_plates --agency 종로 --person 홍길동 --id JK-1`.
"""

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sharing_hub import errors
from sharing_hub.media import masking, plan

_NICENESS = 10
_LEAST_STEP = 0.005


def main(arguments: list[str]) -> int:
    """Make one derivative and return the exit code: 0 made, 1 refused."""
    os.nice(_NICENESS)  # what operators look at goes first
    try:
        job = _by_hand(arguments) if arguments else json.loads(sys.stdin.readline())
        wanted, watermark = plan.job_of(job)
        folder = Path(job["models_folder"])
        report = masking.make_derivative(
            Path(job["source"]), Path(job["target"]), wanted, watermark, folder, _Progress()
        )
    except errors.HubError as e:
        _say({"refused": e.detail, "kind": type(e).__name__})
        return 1
    _say({"report": report.as_json()})
    return 0


class _Progress:
    """Tells each half per cent once."""

    def __init__(self) -> None:
        self._told = 0.0

    def __call__(self, share: float) -> None:
        if share - self._told >= _LEAST_STEP:
            self._told = share
            _say({"progress": round(share, 3)})


def _by_hand(arguments: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="python -m sharing_hub.media", description=__doc__)
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--level", choices=plan.LEVELS, default=plan.PEOPLE_AND_PLATES)
    parser.add_argument("--agency", required=True)
    parser.add_argument("--person", required=True)
    parser.add_argument("--id", required=True)
    parser.add_argument("--models", default=str(Path(__file__).resolve().parents[2] / "models"))
    chosen = parser.parse_args(arguments)
    watermark = plan.Watermark(chosen.agency, chosen.person, datetime.now(UTC), chosen.id)
    places = {"source": chosen.source, "target": chosen.target, "models_folder": chosen.models}
    return plan.job_json(plan.MaskPlan(chosen.level), watermark) | places


def _say(values: dict[str, Any]) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
