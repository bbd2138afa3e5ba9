"""The clips that ship, and beginnings of them: what comes after the part that a test is about costs as much to look at as the part itself."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import av

CLIPS = Path(__file__).parents[2] / "sample_streams" / "clips"


@functools.cache
def beginning(name: str, until_s: float) -> Path:
    """Return the first seconds of a clip under its own file name, its packets as they are; made once in this process, kept until it ends.

    Args:
        name: of the clip's file.
        until_s: packets that are decoded at this time or later are left out.
    """
    path = Path(tempfile.mkdtemp(prefix="shipped-")) / name
    atexit.register(shutil.rmtree, path.parent)
    with av.open(str(CLIPS / name)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None and float(packet.dts * packet.time_base) < until_s:
                packet.stream = stream
                target.mux(packet)
    return path
