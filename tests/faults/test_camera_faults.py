"""Cameras that fail in every way, beside cameras in order: each gets its clear state at the hub, is counted, and costs nobody else anything."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from camera_agents.recording import segments
from tests.support import cameras, hub_process, sites

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

CLIPS = Path("sample_streams/clips").resolve()
TABLES = "[hub]\nheartbeat_s = 1\n[clip]\nbefore_s = 1\nafter_s = 2\n"
HEALTH = sites.only("offline", "frozen", "blinded", "defocused", "moved")
PATIENCE = HEALTH + "[camera.health]\noffline_after_s = 2\n"
FPS = 15
GOOD = ("good-1", "good-2")
FAULTY = ("locked", "keyless", "stalled", "garbage", "hanging", "endless", "looping")
WINDOW_S = 12.0


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that runs."""

    sample: cameras.SampleCamera
    hub: hub_process.HubProcess
    agent: sites.Agent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Good cameras and cameras that tests spoil, watched by one agent."""
    folder = tmp_path_factory.mktemp("site")
    names = (*GOOD, "changing", "jumping", *FAULTY)
    files = {name: CLIPS / ("one_way.mp4" if name == "changing" else "normal.mp4") for name in names}
    with cameras.SampleCamera(files) as sample, sites.make_hub(folder) as hub:
        watched = [sites.Watched(name, sample.url(name), PATIENCE) for name in names if name != "changing"]
        watched.append(sites.Watched("absent", f"rtsp://127.0.0.1:{sites.free_port()}/absent", PATIENCE))
        watched.append(sites.Watched("changing", sample.url("changing"), sites.vertical_lines(8)))
        with sites.Agent(folder, watched, TABLES).enrol(hub) as agent:
            sites.wait_for_states(agent, hub, dict.fromkeys(names, "online") | {"absent": "offline"}, 60)
            yield Site(sample, hub, agent)


def test_faulty_cameras_are_told_apart_and_leave_the_good_ones_alone(site: Site) -> None:
    site.sample.fault("locked", refuse_credentials=True, drop_s=0.0)
    site.sample.fault("keyless", no_key_frames=True, drop_s=0.0)
    site.sample.fault("stalled", stall=True)
    site.sample.fault("garbage", garbage=1.0)
    site.sample.fault("hanging", hang=True, drop_s=0.0)
    site.sample.fault("endless", endless_sdp=True, drop_s=0.0)
    site.sample.fault("looping", redirect_loop=True, drop_s=0.0)
    began_s = time.time()
    sent = {name: units_sent(site, name) for name in GOOD}
    wanted = {
        "locked": "unauthorised",
        "keyless": "no_key_frame",
        "stalled": "offline",
        "garbage": "garbage",
        "hanging": "offline",
        "endless": "offline",
        "looping": "offline",
        "absent": "offline",
    }
    known = sites.wait_for_states(site.agent, site.hub, wanted, 45)
    assert "password" in known["locked"]["detail"]
    assert "no key frame in 10 s" in known["keyless"]["detail"]
    assert known["garbage"]["dropped"]["undecodable_packets"] > 0
    assert all(known[name]["detail"] for name in wanted)
    sites.wait_for(site.agent, lambda: time.time() > began_s + WINDOW_S, 60, "enough frames to count")
    verify_no_address_is_shown(site)
    verify_alarms(site, ("absent", "stalled", "locked"))
    for name in GOOD:
        assert sites.camera_rows(site.hub)[name]["state"] == "online"
        given = units_sent(site, name) - sent[name]
        frames = frames_between(site, name, began_s, time.time())
        assert given > FPS * WINDOW_S / 4
        assert frames >= 0.8 * given, f"of {name}'s {given} pictures {frames} were recorded"
    for name in FAULTY:
        site.sample.heal(name)
    sites.wait_for_states(site.agent, site.hub, dict.fromkeys(FAULTY, "online"), 75)


def test_a_clock_that_jumps_is_counted_and_the_recording_keeps_the_agents_time(site: Site) -> None:
    site.sample.fault("jumping", clock_jump_s=7200.0)

    def counted() -> bool:
        return bool(sites.camera_rows(site.hub)["jumping"]["dropped"].get("clock_jumps"))

    sites.wait_for(site.agent, counted, 30, "the jump to be counted")
    since_s = time.time()
    sites.wait_for(site.agent, lambda: frames_between(site, "jumping", since_s, time.time() + 1) > 30, 20, "frames")
    assert not frames_between(site, "jumping", time.time() + 60, time.time() + 10_000)

    def offset() -> bool:
        told_s: float | None = sites.camera_rows(site.hub)["jumping"]["clock_offset_s"]
        return told_s is not None and abs(told_s - 7200) < 60

    sites.wait_for(site.agent, offset, 40, "the camera's clock to be told")
    assert sites.camera_rows(site.hub)["jumping"]["state"] == "online"


def test_a_change_of_size_and_codec_goes_on_in_new_segments_and_clips(site: Site) -> None:
    for knobs, codec, height_px in (({"height_px": 240}, "h264", 240), ({"codec": "h265"}, "hevc", 240)):
        site.sample.fault("changing", **knobs)

        def seen(codec: str = codec, height_px: int = height_px) -> bool:
            known = sites.camera_rows(site.hub)["changing"]
            return (known["state"], known["codec"], known["height_px"]) == ("online", codec, height_px)

        sites.wait_for(site.agent, seen, 45, f"{codec} at {height_px} lines")
        since = sites.hub_rows(site.hub, "SELECT count(*) FROM media WHERE form = 'clip' AND camera_id = 'changing'")

        def clips(since: int = since[0][0]) -> bool:
            found = sites.hub_rows(
                site.hub, "SELECT count(*) FROM media WHERE form = 'clip' AND camera_id = 'changing'"
            )
            return bool(found[0][0] > since + 2)

        sites.wait_for(site.agent, clips, 60, f"clips in {codec} at {height_px} lines")
    formats = [header.format for header in headers(site, "changing")]
    assert [(f.codec, f.height_px) for f, _ in itertools.groupby(formats)] == [
        ("h264", 480),
        ("h264", 240),
        ("hevc", 240),
    ]


def test_every_camera_at_once_can_be_stopped_in_order(site: Site) -> None:
    site.sample.fault("stalled", stall=True)
    site.sample.fault("hanging", hang=True, drop_s=0.0)
    assert site.agent.stop() == 0
    found = site.agent.check()
    assert found.returncode == 0, found.stdout


def frames_between(site: Site, camera_id: str, since_s: float, until_s: float) -> int:
    """Return how many recorded frames of the camera were captured in that time."""
    found = 0
    query = "SELECT path FROM segment WHERE camera_id = ? AND (end_us IS NULL OR end_us >= ?)"
    for (path,) in site.agent.recordings(query, camera_id, int(since_s * 1e6)):
        file = site.agent.state_dir / "recordings" / path
        if not file.exists() or not file.stat().st_size:
            continue
        with segments.SegmentReader(file) as reader:
            found += sum(since_s <= entry.captured_us / 1e6 < until_s for entry in reader.entries())
    return found


def units_sent(site: Site, camera_id: str) -> int:
    """Return how many pictures the sample camera has sent to the agent."""
    return int(site.sample.state(camera_id)["streams"]["main"]["counts"]["units sent"])


def headers(site: Site, camera_id: str) -> Iterator[segments.SegmentHeader]:
    """Yield the headers of the camera's segments, oldest first."""
    for (path,) in site.agent.recordings("SELECT path FROM segment WHERE camera_id = ? ORDER BY start_us", camera_id):
        with segments.SegmentReader(site.agent.state_dir / "recordings" / path) as reader:
            yield reader.header


def verify_alarms(site: Site, camera_ids: tuple[str, ...]) -> None:
    """Each of these cameras has raised an `offline` alarm."""

    def raised() -> bool:
        query = "SELECT DISTINCT camera_id FROM incidents WHERE kind = 'offline'"
        return {row[0] for row in sites.hub_rows(site.hub, query)} >= set(camera_ids)

    sites.wait_for(site.agent, raised, 30, f"offline alarms of {camera_ids}")


def verify_no_address_is_shown(site: Site) -> None:
    """No camera's address or password is in a log, in a state, or at the hub."""
    shown = site.agent.log() + str(sites.camera_rows(site.hub)) + site.hub.data_dir.with_name("hub.out").read_text()
    assert "rtsp://" not in shown
    assert cameras.PASSWORD not in shown
