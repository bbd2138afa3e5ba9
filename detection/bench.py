"""What looking at a file costs, stage by stage, with the schedule, pipeline and detector that ship."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detection import decoding, detector, experts, pipeline, profile, schedule, types
from detection.evaluation import files

STAGES = ("demux", "decode", "gate", "regions", "detect", "tracker", "examiners", "triggers")
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class StageCost:
    """One stage: how often it ran and what it took.

    Attributes:
        ms_median, ms_p95: of one run.
        ms_per_s: milliseconds of CPU per second of stream.
    """

    name: str
    runs: int
    ms_median: float
    ms_p95: float
    ms_per_s: float


@dataclass(frozen=True, slots=True)
class Bench:
    """What a file cost. Rates are per second of stream."""

    file: str
    stream_s: float
    width_px: int
    height_px: int
    stages: tuple[StageCost, ...]
    ms_per_s: float
    looks_per_s: float
    regions_per_s: float
    inferences_per_s: float
    canvas_px_per_s: float
    decoded_packets: int
    skipped_packets: int
    tracks_begun: int
    model: types.ModelUsed

    def as_json(self) -> dict[str, object]:
        return dataclasses.asdict(self)

    def table(self) -> str:
        """Return the figures as lines for a terminal."""
        lines = [f"{self.file}: {self.stream_s:.1f} s of {self.width_px}x{self.height_px}, model {self.model.name}"]
        lines.append(f"{'stage':<10}{'runs':>8}{'ms median':>12}{'ms p95':>10}{'ms per s':>10}")
        lines += [
            f"{s.name:<10}{s.runs:>8}{s.ms_median:>12.3f}{s.ms_p95:>10.3f}{s.ms_per_s:>10.2f}" for s in self.stages
        ]
        lines.append(f"{'all':<10}{'':>30}{self.ms_per_s:>10.2f}")
        lines.append(
            f"per second: {self.looks_per_s:.2f} looks, {self.regions_per_s:.2f} regions, "
            f"{self.inferences_per_s:.2f} inferences of {self.canvas_px_per_s / 1e6:.3f} Mpx in all; "
            f"{self.decoded_packets} packets decoded, {self.skipped_packets} skipped; {self.tracks_begun} tracks"
        )
        return "\n".join(lines)


class Stopwatch:
    """CPU time by stage."""

    def __init__(self, clock: Clock) -> None:
        self.taken_s: dict[str, list[float]] = {stage: [] for stage in STAGES}
        self._clock = clock

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        began = self._clock()
        try:
            yield
        finally:
            self.taken_s[stage].append(self._clock() - began)

    def cost(self, stage: str, stream_s: float) -> StageCost:
        taken_ms = np.asarray(self.taken_s[stage] or [0.0]) * 1e3
        return StageCost(
            stage,
            len(self.taken_s[stage]),
            float(np.median(taken_ms)),
            float(np.percentile(taken_ms, 95)),
            float(taken_ms.sum() / stream_s),
        )


def run(
    path: Path,
    wanted: profile.CameraProfile,
    finder: detector.OnnxDetector,
    clock: Clock,
    most_s: float = float("inf"),
    further: experts.Experts | None = None,
) -> Bench:
    """Run a file, or its first `most_s` seconds, and return what it cost by `clock` (CPU seconds of this process).

    Raises:
        MediaError: the file is no video that can be read.
    """
    watch = Stopwatch(clock)
    asked = further or experts.Experts()
    camera = pipeline.CameraPipeline(wanted, finder.model, watch.time, asked.used)
    regions = ids = 0
    last_s = 0.0
    with files.Source(path) as source:
        decoder = source.decoder

        def decode(packet: decoding.VideoPacket) -> Sequence[types.Frame]:
            with watch.time("decode"):
                return decoder.decode(packet)

        walker: schedule.Walker[decoding.VideoPacket] = schedule.Walker(wanted.schedule, decode, decoder.reset)
        packets = source.packets()
        while True:
            with watch.time("demux"):
                packet = next(packets, None)
            if packet is None or packet.time_s >= most_s:
                break
            last_s = max(last_s, packet.time_s)
            for frame in walker.feed(packet):
                look = camera.look(frame)
                if walker.saw(look, camera.has_tracks):
                    regions += len(look.regions)
                    ids = max([ids, *(t.track_id for t in _conclude(camera, finder, look, watch, asked.ask).tracks)])
        width_px, height_px = source.size_px
    stream_s = max(last_s, 1e-9)
    stages = tuple(watch.cost(stage, stream_s) for stage in STAGES)
    return Bench(
        file=path.name,
        stream_s=stream_s,
        width_px=width_px,
        height_px=height_px,
        stages=stages,
        ms_per_s=sum(stage.ms_per_s for stage in stages),
        looks_per_s=walker.counters.looked / stream_s,
        regions_per_s=regions / stream_s,
        inferences_per_s=finder.inferences / stream_s,
        canvas_px_per_s=finder.canvas_px / stream_s,
        decoded_packets=walker.counters.decoded,
        skipped_packets=walker.counters.skipped,
        tracks_begun=ids,
        model=finder.model,
    )


def _conclude(
    camera: pipeline.CameraPipeline, finder: detector.OnnxDetector, look: types.Look, watch: Stopwatch, ask: experts.Ask
) -> types.Step:
    if not look.regions:
        return camera.conclude(look, None, ask)
    with watch.time("detect"):
        found = finder.detect(look.frame, look.regions)
    return camera.conclude(look, found, ask)
