import datetime
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_agents.sending import heartbeat, uplink
from sharing_hub.wire import framing, v1
from tests.support import agent_state, fake_hub, link, media_side, messages, waiting

DEADLINE_S = 60.0


def utc() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Site:
    """An agent with its channel open."""

    def __init__(self, folder: Path, hub: fake_hub.FakeHub, line: link.Link) -> None:
        me = agent_state.enrolled(folder, line.url)
        hub.know(me)
        self.hub = hub
        self.line = line
        self.box = agent_state.open_outbox(folder, utc)
        self.cameras = media_side.Cameras()
        settings = uplink.Settings(
            heartbeat.Running("jikimi-agent/test", utc()), heartbeat_s=1.0, retry_base_s=0.05, retry_cap_s=0.2
        )
        self.uplink = uplink.Uplink(me, self.box, agent_state.open_media(folder), self.cameras.side(), settings, utc)
        self.uplink.start()
        self.wait(lambda: hub.memory.channels, "the channel")

    def wait(self, condition: object, what: str) -> None:
        waiting.wait_until(condition, DEADLINE_S, what)  # type: ignore[arg-type]

    def watch(self, camera_id: str = "gate") -> None:
        """Let the hub ask for the camera and wait for the answer."""
        told = len(self.hub.memory.notices)
        self.hub.command(v1.LiveStart(camera_id=camera_id))
        self.wait(lambda: len(self.hub.memory.notices) > told, "the answer")

    def pts(self) -> list[int]:
        """Return the numbers of the units the hub got."""
        return [unit.pts // 6000 for unit in self.hub.memory.units]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with fake_hub.FakeHub() as hub, link.Link(hub.port) as line:
        made = Site(tmp_path, hub, line)
        yield made
        made.uplink.stop(0.1)
        made.box.close()


def test_a_watched_camera_is_pushed_from_its_last_key_frame_on(site: Site) -> None:
    site.cameras.group = [media_side.unit(0, is_key=True), media_side.unit(1)]
    site.watch()
    site.cameras.sinks["gate"](media_side.unit(2))
    site.wait(lambda: len(site.hub.memory.units) == 3, "three units")
    assert site.hub.memory.units == [media_side.unit(0, is_key=True), media_side.unit(1), media_side.unit(2)]
    assert site.hub.memory.notices == [v1.LiveState(camera_id="gate", playable=True)]


def test_the_push_stops_when_the_hub_says_so(site: Site) -> None:
    site.watch()
    site.hub.command(v1.LiveStop(camera_id="gate"))
    site.wait(lambda: site.cameras.stopped == ["gate"], "the camera's tap being closed")
    assert site.cameras.sinks == {}


def test_a_camera_that_cannot_be_played_is_said_so_in_words(site: Site) -> None:
    site.cameras.unplayable["gate"] = "H.265 is not playable live yet"
    site.watch()
    expected = v1.LiveState(camera_id="gate", playable=False, reason="H.265 is not playable live yet")
    assert site.hub.memory.notices == [expected]
    site.hub.command(v1.LiveStop(camera_id="gate"))
    site.watch()
    assert site.cameras.stopped == []


def test_asked_twice_the_camera_begins_anew_at_its_key_frame(site: Site) -> None:
    site.cameras.group = [media_side.unit(0, is_key=True)]
    site.watch()
    site.watch()
    site.wait(lambda: len(site.hub.memory.units) == 2, "the key frame again")
    assert site.cameras.stopped == ["gate"]


def test_when_the_channel_ends_every_push_ends_and_the_channel_comes_back(site: Site) -> None:
    site.watch()
    site.line.break_all()
    site.wait(lambda: site.cameras.stopped == ["gate"], "the tap being closed")
    site.wait(lambda: site.hub.memory.channels == 2, "a second channel")
    site.watch()
    assert "gate" in site.cameras.sinks


def test_the_channel_comes_back_after_the_hub_closes_it(site: Site) -> None:
    site.hub.hang_up()
    site.wait(lambda: site.hub.memory.channels == 2, "a second channel")


def test_a_command_of_a_newer_hub_does_not_end_the_channel(site: Site) -> None:
    site.hub.say('{"type": "make_coffee"}')
    site.watch()
    assert site.hub.memory.channels == 1


def test_a_slow_link_loses_whole_groups_and_never_parts_of_one(site: Site) -> None:
    site.watch()
    site.line.conditions.bytes_per_s = 400_000
    for number in range(600):  # 40 s of video at about 1.3 MB/s, as fast as the test can make it
        site.cameras.sinks["gate"](media_side.unit(number, is_key=number % 15 == 0, size_bytes=90_000))
    site.line.conditions.bytes_per_s = None
    site.wait(lambda: site.pts() and site.pts()[-1] >= 585, "the newest group")
    got = site.pts()
    assert len(got) < 600
    for before, number in itertools.pairwise(got):
        assert number == before + 1 or number % 15 == 0
    site.wait(
        lambda: site.hub.memory.beats[-1].health[0].dropped.get("live_units", 0) == 600 - len(site.pts()),
        "every unit that is missing being counted",
    )


def test_a_request_for_recordings_is_accepted_once_it_is_durable(site: Site) -> None:
    request = messages.range_request()
    site.hub.command(request)
    site.wait(lambda: site.hub.memory.notices, "the answer")
    assert site.hub.memory.notices == [v1.RangeState(request_id=request.request_id, state="accepted")]
    assert [plan.request_id for plan in site.box.open_plans()] == [request.request_id]


def test_a_span_that_is_not_recorded_is_refused_with_the_reason(site: Site) -> None:
    site.cameras.not_recorded = "nothing recorded before 2026-07-01"
    request = messages.range_request()
    site.hub.command(request)
    site.wait(lambda: site.hub.memory.notices, "the answer")
    (answer,) = site.hub.memory.notices
    assert isinstance(answer, v1.RangeState)
    assert (answer.state, answer.reason) == ("refused", "nothing recorded before 2026-07-01")
    assert site.box.open_plans() == []


def test_a_span_that_ends_before_it_starts_is_refused(site: Site) -> None:
    site.hub.command(messages.range_request(ends_at=messages.after(-1)))
    site.wait(lambda: site.hub.memory.notices, "the answer")
    assert site.hub.memory.notices[0].reason == "it ends before it starts"


def test_a_repeat_is_answered_from_what_was_decided_even_when_the_recording_is_gone(site: Site) -> None:
    request = messages.range_request()
    site.box.commit_range(request)
    site.cameras.not_recorded = "expired meanwhile"
    site.hub.command(request)
    site.wait(lambda: site.hub.memory.notices, "the answer")
    assert site.hub.memory.notices == [v1.RangeState(request_id=request.request_id, state="accepted")]


def test_a_range_that_could_not_be_made_is_told_even_after_a_cut(site: Site) -> None:
    site.line.conditions.down = True
    site.line.break_all()
    request = messages.range_request()
    site.box.commit_range(request)
    site.box.fail_plan(request.request_id, "the segment is damaged")
    site.line.conditions.down = False
    expected = v1.RangeState(request_id=request.request_id, state="refused", reason="the segment is damaged")
    site.wait(lambda: site.hub.memory.notices == [expected], "the refusal")


def test_units_are_framed_as_the_wire_says() -> None:
    unit = media_side.unit(7, is_key=True)
    assert framing.unpack(framing.pack(unit)) == unit
