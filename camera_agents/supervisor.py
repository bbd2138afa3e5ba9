"""Brings the agent up, keeps its parts running, and takes it down in order.

Start: state and index are opened and mended (A), what was left undone is told (B), then uplink, recorder, cameras and analysis run (C).
Stop: cameras first, so that nothing new arrives; then analysis, recorder (segments are closed) and uplink (alarms are sent); clips that are
not due yet stay planned for the next start.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from camera_agents import lanes, live, status
from camera_agents.analysis import announcing, books, inference, pipeline, replays, reports, scorebook
from camera_agents.configuration import settings
from camera_agents.recording import chain, clipmaker, janitor, recorder, recordings
from camera_agents.sending import heartbeat, identity, mediastore, outbox, uplink
from camera_agents.streams import capture, packets, ring, rtsp
from detection import detector, examiners, experts, models, types

SOFTWARE = "jikimi-agent 0.1.0"
RECORDINGS_FOLDER = "recordings"
RECORDINGS_FILE = "recordings.db"
OUTBOX_FILE = "outbox.db"
MEDIA_FOLDER = "media"
_STOP_S = 8.0
_CLIP_SLACK_S = 0.5  # a clip begins with the key frame before its planned beginning, if that was recorded
_DRAIN_S = 5.0
_SESSIONS_A_SET = 3  # detector sessions that share one set of the further models
_log = structlog.get_logger()


class Supervisor:
    """One agent."""

    def __init__(self, wanted: settings.Agent) -> None:
        """Open the state and mend what a kill left.

        Raises:
            IdentityError, OutboxError, RecordingsError, ModelError: the agent cannot run; the message says what to do.
        """
        state = wanted.state_dir
        state.mkdir(parents=True, exist_ok=True)
        self._wanted = wanted
        self._me = identity.Identity.load(state)
        tasks = frozenset(task for camera in wanted.cameras for task in examiners.tasks_of(camera.profile))
        self._pool = load_pool(wanted.detector, tasks)
        self._box = outbox.Outbox(state / OUTBOX_FILE, _utc_now)
        self._store = mediastore.MediaStore(state / MEDIA_FOLDER)
        self._store.clear_drafts()
        self._folder = state / RECORDINGS_FOLDER
        self._folder.mkdir(exist_ok=True)
        self._index = recordings.Recordings(state / RECORDINGS_FILE)
        self._chain = chain.Chain(self._index, self._me, SOFTWARE, _utc_now)
        self._writer = recorder.Recorder(self._folder, self._index, self._chain)
        self._writer.recover([camera.camera_id for camera in wanted.cameras])
        self._announcer = announcing.Announcer(self._me, self._box, self._store, wanted.clips, SOFTWARE)
        sealed = clipmaker.Sealed(self._chain, self._writer.turn)
        self._clips = clipmaker.ClipMaker(
            self._me, self._box, self._store, self._index, self._folder, sealed, SOFTWARE, _utc_now
        )
        self._janitor = janitor.Janitor(
            self._folder, self._index, self._writer, wanted.disk, _keeping(wanted), self._clips.needed, self._chain
        )
        self._replays = replays.Replays(state / replays.FOLDER)
        self._scores = scorebook.Scorebook(
            state / scorebook.FILE, [camera.camera_id for camera in wanted.cameras], known_models(wanted.detector)
        )
        self._parts = {camera.camera_id: self._part(camera) for camera in wanted.cameras}
        self.status = status.Status(self._parts, self._writer, self._index, self._janitor, self._announcer)
        self._uplink = self._make_uplink()
        self._lanes = self._make_lanes()

    def start(self) -> None:
        """Tell what was left undone and start every part."""
        self._end_open_behaviours()
        self._writer.start()
        self._uplink.start()
        for lane in self._lanes:
            lane.start()
        _log.info("agent_started", cameras=len(self._parts), detector=str(self._pool.model))

    def stop(self) -> None:
        """End in order; returns when everything that was acknowledged is durable."""
        until_s = time.monotonic() + _STOP_S
        for lane in self._lanes:
            lane.stop()
        for lane in self._lanes:
            if not lane.join(until_s - time.monotonic()):
                _log.warning("lane_left_behind", lane=lane.name)
        self._writer.stop()
        self._uplink.stop(_DRAIN_S)
        self._index.close()
        self._box.close()
        _log.info("agent_stopped")

    def _part(self, camera: settings.Camera) -> status.Part:
        held = ring.Ring(ring.RingLimits())
        watch: pipeline.Watch
        camera_id = camera.camera_id

        def take(packet: packets.VideoPacket) -> None:
            told = stream.camera_clock
            self._writer.write(camera_id, packet, told.offset_s if told is not None else None)
            held.push(packet)
            watch.push(packet)

        def lose(reason: str) -> None:
            self._writer.interrupt(camera_id, reason)
            held.clear()

        hooks = capture.Hooks(take, lose, lambda _: self._uplink.status_changed())
        stream = capture.Capture(camera_id, lambda: rtsp.RtspConnection(camera.main), hooks)

        def take_small(packet: packets.VideoPacket) -> None:
            watch.push_small(packet)

        small = _small_stream(camera, take_small) if camera.sub is not None else None
        kept = books.Books(
            self._scores.keeper(camera_id), self._replays.keep, self._wanted.clips.before_s - _CLIP_SLACK_S
        )
        watch = pipeline.Watch(camera, pipeline.Streams(stream, small), self._pool, self._announcer, kept=kept)
        return status.Part(camera, stream, small, held, watch)

    def _make_lanes(self) -> list[lanes.Lane]:
        made = []
        for camera_id, part in self._parts.items():
            made.append(lanes.Lane(f"capture-{camera_id}", part.stream.run, part.stream.stop))
            if part.small is not None:
                made.append(lanes.Lane(f"capture-{camera_id}-sub", part.small.run, part.small.stop))
        for camera_id, part in self._parts.items():
            made.append(lanes.Lane(f"watch-{camera_id}", part.watch.run, part.watch.stop))
        made.append(lanes.Lane("clips", self._clips.run, self._clips.stop))
        made.append(lanes.Lane("histograms", self._scores.run, self._scores.stop))
        made.append(lanes.Lane("janitor", self._janitor.run, self._janitor.stop))
        for i, serve in enumerate(self._pool.lanes()):
            made.append(lanes.Lane(f"detector-{i}", serve, self._pool.stop if i == 0 else _nothing))
        return made

    def _make_uplink(self) -> uplink.Uplink:
        running = heartbeat.Running(SOFTWARE, _utc_now())
        feeds = {camera_id: live.Feed(part.stream, part.ring) for camera_id, part in self._parts.items()}
        side = uplink.MediaSide(self.status, live.Tap(feeds), self.status)
        chosen = uplink.Settings(running, heartbeat_s=self._wanted.heartbeat_s)
        return uplink.Uplink(self._me, self._box, self._store, side, chosen, _utc_now)

    def _end_open_behaviours(self) -> None:
        """Tell the end of every event that an agent which is gone began: last known when its camera was last recorded."""
        for behaviour in self._box.open_behaviours():
            newest_us = self._index.newest_end_us(behaviour.camera_id)
            ended_at = behaviour.raised_at if newest_us is None else max(behaviour.raised_at, reports.at_us(newest_us))
            self._announcer.end(behaviour.event_id, ended_at)


def load_pool(wanted: settings.Detector, tasks: frozenset[str]) -> inference.Pool:
    """Return the sessions of the detector and of the models for `tasks`, each checked against the manifest; none where no model is wanted.

    What no camera of this agent asks for is not loaded, and there is one set of further models for every three detector sessions: a set takes several times a detector's time to
    start and five times its memory, and within their budgets cameras' questions cost a third of what their looks do.

    Raises:
        ModelError: a model is missing or altered.
    """
    if not wanted.model:
        return inference.Pool([])
    folder = wanted.folder or models.default_folder()
    entry = models.find(models.load_manifest(folder), wanted.model)
    further = [one for one in models.load_experts(folder) if one.task in tasks]
    count = wanted.workers or os.cpu_count() or 1
    return inference.Pool(
        [detector.OnnxDetector.load(entry, threads=1) for _ in range(count)],
        [experts.Experts.load(further) for _ in range(-(-count // _SESSIONS_A_SET))] if further else [],
    )


def known_models(wanted: settings.Detector) -> tuple[types.ModelUsed, ...]:
    """Return what the manifest has, loaded or not: histograms go on when another camera begins to be watched for something new."""
    if not wanted.model:
        return ()
    folder = wanted.folder or models.default_folder()
    found = models.find(models.load_manifest(folder), wanted.model)
    return (found.used, *(one.used for one in models.load_experts(folder)))


def _small_stream(camera: settings.Camera, take: Callable[[packets.VideoPacket], None]) -> capture.Capture:
    """Return the capture of the small stream; it connects only while the main stream's key frames are too rare."""
    source = camera.sub or camera.main
    hooks = capture.Hooks(take, lambda _: None, lambda _: None)
    return capture.Capture(f"{camera.camera_id}/sub", lambda: rtsp.RtspConnection(source), hooks, wanted=False)


def _keeping(wanted: settings.Agent) -> dict[str, settings.Keep]:
    return {camera.camera_id: camera.recording.keep for camera in wanted.cameras}


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _nothing() -> None:
    """What is stopped elsewhere."""
