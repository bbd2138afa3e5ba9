"""Debian's `motion` on the same stream, to compare with: it decodes every frame and looks for movement, and is given nothing else to do."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import site
from tests.support import waiting

CONNECT_S = 30.0
CONNECTED = re.compile(r"netcam_rtsp_connect: .*\) connected")
CONFIGURATION = """
daemon off
setup_mode off
log_level 6
target_dir {folder}
netcam_url {url}
netcam_userpass {user}:{password}
width {width}
height {height}
framerate {fps}
picture_output off
movie_output off
snapshot_interval 0
stream_port 0
webcontrol_port 0
"""


def find() -> str | None:
    """Return the program, installed by apt where this process may do that; None where there is none."""
    if shutil.which("motion") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        command = ["apt-get", "install", "-y", "--no-install-recommends", "motion"]
        subprocess.run(
            command, check=False, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        )
    return shutil.which("motion")


def version(program: str) -> str:
    """Return what it calls itself, such as "motion 4.5.1"."""
    said = subprocess.run([program, "-h"], check=False, capture_output=True, text=True)
    words = (said.stdout + said.stderr).split()
    return f"motion {words[2].rstrip(',')}" if words[1:2] == ["Version"] else "motion"


@contextlib.contextmanager
def watching(program: str, url: str, size_px: tuple[int, int], fps: int) -> Iterator[int]:
    """Let it watch a stream (an address without credentials); give its process id once it is connected."""
    with tempfile.TemporaryDirectory(prefix="motion-") as folder:
        settings, log = Path(folder) / "motion.conf", Path(folder) / "log"
        values = {"folder": folder, "url": url, "user": site.USER, "password": site.PASSWORD}
        settings.write_text(CONFIGURATION.format(**values, width=size_px[0], height=size_px[1], fps=fps))
        with log.open("wb") as output:
            process = subprocess.Popen([program, "-n", "-c", str(settings)], stdout=output, stderr=output, cwd=folder)
        try:
            waiting.wait_until(lambda: CONNECTED.search(log.read_text(errors="replace")), CONNECT_S, "motion's camera")
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
