import datetime
import errno
import hashlib
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from camera_agents import errors
from camera_agents.analysis import announcing, reports
from camera_agents.configuration import settings
from camera_agents.sending import delivery, identity, mediastore, outbox
from detection import types
from sharing_hub.wire import v1

START_S = 1_800_000_000.0
ORIGIN = announcing.Origin("yard", None, 1.0)
CLIPS = settings.Clips(before_s=10.0, after_s=20.0)
NOBODY = types.Detections.none()


def raised(**changed: Any) -> types.Raised:
    values: dict[str, Any] = {
        "key": "intrusion/yard/1",
        "kind": types.Kind.INTRUSION,
        "trigger": "intrusion",
        "started_s": START_S - 40,
        "raised_s": START_S,
        "score": 0.9,
        "conditions": (),
        "settings_sha256": "ab" * 32,
    }
    return types.Raised(**{**values, **changed})


def frame(height_px: int = 96) -> types.Frame:
    grey = np.full(((height_px + 1) // 2, 64), 128, np.uint8)
    return types.Frame(START_S - 0.2, np.full((height_px, 128), 90, np.uint8), grey, grey)


def seen(found: types.Detections | None = NOBODY) -> announcing.Scene:
    return announcing.Scene(frame(), found, ())


@pytest.fixture
def announcer(me: identity.Identity, box: outbox.Outbox, store: mediastore.MediaStore) -> announcing.Announcer:
    return announcing.Announcer(me, box, store, CLIPS, "jikimi-agent/test")


def announce_with(
    me: identity.Identity, box: outbox.Outbox, store: mediastore.MediaStore, scene: announcing.Scene
) -> announcing.Announcer:
    made = announcing.Announcer(me, box, store, CLIPS, "jikimi-agent/test")
    made.announce(ORIGIN, raised(), scene)
    return made


def test_an_announced_event_waits_in_the_outbox_with_two_stills_and_the_plan_of_its_clip(
    announcer: announcing.Announcer, box: outbox.Outbox, sender: delivery.Delivery
) -> None:
    event_id = announcer.announce(ORIGIN, raised(), seen())
    (report,) = sender.next_batch(10, 1 << 20).reports
    assert (report.event_id, report.camera_id, report.kind) == (event_id, "yard", "intrusion")
    kept = {media.signed.manifest.form: media.signed.manifest for media in sender.pending_media()}
    assert set(kept) == {"masked_still", "still"}
    assert (kept["masked_still"].masking, kept["still"].masking) == ("regions", None)
    assert all(still.event_id == event_id and still.starts_at == reports.at(START_S - 0.2) for still in kept.values())
    assert [plan.event_id for plan in box.open_plans()] == [event_id]


def test_kept_stills_are_whole_under_their_hash_and_signed(
    announcer: announcing.Announcer, me: identity.Identity, sender: delivery.Delivery
) -> None:
    announcer.announce(ORIGIN, raised(), seen())
    for media in sender.pending_media():
        data = media.path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == media.signed.manifest.sha256
        assert len(data) == media.signed.manifest.length_bytes
        assert me.verifies(media.signed)


def test_what_no_detector_looked_at_is_masked_whole(announcer: announcing.Announcer, sender: delivery.Delivery) -> None:
    announcer.announce(ORIGIN, raised(), seen(found=None))
    assert {media.signed.manifest.masking for media in sender.pending_media()} == {"whole", None}


def test_the_clip_of_a_behaviour_lies_around_the_moment_it_was_raised(
    announcer: announcing.Announcer, box: outbox.Outbox
) -> None:
    announcer.announce(ORIGIN, raised(), seen())
    (plan,) = box.open_plans()
    assert (plan.starts_at, plan.ends_at) == (reports.at(START_S - 10), reports.at(START_S + 20))


def test_the_clip_of_a_cameras_own_trouble_holds_the_moment_it_began(
    announcer: announcing.Announcer, box: outbox.Outbox
) -> None:
    announcer.announce(ORIGIN, raised(kind=types.Kind.BLINDED), seen())
    (plan,) = box.open_plans()
    assert (plan.starts_at, plan.ends_at) == (reports.at(START_S - 50), reports.at(START_S + 20))


def test_an_event_of_a_camera_that_never_gave_a_picture_is_announced_without_stills(
    announcer: announcing.Announcer, sender: delivery.Delivery
) -> None:
    announcer.announce(ORIGIN, raised(kind=types.Kind.OFFLINE), announcing.Scene(None, None, ()))
    assert len(sender.next_batch(10, 1 << 20).reports) == 1
    assert sender.pending_media() == []
    assert not announcer.dropped["yard"]


def test_on_a_full_disk_the_event_is_announced_with_its_plan_and_the_missing_stills_are_counted(
    me: identity.Identity, box: outbox.Outbox, sender: delivery.Delivery, tmp_path: Path
) -> None:
    full = mediastore.MediaStore(tmp_path / "media", free_bytes=lambda: 0)
    announcer = announce_with(me, box, full, seen())
    assert len(sender.next_batch(10, 1 << 20).reports) == 1
    assert len(box.open_plans()) == 1
    assert sender.pending_media() == []
    assert announcer.dropped["yard"] == {"stills_not_kept": 1}


def test_a_disk_that_fails_at_the_second_still_leaves_neither(
    me: identity.Identity, box: outbox.Outbox, sender: delivery.Delivery, tmp_path: Path
) -> None:
    class Failing(mediastore.MediaStore):
        puts = 0

        def put(self, content: bytes | Callable[[Path], None], suffix: str) -> mediastore.Stored:
            self.puts += 1
            if self.puts == 2:
                raise errors.MediaStoreError(f"the disk says {errno.EIO}")
            return super().put(content, suffix)

    announcer = announce_with(me, box, Failing(tmp_path / "media", free_bytes=lambda: 1 << 40), seen())
    assert len(sender.next_batch(10, 1 << 20).reports) == 1
    assert sender.pending_media() == []
    assert announcer.dropped["yard"] == {"stills_not_kept": 1}


def test_a_picture_that_cannot_be_coded_does_not_keep_its_event_back(
    announcer: announcing.Announcer, sender: delivery.Delivery
) -> None:
    announcer.announce(ORIGIN, raised(), announcing.Scene(frame(height_px=1), None, ()))
    assert len(sender.next_batch(10, 1 << 20).reports) == 1
    assert announcer.dropped["yard"] == {"stills_not_kept": 1}


def test_report_plan_and_stills_are_kept_together_or_not_at_all(
    announcer: announcing.Announcer, box: outbox.Outbox, sender: delivery.Delivery
) -> None:
    with box.store.transaction() as cursor:  # the last row of an announcement is the one that fails
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON media WHEN (SELECT count(*) FROM media) = 1"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises((errors.OutboxError, sqlite3.Error)):
        announcer.announce(ORIGIN, raised(), seen())
    assert sender.next_batch(10, 1 << 20).reports == ()
    assert box.open_plans() == []
    assert sender.pending_media() == []
    assert box.open_behaviours() == []


def test_the_end_of_an_event_is_told_with_its_time(
    announcer: announcing.Announcer, box: outbox.Outbox, sender: delivery.Delivery
) -> None:
    event_id = announcer.announce(ORIGIN, raised(), seen())
    assert [behaviour.event_id for behaviour in box.open_behaviours()] == [event_id]
    ended_at = reports.at(START_S + 30)
    announcer.end(event_id, ended_at)
    assert box.open_behaviours() == []
    (ending,) = sender.next_batch(10, 1 << 20).endings
    assert (ending.event_id, ending.ended_at) == (event_id, ended_at)


def test_the_cameras_own_time_and_the_look_interval_go_with_the_event(
    announcer: announcing.Announcer, sender: delivery.Delivery
) -> None:
    clock = v1.CameraClock(camera_at=datetime.datetime(2027, 1, 15, 8, 0, 3, tzinfo=datetime.UTC), offset_s=3.0)
    announcer.announce(announcing.Origin("yard", clock, 2.5), raised(), seen())
    (report,) = sender.next_batch(10, 1 << 20).reports
    assert (report.camera_clock, report.look_interval_s) == (clock, 2.5)


def test_ids_come_from_where_the_maker_says(
    me: identity.Identity, box: outbox.Outbox, store: mediastore.MediaStore
) -> None:
    ids = [uuid.UUID(int=i) for i in range(1, 5)]
    announcer = announcing.Announcer(me, box, store, CLIPS, "jikimi-agent/test", iter(ids).__next__)
    assert announcer.announce(ORIGIN, raised(), seen()) == ids[0]
