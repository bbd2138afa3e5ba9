import datetime
from pathlib import Path

from camera_agents.sending import delivery, identity, mediastore, outbox
from sharing_hub.wire import v1
from tests.support import agent_state, messages

DAY = datetime.timedelta(days=1)


def answer(batch: v1.EventBatch, result: str = "stored", reason: str = "") -> v1.BatchReply:
    def outcomes(ids: list[object]) -> tuple[v1.Outcome, ...]:
        return tuple(v1.Outcome(event_id=i, result=result, reason=reason) for i in ids)

    return v1.BatchReply(
        reports=outcomes([report.event_id for report in batch.reports]),
        endings=outcomes([end.event_id for end in batch.endings]),
    )


def test_only_the_hubs_answer_takes_an_event_off_the_list(box: outbox.Outbox, sender: delivery.Delivery) -> None:
    box.commit_event(messages.report(), None)
    batch = sender.next_batch(10, 10**6)
    assert sender.next_batch(10, 10**6) == batch
    assert sender.record(answer(batch)) == 1
    assert sender.next_batch(10, 10**6) == v1.EventBatch()


def test_a_duplicate_counts_as_sent(box: outbox.Outbox, sender: delivery.Delivery) -> None:
    box.commit_event(messages.report(), None)
    sender.record(answer(sender.next_batch(10, 10**6), "duplicate"))
    assert box.backlog(messages.NOON) == v1.Backlog(events=0, media=0, media_bytes=0, parked=0)


def test_a_refused_report_is_parked_with_everything_that_hangs_on_it(
    box: outbox.Outbox, sender: delivery.Delivery, store: mediastore.MediaStore, me: identity.Identity
) -> None:
    report = messages.report()
    plan = outbox.ClipPlan(report.event_id, "gate", messages.NOON, messages.after(1), event_id=report.event_id)
    box.commit_event(report, plan)
    agent_state.keep_file(box, store, me, b"before", event_id=report.event_id)
    sender.record(answer(sender.next_batch(10, 10**6), "refused", "camera of another agent"))
    box.commit_end(v1.EventEnd(event_id=report.event_id, ended_at=messages.after(3)))
    agent_state.keep_file(box, store, me, b"after", event_id=report.event_id)
    assert sender.next_media() is None
    assert sender.next_batch(10, 10**6) == v1.EventBatch()
    assert box.open_plans() == []
    assert box.parked() == {
        "events": {"camera of another agent": 1},
        "endings": {"its report was refused": 1},
        "media": {"its report was refused": 2},
        "plans": {"its report was refused": 1},
    }


def test_an_ending_never_goes_before_its_report(box: outbox.Outbox, sender: delivery.Delivery) -> None:
    reports = [messages.report() for _ in range(3)]
    for report in reports:
        box.commit_event(report, None)
    box.commit_end(v1.EventEnd(event_id=reports[2].event_id, ended_at=messages.after(9)))
    first = sender.next_batch(2, 10**6)
    assert (len(first.reports), first.endings) == (2, ())
    sender.record(answer(first))
    second = sender.next_batch(2, 10**6)
    assert (len(second.reports), len(second.endings)) == (1, 1)


def test_a_batch_stays_under_its_bytes_but_holds_at_least_one(box: outbox.Outbox, sender: delivery.Delivery) -> None:
    for _ in range(3):
        box.commit_event(messages.report(), None)
    assert len(sender.next_batch(500, 1).reports) == 1
    one_bytes = len(messages.report().model_dump_json())
    assert len(sender.next_batch(500, 2 * one_bytes + 10).reports) == 2


def test_what_the_hub_failed_on_goes_behind_newer_events(box: outbox.Outbox, sender: delivery.Delivery) -> None:
    old, new = messages.report(), messages.report()
    box.commit_event(old, None)
    sender.defer(sender.next_batch(10, 10**6))
    box.commit_event(new, None)
    assert [report.event_id for report in sender.next_batch(10, 10**6).reports] == [new.event_id, old.event_id]


def test_files_wait_for_their_events_report(
    box: outbox.Outbox, sender: delivery.Delivery, store: mediastore.MediaStore, me: identity.Identity
) -> None:
    report = messages.report()
    box.commit_event(report, None)
    signed = agent_state.keep_file(box, store, me, b"still", event_id=report.event_id)
    assert sender.next_media() is None
    sender.record(answer(sender.next_batch(10, 10**6)))
    assert sender.next_media() == delivery.PendingMedia(signed, store.files()[0], 0)


