"""The command line where nobody reads on, as in `jikimi-hub verify PACKAGE | head`."""

import os
import signal
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [(("settings",), {128 + signal.SIGPIPE}), (("--help",), {0, 128 + signal.SIGPIPE})],  # argparse lets its own go
)
def test_a_pipe_that_was_closed_ends_a_command_quietly(arguments: tuple[str, ...], codes: set[int]) -> None:
    reading, writing = os.pipe()
    os.close(reading)  # before anything is said, so that whatever is said finds nobody
    try:
        done = subprocess.run(
            [sys.executable, "-m", "sharing_hub", *arguments], stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode in codes
