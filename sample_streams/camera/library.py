"""The recordings in memory: each file and encoding is loaded once and shared."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sample_streams.camera import errors, media, recording

MAX_TOTAL_BYTES = 1024 * 1024 * 1024


class Library:
    """Loads recordings in a thread, one at a time, and keeps them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Path, media.Encoding | None], recording.Recording] = {}
        self._turn = asyncio.Lock()

    async def load(self, path: Path, encoding: media.Encoding | None) -> recording.Recording:
        """Return the file as it is or encoded anew.

        Raises:
            MediaError: it cannot be served, or everything kept would be larger than MAX_TOTAL_BYTES.
        """
        key = (path, encoding)
        async with self._turn:
            if key not in self._kept:
                loaded = await asyncio.to_thread(media.load, path, encoding)
                if sum(kept.bytes for kept in self._kept.values()) + loaded.bytes > MAX_TOTAL_BYTES:
                    raise errors.MediaError(path, f"would make the recordings larger than {MAX_TOTAL_BYTES} bytes")
                self._kept[key] = loaded
            return self._kept[key]

    async def load_list(self, paths: Sequence[Path], encoding: media.Encoding | None) -> recording.Recording:
        """Return files that play one after the other, as they are or encoded anew.

        Raises:
            MediaError: one cannot be served, all together are too large, or one differs from the first in codec, size or rate.
        """
        parts = [await self.load(path, encoding) for path in paths]
        if len(parts) == 1:
            return parts[0]
        try:
            return recording.join(parts)
        except ValueError as e:
            raise errors.MediaError(paths[0], f"and what is to follow it are no one stream: {e}") from e
