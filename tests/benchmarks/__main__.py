"""`make bench`: run the benchmarks and print each figure beside its goal; --only picks some, --quick shortens the long ones."""

import argparse
import importlib
import sys
import time
from pathlib import Path

from tests.benchmarks import figures

BENCHMARKS = (
    "decision",
    "clip",
    "inbound",
    "webhook",
    "revocation",
    "ledger",
    "masking",
    "ingest",
    "busy",
    "idle",
    "latency",
    "neighbours",
    "memory",
)
"""Modules with `run(quick: bool) -> list[Figure]`, shortest first."""


def main() -> None:
    """Run what was asked for; the exit code says only whether everything ran."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default=",".join(BENCHMARKS), help="comma-separated: %(default)s")
    parser.add_argument("--quick", action="store_true", help="shorter spans, noisier figures")
    parser.add_argument("--report", type=Path, default=Path("bench-report.json"))
    arguments = parser.parse_args()
    measured: list[figures.Figure] = []
    for name in arguments.only.split(","):
        if name not in BENCHMARKS:
            sys.exit(f"no benchmark {name!r}; there are {', '.join(BENCHMARKS)}")
        start = time.monotonic()
        found = importlib.import_module(f"tests.benchmarks.{name}").run(arguments.quick)
        print(f"# {name} ({time.monotonic() - start:.0f} s)\n{figures.table(found)}\n", flush=True)
        measured += found
    figures.write(measured, arguments.report)
    print(f"Written to {arguments.report}. Machines differ and are noisy: compare ratios of one run.")


if __name__ == "__main__":
    main()
