import datetime
import os
from pathlib import Path

from camera_agents.sending import delivery, identity, media_retention, mediastore, outbox
from tests.support import agent_state, messages

KEEPING = media_retention.Keeping(sent=datetime.timedelta(hours=24), sent_bytes=10, parked=datetime.timedelta(days=14))


def spent(name: str, hours_ago: float, length_bytes: int = 1, parked: bool = False) -> delivery.SpentFile:
    return delivery.SpentFile(name, Path(name), length_bytes, messages.after(-hours_ago * 3600), parked)


def names(files: list[delivery.SpentFile]) -> list[str]:
    return [file.sha256 for file in files]


def test_delivered_files_go_after_their_time_and_parked_ones_much_later() -> None:
    files = [
        spent("old", 25),
        spent("young", 23),
        spent("parked", 25, parked=True),
        spent("given up", 400, parked=True),
    ]
    assert names(media_retention.expired(files, KEEPING, messages.NOON, False)) == ["given up", "old"]


def test_beyond_the_bytes_the_oldest_delivered_files_go() -> None:
    files = [spent("oldest", 3, 4), spent("middle", 2, 4), spent("newest", 1, 4), spent("parked", 4, 99, parked=True)]
    assert names(media_retention.expired(files, KEEPING, messages.NOON, False)) == ["oldest"]


def test_on_a_full_disk_everything_settled_goes() -> None:
    files = [spent("young", 1), spent("parked", 1, parked=True)]
    assert len(media_retention.expired(files, KEEPING, messages.NOON, True)) == 2


def test_tidying_never_touches_what_waits_and_forgets_what_is_done(
    box: outbox.Outbox,
    sender: delivery.Delivery,
    store: mediastore.MediaStore,
    me: identity.Identity,
    clock: agent_state.Clock,
) -> None:
    sent = agent_state.keep_file(box, store, me, b"sent")
    waits = agent_state.keep_file(box, store, me, b"waits")
    sender.media_sent(sent.manifest.media_id)
    for path in store.files():
        os.utime(path, (0, 0))
    clock.pass_s(25 * 3600)
    assert media_retention.tidy(sender, store, KEEPING, clock()) == (1, 1)
    assert [path.stem for path in store.files()] == [waits.manifest.sha256]
    assert sender.listed_files() == {waits.manifest.sha256}


def test_on_a_full_disk_media_that_wait_stay(
    tmp_path: Path, box: outbox.Outbox, sender: delivery.Delivery, store: mediastore.MediaStore, me: identity.Identity
) -> None:
    agent_state.keep_file(box, store, me, b"waits")
    full = mediastore.MediaStore(tmp_path / "media", free_bytes=lambda: 0)
    media_retention.tidy(sender, full, KEEPING, messages.NOON)
    assert len(store.files()) == 1
