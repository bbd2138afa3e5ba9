import sqlite3
import threading
import uuid
from pathlib import Path

import pytest

from camera_agents import errors
from camera_agents.sending import delivery, identity, mediastore, outbox
from sharing_hub.wire import v1
from tests.support import agent_state, messages


def clip_plan(event_id: uuid.UUID) -> outbox.ClipPlan:
    return outbox.ClipPlan(uuid.uuid4(), "gate", messages.after(-10), messages.after(20), event_id=event_id)


def test_an_event_and_its_plan_outlive_the_process(tmp_path: Path, box: outbox.Outbox) -> None:
    report = messages.report()
    plan = clip_plan(report.event_id)
    box.commit_event(report, plan)
    box.close()
    again = agent_state.open_outbox(tmp_path)
    assert delivery.Delivery(again).next_batch(10, 10**6).reports == (report,)
    assert again.open_plans() == [plan]
    again.close()


def test_the_same_event_twice_is_kept_once_with_its_first_plan(box: outbox.Outbox, sender: delivery.Delivery) -> None:
    report = messages.report()
    first = clip_plan(report.event_id)
    box.commit_event(report, first)
    box.commit_event(report, clip_plan(report.event_id))
    assert len(sender.next_batch(10, 10**6).reports) == 1
    assert box.open_plans() == [first]


def test_an_event_is_an_open_behaviour_until_its_end_is_told(box: outbox.Outbox) -> None:
    report = messages.report()
    box.commit_event(report, None)
    expected = outbox.OpenBehaviour(report.event_id, "gate", "intrusion", report.raised_at)
    assert box.open_behaviours() == [expected]
    box.commit_end(v1.EventEnd(event_id=report.event_id, ended_at=messages.after(5)))
    assert box.open_behaviours() == []


def test_the_first_end_told_stands(box: outbox.Outbox, sender: delivery.Delivery) -> None:
    report = messages.report()
    box.commit_event(report, None)
    for end_s in (5, 9):
        box.commit_end(v1.EventEnd(event_id=report.event_id, ended_at=messages.after(end_s)))
    assert [end.ended_at for end in sender.next_batch(10, 10**6).endings] == [messages.after(5)]


def test_media_close_the_plan_they_were_made_for(
    box: outbox.Outbox, store: mediastore.MediaStore, me: identity.Identity, sender: delivery.Delivery
) -> None:
    report = messages.report()
    plan = clip_plan(report.event_id)
    box.commit_event(report, plan)
    stored = store.put(b"clip", ".mp4")
    box.commit_media(me.sign(messages.clip_manifest(b"clip", event_id=report.event_id)), stored.path, plan.plan_id)
    assert box.open_plans() == []
    assert [media.path for media in sender.pending_media()] == [stored.path]


def test_stills_given_with_the_event_are_kept_with_it(
    box: outbox.Outbox, store: mediastore.MediaStore, me: identity.Identity, sender: delivery.Delivery
) -> None:
    report = messages.report()
    signed = me.sign(messages.manifest(b"still", event_id=report.event_id))
    box.commit_event(report, None, [(signed, store.put(b"still", ".jpg").path)])
    assert [media.signed for media in sender.pending_media()] == [signed]


def test_a_range_request_becomes_a_plan_and_a_repeat_is_harmless(box: outbox.Outbox) -> None:
    request = messages.range_request()
    answers = [box.commit_range(request) for _ in range(2)]
    assert [answer.state for answer in answers] == ["accepted", "accepted"]
    (plan,) = box.open_plans()
    assert (plan.request_id, plan.starts_at, plan.ends_at) == (request.request_id, request.starts_at, request.ends_at)


def test_a_range_that_failed_is_refused_with_its_reason_and_told_once(
    box: outbox.Outbox, sender: delivery.Delivery
) -> None:
    request = messages.range_request()
    box.commit_range(request)
    box.fail_plan(request.request_id, "nothing recorded")
    expected = v1.RangeState(request_id=request.request_id, state="refused", reason="nothing recorded")
    assert sender.refusals() == [expected]
    sender.refusal_told(request.request_id)
    assert sender.refusals() == []
    assert box.commit_range(request) == expected
    assert box.backlog(messages.NOON).parked == 1


def test_listeners_hear_what_was_added_after_it_is_durable(box: outbox.Outbox, sender: delivery.Delivery) -> None:
    heard: list[tuple[str, int]] = []
    box.listen(lambda topic: heard.append((topic, len(sender.next_batch(10, 10**6).reports))))
    report = messages.report()
    box.commit_event(report, clip_plan(report.event_id))
    box.commit_range(messages.range_request())
    assert heard == [("event", 1), ("plan", 1), ("plan", 1)]


def test_the_backlog_counts_what_waits_and_how_long(
    box: outbox.Outbox, store: mediastore.MediaStore, me: identity.Identity, clock: agent_state.Clock
) -> None:
    report = messages.report()
    box.commit_event(report, None)
    box.commit_end(v1.EventEnd(event_id=report.event_id, ended_at=messages.after(5)))
    agent_state.keep_file(box, store, me, b"12345", event_id=report.event_id)
    clock.pass_s(30)
    assert box.backlog(clock()) == v1.Backlog(events=2, media=1, media_bytes=5, parked=0, oldest_s=30.0)


def test_threads_commit_side_by_side(box: outbox.Outbox, sender: delivery.Delivery) -> None:
    reports = [messages.report() for _ in range(40)]

    def commit(part: list[v1.EventReport]) -> None:
        for report in part:
            box.commit_event(report, None)

    threads = [threading.Thread(target=commit, args=(reports[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = sender.next_batch(500, 10**7).reports
    assert {report.event_id for report in kept} == {report.event_id for report in reports}


def test_a_damaged_file_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_bytes(b"not a database" * 100)
    with pytest.raises(errors.OutboxError, match="move it aside"):
        agent_state.open_outbox(tmp_path)


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    agent_state.open_outbox(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "outbox.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(errors.OutboxError, match="newer version"):
        agent_state.open_outbox(tmp_path)


def test_media_are_found_after_the_state_folder_moved(
    tmp_path: Path, box: outbox.Outbox, store: mediastore.MediaStore, me: identity.Identity
) -> None:
    agent_state.keep_file(box, store, me, b"still")
    box.close()
    moved = tmp_path.with_name(tmp_path.name + "-moved")
    tmp_path.rename(moved)
    again = agent_state.open_outbox(moved)
    assert [media.path.read_bytes() for media in delivery.Delivery(again).pending_media()] == [b"still"]
    again.close()
    moved.rename(tmp_path)


def test_two_agents_cannot_share_an_outbox(tmp_path: Path, box: outbox.Outbox) -> None:
    with pytest.raises(errors.OutboxError, match="another agent"):
        agent_state.open_outbox(tmp_path)
    box.close()
    agent_state.open_outbox(tmp_path).close()
