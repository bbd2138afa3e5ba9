import datetime
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_agents import status
from camera_agents.analysis import announcing, inference, pipeline, reports
from camera_agents.configuration import settings
from camera_agents.recording import janitor, recorder, recordings
from camera_agents.sending import identity, mediastore, outbox
from camera_agents.streams import capture, clock, packets, ring
from detection import profile, types
from sharing_hub.wire import v1
from tests.support import agent_state, coded

URL = "rtsp://operator:secret@10.0.0.9/stream"
LINE = profile.ZoneRule("gate", types.Kind.LINE_CROSSING, ((0.1, 0.5), (0.9, 0.5)))
PICTURE = profile.ZoneRule("picture", types.Kind.CROWD)
BEGIN_US = 1_700_000_000_000_000  # long past, whenever the test runs
PROFILE = profile.CameraProfile(frozenset({types.Kind.LINE_CROSSING, types.Kind.CROWD}), (LINE, PICTURE))


class Agent:
    """The media side of an agent with one camera, nothing of it running."""

    def __init__(self, folder: Path, me: identity.Identity, box: outbox.Outbox, store: mediastore.MediaStore) -> None:
        camera = settings.Camera(
            "yard", "Yard", settings.Source(URL), None, settings.Recording(True, settings.SPOOL), PROFILE, 37.5, 127.0
        )
        self.folder = folder / "recordings"
        self.folder.mkdir()
        self.index = recordings.Recordings(folder / "recordings.db")
        self.writer = recorder.Recorder(self.folder, self.index, agent_state.chain(self.index))
        self.announcer = announcing.Announcer(me, box, store, settings.Clips(), "jikimi-agent/test")
        keeper = janitor.Janitor(
            self.folder, self.index, self.writer, settings.Disk(), {}, list, agent_state.chain(self.index)
        )
        self.stream = capture.Capture("yard", _never, HOOKS, capture.Outside(chance=random.Random(1)))  # type: ignore[arg-type]
        self.watch = pipeline.Watch(camera, pipeline.Streams(self.stream), inference.Pool([]), self.announcer)
        part = status.Part(camera, self.stream, None, ring.Ring(ring.RingLimits()), self.watch)
        self.status = status.Status({"yard": part}, self.writer, self.index, keeper, self.announcer)

    def record(self, seconds: float) -> None:
        """Record pictures from BEGIN_US on."""
        self.writer.start()
        for packet in coded.recorded(seconds, start_us=BEGIN_US):
            self.writer.write("yard", packet)
        self.writer.stop()

    def health(self) -> v1.CameraHealth:
        """Return how the one camera is."""
        (health,) = self.status.health()
        return health


def _never() -> None:
    raise AssertionError("nothing is opened here")


HOOKS = capture.Hooks(lambda _: None, lambda _: None, lambda _: None)


def at(seconds: float) -> datetime.datetime:
    """Return the time so long after the recording began."""
    return reports.at_us(BEGIN_US + round(seconds * 1e6))


@pytest.fixture
def agent(tmp_path: Path, me: identity.Identity, box: outbox.Outbox, store: mediastore.MediaStore) -> Iterator[Agent]:
    made = Agent(tmp_path, me, box, store)
    yield made
    made.index.close()


def test_a_camera_is_told_with_its_place_kinds_and_zones_and_never_its_address(agent: Agent) -> None:
    (info,) = agent.status.cameras()
    assert (info.camera_id, info.name, info.latitude, info.longitude) == ("yard", "Yard", 37.5, 127.0)
    assert info.kinds == ("crowd", "line_crossing")
    assert info.recording
    assert info.zones == (v1.Zone(name="gate", points=((0.1, 0.5), (0.9, 0.5))),)  # the whole picture is no zone
    assert "10.0.0.9" not in info.model_dump_json()
    assert "secret" not in info.model_dump_json()


