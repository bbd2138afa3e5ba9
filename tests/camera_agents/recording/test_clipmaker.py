import datetime
import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_agents.analysis import reports
from camera_agents.recording import clipmaker, recorder, recordings
from camera_agents.sending import delivery, mediastore, outbox
from sharing_hub.domain import chains
from sharing_hub.wire import chain, v1
from tests.support import agent_state, coded, messages, waiting

CLOCK_START = reports.at_us(coded.START_US)


@pytest.fixture
def state(tmp_path: Path) -> Iterator["State"]:
    opened = State(tmp_path)
    yield opened
    opened.index.close()
    opened.box.close()


class State:
    """An agent's state with ten seconds recorded."""

    def __init__(self, folder: Path) -> None:
        self.me = agent_state.enrolled(folder)
        self.now = CLOCK_START + datetime.timedelta(seconds=10)
        self.box = agent_state.open_outbox(folder)
        self.free_bytes = 1 << 40
        self.store = mediastore.MediaStore(folder / "media", free_bytes=lambda: self.free_bytes)
        self.index = recordings.Recordings(folder / "recordings.db")
        self.chain = agent_state.chain(self.index, self.me, lambda: self.now)
        writer = recorder.Recorder(folder / "recordings", self.index, self.chain)
        writer.start()
        for packet in coded.recorded(10):
            writer.write("yard", packet)
        writer.stop()
        self.folder = folder
        self.turned: list[str] = []
        self.maker = clipmaker.ClipMaker(
            self.me,
            self.box,
            self.store,
            self.index,
            folder / "recordings",
            clipmaker.Sealed(self.chain, self.turned.append),
            "test 1",
            lambda: self.now,
        )

    def plan(self, begin_s: float, end_s: float) -> outbox.ClipPlan:
        report = messages.report(camera_id="yard")
        plan = outbox.ClipPlan(
            uuid.uuid4(),
            "yard",
            CLOCK_START + datetime.timedelta(seconds=begin_s),
            CLOCK_START + datetime.timedelta(seconds=end_s),
            event_id=report.event_id,
        )
        self.box.commit_event(report, plan)
        return plan


def test_a_clip_is_made_when_its_time_has_passed_and_not_before(state: State) -> None:
    state.plan(1, 9)
    assert 0 < state.maker.work() <= 1.0
    assert len(state.box.open_plans()) == 1
    state.now += datetime.timedelta(seconds=1.5)
    state.maker.work()
    assert state.box.open_plans() == []
    assert state.box.backlog(state.now).media == 1


def test_its_span_is_kept_from_retention_while_it_is_planned(state: State) -> None:
    state.plan(1, 9)
    (span,) = state.maker.needed()
    assert (span.start_us, span.end_us) == (coded.START_US + 1_000_000, coded.START_US + 9_000_000)


def test_a_plan_that_nothing_on_the_disk_serves_is_closed_with_the_reason(state: State) -> None:
    state.plan(100, 110)
    state.now += datetime.timedelta(seconds=200)
    state.maker.work()
    assert state.box.open_plans() == []
    assert state.box.parked()["plans"] == {"agent stopped": 1}


def test_on_a_full_disk_the_plan_waits(state: State) -> None:
    state.plan(1, 6)
    state.free_bytes = 0
    state.maker.work()
    assert len(state.box.open_plans()) == 1
    state.free_bytes = 1 << 40
    state.maker.work()
    assert state.box.open_plans() == []


def test_the_kept_clip_is_signed_and_says_why_it_is_short(state: State) -> None:
    state.plan(5, 35)
    state.now += datetime.timedelta(seconds=60)
    state.maker.work()
    (kept,) = delivery.Delivery(state.box).pending_media()
    manifest = kept.signed.manifest
    assert (manifest.form, manifest.cut) == ("clip", "agent stopped")
    assert state.me.verifies(kept.signed)
    assert hashlib.sha256(kept.path.read_bytes()).hexdigest() == manifest.sha256
    assert manifest.length_bytes == kept.path.stat().st_size


