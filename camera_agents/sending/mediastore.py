"""Media files under the hash of what they hold. Invariant: a file exists whole under its hash, or not at all.

A file is written beside its place under a temporary name, flushed to the disk, renamed to its hash, and the folder is flushed.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import NamedTuple

from camera_agents import errors

RESERVE_BYTES = 256 * 1024 * 1024
"""Disk space that media never take, so that the outbox can go on writing alarms."""
UNLISTED_AGE_S = 3600.0
"""A file that no row names may be one whose row is about to be committed; after so long it is not."""
_TEMPORARY = "tmp"


class Stored(NamedTuple):
    """A file in the store."""

    sha256: str
    path: Path


class MediaStore:
    """A folder of media: `aa/<sha256>.<suffix>`, aa being the first two digits of the hash.

    Args:
        folder: made if it is missing.
        free_bytes: returns the free space of the disk.
    """

    def __init__(
        self, folder: Path, *, reserve_bytes: int = RESERVE_BYTES, free_bytes: Callable[[], int] | None = None
    ) -> None:
        self.folder = folder
        self._reserve_bytes = reserve_bytes
        self._free_bytes = free_bytes or (lambda: shutil.disk_usage(folder).free)
        self._temporary = folder / _TEMPORARY
        self._temporary.mkdir(parents=True, exist_ok=True)

    def put(self, content: bytes | Callable[[Path], None], suffix: str) -> Stored:
        """Keep a file and return its hash and place; it is durable when this returns.

        Args:
            content: the bytes, or a function that writes the file at the path it is given.
            suffix: ".mp4" or ".jpg".

        Raises:
            MediaStoreFull: the disk is nearly full.
            MediaStoreError: it could not be written, or came out empty.
        """
        self.ensure_room(len(content) if isinstance(content, bytes) else 0)
        draft = self._temporary / f"{uuid.uuid4().hex}{suffix}"
        try:
            if isinstance(content, bytes):
                draft.write_bytes(content)
            else:
                content(draft)
            return self._keep(draft, suffix)
        except OSError as e:
            raise errors.MediaStoreError(f"{draft}: {e}") from e
        finally:
            draft.unlink(missing_ok=True)

    def ensure_room(self, length_bytes: int) -> None:
        """Check that `length_bytes` more leave the reserve untouched.

        Raises:
            MediaStoreFull: they do not.
        """
        free = self._free_bytes()
        if free - length_bytes < self._reserve_bytes:
            raise errors.MediaStoreFull(f"disk nearly full: {free // 2**20} MiB free at {self.folder}")

    def low(self) -> bool:
        """Say whether the disk is so full that files already delivered should go at once."""
        return self._free_bytes() < 2 * self._reserve_bytes

    def remove(self, path: Path) -> None:
        """Remove a file that was delivered; one that is gone already is fine."""
        path.unlink(missing_ok=True)

    def clear_drafts(self) -> int:
        """Remove what a killed process left half written, and return how many. Only before anything writes."""
        drafts = list(self._temporary.iterdir())
        for draft in drafts:
            draft.unlink(missing_ok=True)
        return len(drafts)

    def remove_unlisted(self, listed: AbstractSet[str], now_s: float) -> int:
        """Remove whole files that no row of the outbox names (a kill came between file and row), and return how many."""
        removed = 0
        for path in self.files():
            if path.stem not in listed and now_s - path.stat().st_mtime > UNLISTED_AGE_S:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def files(self) -> list[Path]:
        """Return every whole file."""
        return sorted(path for path in self.folder.glob("[0-9a-f][0-9a-f]/*") if path.is_file())

    def _keep(self, draft: Path, suffix: str) -> Stored:
        with draft.open("rb") as file:
            os.fsync(file.fileno())
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if draft.stat().st_size == 0:
            raise errors.MediaStoreError(f"{draft.name} came out empty")
        place = self.folder / sha256[:2] / f"{sha256}{suffix}"
        new_folder = not place.parent.exists()
        place.parent.mkdir(exist_ok=True)
        draft.replace(place)  # the same bytes may be there already: the newer time keeps them from being tidied away
        sync_folder(place.parent)
        if new_folder:
            sync_folder(self.folder)
        return Stored(sha256, place)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, so that a rename in it survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
