"""Makes the clips and ranges that were decided on, once their time has passed; what a kill interrupted is made after the next start."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import structlog

from camera_agents import errors
from camera_agents.analysis import reports
from camera_agents.recording import chain, clip, recordings
from camera_agents.sending import identity, mediastore, outbox
from sharing_hub.wire import chain as wire
from sharing_hub.wire import v1

_WRITTEN_AFTER = timedelta(seconds=2)
"""The last packets of a span are on the disk this long after its end."""
_LONGEST_WAIT_S = 5.0
_FULL_WAIT_S = 30.0
_TURN_WAIT = timedelta(seconds=6)
"""So long a range waits for its newest segment to be finished and to get its link: a few groups of pictures."""
_TURN_LOOK_S = 0.5
_MAX_GAPS = 200
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sealed:
    """What proves a clip.

    Attributes:
        links: the chains.
        turn: asks the recorder to finish a camera's segment.
    """

    links: chain.Chain
    turn: Callable[[str], None]


class ClipMaker:
    """Works through the outbox's open plans, the ones that are due first. `run` wants a thread of its own."""

    def __init__(
        self,
        me: identity.Identity,
        box: outbox.Outbox,
        store: mediastore.MediaStore,
        index: recordings.Recordings,
        folder: Path,
        sealed: Sealed,
        software: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._me = me
        self._box = box
        self._store = store
        self._index = index
        self._folder = folder
        self._chain = sealed.links
        self._turn = sealed.turn
        self._asked: dict[UUID, datetime] = {}  # when the segment of a range's plan was asked to end
        self._software = software
        self._clock = clock
        self._wake = threading.Event()
        self._stopping = False
        box.listen(self._heard)

    def run(self) -> None:
        """Make clips until stopped."""
        while not self._stopping:
            self._wake.clear()
            wait_s = self.work()
            self._wake.wait(wait_s)

    def stop(self) -> None:
        """Let `run` return after the clip in hand."""
        self._stopping = True
        self._wake.set()

    def work(self) -> float:
        """Make what is due and return how long nothing more is, in seconds."""
        now = self._clock()
        next_s = _LONGEST_WAIT_S
        for plan in self._box.open_plans():
            due_s = (plan.ends_at + _WRITTEN_AFTER - now).total_seconds()
            if due_s > 0:
                next_s = min(next_s, due_s)
            elif self._waits_for_link(plan, now):
                next_s = min(next_s, _TURN_LOOK_S)
            elif not self._stopping and not self._make(plan):
                return _FULL_WAIT_S
        return next_s

    def needed(self) -> list[recordings.Span]:
        """Return the spans that open plans still need from the disk."""
        return [_span(plan) for plan in self._box.open_plans()]

    def _waits_for_link(self, plan: outbox.ClipPlan, now: datetime) -> bool:
        """Have the open segment of a range finished, so that its link can come along; a clip is wanted sooner than that."""
        if plan.request_id is None or all(one.end_us is not None for one in self._index.find(_span(plan))):
            self._asked.pop(plan.plan_id, None)
            return False
        if plan.plan_id not in self._asked:
            self._asked[plan.plan_id] = now
            self._turn(plan.camera_id)
        if now - self._asked[plan.plan_id] < _TURN_WAIT:
            return True
        del self._asked[plan.plan_id]
        return False

    def _make(self, plan: outbox.ClipPlan) -> bool:
        """Make one; False when the disk is too full, so that it must be tried again."""
        made: list[clip.Clip] = []

        def write(path: Path) -> None:
            made.append(clip.make(self._index, self._folder, _span(plan), path))

        try:
            stored = self._store.put(write, ".mp4")
            manifest = self._in_chain(self._manifest(plan, made[0], stored), plan, made[0])
        except errors.ClipError as e:
            self._box.fail_plan(plan.plan_id, str(e))
            return True
        except (errors.MediaStoreError, errors.RecordingsError) as e:
            _log.warning("clip_waits", camera_id=plan.camera_id, reason=str(e))
            return False
        self._box.commit_media(self._me.sign(manifest), stored.path, plan.plan_id)
        _log.info("clip", camera_id=plan.camera_id, frames=made[0].frames, cut=made[0].cut)
        return True

    def _manifest(self, plan: outbox.ClipPlan, made: clip.Clip, stored: mediastore.Stored) -> v1.MediaManifest:
        return v1.MediaManifest(
            media_id=uuid4(),
            camera_id=plan.camera_id,
            form="clip" if plan.event_id is not None else "range",
            event_id=plan.event_id,
            request_id=plan.request_id,
            mime="video/mp4",
            length_bytes=stored.path.stat().st_size,
            sha256=stored.sha256,
            starts_at=reports.at_us(made.start_us),
            ends_at=reports.at_us(made.end_us),
            codec=made.format.codec,
            width_px=made.format.width_px,
            height_px=made.format.height_px,
            gaps=tuple(
                v1.Gap(
                    starts_at=reports.at_us(gap.start_us), ends_at=reports.at_us(gap.end_us), reason=gap.reason[:500]
                )
                for gap in made.gaps[:_MAX_GAPS]
                if gap.end_us is not None
            ),
            cut=made.cut,
            software=self._software,
            stream=made.stream,
        )

    def _in_chain(self, manifest: v1.MediaManifest, plan: outbox.ClipPlan, made: clip.Clip) -> v1.MediaManifest:
        """Return the manifest with its file's place in the chain, and with what decided its event."""
        file = v1.ChainFile(
            starts_at=manifest.starts_at,
            ends_at=manifest.ends_at,
            sha256=manifest.sha256,
            length_bytes=manifest.length_bytes,
            frames=made.frames,
            stream=made.stream,
        )
        links = self._chain.links_of(_span(plan))
        kept = {segment.sequence for segment in self._index.find(_span(plan))}
        gone = [one.link for one in links if one.link.what == "segment" and one.link.sequence not in kept]
        own = self._chain.add_file(plan.camera_id, "clip" if plan.event_id is not None else "range", file)
        open_from = None if made.open_from_us is None else reports.at_us(made.open_from_us)
        why = self._box.explanation(plan.event_id) if plan.event_id is not None else None
        return manifest.model_copy(
            update={
                "gaps": tuple(_with_reason(gap, gone) for gap in manifest.gaps),
                "chain": v1.ChainPlace(own=own, links=links, open_from=open_from),
                "models": why.models if why else (),
                "settings_sha256": why.settings_sha256 if why else None,
            }
        )

    def _heard(self, topic: outbox.Topic) -> None:
        if topic == "plan":
            self._wake.set()


def _with_reason(gap: v1.Gap, gone: list[v1.ChainLink]) -> v1.Gap:
    """Return the gap, with what the chain knows of it: that it was recorded and has left the disk since."""
    for begin, end in wire.recorded(gone):
        if begin < gap.ends_at and end > gap.starts_at:
            return gap.model_copy(update={"reason": "it was recorded, and removed by retention"})
    return gap


def _span(plan: outbox.ClipPlan) -> recordings.Span:
    return recordings.Span(plan.camera_id, reports.us(plan.starts_at), reports.us(plan.ends_at))
