"""A process that records, removes and cuts as fast as it can and says so after each, until it is killed."""

import datetime
import random
from multiprocessing.connection import Connection
from pathlib import Path

from camera_agents.configuration import settings
from camera_agents.recording import chain, janitor, recorder, recordings
from camera_agents.sending import identity
from camera_agents.streams import packets
from tests.support import chains

CAMERA = "yard"
STEP_US = 200_000
_NO_LIMITS = settings.Disk(warn_bytes=0, free_bytes=0, stop_bytes=0)
_FORM = packets.StreamFormat("h264", b"\x00\x00\x00\x01\x67\x64\x00\x1f", 64, 48)

Acknowledged = tuple[str, str]
"""What was done ("segment", "removed", "clip") and the file it was done to, or the hash of its link."""


def write(state_dir: Path, begin_us: int, says: Connection) -> None:
    """Write for ever. An acknowledgement is sent only after the call that it speaks of returned."""
    me, folder = identity.Identity.load(state_dir), state_dir / "recordings"
    index = recordings.Recordings(state_dir / "recordings.db")
    links = chain.Chain(index, me, "test", lambda: datetime.datetime.now(datetime.UTC))
    at_us = begin_us
    while True:
        writer = recorder.Recorder(folder, index, links, segment_s=2.0)
        writer.recover([CAMERA])
        writer.start()
        at_us = _play(writer, at_us)
        writer.stop()
        listed = index.closed()
        for segment in listed:
            says.send(("segment", segment.path))
        cut = links.add_file(CAMERA, "clip", chains.file(None, 0, 1))
        says.send(("clip", cut.link.sha256()))
        keeper = janitor.Janitor(
            folder, index, writer, _NO_LIMITS, {CAMERA: settings.Keep(8.0, 1 << 40)}, lambda: (), links
        )
        keeper.work(at_us)
        left = {segment.path for segment in index.closed()}
        for segment in listed:
            if segment.path not in left:
                says.send(("removed", segment.path))


def _play(writer: recorder.Recorder, at_us: int) -> int:
    """Record some seconds of made-up pictures, five a second, after a pause; return the time behind them."""
    at_us += 3_000_000
    chance = random.Random(at_us)
    for number in range(30):
        data = b"\x00\x00\x00\x01\x65" + chance.randbytes(200)
        writer.write(CAMERA, packets.VideoPacket(_FORM, number * 18_000, at_us, number % 5 == 0, data))
        at_us += STEP_US
    return at_us
