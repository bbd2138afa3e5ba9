"""What a link says of a file: how its pictures are coded, its hash, and what is missing in it."""

import hashlib
import itertools
from collections.abc import Sequence
from pathlib import Path

from camera_agents.analysis import reports
from camera_agents.recording import chain, recordings, segments
from camera_agents.streams import annexb, packets
from sharing_hub.wire import chain as wire
from sharing_hub.wire import v1

KILLED = "agent killed"
STALLED = "no picture came from the camera, or a clock was set forward"


def written(
    file: segments.SegmentWriter, name: str, span_us: tuple[int, int], camera_ahead_s: float | None
) -> v1.ChainFile:
    """Return what is told of a segment just written.

    Args:
        name: its path below the recordings folder.
        span_us: capture time of its first picture and of its last.
        camera_ahead_s: how far the camera's clock was ahead of the agent's, where it told.
    """
    return v1.ChainFile(
        name=name,
        starts_at=reports.at_us(span_us[0]),
        ends_at=reports.at_us(span_us[1]),
        sha256=file.sha256(),
        length_bytes=file.length_bytes,
        frames=file.frames,
        stream=parameters(file.format, file.frames, span_us[1] - span_us[0], file.signed_by_camera),
        clock_offset_s=camera_ahead_s,
    )


def interrupted(segment: recordings.Segment, path: Path, good: Sequence[segments.Entry]) -> chain.Finished:
    """Return what is left of a segment whose writing a kill ended; nobody hashed it while it was written, so it is read."""
    times = sorted(entry.captured_us for entry in good)
    with segments.SegmentReader(path) as reader:
        form = reader.header.format
        signed = any(annexb.is_signed_by_camera(form.codec, reader.packet(entry).data) for entry in good)
    duration_us = times[-1] - segment.start_us
    rate = fps(len(good), duration_us)
    told = v1.ChainFile(
        name=segment.path,
        starts_at=reports.at_us(segment.start_us),
        ends_at=reports.at_us(times[-1]),
        sha256=segments.sha256_of(path),
        length_bytes=path.stat().st_size,
        frames=len(good),
        stream=parameters(form, len(good), duration_us, signed),
        interrupted=KILLED,
    )
    missing = (stall(a, b, rate) for a, b in itertools.pairwise(times))
    return chain.Finished(segment.segment_id, segment.camera_id, times[-1], told, tuple(gap for gap in missing if gap))


def parameters(form: packets.StreamFormat, frames: int, duration_us: int, signed: bool) -> v1.StreamParameters:
    """Return how pictures of `form` are coded.

    Args:
        duration_us: from the first picture to the last.
        signed: one of them carried a message of ONVIF Media Signing.
    """
    profile_idc, level_idc = annexb.profile_and_level(form.codec, form.parameter_sets)
    return v1.StreamParameters(
        codec=form.codec,
        profile_idc=profile_idc,
        level_idc=level_idc,
        parameter_sets_sha256=hashlib.sha256(form.parameter_sets).hexdigest(),
        width_px=form.width_px,
        height_px=form.height_px,
        fps=fps(frames, duration_us),
        ticks_per_s=packets.TICKS_PER_S,
        camera_signature="signed by the camera, not verified" if signed else None,
    )


def fps(frames: int, duration_us: int) -> float:
    """Return the mean rate of pictures, 0 where there is none to speak of."""
    return round((frames - 1) / duration_us * 1e6, 3) if frames > 1 and duration_us >= 1000 * frames else 0.0


def stall(last_us: int, now_us: int, rate: float) -> recordings.Gap | None:
    """Return the gap between two pictures that follow each other at `rate` pictures a second, None where nothing is missing."""
    if (now_us - last_us) / 1e6 <= wire.longest_step(rate).total_seconds():
        return None
    return recordings.Gap(last_us, now_us, STALLED)
