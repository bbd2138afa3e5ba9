"""The media folder: files kept under their SHA-256.

Invariant: a blob exists whole under its hash, or not at all. Bytes arrive in a partial file; it gets its name only after its hash was found
right and its bytes were synced, and the folder is synced after the renaming.
"""

import hashlib
import io
import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Protocol
from uuid import UUID

from sharing_hub import errors

READ_BYTES = 1024 * 1024
DISK_RETRY_S = 60


class BlobStore(Protocol):
    """Where media files are kept (a folder here; S3 in the city profile)."""

    def partial_bytes(self, media_id: UUID) -> int:
        """Return how many bytes of an upload are held durably; 0 where it has not begun."""

    def append(self, media_id: UUID, offset_bytes: int, data: bytes) -> int:
        """Add bytes to an upload, durably, and return how many are held then.

        Raises:
            OffsetConflict: the upload does not stand at `offset_bytes`.
        """

    def finish(self, media_id: UUID, sha256: str) -> bool:
        """Give a whole upload its name. False where its bytes do not have this hash: it is then discarded."""

    def discard(self, media_id: UUID) -> None:
        """Throw an upload away."""

    def length_bytes(self, sha256: str) -> int | None:
        """Return a blob's length, or None where there is none."""

    def read(self, sha256: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Return a blob's bytes from `start`, in pieces. It is opened now: what is opened can be read to its end though it be deleted."""

    def delete(self, sha256: str) -> None:
        """Remove a blob; harmless when repeated."""

    def blobs(self) -> Iterable[tuple[str, int]]:
        """Return every blob with its length."""

    def partials(self) -> Iterable[UUID]:
        """Return every upload that has bytes and is not whole."""

    def free_bytes(self) -> int:
        """Return the room left on the disk."""


class FolderBlobs:
    """Blobs as files `aa/<sha256>` in a folder, uploads as `partial/<media_id>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._partial = folder / "partial"
        self._partial.mkdir(parents=True, exist_ok=True)
        self._turns = tuple(threading.Lock() for _ in range(64))  # one upload is touched by one request at a time

    def partial_bytes(self, media_id: UUID) -> int:
        """Return how many bytes of an upload are held."""
        try:
            return self._part(media_id).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, media_id: UUID, offset_bytes: int, data: bytes) -> int:
        """Add bytes to an upload: write, fsync (and the folder, for a new file)."""
        with self._turn(media_id):
            held = self.partial_bytes(media_id)
            if (
                held != offset_bytes
            ):  # before the file is opened: a repeat that comes after the end must leave no new one
                raise errors.OffsetConflict(f"the upload stands at {held} bytes, not {offset_bytes}", held)
            with self._part(media_id).open("ab", buffering=0) as file:
                _write(file, data)
            if held == 0:
                _sync_folder(self._partial)
            return held + len(data)

    def finish(self, media_id: UUID, sha256: str) -> bool:
        """Hash the whole upload; rename it when right, discard it when wrong."""
        part, blob = self._part(media_id), self.path(sha256)
        with self._turn(media_id):
            if not part.exists():  # a kill between renaming and commit: the repeat finds the blob in its place
                return blob.exists()
            if _sha256(part) != sha256:
                part.unlink()
                return False
            if not blob.parent.exists():
                blob.parent.mkdir(exist_ok=True)
                _sync_folder(self._folder)
            part.rename(blob)
            _sync_folder(blob.parent)
            return True

    def discard(self, media_id: UUID) -> None:
        """Remove an upload's partial file."""
        self._part(media_id).unlink(missing_ok=True)

    def length_bytes(self, sha256: str) -> int | None:
        """Return the file's length."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, sha256: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Open the file now and read it in pieces.

        Raises:
            NotFound: there is no such blob.
        """
        try:
            file = self.path(sha256).open("rb")
        except FileNotFoundError as e:
            raise errors.NotFound(f"the file {sha256[:12]}… is not in the media folder") from e
        file.seek(start)
        return _pieces(file, length)

    def delete(self, sha256: str) -> None:
        """Remove the file."""
        self.path(sha256).unlink(missing_ok=True)

    def blobs(self) -> Iterable[tuple[str, int]]:
        """Walk the folder."""
        for path in sorted(self._folder.glob("??/*")):
            yield path.name, path.stat().st_size

    def partials(self) -> Iterable[UUID]:
        """List the partial files."""
        return [UUID(path.name) for path in sorted(self._partial.iterdir())]

    def free_bytes(self) -> int:
        """Ask the file system."""
        return shutil.disk_usage(self._folder).free

    def path(self, sha256: str) -> Path:
        """Return where a blob is or would be."""
        return self._folder / sha256[:2] / sha256

    def _part(self, media_id: UUID) -> Path:
        return self._partial / str(media_id)

    def _turn(self, media_id: UUID) -> threading.Lock:
        return self._turns[media_id.int % len(self._turns)]


def _write(file: io.FileIO, data: bytes) -> None:
    held = file.tell()
    left = memoryview(data)
    try:
        while left:
            left = left[file.write(left) :]
        os.fsync(file.fileno())
    except OSError as e:
        os.ftruncate(file.fileno(), held)  # what was not synced was not received
        raise errors.DiskFull(f"the media folder cannot be written ({e.strerror})", DISK_RETRY_S) from e


def _pieces(file: IO[bytes], length: int | None) -> Iterator[bytes]:
    with file:
        left = length
        while left is None or left > 0:
            piece = file.read(READ_BYTES if left is None else min(READ_BYTES, left))
            if not piece:
                return
            left = None if left is None else left - len(piece)
            yield piece


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
