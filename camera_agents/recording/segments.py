"""Segment files: the packets of one camera for about a minute, appended so that a kill at any byte loses at most the last record.

Layout, little-endian: a header (magic, u32 length, u32 CRC, JSON of SegmentHeader), then records
(u32 payload length, u32 CRC of what follows, u8 flags (1 = key frame), i64 pts in 1/90000 s, i64 captured in microseconds of UTC, payload).
Invariant: a reader sees whole records only; whatever follows the last whole record is not there. `repair` cuts it away.
"""

import base64
import contextlib
import hashlib
import json
import mmap
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from isal import isal_zlib

from camera_agents import errors
from camera_agents.sending import mediastore
from camera_agents.streams import annexb, packets

_MAGIC = b"JKSEG1\r\n"
_HEAD = struct.Struct("<II")
_RECORD = struct.Struct("<IIBqq")
_CHECKED = struct.Struct("<Bqq")
_MAX_HEADER_BYTES = 64 * 1024
_MAX_PAYLOAD_BYTES = 32 * 1024 * 1024
_REORDERED_US = 1_000_000  # a picture is sent at most this much before one that is shown earlier
SUFFIX = ".jks"


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """What every record of the file has in common."""

    camera_id: str
    format: packets.StreamFormat


class Entry(NamedTuple):
    """Where one record is, without its payload. A tuple, because a clip reads thousands of them."""

    offset: int
    length_bytes: int
    crc: int
    is_key: bool
    pts: int
    captured_us: int


class SegmentWriter:
    """Appends records to a new file; each is handed to the kernel at once, and made durable by `close`.

    Attributes:
        signed_by_camera: a picture carried a message of ONVIF Media Signing.
    """

    def __init__(self, path: Path, header: SegmentHeader) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o640)
        self.path = path
        self.length_bytes = 0
        self.frames = 0
        self.signed_by_camera = False
        self.format = header.format
        self._hash = hashlib.sha256()
        try:
            self._write(_header_bytes(header))
        except OSError:
            os.close(self._file)
            path.unlink()
            raise

    def append(self, packet: packets.VideoPacket) -> None:
        """Write one record. After an OSError (disk full) the file may end in half a record: `close` cuts it away."""
        checked = _CHECKED.pack(packet.is_key, packet.pts, packet.captured_us)
        crc = isal_zlib.crc32(packet.data, isal_zlib.crc32(checked))
        head = _RECORD.pack(len(packet.data), crc, packet.is_key, packet.pts, packet.captured_us)
        self._write(head, packet.data)
        self.frames += 1
        self.signed_by_camera = self.signed_by_camera or annexb.is_signed_by_camera(self.format.codec, packet.data)

    def sha256(self) -> str:
        """Return the hash of what was written, taken while it was."""
        return self._hash.hexdigest()

    def close(self) -> None:
        """Make the file durable: its bytes, then its name."""
        try:
            os.ftruncate(self._file, self.length_bytes)
            os.fsync(self._file)
        finally:
            os.close(self._file)
        mediastore.sync_folder(self.path.parent)

    def _write(self, *parts: bytes) -> None:
        total = sum(map(len, parts))
        written = os.writev(self._file, parts)
        if written != total:
            os.ftruncate(self._file, self.length_bytes)
            raise OSError(28, "the disk took only a part of the record")
        self.length_bytes += total
        for part in parts:
            self._hash.update(part)


