import collections
import datetime
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from camera_agents.sending import delivery, heartbeat, uplink
from sharing_hub.wire import v1
from tests.support import agent_state, fake_hub, link, media_side, messages, waiting

DEADLINE_S = 60.0


def utc() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Site:
    """An enrolled agent without cameras, its hub, and the link between them."""

    def __init__(self, folder: Path, hub: fake_hub.FakeHub, line: link.Link) -> None:
        self.hub = hub
        self.line = line
        self.me = agent_state.enrolled(folder, line.url)
        self.hub.know(self.me)
        self.box = agent_state.open_outbox(folder, utc)
        self.store = agent_state.open_media(folder)
        self.cameras = media_side.Cameras()
        self.clock: Callable[[], datetime.datetime] = utc
        self._uplinks: list[uplink.Uplink] = []

    def start(self) -> uplink.Uplink:
        """Start an uplink with short waits."""
        settings = uplink.Settings(
            heartbeat.Running("jikimi-agent/test", utc()), heartbeat_s=2.0, retry_base_s=0.1, retry_cap_s=0.5
        )
        self._uplinks.append(uplink.Uplink(self.me, self.box, self.store, self.cameras.side(), settings, self.clock))
        self._uplinks[-1].start()
        return self._uplinks[-1]

    def report(self) -> v1.EventReport:
        """Commit an event."""
        report = messages.report()
        self.box.commit_event(report, None)
        return report

    def keep(self, content: bytes, form: str = "clip") -> v1.SignedManifest:
        """Keep a file to send that belongs to no event the outbox knows."""
        return agent_state.keep_file(self.box, self.store, self.me, content, form=form)

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something came true."""
        waiting.wait_until(condition, DEADLINE_S, what)

    def close(self) -> None:
        for running in self._uplinks:
            running.stop(0.1)
        self.box.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with fake_hub.FakeHub() as hub, link.Link(hub.port) as line:
        made = Site(tmp_path, hub, line)
        yield made
        made.close()


def test_an_event_committed_while_idle_is_sent_and_settled(site: Site) -> None:
    site.start()
    site.wait(lambda: site.hub.memory.beats, "the first heartbeat")
    report = site.report()
    site.wait(lambda: site.box.backlog(utc()).events == 0, "the report being settled")
    assert site.hub.memory.reports == {report.event_id: report}


def test_events_of_an_earlier_run_go_in_one_batch(site: Site) -> None:
    reports = [site.report() for _ in range(30)]
    site.start()
    site.wait(lambda: len(site.hub.memory.arrivals) == 30, "all reports")
    assert [len(batch.reports) for batch in site.hub.memory.batches] == [30]
    assert site.hub.memory.arrivals == [report.event_id for report in reports]


def test_an_end_follows_its_report(site: Site) -> None:
    site.start()
    report = site.report()
    site.box.commit_end(v1.EventEnd(event_id=report.event_id, ended_at=messages.after(9)))
    site.wait(lambda: site.hub.memory.endings, "the end")
    assert site.hub.memory.endings[report.event_id].ended_at == messages.after(9)


def test_nothing_is_lost_while_the_hub_is_down(site: Site) -> None:
    running = site.start()
    site.wait(lambda: running.state().reachable, "the hub answering")
    site.hub.stop()
    reports = [site.report() for _ in range(5)]
    site.wait(lambda: running.state().reachable is False, "the agent noticing")
    assert site.box.backlog(utc()).events == 5
    site.hub.start()
    site.wait(lambda: len(site.hub.memory.arrivals) == 5, "the reports after the hub came back")
    assert set(site.hub.memory.arrivals) == {report.event_id for report in reports}


def test_an_answer_that_was_lost_makes_a_duplicate_and_no_second_event(site: Site) -> None:
    report = site.report()
    site.hub.memory.reports[report.event_id] = report
    site.start()
    site.wait(lambda: site.box.backlog(utc()).events == 0, "the report being settled")
    assert site.hub.memory.arrivals == []


def test_a_hub_that_fails_now_and_then_is_tried_again(site: Site) -> None:
    site.hub.next_answers["events"].extend([fake_hub.Answer(500), fake_hub.Answer(503, {"Retry-After": "0"})])
    site.report()
    site.start()
    site.wait(lambda: len(site.hub.memory.arrivals) == 1, "the report")


def test_one_report_that_the_hub_refuses_holds_up_no_other(site: Site) -> None:
    bad, good = site.report(), site.report()
    site.hub.refuse_events = lambda report: "camera of another agent" if report.event_id == bad.event_id else None
    site.start()
    site.wait(lambda: site.box.backlog(utc()).events == 0, "both being settled")
    assert site.hub.memory.arrivals == [good.event_id]
    assert site.box.parked()["events"] == {"camera of another agent": 1}


def test_a_batch_refused_as_a_whole_is_halved_until_the_bad_one_is_alone(site: Site) -> None:
    reports = [site.report() for _ in range(4)]
    site.hub.next_answers["events"].extend(fake_hub.Answer(422) for _ in range(3))  # 4, 2, 1
    site.start()
    site.wait(lambda: site.box.backlog(utc()).events == 0, "all being settled")
    assert site.hub.memory.arrivals == [report.event_id for report in reports[1:]]
    assert site.box.parked()["events"] == {"422 fault: scripted": 1}


def test_an_answer_that_skips_a_report_settles_nothing_of_it(site: Site) -> None:
    site.report()
    site.hub.next_answers["events"].append(fake_hub.Answer(200, body={"reports": [], "endings": []}))
    site.start()
    site.wait(lambda: len(site.hub.memory.arrivals) == 1, "the report being sent again")
    assert site.box.parked()["events"] == {}


def test_a_page_of_a_proxy_in_between_is_not_the_hubs_word(site: Site) -> None:
    site.report()
    site.hub.next_answers["events"].append(fake_hub.Answer(422, body={"detail": "who are you"}))
    site.start()
    site.wait(lambda: len(site.hub.memory.arrivals) == 1, "the report")
    assert site.box.parked()["events"] == {}


def test_a_site_whose_clock_is_an_hour_off_is_heard_all_the_same(site: Site) -> None:
    site.clock = lambda: utc() - datetime.timedelta(hours=1)
    report = site.report()
    running = site.start()
    site.wait(lambda: report.event_id in site.hub.memory.reports, "the report")
    site.wait(lambda: site.hub.memory.beats, "a heartbeat")
    assert abs(running.state().clock_offset_s - 3600) < 5


def test_an_agent_the_hub_does_not_know_keeps_everything(site: Site) -> None:
    keys, site.hub.keys = site.hub.keys, {}
    site.report()
    running = site.start()
    site.wait(lambda: "401" in running.state().last_error, "the refusal")
    backlog = site.box.backlog(utc())
    assert (backlog.events, backlog.parked) == (1, 0)
    site.hub.keys = keys
    site.wait(lambda: len(site.hub.memory.arrivals) == 1, "the report once it is known")


def test_media_arrive_whole(site: Site) -> None:
    content = bytes(range(256)) * 6000
    signed = site.keep(content)
    site.start()
    site.wait(lambda: site.box.backlog(utc()).media == 0, "the clip being settled")
    upload = site.hub.memory.uploads[signed.manifest.media_id]
    assert bytes(upload.content) == content
    assert len(site.hub.memory.chunks) > 1


def test_an_upload_cut_in_the_middle_goes_on_where_the_hub_stands(site: Site) -> None:
    content = bytes(range(256)) * 8000
    signed = site.keep(content)
    site.line.conditions.cut_after_bytes = 900_000
    site.start()
    site.wait(lambda: site.box.backlog(utc()).media == 0, "the clip being settled")
    assert site.line.cuts == 1
    assert bytes(site.hub.memory.uploads[signed.manifest.media_id].content) == content
    offsets = [offset for _, offset, _ in site.hub.memory.chunks]
    assert offsets.count(0) == 1


def test_an_upload_that_stands_elsewhere_than_thought_finds_its_place(site: Site) -> None:
    content = b"0123456789" * 30_000
    signed = site.keep(content)
    media_id = signed.manifest.media_id
    site.hub.next_answers["announce"].append(
        fake_hub.Answer(200, body={"media_id": str(media_id), "offset_bytes": 100_000, "complete": False})
    )
    site.hub.memory.uploads[media_id] = fake_hub.Upload(signed.manifest, bytearray(content[:50_000]))
    site.start()
    site.wait(lambda: media_id in site.hub.memory.finished, "the clip")
    assert [offset for _, offset, _ in site.hub.memory.chunks][:2] == [100_000, 50_000]


def test_an_upload_damaged_on_the_way_begins_again(site: Site) -> None:
    site.hub.damage_uploads = 2
    signed = site.keep(b"clip" * 1000)
    site.start()
    site.wait(lambda: site.box.backlog(utc()).media == 0, "the clip being settled")
    assert site.hub.memory.finished == [signed.manifest.media_id]


def test_an_upload_damaged_again_and_again_is_parked_and_the_next_goes(site: Site) -> None:
    site.hub.damage_uploads = 4
    site.keep(b"hurt" * 1000)
    site.start()
    site.wait(lambda: site.box.parked()["media"], "the clip being parked")
    good = site.keep(b"good" * 1000)
    site.wait(lambda: site.hub.memory.finished == [good.manifest.media_id], "the next clip")
    assert site.box.parked()["media"] == {"refused 4 times: another hash": 1}


def test_a_file_altered_on_the_agents_disk_is_parked_at_once(site: Site) -> None:
    signed = site.keep(b"true")
    site.store.files()[0].write_bytes(b"fake")
    site.start()
    site.wait(lambda: site.box.parked()["media"], "the file being parked")
    assert site.box.parked()["media"] == {"the file was altered on this disk": 1}
    assert site.hub.memory.uploads[signed.manifest.media_id].complete is False


def test_a_file_that_is_gone_is_parked_and_the_next_goes(site: Site) -> None:
    site.keep(b"gone")
    site.store.files()[0].unlink()
    good = site.keep(b"here")
    site.start()
    site.wait(lambda: site.hub.memory.finished == [good.manifest.media_id], "the other file")
    assert site.box.parked()["media"] == {"the file cannot be read: FileNotFoundError": 1}


def test_a_file_the_hub_refuses_is_parked(site: Site) -> None:
    site.hub.next_answers["announce"].append(fake_hub.Answer(404))
    site.keep(b"clip")
    site.start()
    site.wait(lambda: site.box.parked()["media"], "the file being parked")
    assert site.box.backlog(utc()).media == 0


def test_an_alarm_passes_between_two_chunks_of_a_clip(site: Site) -> None:
    site.keep(bytes(2_000_000))
    site.hub.block_chunks.set()
    site.start()
    site.wait(lambda: "announce" in site.hub.memory.order and "chunk" in site.hub.memory.order, "the first chunk")
    site.report()
    site.wait(lambda: site.hub.memory.arrivals, "the alarm, while the chunk is still on its way")
    assert site.hub.memory.chunks == []
    site.hub.block_chunks.clear()
    site.wait(lambda: site.hub.memory.finished, "the clip")


def test_a_still_overtakes_the_clips_that_wait(site: Site) -> None:
    clips = [site.keep(b"clip %d" % n) for n in range(3)]
    still = site.keep(b"still", form="masked_still")
    site.start()
    site.wait(lambda: len(site.hub.memory.finished) == 4, "all files")
    assert site.hub.memory.finished == [still.manifest.media_id, *(clip.manifest.media_id for clip in clips)]


def test_a_change_of_state_is_told_at_once(site: Site) -> None:
    running = site.start()
    site.wait(lambda: site.hub.memory.beats, "the first heartbeat")
    site.cameras.states["gate"] = "offline"
    running.status_changed()
    site.wait(lambda: site.hub.memory.beats[-1].health[0].state == "offline", "the news")
    assert site.hub.memory.beats[-1].software == "jikimi-agent/test"


def test_heartbeats_tell_what_waits_and_what_was_given_up(site: Site) -> None:
    site.hub.next_answers["events"].append(fake_hub.Answer(422))
    site.report()
    site.hub.block_chunks.set()
    site.keep(b"clip")
    site.start()
    site.wait(lambda: site.hub.memory.beats and site.hub.memory.beats[-1].backlog.parked == 1, "the count")
    assert site.hub.memory.beats[-1].backlog.media_bytes == 4


def test_stopping_sends_the_alarms_that_wait(site: Site) -> None:
    running = site.start()
    site.wait(lambda: running.state().reachable, "the hub answering")
    for _ in range(50):
        site.report()
    assert running.stop(DEADLINE_S) is True
    assert len(site.hub.memory.arrivals) == 50


def test_stopping_without_a_hub_ends_in_time_and_says_what_is_left(site: Site) -> None:
    site.hub.stop()
    running = site.start()
    site.report()
    assert running.stop(0.2) is False
    assert site.box.backlog(utc()).events == 1


def test_a_part_that_fails_is_started_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uplink, "RESTART_S", 0.01)
    failures = collections.deque([1, 1])
    record = delivery.Delivery.record

    def fail_twice(self: delivery.Delivery, reply: v1.BatchReply) -> int:
        if failures:
            failures.pop()
            raise RuntimeError("a fault of ours")
        return record(self, reply)

    monkeypatch.setattr(delivery.Delivery, "record", fail_twice)
    site.report()
    running = site.start()
    site.wait(lambda: site.box.backlog(utc()).events == 0, "the report being settled")
    assert running.restarts == 2
