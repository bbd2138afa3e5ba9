"""A process that commits events, clips and endings as fast as it can and says so after each, until it is killed."""

import datetime
import uuid
from multiprocessing.connection import Connection
from pathlib import Path

from camera_agents.sending import delivery, identity, outbox
from sharing_hub.wire import v1
from tests.support import agent_state, messages

Acknowledged = tuple[str, uuid.UUID]
"""What was committed ("event", "media", "end", "settled") and its id."""


def write(state_dir: Path, says: Connection) -> None:
    """Write for ever. An acknowledgement is sent only after the call that it speaks of returned."""
    me = identity.Identity.load(state_dir)
    box = agent_state.open_outbox(state_dir, lambda: datetime.datetime.now(datetime.UTC))
    store = agent_state.open_media(state_dir)
    store.clear_drafts()
    sender = delivery.Delivery(box)
    while True:
        report = messages.report()
        plan = outbox.ClipPlan(uuid.uuid4(), "gate", messages.after(-10), messages.after(20), event_id=report.event_id)
        box.commit_event(report, plan)
        says.send(("event", report.event_id))
        content = report.event_id.bytes * 5000
        signed = me.sign(messages.clip_manifest(content, event_id=report.event_id))
        stored = store.put(lambda path, content=content: path.write_bytes(content), ".mp4")  # type: ignore[misc]
        box.commit_media(signed, stored.path, plan.plan_id)
        says.send(("media", signed.manifest.media_id))
        box.commit_end(v1.EventEnd(event_id=report.event_id, ended_at=messages.after(9)))
        says.send(("end", report.event_id))
        if report.event_id.int % 3 == 0:
            batch = sender.next_batch(1, 10**6)
            sender.record(v1.BatchReply(reports=tuple(_stored(report) for report in batch.reports)))
            for sent in batch.reports:
                says.send(("settled", sent.event_id))


def _stored(report: v1.EventReport) -> v1.Outcome:
    return v1.Outcome(event_id=report.event_id, result="stored")