def test_a_camera_not_connected_yet_has_nothing_to_tell_but_its_state(agent: Agent) -> None:
    assert agent.health() == v1.CameraHealth(
        camera_id="yard", state="starting", decode_mode="none", look_interval_s=1.0, dropped={}
    )


def test_an_online_camera_is_told_with_its_stream_and_clock(agent: Agent) -> None:
    agent.stream.condition = capture.Condition("online", "")
    agent.stream.format = packets.StreamFormat("hevc", b"", 1920, 1080)
    agent.stream.bytes_in = 12_345
    agent.stream.newest_us = BEGIN_US
    agent.stream.camera_clock = v1.CameraClock(camera_at=at(0), offset_s=-2.5)
    health = agent.health()
    assert (health.state, health.codec, health.width_px, health.height_px) == ("online", "hevc", 1920, 1080)
    assert (health.bytes_in, health.clock_offset_s, health.decode_mode) == (12_345, -2.5, "main")
    assert health.last_frame_age_s is not None


def test_of_a_camera_that_is_not_there_nothing_is_said_to_be_decoded(agent: Agent) -> None:
    agent.stream.condition = capture.Condition("offline", "connection refused")
    assert (agent.health().decode_mode, agent.health().detail) == ("none", "connection refused")


def test_a_picture_that_seems_to_come_from_the_future_is_of_no_age(agent: Agent) -> None:
    agent.stream.newest_us = 1 << 52  # the year 2112: the agent's clock was set back since
    assert agent.health().last_frame_age_s == 0.0


def test_an_endless_reason_is_cut_to_what_the_wire_takes(agent: Agent) -> None:
    agent.stream.condition = capture.Condition("offline", "x" * 5000)
    assert len(agent.health().detail) == 500


def test_losses_of_every_part_are_told_together_by_reason(agent: Agent) -> None:
    agent.stream.dropped["reconnects"] = 3
    agent.stream.dropped["before_key_frame"] = 0
    agent.stream.jumps = clock.Jumps(forwards=1, backwards=2)
    agent.watch.dropped["frames_shed"] = 4
    agent.announcer.dropped["yard"]["stills_not_kept"] = 5
    agent.announcer.dropped["other"]["stills_not_kept"] = 6
    assert agent.health().dropped == {"reconnects": 3, "clock_jumps": 3, "frames_shed": 4, "stills_not_kept": 5}


def test_the_disk_is_told_with_what_recordings_take_of_it(agent: Agent) -> None:
    agent.record(3)
    disk = agent.status.disk()
    on_disk = sum(path.stat().st_size for path in agent.folder.rglob("*.jks"))
    assert disk.recordings_bytes == on_disk > 0
    assert disk.total_bytes == shutil.disk_usage(agent.folder).total
    assert 0 < disk.free_bytes < disk.total_bytes
    assert disk.warning == ""


def test_a_recorded_span_is_not_refused_even_where_only_part_of_it_is_there(agent: Agent) -> None:
    agent.record(3)
    assert agent.status.refusal("yard", at(-60), at(1)) is None


def test_a_span_that_is_still_to_come_is_not_refused(agent: Agent) -> None:
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    assert agent.status.refusal("yard", soon, soon + datetime.timedelta(minutes=1)) is None


def test_a_span_of_which_nothing_is_there_is_refused_in_words(agent: Agent) -> None:
    long_ago = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    reason = agent.status.refusal("yard", long_ago, long_ago + datetime.timedelta(minutes=1))
    assert reason is not None
    assert "before the oldest recording" in reason


def test_a_span_in_a_gap_is_refused_with_the_gaps_reason(agent: Agent) -> None:
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    agent.index.open_gap("yard", reports.us(begin), "camera offline: refused")
    assert agent.status.refusal("yard", begin, begin + datetime.timedelta(minutes=1)) == "camera offline: refused"


def test_a_camera_it_does_not_have_is_refused(agent: Agent) -> None:
    assert agent.status.refusal("roof", at(0), at(1)) == "this agent has no such camera"