def test_stills_go_before_clips_and_clips_before_ranges(
    box: outbox.Outbox, sender: delivery.Delivery, store: mediastore.MediaStore, me: identity.Identity
) -> None:
    request = messages.range_request()
    agent_state.keep_file(box, store, me, b"r", form="range", event_id=None, request_id=request.request_id)
    agent_state.keep_file(box, store, me, b"c", form="clip")
    agent_state.keep_file(box, store, me, b"s", form="still", masking=None)
    agent_state.keep_file(box, store, me, b"m")
    order = []
    while media := sender.next_media():
        order.append(media.signed.manifest.form)
        sender.media_sent(media.media_id)
    assert order == ["masked_still", "still", "clip", "range"]


def test_a_file_that_always_fails_blocks_no_other(
    box: outbox.Outbox, sender: delivery.Delivery, store: mediastore.MediaStore, me: identity.Identity
) -> None:
    bad = agent_state.keep_file(box, store, me, b"bad still")
    good = agent_state.keep_file(box, store, me, b"good clip", form="clip")
    for _ in range(delivery.PATIENCE):
        sender.defer_media(bad.manifest.media_id)
    media = sender.next_media()
    assert media is not None
    assert media.media_id == good.manifest.media_id


def test_restarts_are_counted_durably(
    box: outbox.Outbox, sender: delivery.Delivery, store: mediastore.MediaStore, me: identity.Identity
) -> None:
    signed = agent_state.keep_file(box, store, me, b"clip", form="clip")
    assert [sender.restart_media(signed.manifest.media_id) for _ in range(2)] == [1, 2]
    assert sender.pending_media()[0].restarts == 2


def test_a_file_is_spent_when_every_row_that_names_it_is_settled(
    box: outbox.Outbox, sender: delivery.Delivery, store: mediastore.MediaStore, me: identity.Identity
) -> None:
    first = agent_state.keep_file(box, store, me, b"shared", form="clip")
    second = agent_state.keep_file(box, store, me, b"shared", form="clip")
    sender.media_sent(first.manifest.media_id)
    assert sender.spent_files() == []
    sender.media_sent(second.manifest.media_id)
    assert [spent.path for spent in sender.spent_files()] == store.files()


def test_a_spent_file_is_kept_when_a_new_row_needs_it(
    box: outbox.Outbox, sender: delivery.Delivery, store: mediastore.MediaStore, me: identity.Identity
) -> None:
    first = agent_state.keep_file(box, store, me, b"shared", form="clip")
    sender.media_sent(first.manifest.media_id)
    (spent,) = sender.spent_files()
    agent_state.keep_file(box, store, me, b"shared", form="clip")
    assert not sender.remove_file(spent.sha256, lambda: store.remove(spent.path))
    assert spent.path.exists()


def test_pruning_forgets_what_is_done_and_nothing_else(
    box: outbox.Outbox, sender: delivery.Delivery, clock: agent_state.Clock
) -> None:
    done, going_on, waiting = messages.report(), messages.report(), messages.report()
    for report in (done, going_on):
        box.commit_event(report, None)
    box.commit_end(v1.EventEnd(event_id=done.event_id, ended_at=messages.after(3)))
    sender.record(answer(sender.next_batch(10, 10**6)))
    box.commit_event(waiting, None)
    clock.pass_s(2 * DAY.total_seconds())
    assert sender.prune(clock() - DAY, clock() - 7 * DAY) == 2
    assert [behaviour.event_id for behaviour in box.open_behaviours()] == [going_on.event_id, waiting.event_id]
    assert [report.event_id for report in sender.next_batch(10, 10**6).reports] == [waiting.event_id]


def test_parked_rows_outlive_sent_ones(box: outbox.Outbox, sender: delivery.Delivery, clock: agent_state.Clock) -> None:
    report = messages.report()
    box.commit_event(report, None)
    box.commit_end(v1.EventEnd(event_id=report.event_id, ended_at=messages.after(3)))
    sender.record(answer(sender.next_batch(10, 10**6), "refused", "no"))
    clock.pass_s(2 * DAY.total_seconds())
    assert sender.prune(clock() - DAY, clock() - 7 * DAY) == 0
    clock.pass_s(6 * DAY.total_seconds())
    assert sender.prune(clock() - DAY, clock() - 7 * DAY) == 2


def test_a_row_that_cannot_be_read_is_parked_and_the_others_go(
    tmp_path: Path, box: outbox.Outbox, sender: delivery.Delivery
) -> None:
    box.commit_event(messages.report(), None)
    box.commit_event(messages.report(), None)
    with box.store.transaction() as cursor:
        cursor.execute("UPDATE events SET body = '{}' WHERE seq = 1")
    assert len(sender.next_batch(10, 10**6).reports) == 1
    assert box.parked()["events"] == {"cannot be read by this version": 1}
