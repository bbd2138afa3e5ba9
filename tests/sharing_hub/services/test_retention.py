"""Media go after their days or oldest first when the disk is nearly full; held ones never; rows stay."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from sharing_hub import errors, worker
from sharing_hub import hub as hubs
from sharing_hub.services import retention
from sharing_hub.store import tables
from tests.support import hub_media, hub_site


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        yield hub


def let_pass(hub: hubs.Hub, **span: float) -> None:
    assert isinstance(hub.clock, hub_site.Clock)
    hub.clock.now += timedelta(**span)


def deleted(hub: hubs.Hub) -> dict[UUID, bool]:
    with hub.database.reading() as session:
        return {row.media_id: row.deleted_at is not None for row in session.scalars(sa.select(tables.Media))}


def test_media_past_their_days_go_and_leave_their_rows_and_a_record(hub: hubs.Hub) -> None:
    site = hub_site.enrol(hub)
    old = hub_media.store(hub, site, b"old")
    let_pass(hub, days=30, seconds=1)
    new = hub_media.store(hub, site, b"new")
    worker.retain(hub)
    assert deleted(hub) == {old.media_id: True, new.media_id: False}
    assert [sha256 for sha256, _ in hub.blobs.blobs()] == [new.sha256]
    with hub.database.reading() as session:
        (row,) = session.scalars(sa.select(tables.Deletion))
    assert (row.subject_id, row.sha256, row.why) == (str(old.media_id), old.sha256, "kept for 30 days")


def test_held_media_stay_until_the_hold_ends(hub: hubs.Hub) -> None:
    held = hub_media.store(hub, hub_site.enrol(hub), b"held")
    with hub.database.writing() as session:
        ends_at = hub.clock() + timedelta(days=60)
        retention.hold(session, held.media_id, "police 12-3", "investigation", ends_at, hub.clock())
    let_pass(hub, days=59)
    worker.retain(hub)
    assert deleted(hub) == {held.media_id: False}
    let_pass(hub, days=2)
    worker.retain(hub)
    assert deleted(hub) == {held.media_id: True}


def test_a_released_hold_holds_nothing(hub: hubs.Hub) -> None:
    media = hub_media.store(hub, hub_site.enrol(hub), b"x")
    with hub.database.writing() as session:
        hold_id = retention.hold(session, media.media_id, "kim", "case", hub.clock() + timedelta(days=99), hub.clock())
        retention.release(session, hold_id, hub.clock())
    let_pass(hub, days=31)
    worker.retain(hub)
    assert deleted(hub) == {media.media_id: True}


def test_a_hold_needs_an_owner_and_an_end(hub: hubs.Hub) -> None:
    media = hub_media.store(hub, hub_site.enrol(hub), b"x")
    with hub.database.reading() as session, pytest.raises(errors.Unprocessable):
        retention.hold(session, media.media_id, "kim", "case", hub.clock(), hub.clock())


def test_a_file_that_two_events_share_goes_with_the_last_of_them(hub: hubs.Hub) -> None:
    site = hub_site.enrol(hub)
    first = hub_media.store(hub, site, b"shared")
    let_pass(hub, days=20)
    second = hub_media.store(hub, site, b"shared")
    let_pass(hub, days=11)
    worker.retain(hub)
    assert deleted(hub) == {first.media_id: True, second.media_id: False}
    assert b"".join(hub.blobs.read(first.sha256)) == b"shared"
    let_pass(hub, days=20)
    worker.retain(hub)
    assert list(hub.blobs.blobs()) == []


def test_a_nearly_full_disk_loses_the_oldest_unheld_media_only(hub: hubs.Hub) -> None:
    site = hub_site.enrol(hub)
    media = []
    for number in range(5):
        media.append(hub_media.store(hub, site, bytes([number]) * 100))
        let_pass(hub, hours=1)
    with hub.database.writing() as session:
        retention.hold(session, media[0].media_id, "kim", "case", hub.clock() + timedelta(days=1), hub.clock())
    with hub.database.reading() as session:
        chosen = [row.media_id for row in retention.oldest(session, 150, hub.clock())]
    assert chosen == [media[1].media_id, media[2].media_id]


def test_pressure_removes_until_the_room_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub_site.opened(tmp_path, media={"min_free_bytes": 1000}) as hub:
        site = hub_site.enrol(hub)
        media = []
        for number in range(5):
            media.append(hub_media.store(hub, site, bytes([number]) * 100))
            let_pass(hub, hours=1)
        monkeypatch.setattr(hub.blobs, "free_bytes", lambda: 1300 - sum(size for _, size in hub.blobs.blobs()))
        worker.retain(hub)
        assert [deleted(hub)[one.media_id] for one in media] == [True, True, True, True, False]


def test_what_a_kill_left_of_a_deletion_is_removed_later(hub: hubs.Hub) -> None:
    media = hub_media.store(hub, hub_site.enrol(hub), b"x")
    with hub.database.writing() as session:
        retention.delete(session, [session.get_one(tables.Media, media.media_id)], "test", hub.clock())
    assert hub.blobs.length_bytes(media.sha256) == 1
    worker.tidy(hub)
    assert hub.blobs.length_bytes(media.sha256) is None


def test_an_upload_that_nobody_finishes_is_thrown_away(hub: hubs.Hub) -> None:
    manifest = hub_media.announce(hub, hub_site.enrol(hub), b"never finished")
    hub.blobs.append(manifest.media_id, 0, b"never")
    let_pass(hub, days=8)
    worker.tidy(hub)
    assert list(hub.blobs.partials()) == []
    assert hub.counters.totals()["uploads_abandoned", ""] == 1
