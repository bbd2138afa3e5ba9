"""What one camera's analysis asks of the detector, and what it decodes after its small stream failed."""

import contextlib
import threading
import uuid
from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
import pytest

from camera_agents.analysis import announcing, decoding, inference, pipeline
from camera_agents.configuration import settings
from camera_agents.streams import capture, packets
from detection import profile, types
from detection import settings as tuning
from tests.support import coded, waiting

WHOLE = (0.0, 0.0, 96.0, 64.0)
EVERYWHERE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


class Finder:
    """A detector that finds one person in every region, and nobody when it looks at the whole picture."""

    model = types.ModelUsed("scripted", "0" * 64)

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[types.Box, ...], tuning.DetectorSettings | None]] = []

    def detect(
        self, frame: types.Frame, regions: tuple[types.Box, ...], wanted: tuning.DetectorSettings | None = None
    ) -> types.Detections:
        self.asked.append((regions, wanted))
        seen = [region for region in regions if region != WHOLE]
        n = len(seen)
        return types.Detections(
            np.array(seen, np.float32).reshape(n, 4), np.full(n, 0.9, np.float32), np.zeros(n, np.int64)
        )


class Listener:
    """Takes the announcer's place."""

    def __init__(self) -> None:
        self.scenes: list[announcing.Scene] = []

    def announce(self, _origin: announcing.Origin, _raised: types.Raised, scene: announcing.Scene) -> uuid.UUID:
        self.scenes.append(scene)
        return uuid.uuid4()

    def end(self, *_: object) -> None:
        pass


def idle_capture() -> capture.Capture:
    """A capture that never connects."""
    hooks = capture.Hooks(lambda _: None, lambda _: None, lambda _: None)
    return capture.Capture("yard", lambda: pytest.fail("nothing is to be opened"), hooks)


def make_watch(
    watched: profile.CameraProfile, finder: Finder, listener: Listener, small: capture.Capture | None = None
) -> tuple[pipeline.Watch, inference.Pool]:
    source = settings.Source("rtsp://127.0.0.1/")
    recording = settings.Recording(True, settings.SPOOL)
    camera = settings.Camera("yard", "yard", source, None, recording, watched)
    pool = inference.Pool([finder])
    streams = pipeline.Streams(idle_capture(), small)
    return pipeline.Watch(camera, streams, pool, cast(announcing.Announcer, listener), lambda: 0.0), pool


@contextlib.contextmanager
def running(watch: pipeline.Watch, pool: inference.Pool, pushed: Sequence[packets.VideoPacket]) -> Iterator[None]:
    threads = [threading.Thread(target=run) for run in (watch.run, *pool.lanes())]
    for packet in pushed:
        watch.push(packet)
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        watch.stop()
        pool.stop()
        for thread in threads:
            thread.join(10)


def intrusion(**tables: object) -> profile.CameraProfile:
    rule = profile.ZoneRule(name="yard", kind=types.Kind.INTRUSION, points=EVERYWHERE, dwell_s=0.0)
    kinds = frozenset({types.Kind.INTRUSION})
    return profile.CameraProfile(kinds, (rule,), **tables)  # type: ignore[arg-type]


def test_a_cameras_own_thresholds_reach_the_detector() -> None:
    finder = Finder()
    own = tuning.DetectorSettings(min_score=0.6)
    watch, pool = make_watch(intrusion(detector=own), finder, Listener())
    with running(watch, pool, coded.recorded(2)):
        waiting.wait_until(lambda: finder.asked, 20.0, "a look")
    assert finder.asked[0][1] == own


def test_a_still_hides_those_too_whom_only_a_region_shows() -> None:
    listener = Listener()
    watch, pool = make_watch(intrusion(), Finder(), listener)
    with running(watch, pool, coded.recorded(6)):
        waiting.wait_until(lambda: listener.scenes, 20.0, "an intrusion")
    found = listener.scenes[0].found
    assert found is not None
    assert len(found) > 0


def test_a_main_stream_too_long_to_hold_is_decoded_from_a_key_frame_on_when_the_small_one_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoded: list[int] = []
    decode = decoding.Decoder.decode

    def note(self: decoding.Decoder, packet: packets.VideoPacket) -> Sequence[types.Frame]:
        decoded.append(packet.pts * coded.FPS // packets.TICKS_PER_S)
        return decode(self, packet)

    monkeypatch.setattr(decoding.Decoder, "decode", note)
    small = idle_capture()
    small.newest_us = coded.START_US + 4_000_000  # fresh at the second key frame, stale three seconds later
    blind = tuning.MotionSettings(min_area_share=0.5)
    watched = intrusion(motion=blind, schedule=tuning.ScheduleSettings(buffer_packets=30))
    watch, pool = make_watch(watched, Finder(), Listener(), small)
    with running(watch, pool, coded.recorded(9, gop=60)):
        waiting.wait_until(lambda: 120 in decoded, 20.0, "the third key frame")
    assert 59 in decoded
    assert not [i for i in decoded if 60 <= i < 120]
