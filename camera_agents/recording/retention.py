"""Decides which segments leave the disk: too old, over a camera's share, or because the disk is nearly full. Pure.

Invariant: a held segment, and one that a decided clip still needs, is never chosen.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from camera_agents.configuration import settings
from camera_agents.recording import recordings


def expired(
    segments: Sequence[recordings.Segment],
    keep: Mapping[str, settings.Keep],
    default: settings.Keep,
    needed: Iterable[recordings.Span],
    now_us: int,
) -> list[recordings.Segment]:
    """Return the segments beyond their camera's days or bytes.

    Args:
        segments: closed ones, oldest first.
        keep: by camera; a camera that is no longer configured has `default`.
        default: for cameras not in `keep`.
        needed: spans that are held or that a clip waits for.
        now_us: UTC in microseconds.
    """
    spans = tuple(needed)
    newer_bytes: defaultdict[str, int] = defaultdict(int)
    leaving = []
    for segment in reversed(segments):
        rule = keep.get(segment.camera_id, default)
        newer_bytes[segment.camera_id] += segment.length_bytes or 0
        too_old = (segment.end_us or 0) < now_us - int(rule.seconds * 1e6)
        too_much = newer_bytes[segment.camera_id] > rule.max_bytes
        if (too_old or too_much) and not _needed(segment, spans):
            leaving.append(segment)
    return leaving[::-1]


def to_free(
    segments: Sequence[recordings.Segment], needed: Iterable[recordings.Span], wanted_bytes: int
) -> list[recordings.Segment]:
    """Return the oldest segments of all cameras that together free `wanted_bytes`, or all that may go."""
    spans = tuple(needed)
    leaving = []
    for segment in segments:
        if wanted_bytes <= 0:
            break
        if not _needed(segment, spans):
            leaving.append(segment)
            wanted_bytes -= segment.length_bytes or 0
    return leaving


def _needed(segment: recordings.Segment, spans: Iterable[recordings.Span]) -> bool:
    return any(span.touches(segment) for span in spans)