def test_the_manifest_says_what_decided_how_it_is_coded_and_where_it_stands_in_the_chain(state: State) -> None:
    plan = state.plan(1, 9)
    state.now += datetime.timedelta(seconds=60)
    state.maker.work()
    (kept,) = delivery.Delivery(state.box).pending_media()
    manifest = kept.signed.manifest
    why = state.box.explanation(plan.event_id) if plan.event_id else None
    assert why is not None and manifest.settings_sha256 == why.settings_sha256
    assert manifest.models == why.models
    assert manifest.stream is not None and manifest.stream.fps == 15.0
    assert manifest.chain is not None and manifest.chain.open_from is None
    own, (segment,) = manifest.chain.own.link, manifest.chain.links
    assert chain.follows(own, segment.link)
    assert (own.what, own.file and own.file.sha256) == ("clip", manifest.sha256)
    assert chains.fault(manifest) == ""
    assert chains.judge(manifest, manifest.chain, (plan.starts_at, plan.ends_at)).state == "complete"


def ask(state: State, end_s: float) -> v1.RangeRequest:
    request = messages.range_request(
        camera_id="yard", starts_at=CLOCK_START, ends_at=CLOCK_START + datetime.timedelta(seconds=end_s)
    )
    state.box.commit_range(request)
    return request


def judged(state: State, request: v1.RangeRequest) -> chains.Verdict:
    manifest = delivery.Delivery(state.box).pending_media()[-1].signed.manifest
    assert manifest.chain is not None and chains.fault(manifest) == ""
    return chains.judge(manifest, manifest.chain, (request.starts_at, request.ends_at))


def test_a_range_waits_until_its_newest_segment_has_its_link(state: State) -> None:
    writer = recorder.Recorder(state.folder / "recordings", state.index, state.chain)
    writer.start()
    for packet in coded.recorded(4, start_us=coded.START_US + 10_000_000):
        writer.write("yard", packet)
    waiting.wait_until(lambda: state.index.unclosed() != [], 20.0, "an open segment")
    request = ask(state, 13)
    state.now += datetime.timedelta(seconds=10)
    assert state.maker.work() <= 0.5
    assert (state.turned, state.box.open_plans() != []) == (["yard"], True)
    open_id = state.index.unclosed()[0].segment_id
    writer.turn("yard")
    for packet in coded.recorded(1, start_us=coded.START_US + 14_000_000):
        writer.write("yard", packet)
    waiting.wait_until(
        lambda: [one.segment_id for one in state.index.unclosed()] not in ([], [open_id]), 20.0, "the segment's turn"
    )
    state.maker.work()
    writer.stop()
    assert state.box.open_plans() == []
    assert judged(state, request) == chains.Verdict("complete", "")


def test_a_range_whose_segment_does_not_end_is_made_all_the_same_and_says_so(state: State) -> None:
    state.index.open_segment("yard", "yard/open.jks", coded.START_US + 9_500_000)
    request = ask(state, 9.8)
    state.now += datetime.timedelta(seconds=10)
    state.maker.work()
    state.now += datetime.timedelta(seconds=6)
    state.maker.work()
    assert state.box.open_plans() == []
    assert "was not finished and has no link" in judged(state, request).detail


def test_what_retention_removed_from_a_range_is_told_as_that(state: State) -> None:
    writer = recorder.Recorder(state.folder / "recordings", state.index, state.chain)
    writer.start()
    for packet in coded.recorded(4, start_us=coded.START_US + 10_000_000):
        writer.write("yard", packet)
    writer.stop()
    first = state.index.closed()[0]
    state.chain.note_removals([first], "removed by retention: 30 days", coded.START_US)
    (state.folder / "recordings" / first.path).unlink()
    state.index.forget_segment(first.segment_id)
    request = ask(state, 13)
    state.now += datetime.timedelta(seconds=10)
    state.maker.work()
    verdict = judged(state, request)
    assert verdict.state == "complete"
    assert "was recorded and is not in it: it was recorded, and removed by retention" in verdict.detail
