"""Sends media, one file at a time, by rank. Invariant: a file is parked only for a reason that trying again cannot mend."""

import asyncio
import hashlib
from pathlib import Path

import structlog

from camera_agents import backoff, errors
from camera_agents.sending import delivery, hub_client, hub_link, upload

MAX_RESTARTS = 3

_log = structlog.get_logger(__name__)


class MediaSender:
    """Drains the outbox of media."""

    def __init__(
        self,
        hub: hub_client.HubClient,
        sender: delivery.Delivery,
        link: hub_link.HubLink,
        waits: backoff.Backoff,
    ) -> None:
        self._hub = hub
        self._sender = sender
        self._link = link
        self._waits = waits
        self._pace = upload.Pace()
        self._waiting = asyncio.Event()
        self._waiting.set()

    def wake(self) -> None:
        """Take in that a file was committed, or that its event's report was taken."""
        self._waiting.set()

    async def run(self) -> None:
        """Send for ever."""
        try:
            while True:
                await self._waiting.wait()
                self._waiting.clear()
                while media := await asyncio.to_thread(self._sender.next_media):
                    await self._try(media)
        finally:
            self._waiting.set()

    async def _try(self, media: delivery.PendingMedia) -> None:
        try:
            await upload.send(self._hub, media, self._pace, self._link.way_is_clear.wait)
        except errors.HubRefused as e:
            await asyncio.to_thread(self._sender.park_media, media.media_id, str(e))
        except errors.UploadDamaged as e:
            await self._begin_again(media, e)
        except OSError as e:
            reason = f"the file cannot be read: {type(e).__name__}"
            await asyncio.to_thread(self._sender.park_media, media.media_id, reason)
        except errors.HubError as e:
            await self._wait_after(e, media)
            return
        else:
            await asyncio.to_thread(self._sender.media_sent, media.media_id)
        self._link.answered()
        self._waits.reset()

    async def _begin_again(self, media: delivery.PendingMedia, error: errors.UploadDamaged) -> None:
        """Find out on which side the damage is: our file altered, or bytes hurt on the way (then again, a few times)."""
        if not await asyncio.to_thread(is_whole, media.path, media.signed.manifest.sha256):
            await asyncio.to_thread(self._sender.park_media, media.media_id, "the file was altered on this disk")
            return
        restarts = await asyncio.to_thread(self._sender.restart_media, media.media_id)
        _log.warning("an upload was damaged", media_id=str(media.media_id), restarts=restarts, error=str(error))
        if restarts > MAX_RESTARTS:
            await asyncio.to_thread(self._sender.park_media, media.media_id, f"refused {restarts} times: {error}")

    async def _wait_after(self, error: errors.HubError, media: delivery.PendingMedia) -> None:
        self._link.failed(error)
        if not isinstance(error, errors.HubUnreachable):
            await asyncio.to_thread(self._sender.defer_media, media.media_id)
        least_s = error.retry_after_s if isinstance(error, errors.HubBusy) else 0.0
        await self._link.rest(self._waits.next_s(least_s))


def is_whole(path: Path, sha256: str) -> bool:
    """Say whether the file at `path` is there and has that hash."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
