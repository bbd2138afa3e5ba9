"""Makes an MP4 of a span from segment files: the camera's own pictures, remuxed, never encoded again, without sound.

The clip begins at the key frame at or before the span's start, so that every frame of the span can be shown. A change of format inside
the span ends the clip: the longest run of one format is kept and the rest is told as a gap.
"""

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error

from camera_agents import errors
from camera_agents.recording import describing, recordings, segments
from camera_agents.streams import annexb, packets
from sharing_hub.wire import v1

_TICK = Fraction(1, packets.TICKS_PER_S)
_FORMAT_CHANGED = "the camera changed its format"
_GAP_US = 1_000_000
_LOST_TIME_S = 1.0
_INDEX_HEAD_BYTES = 4096
_MAX_BYTES = 2 * 1024**3 - 64 * 1024 * 1024  # the wire's limit for one file, less room for its index


@dataclass(frozen=True, slots=True)
class Clip:
    """What was made.

    Attributes:
        start_us, end_us: capture time of its first frame and the end of its last, UTC.
        gaps: spans within it in which frames are missing for longer than a second, and the planned spans around it that are not in it.
        cut: why it is shorter than the span, None when it is whole.
        stream: how its pictures are coded.
        open_from_us: where the segment begins that was still being written and of which something is in the span; None where there was none.
    """

    format: packets.StreamFormat
    start_us: int
    end_us: int
    frames: int
    gaps: tuple[recordings.Gap, ...]
    cut: str | None
    stream: v1.StreamParameters
    open_from_us: int | None


def make(index: recordings.Recordings, folder: Path, span: recordings.Span, path: Path) -> Clip:
    """Write the clip of `span` to `path`.

    Args:
        index: where segments and gaps are looked up.
        folder: the recordings folder.
        span: what is wanted; the clip may begin up to one group of pictures earlier.
        path: the file to write; whole when this returns.

    Raises:
        ClipError: nothing of the span is on disk, or it cannot be written.
    """
    found = index.find(span)
    parts = list(_read(found, folder, span))
    chosen = _longest_run(parts)
    left_out = len({part_format for part_format, _ in parts}) > 1
    known = index.gaps(span)
    if not chosen:
        raise errors.ClipError(_why(known, span.start_us, span.end_us, "nothing was recorded then"))
    shown = _timeline(chosen)
    try:
        _remux(chosen, shown, path)
    except (av.error.FFmpegError, OSError) as e:
        path.unlink(missing_ok=True)
        raise errors.ClipError(f"the clip cannot be written: {type(e).__name__}") from e
    otherwise = _FORMAT_CHANGED if left_out else "frames are missing"
    open_from_us = min((segment.start_us for segment in found if segment.end_us is None), default=None)
    made = _describe(chosen, _frame_ticks(shown), span, [] if left_out else known, otherwise)
    return dataclasses.replace(made, open_from_us=open_from_us)


def _read(
    found: Iterable[recordings.Segment], folder: Path, span: recordings.Span
) -> Iterator[tuple[packets.StreamFormat, list[packets.VideoPacket]]]:
    size = 0
    for segment in found:
        try:
            with segments.SegmentReader(folder / segment.path) as reader:
                read = []
                for entry in reader.between(span.start_us, span.end_us):
                    size += entry.length_bytes
                    if size > _MAX_BYTES:
                        break
                    read.append(reader.packet(entry))
        except (errors.SegmentDamaged, FileNotFoundError):
            continue  # told as a gap, because its frames are missing
        if read:
            yield read[0].format, read


def _longest_run(
    parts: Iterable[tuple[packets.StreamFormat, list[packets.VideoPacket]]],
) -> list[packets.VideoPacket]:
    best: list[packets.VideoPacket] = []
    run: list[packets.VideoPacket] = []
    form: packets.StreamFormat | None = None
    for part_format, part in parts:
        if form != part_format:
            run, form = [], part_format
        run = run + part
        if len(run) > len(best):
            best = run
    # A picture shown before the first key frame but sent after it needs pictures that are not in the clip.
    return [packet for packet in best if packet.captured_us >= best[0].captured_us]


