"""The project's command lines, run to their end: in a process of their own, or in this one."""

import contextlib
import importlib
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 60.0

Done = subprocess.CompletedProcess[str]
Way = Callable[..., Done]
"""How a command is run: `call` or `run`."""


def run(module: str, *arguments: object) -> Done:
    """Run it in a process of its own, as an operator does."""
    line = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)


def call(module: str, *arguments: object) -> Done:
    """Run it in this process: the same code and words, without more than a second of CPU for imports.

    Not for commands that take signals, nor where it matters that the command is another process.
    """
    line, out, err = [str(one) for one in arguments], io.StringIO(), io.StringIO()
    main = importlib.import_module(f"{module}.__main__").main
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(line)
    return subprocess.CompletedProcess(line, code, out.getvalue(), err.getvalue())
