"""Makes an event durable: its report, its stills and the plan of its clip go into the outbox in one transaction.

Invariant: an event is announced even where no still can be kept (disk full, picture unusable); what is missing is counted.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import structlog

from camera_agents import errors
from camera_agents.analysis import reports, still, together
from camera_agents.configuration import settings
from camera_agents.sending import identity, mediastore, outbox
from detection import profile, types
from sharing_hub.wire import v1

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What was seen when an event was raised.

    Attributes:
        frame: None when there was never a picture.
        found: what a detector found in the whole frame; None when none looked.
        tracks: objects followed then.
    """

    frame: types.Frame | None
    found: types.Detections | None
    tracks: tuple[types.Track, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Which camera an event comes from, and how well its time is known."""

    camera_id: str
    clock: v1.CameraClock | None
    look_interval_s: float


class Announcer:
    """Shared by all cameras, from any thread."""

    def __init__(
        self,
        me: identity.Identity,
        box: outbox.Outbox,
        store: mediastore.MediaStore,
        clips: settings.Clips,
        software: str,
        new_id: Callable[[], UUID] = uuid4,
    ) -> None:
        self._me = me
        self._box = box
        self._store = store
        self._clips = clips
        self._software = software
        self._new_id = new_id
        self._together = together.Together()
        self.dropped: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """By camera and reason."""

    def announce(self, origin: Origin, raised: types.Raised, scene: Scene) -> UUID:
        """Commit the event and return its id."""
        event_id = self._new_id()
        raised = self._together.note(origin.camera_id, raised)
        report = reports.event_report(
            origin.camera_id, event_id, raised, origin.clock, origin.look_interval_s, self._software
        )
        stills = self._stills(report, scene)
        self._box.commit_event(report, self._plan(report, raised), stills)
        _log.info("event", camera_id=origin.camera_id, kind=report.kind, event_id=str(event_id))
        return event_id

    def end(self, event_id: UUID, ended_at: datetime) -> None:
        """Commit the end of an event."""
        self._box.commit_end(v1.EventEnd(event_id=event_id, ended_at=ended_at))

    def _plan(self, report: v1.EventReport, raised: types.Raised) -> outbox.ClipPlan:
        # A camera's own trouble is raised late: what is wanted is the moment it began.
        begin = report.started_at if raised.kind in profile.HEALTH_KINDS else report.raised_at
        return outbox.ClipPlan(
            plan_id=self._new_id(),
            camera_id=report.camera_id,
            starts_at=begin - timedelta(seconds=self._clips.before_s),
            ends_at=report.raised_at + timedelta(seconds=self._clips.after_s),
            event_id=report.event_id,
        )

    def _stills(self, report: v1.EventReport, scene: Scene) -> list[tuple[v1.SignedManifest, Path]]:
        if scene.frame is None:
            return []
        try:
            made = still.make(scene.frame, scene.found, scene.tracks)
            seen_at = reports.at(scene.frame.time_s)
            return [
                self._keep(report, "masked_still", made.masked, made, seen_at),
                self._keep(report, "still", made.clear, made, seen_at),
            ]
        except (errors.StillError, errors.MediaStoreError) as e:
            self.dropped[report.camera_id]["stills_not_kept"] += 1
            _log.warning("still_not_kept", camera_id=report.camera_id, reason=str(e))
            return []

    def _keep(
        self, report: v1.EventReport, form: v1.MediaForm, data: bytes, made: still.Stills, seen_at: datetime
    ) -> tuple[v1.SignedManifest, Path]:
        stored = self._store.put(data, ".jpg")
        manifest = v1.MediaManifest(
            media_id=self._new_id(),
            camera_id=report.camera_id,
            form=form,
            event_id=report.event_id,
            mime="image/jpeg",
            length_bytes=len(data),
            sha256=stored.sha256,
            starts_at=seen_at,
            ends_at=seen_at,
            codec="jpeg",
            width_px=made.width_px,
            height_px=made.height_px,
            masking=made.masking if form == "masked_still" else None,
            software=self._software,
            models=report.explanation.models,
            settings_sha256=report.explanation.settings_sha256,
        )
        return self._me.sign(manifest), stored.path