class SegmentReader:
    """Reads a segment, also while it is being written: it sees the records that were whole when it was opened."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < len(_MAGIC) + _HEAD.size:
                raise errors.SegmentDamaged(path, "it ends within its header")
            self._map = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
        self.path = path
        try:
            self.header, self._body = _read_header(path, self._map)
        except errors.SegmentDamaged:
            self._map.close()
            raise

    def __enter__(self) -> "SegmentReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._map.close()

    def entries(self) -> Iterator[Entry]:
        """Yield every whole record in order, without reading or checking its payload."""
        at, size = self._body, len(self._map)
        while at + _RECORD.size <= size:
            length, crc, flags, pts, captured_us = _RECORD.unpack_from(self._map, at)
            end = at + _RECORD.size + length
            if not 0 < length <= _MAX_PAYLOAD_BYTES or flags > 1 or end > size:
                return
            yield Entry(at, length, crc, bool(flags), pts, captured_us)
            at = end

    def between(self, start_us: int, end_us: int) -> list[Entry]:
        """Return the records from the last key frame captured at or before `start_us` to the last captured by `end_us`.

        Entries are made for these only, and reading stops at the span's end: walking a whole minute takes as long as reading 20 s of it.
        """
        at, size, data = self._body, len(self._map), self._map
        found: list[tuple[int, int, int, int, int, int]] = []
        last = 0
        while at + _RECORD.size <= size:
            length, crc, flags, pts, captured_us = _RECORD.unpack_from(data, at)
            end = at + _RECORD.size + length
            if not 0 < length <= _MAX_PAYLOAD_BYTES or flags > 1 or end > size or captured_us > end_us + _REORDERED_US:
                break
            if flags and captured_us <= start_us:
                found.clear()
            found.append((at, length, crc, flags, pts, captured_us))
            if captured_us <= end_us:
                last = len(found)
            at = end
        return [Entry(at, length, crc, bool(flags), pts, us) for at, length, crc, flags, pts, us in found[:last]]

    def structure_end(self) -> int:
        """Return the byte at which the last whole record ends, without checking payloads."""
        end = self._body
        for entry in self.entries():
            end = entry.offset + _RECORD.size + entry.length_bytes
        return end

    def packet(self, entry: Entry) -> packets.VideoPacket:
        """Return the packet at `entry`.

        Raises:
            SegmentDamaged: its checksum does not hold.
        """
        begin = entry.offset + _RECORD.size
        data = self._map[begin : begin + entry.length_bytes]
        if (
            isal_zlib.crc32(data, isal_zlib.crc32(_CHECKED.pack(entry.is_key, entry.pts, entry.captured_us)))
            != entry.crc
        ):
            raise errors.SegmentDamaged(self.path, f"the record at byte {entry.offset} does not have its checksum")
        return packets.VideoPacket(self.header.format, entry.pts, entry.captured_us, entry.is_key, data)

    def whole(self) -> tuple[list[Entry], int]:
        """Return the records up to the first damaged one, each checked, and the byte at which they end."""
        good: list[Entry] = []
        end = self._body
        with contextlib.suppress(errors.SegmentDamaged):
            for entry in self.entries():
                self.packet(entry)
                good.append(entry)
                end = entry.offset + _RECORD.size + entry.length_bytes
        return good, end


def sha256_of(path: Path) -> str:
    """Return the hash of a file that nobody hashed while it was written, or that is to be compared."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def repair(path: Path) -> list[Entry]:
    """Cut away what follows the last whole record and make the rest durable; a file without one whole record is removed.

    Returns:
        The records that remain; empty when the file was removed.
    """
    try:
        with SegmentReader(path) as reader:
            good, end = reader.whole()
    except errors.SegmentDamaged:
        good, end = [], 0
    if not good:
        path.unlink()
    else:
        with path.open("r+b") as file:
            file.truncate(end)
            os.fsync(file.fileno())
    mediastore.sync_folder(path.parent)
    return good


def _header_bytes(header: SegmentHeader) -> bytes:
    form = header.format
    body = json.dumps(
        {
            "camera_id": header.camera_id,
            "codec": form.codec,
            "parameter_sets": base64.b64encode(form.parameter_sets).decode(),
            "width_px": form.width_px,
            "height_px": form.height_px,
        }
    ).encode()
    return _MAGIC + _HEAD.pack(len(body), isal_zlib.crc32(body)) + body


def _read_header(path: Path, data: mmap.mmap) -> tuple[SegmentHeader, int]:
    if data[: len(_MAGIC)] != _MAGIC:
        raise errors.SegmentDamaged(path, "it does not begin as a segment does")
    length, crc = _HEAD.unpack_from(data, len(_MAGIC))
    begin = len(_MAGIC) + _HEAD.size
    body = data[begin : begin + length]
    if length > _MAX_HEADER_BYTES or len(body) != length or isal_zlib.crc32(body) != crc:
        raise errors.SegmentDamaged(path, "its header does not have its checksum")
    values = json.loads(body)
    sets = base64.b64decode(values.pop("parameter_sets"))
    camera_id = values.pop("camera_id")
    return SegmentHeader(camera_id, packets.StreamFormat(parameter_sets=sets, **values)), begin + length
