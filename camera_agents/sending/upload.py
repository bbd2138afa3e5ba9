"""Sending one media file in chunks. Invariant: after any cut it goes on from what the hub holds durably, never from what was sent."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from camera_agents import errors
from camera_agents.sending import delivery, hub_client
from sharing_hub.wire import v1

MIN_CHUNK_BYTES = 64 * 1024
FIRST_CHUNK_BYTES = 256 * 1024
MAX_CONFLICTS = 5


class Pace:
    """Sizes chunks so that each takes about a second: a slow link is never filled for long before an alarm can pass."""

    def __init__(self) -> None:
        self.chunk_bytes = FIRST_CHUNK_BYTES

    def took(self, length_bytes: int, seconds: float) -> None:
        """Take in how long a chunk of `length_bytes` took."""
        if seconds > 1.5:
            self.chunk_bytes = max(MIN_CHUNK_BYTES, self.chunk_bytes // 2)
        elif seconds < 0.5 and length_bytes == self.chunk_bytes:
            self.chunk_bytes = min(v1.MAX_CHUNK_BYTES, self.chunk_bytes * 2)


async def send(
    hub: hub_client.HubClient,
    media: delivery.PendingMedia,
    pace: Pace,
    way_is_clear: Callable[[], Awaitable[object]],
) -> None:
    """Announce `media` and send what the hub does not hold yet; return once the hub holds all of it.

    Args:
        way_is_clear: awaited before each chunk; it returns when no alarm waits to be sent.

    Raises:
        UploadDamaged: the hub received something else than the manifest says.
        HubError: as the client raises; what arrived is kept there.
        OSError: the file cannot be read.
    """
    length = media.signed.manifest.length_bytes
    status = await hub.announce(media.signed)
    conflicts = 0
    while not status.complete:
        if status.offset_bytes >= length:
            raise errors.HubBusy(f"the hub holds {status.offset_bytes} of {length} bytes and does not say complete")
        await way_is_clear()
        wanted = min(pace.chunk_bytes, length - status.offset_bytes)
        data = await asyncio.to_thread(_read, media.path, status.offset_bytes, wanted)
        if not data:
            raise errors.UploadDamaged(f"{media.path} is shorter than its manifest says")
        try:
            status = await _send_chunk(hub, media, pace, status.offset_bytes, data)
        except errors.UploadConflict as e:
            conflicts += 1
            if conflicts > MAX_CONFLICTS:
                raise errors.HubBusy(f"the upload of {media.media_id} does not find its place") from e
            status = e.status


async def _send_chunk(
    hub: hub_client.HubClient, media: delivery.PendingMedia, pace: Pace, offset_bytes: int, data: bytes
) -> v1.UploadStatus:
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    status = await hub.send_chunk(media.media_id, offset_bytes, data)
    pace.took(len(data), loop.time() - began_s)
    if status.offset_bytes <= offset_bytes and not status.complete:
        raise errors.HubBusy(f"the upload of {media.media_id} does not advance")
    return status


def _read(path: Path, offset_bytes: int, length_bytes: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset_bytes)
        return file.read(length_bytes)
