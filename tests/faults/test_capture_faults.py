"""What capture makes of cameras that misbehave: real cameras in a process of their own."""

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from camera_agents.configuration import settings
from camera_agents.streams import assembly, capture, packets, rtsp
from tests.support import cameras, footage, waiting

pytestmark = pytest.mark.process
PATIENCE = rtsp.Patience(open_s=2.0, read_s=1.5)


class Listener:
    """A capture on a thread, and everything it told."""

    def __init__(self, url: str, **source: object) -> None:
        self.packets: list[packets.VideoPacket] = []
        self.conditions: list[capture.Condition] = []
        self.lost: list[str] = []
        hooks = capture.Hooks(self.packets.append, self.lost.append, self.conditions.append)
        wanted = settings.Source(url, **source)  # type: ignore[arg-type]
        self.capture = capture.Capture("yard", lambda: rtsp.RtspConnection(wanted, PATIENCE), hooks)
        self._thread = threading.Thread(target=self.capture.run)

    def __enter__(self) -> "Listener":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.capture.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def wait_for(self, state: str, timeout_s: float = 15.0) -> capture.Condition:
        def found() -> capture.Condition | None:
            return next((c for c in self.conditions if c.state == state), None)

        return waiting.wait_until(found, timeout_s, f"the state {state}")

    def wait_for_packets(self, count: int) -> None:
        waiting.wait_until(lambda: len(self.packets) >= count, 15.0, f"{count} packets")


@pytest.fixture(scope="module")
def camera() -> Iterator[cameras.SampleCamera]:
    with cameras.SampleCamera({"yard": footage.make()}) as started:
        yield started


@pytest.fixture(autouse=True)
def healed(camera: cameras.SampleCamera) -> Iterator[None]:
    yield
    camera.heal("yard")


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_packets_come_in_order_with_rising_times_from_a_key_frame_on(
    camera: cameras.SampleCamera, transport: str
) -> None:
    with Listener(camera.url("yard"), transport=transport) as heard:
        heard.wait_for_packets(25)
    assert heard.packets[0].is_key
    times = [packet.captured_us for packet in heard.packets]
    assert times == sorted(set(times))
    assert {packet.format for packet in heard.packets} == {heard.packets[0].format}


def test_a_camera_over_tls_is_taken_with_its_certificate_and_refused_without(
    camera: cameras.SampleCamera, tmp_path: Path
) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text(str(camera.ready["certificate_pem"]))
    with Listener(camera.url("yard", scheme="rtsps"), ca_file=str(authority)) as trusted:
        trusted.wait_for("online")
    with Listener(camera.url("yard", scheme="rtsps")) as stranger:
        stranger.wait_for("offline")
    assert stranger.packets == []


def test_a_wrong_password_is_told_as_such_and_appears_nowhere(
    camera: cameras.SampleCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    url = cameras.with_credentials(camera.url("yard", credentials=False), "operator", "topsecret")
    with Listener(url) as heard:
        heard.wait_for("unauthorised")
    printed = capsys.readouterr()
    assert "topsecret" not in repr(heard.conditions) + repr(heard.lost) + printed.out + printed.err


def test_nothing_listening_is_offline() -> None:
    with Listener("rtsp://127.0.0.1:9/main") as heard:
        assert "nothing listens" in heard.wait_for("offline").detail


@pytest.mark.parametrize("knob", ["hang", "endless_sdp", "redirect_loop"])
def test_a_camera_that_never_comes_to_the_point_is_given_up_in_time_and_memory(
    camera: cameras.SampleCamera, knob: str
) -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    camera.fault("yard", **{knob: True})
    with Listener(camera.url("yard")) as heard:
        heard.wait_for("offline")
        assert process.memory_info().rss - before < 150 * 2**20
        camera.heal("yard")
        heard.wait_for("online", 30.0)


def test_a_stalling_camera_is_offline_and_comes_back(camera: cameras.SampleCamera) -> None:
    with Listener(camera.url("yard")) as heard:
        heard.wait_for_packets(5)
        camera.fault("yard", stall=True)
        heard.wait_for("offline")
        camera.heal("yard")
        count = len(heard.packets)
        heard.wait_for_packets(count + 5)
    assert heard.lost
    assert heard.capture.dropped["reconnects"] >= 1


def test_a_dropped_connection_is_made_again_with_times_that_still_rise(camera: cameras.SampleCamera) -> None:
    with Listener(camera.url("yard")) as heard:
        heard.wait_for_packets(5)
        camera.fault("yard", drop_s=1.0)
        waiting.wait_until(lambda: heard.lost, 15.0, "the loss")
        count = len(heard.packets)
        heard.wait_for_packets(count + 5)
    times = [packet.captured_us for packet in heard.packets]
    assert times == sorted(times)


def test_a_camera_without_key_frames_says_so(camera: cameras.SampleCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "_NO_KEY_S", 0.5)
    camera.fault("yard", no_key_frames=True)
    with Listener(camera.url("yard")) as heard:
        assert "key frame" in heard.wait_for("no_key_frame").detail
    assert heard.packets == []
    assert heard.capture.dropped["before_key_frame"] > 0


def test_a_change_of_size_makes_a_new_format_from_a_key_frame_on(camera: cameras.SampleCamera) -> None:
    with Listener(camera.url("yard")) as heard:
        heard.wait_for_packets(5)
        camera.fault("yard", height_px=120)
        waiting.wait_until(lambda: heard.packets[-1].format.height_px == 120, 20.0, "the new size")
    first = next(packet for packet in heard.packets if packet.format.height_px == 120)
    assert first.is_key


def test_a_jump_of_the_cameras_clock_is_counted_and_moves_no_packet(camera: cameras.SampleCamera) -> None:
    with Listener(camera.url("yard")) as heard:
        heard.wait_for_packets(10)
        camera.fault("yard", clock_jump_s=3600.0)
        waiting.wait_until(lambda: heard.capture.jumps.total or heard.lost, 15.0, "the jump")
        count = len(heard.packets)
        heard.wait_for_packets(count + 10)
    times = [packet.captured_us for packet in heard.packets]
    assert max(b - a for a, b in itertools.pairwise(times)) < 5_000_000


def test_the_cameras_own_time_is_known_from_its_sender_reports(camera: cameras.SampleCamera) -> None:
    with Listener(camera.url("yard")) as heard:
        clock = waiting.wait_until(lambda: heard.capture.camera_clock, 15.0, "the camera's time")
    assert abs(clock.offset_s) < 1.0


def test_b_frames_are_noticed(camera: cameras.SampleCamera) -> None:
    camera.fault("yard", bframes=2)
    with Listener(camera.url("yard")) as heard:
        waiting.wait_until(lambda: heard.capture.reorders, 15.0, "B-frames")


def test_a_camera_named_in_euc_kr_that_offers_sound_gives_its_picture_alone(camera: cameras.SampleCamera) -> None:
    camera.fault("yard", odd_sdp=True)
    with Listener(camera.url("yard")) as heard:
        heard.wait_for_packets(5)
        assert heard.capture.condition.state == "online"
    assert heard.capture.dropped["reconnects"] == 0
