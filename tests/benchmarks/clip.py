"""Clip: CPU time of making an event's clip of 20 s from segment files: found in the index, read, checked, remuxed and fsynced into the media store."""

import statistics
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av

from camera_agents.recording import clip, recorder, recordings
from camera_agents.sending import mediastore
from camera_agents.streams import annexb, packets
from tests.benchmarks import figures, footage
from tests.support import agent_state

SPAN_S = 20
RECORDED_S = 60
CAMERA = "gate"
BEGIN_US = 1_780_000_000_000_000


def run(quick: bool) -> list[figures.Figure]:
    """Make many clips at different places of a recorded minute."""
    rounds = 20 if quick else 100
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        place = Path(folder)
        index = recordings.Recordings(place / "recordings.db")
        try:
            record(place, index, footage.idle_clip(place))
            store = mediastore.MediaStore(place / "media", free_bytes=lambda: 10**12)
            taken_ms = sorted(_make(index, place, store, number) for number in range(rounds))
        finally:
            index.close()
    note = f"{rounds} clips of 1280x720 at about 2 Mbit/s; CPU of the whole process"
    return [
        figures.Figure("clip of 20 s, median", statistics.median(taken_ms), "ms CPU", "<= 10", note),
        figures.Figure("clip of 20 s, p95", taken_ms[int(0.95 * len(taken_ms))], "ms CPU"),
    ]


def record(folder: Path, index: recordings.Recordings, source: Path) -> None:
    """Record a minute of `source`, played again and again, as the agent does."""
    writer = recorder.Recorder(folder, index, agent_state.chain(index))
    writer.start()
    for packet in _packets(source):
        writer.write(CAMERA, packet)
    writer.stop()


def _packets(source: Path) -> list[packets.VideoPacket]:
    with av.open(str(source)) as container:
        stream = container.streams.video[0]
        coded = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        units = [
            (bool(unit.is_keyframe), bytes(unit)) for packet in container.demux(stream) for unit in coded.filter(packet)
        ]
        sets = annexb.parameter_sets("h264", units[0][1])
        form = packets.StreamFormat("h264", sets, footage.WIDTH_PX, footage.HEIGHT_PX)
    made = []
    for number in range(RECORDED_S * footage.FPS):
        is_key, data = units[number % len(units)]
        at = Fraction(number, footage.FPS)
        made.append(
            packets.VideoPacket(form, int(at * packets.TICKS_PER_S), BEGIN_US + int(at * 1_000_000), is_key, data)
        )
    return made


def _make(index: recordings.Recordings, folder: Path, store: mediastore.MediaStore, number: int) -> float:
    """Return the milliseconds of CPU that one clip took."""
    start_us = BEGIN_US + (1_300_000 + 377_000 * number) % (RECORDED_S - SPAN_S - 2) * 1_000_000
    span = recordings.Span(CAMERA, start_us, start_us + SPAN_S * 1_000_000)

    def write(path: Path) -> None:
        clip.make(index, folder, span, path)

    before = time.process_time()
    stored = store.put(write, ".mp4")
    took_ms = (time.process_time() - before) * 1000
    stored.path.unlink()
    return took_ms
