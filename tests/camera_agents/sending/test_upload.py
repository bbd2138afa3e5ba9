import asyncio
import uuid
from pathlib import Path

import pytest

from camera_agents import errors
from camera_agents.sending import delivery, identity, upload
from sharing_hub.wire import v1
from tests.support import messages


class Hub:
    """A hub in memory that takes a file as scripted."""

    def __init__(self) -> None:
        self.held = bytearray()
        self.offsets: list[int] = []
        self.lies: list[int] = []
        self.stuck = False
        self.length = 0

    async def announce(self, signed: v1.SignedManifest) -> v1.UploadStatus:
        self.length = signed.manifest.length_bytes
        return self.status()

    async def send_chunk(self, media_id: uuid.UUID, offset_bytes: int, data: bytes) -> v1.UploadStatus:
        self.offsets.append(offset_bytes)
        if self.lies:
            raise errors.UploadConflict(self.status(self.lies.pop(0)))
        if not self.stuck:
            self.held += data
        return self.status()

    def status(self, offset_bytes: int | None = None) -> v1.UploadStatus:
        offset = len(self.held) if offset_bytes is None else offset_bytes
        return v1.UploadStatus(media_id=uuid.UUID(int=1), offset_bytes=offset, complete=len(self.held) == self.length)

    async def send_events(self, batch: v1.EventBatch) -> v1.BatchReply:
        raise NotImplementedError

    async def send_heartbeat(self, beat: v1.Heartbeat) -> v1.HeartbeatReply:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


CONTENT = bytes(range(256)) * 2400


@pytest.fixture
def media(tmp_path: Path, me: identity.Identity) -> delivery.PendingMedia:
    path = tmp_path / "clip.mp4"
    path.write_bytes(CONTENT)
    return delivery.PendingMedia(me.sign(messages.clip_manifest(CONTENT)), path, 0)


async def clear() -> None:
    return None


def send(hub: Hub, media: delivery.PendingMedia) -> None:
    asyncio.run(upload.send(hub, media, upload.Pace(), clear))


def test_a_file_goes_in_chunks_that_follow_each_other(media: delivery.PendingMedia) -> None:
    hub = Hub()
    send(hub, media)
    assert bytes(hub.held) == CONTENT
    assert hub.offsets == [0, upload.FIRST_CHUNK_BYTES]


def test_what_the_hub_holds_already_is_not_sent_again(media: delivery.PendingMedia) -> None:
    hub = Hub()
    hub.held += CONTENT[:500_000]
    send(hub, media)
    assert bytes(hub.held) == CONTENT
    assert hub.offsets == [500_000]


def test_each_chunk_waits_until_the_way_is_clear(media: delivery.PendingMedia) -> None:
    hub = Hub()
    looked: list[int] = []

    async def way_is_clear() -> None:
        looked.append(len(hub.held))

    asyncio.run(upload.send(hub, media, upload.Pace(), way_is_clear))
    assert looked == hub.offsets


def test_a_hub_that_never_agrees_on_the_place_is_left_for_later(media: delivery.PendingMedia) -> None:
    hub = Hub()
    hub.lies = [100, 200] * 10
    with pytest.raises(errors.HubBusy, match="find its place"):
        send(hub, media)
    assert len(hub.offsets) == upload.MAX_CONFLICTS + 1


def test_a_hub_that_takes_chunks_and_keeps_nothing_is_left_for_later(media: delivery.PendingMedia) -> None:
    hub = Hub()
    hub.stuck = True
    with pytest.raises(errors.HubBusy, match="does not advance"):
        send(hub, media)


def test_a_hub_that_holds_all_and_is_not_done_is_left_for_later(media: delivery.PendingMedia) -> None:
    hub = Hub()
    hub.held += CONTENT + b"more"
    with pytest.raises(errors.HubBusy, match="does not say complete"):
        send(hub, media)


def test_a_file_that_became_shorter_is_damaged(media: delivery.PendingMedia) -> None:
    media.path.write_bytes(CONTENT[:1000])
    with pytest.raises(errors.UploadDamaged, match="shorter"):
        send(Hub(), media)


def test_chunks_grow_on_a_fast_link_and_shrink_on_a_slow_one_within_bounds() -> None:
    pace = upload.Pace()
    for _ in range(10):
        pace.took(pace.chunk_bytes, 0.1)
    assert pace.chunk_bytes == v1.MAX_CHUNK_BYTES
    pace.took(100, 0.01)
    pace.took(pace.chunk_bytes, 1.0)
    assert pace.chunk_bytes == v1.MAX_CHUNK_BYTES
    for _ in range(20):
        pace.took(pace.chunk_bytes, 5.0)
    assert pace.chunk_bytes == upload.MIN_CHUNK_BYTES
