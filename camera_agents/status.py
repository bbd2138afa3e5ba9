"""What the media side tells about itself: cameras, their health, the disk, and what is recorded."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from camera_agents.analysis import announcing, pipeline, reports
from camera_agents.configuration import settings
from camera_agents.recording import janitor, recorder, recordings
from camera_agents.streams import capture, ring
from sharing_hub.wire import v1


@dataclass(frozen=True, slots=True)
class Part:
    """One camera's moving parts."""

    camera: settings.Camera
    stream: capture.Capture
    small: capture.Capture | None
    ring: ring.Ring
    watch: pipeline.Watch


class Status:
    """Answers the heartbeat and the channel; never waits for a camera."""

    def __init__(
        self,
        parts: Mapping[str, Part],
        writer: recorder.Recorder,
        index: recordings.Recordings,
        keeper: janitor.Janitor,
        announcer: announcing.Announcer,
    ) -> None:
        self._parts = parts
        self._writer = writer
        self._index = index
        self._janitor = keeper
        self._announcer = announcer

    def cameras(self) -> tuple[v1.CameraInfo, ...]:
        """Return what is configured."""
        return tuple(_info(part.camera) for part in self._parts.values())

    def health(self) -> tuple[v1.CameraHealth, ...]:
        """Return how each camera is."""
        return tuple(self._health(part) for part in self._parts.values())

    def disk(self) -> v1.Disk:
        """Return how the disk is."""
        return self._janitor.disk()

    def refusal(self, camera_id: str, starts_at: datetime, ends_at: datetime) -> str | None:
        """Return why nothing of that span can be given, or None if something can."""
        if camera_id not in self._parts:
            return "this agent has no such camera"
        span = recordings.Span(camera_id, reports.us(starts_at), reports.us(ends_at))
        if self._index.find(span) or ends_at.timestamp() > time.time():
            return None
        reasons = [gap.reason for gap in self._index.gaps(span)]
        return reasons[0] if reasons else "nothing is recorded of that time: it is before the oldest recording kept"

    def _health(self, part: Part) -> v1.CameraHealth:
        stream, form = part.stream, part.stream.format
        online = stream.condition.state in ("online", "garbage")
        age_s = max(0.0, time.time() - stream.newest_us / 1e6) if stream.newest_us is not None else None
        clock = stream.camera_clock
        return v1.CameraHealth(
            camera_id=part.camera.camera_id,
            state=stream.condition.state,
            detail=stream.condition.detail[:500],
            decode_mode=part.watch.mode() if online else "none",
            codec=form.codec if form else "",
            width_px=form.width_px if form else 0,
            height_px=form.height_px if form else 0,
            fps_in=stream.rate.per_second(),
            fps_analysed=part.watch.looks.per_second(),
            look_interval_s=part.camera.profile.schedule.look_interval_s,
            last_frame_age_s=age_s,
            bytes_in=stream.bytes_in,
            clock_offset_s=clock.offset_s if clock else None,
            dropped=self._dropped(part),
            coverage=part.watch.coverage.told(),
        )

    def _dropped(self, part: Part) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for counted in (part.stream.dropped, part.watch.dropped, self._announcer.dropped[part.camera.camera_id]):
            counts.update(dict(counted))  # copied in one step: its own thread may add a reason while we go through it
        counts["clock_jumps"] = part.stream.jumps.total
        counts["seconds_not_recorded"] = self._writer.seconds_not_recorded(part.camera.camera_id)
        return {reason: count for reason, count in counts.items() if count}


def _info(camera: settings.Camera) -> v1.CameraInfo:
    zones: Sequence[v1.Zone] = [
        v1.Zone(name=rule.name, points=rule.points) for rule in camera.profile.zones if len(rule.points) > 1
    ]
    return v1.CameraInfo(
        camera_id=camera.camera_id,
        name=camera.name,
        latitude=camera.latitude,
        longitude=camera.longitude,
        kinds=tuple(sorted(kind.value for kind in camera.profile.kinds)),
        recording=camera.recording.on,
        zones=tuple(zones),
    )