def _remux(chosen: Sequence[packets.VideoPacket], shown: Sequence[int], path: Path) -> None:
    form = chosen[0].format
    sent = _decode_times(shown)
    step = _frame_ticks(shown)
    with av.open(str(path), "w", format="mp4", options={"moov_size": str(4096 + 40 * len(chosen))}) as file:
        stream = file.add_mux_stream(form.codec, width=form.width_px, height=form.height_px, time_base=_TICK)
        for i, source in enumerate(chosen):
            data = source.data if i else _with_parameter_sets(source)
            packet: av.Packet[av.stream.Stream] = av.Packet(data)
            packet.stream, packet.time_base, packet.is_keyframe = stream, _TICK, source.is_key
            packet.pts, packet.dts = shown[i], sent[i]
            packet.duration = sent[i + 1] - sent[i] if i + 1 < len(sent) else step
            file.mux_one(packet)
    if form.codec == "hevc":
        _name_hvc1(path)


def _name_hvc1(path: Path) -> None:
    """Rename the sample entry `hev1` that FFmpeg writes to `hvc1`: Safari and Apple's players open no other (PyAV cannot choose)."""
    with path.open("r+b") as file:
        at = file.read(_INDEX_HEAD_BYTES).find(b"hev1")
        if at >= 0:
            file.seek(at)
            file.write(b"hvc1")


def _with_parameter_sets(packet: packets.VideoPacket) -> bytes:
    return packet.data if packet.format.parameter_sets in packet.data else packet.format.parameter_sets + packet.data


def _timeline(chosen: Sequence[packets.VideoPacket]) -> list[int]:
    """Return when each packet is shown, in ticks from the first. The camera's own time stamps keep the order of B-frames; where
    they leave the capture time (a reconnect, a jump) the capture time is taken."""
    first = chosen[0]
    base_pts, base_ticks = first.pts, 0
    ticks: list[int] = []
    used: set[int] = set()
    for packet in chosen:
        captured = (packet.captured_us - first.captured_us) * packets.TICKS_PER_S // 1_000_000
        at = base_ticks + packet.pts - base_pts
        if abs(at - captured) > _LOST_TIME_S * packets.TICKS_PER_S:
            base_pts, base_ticks = packet.pts, max(captured, max(ticks, default=0) + 1)
            at = base_ticks
        while at in used:
            at += 1
        used.add(at)
        ticks.append(at)
    return ticks


def _decode_times(shown: Sequence[int]) -> list[int]:
    """Return rising decode times, none after its packet is shown: the shown times in order, moved back by the reordering's depth."""
    ordered = sorted(shown)
    late = max(at - own for at, own in zip(ordered, shown, strict=True))
    return [at - late for at in ordered]


def _frame_ticks(shown: Sequence[int]) -> int:
    ordered = sorted(shown)
    steps = sorted(b - a for a, b in itertools.pairwise(ordered))
    return steps[len(steps) // 2] if steps else packets.TICKS_PER_S // 15


def _describe(
    chosen: Sequence[packets.VideoPacket],
    step_ticks: int,
    span: recordings.Span,
    known: Sequence[recordings.Gap],
    otherwise: str,
) -> Clip:
    times = sorted(p.captured_us for p in chosen)
    step_us = step_ticks * 1_000_000 // packets.TICKS_PER_S
    start_us, end_us = times[0], times[-1] + step_us
    edges = [span.start_us, *times, span.end_us]
    gaps = [
        recordings.Gap(a, b, _why(known, a, b, otherwise))
        for a, b in itertools.pairwise(edges)
        if b - a > max(_GAP_US, 3 * step_us)
    ]
    outside = [gap for gap in gaps if gap.start_us < start_us or (gap.end_us or 0) >= span.end_us]
    cut = outside[-1].reason if outside else None
    form = chosen[0].format
    signed = any(annexb.is_signed_by_camera(form.codec, packet.data) for packet in chosen)
    stream = describing.parameters(form, len(chosen), times[-1] - times[0], signed)
    return Clip(form, start_us, end_us, len(chosen), tuple(gaps), cut, stream, None)


def _why(known: Sequence[recordings.Gap], start_us: int, end_us: int, otherwise: str) -> str:
    for gap in known:
        if gap.start_us < end_us and (gap.end_us is None or gap.end_us > start_us):
            return gap.reason
    return otherwise
