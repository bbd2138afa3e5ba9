"""The container of an export package: a folder, or a ZIP in one form only, so that no byte of it can change unnoticed.

The ZIP stores its files one after another, uncompressed, dated 1980-01-01, without extra fields, comments or gaps; the directory at its end repeats what
the heads say. A reader makes heads and directory anew of names, sizes and checksums and compares them byte by byte: ordinary tools open it, and what an
ordinary tool would overlook (a date, an attribute) is found.

Source: PKWARE's APPNOTE.TXT 6.3.10, 4.3.7 (local file header), 4.3.12 (central directory), 4.3.16 (its end).
"""

import os
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sharing_hub import errors

NAMES = (
    "README.txt", "manifest.json", "manifest.sig", "manifest.tsr", "stamp.pem", "video.mp4", "segments.json", "ledger.json",
    "original.json", "chain.json", "authority.pem", "verify.py",
)  # fmt: skip
"""Every file that a package may hold."""
MAX_ZIP_BYTES = 0xFFFF_FFFF - (1 << 20)
_HEAD, _ENTRY, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
_BLOCK_BYTES = 1 << 20
_DATE_1980 = (0, 0x21)
_VERSION = 20


@dataclass(frozen=True, slots=True)
class Part:
    """Where a file's bytes are.

    Attributes:
        path: the file itself, or the ZIP that holds it from `offset` on.
        crc: as the ZIP says it; 0 in a folder.
    """

    name: str
    path: Path
    offset: int
    length_bytes: int
    crc: int = 0

    def blocks(self) -> Iterator[bytes]:
        """Yield its bytes; fewer where the container is cut off."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            left = self.length_bytes
            while left > 0 and (block := file.read(min(left, _BLOCK_BYTES))):
                left -= len(block)
                yield block

    def read(self, most_bytes: int) -> bytes:
        """Return all its bytes.

        Raises:
            ValueError: they are more than `most_bytes`.
        """
        if self.length_bytes > most_bytes:
            raise ValueError(f"is longer than {most_bytes} bytes")
        return b"".join(self.blocks())


@dataclass(frozen=True, slots=True)
class Opened:
    """A container's files, and what is wrong with the container itself ("" where nothing is)."""

    parts: Mapping[str, Part]
    wrong: str = ""


def write_zip(target: Path, sources: Sequence[tuple[str, Path]]) -> None:
    """Write files into a new ZIP, in this order.

    Raises:
        Unprocessable: together they are too large for a ZIP.
    """
    if sum(path.stat().st_size for _, path in sources) > MAX_ZIP_BYTES:
        raise errors.Unprocessable("too large for a ZIP: write the package as a folder")
    parts: list[Part] = []
    with target.open("xb") as file:
        for name, path in sources:
            length_bytes, crc = path.stat().st_size, _crc(path)
            file.write(_head(name, length_bytes, crc))
            parts.append(Part(name, target, file.tell(), length_bytes, crc))
            with path.open("rb") as source:
                while block := source.read(_BLOCK_BYTES):
                    file.write(block)
        file.write(_directory(parts, file.tell()))
        file.flush()
        os.fsync(file.fileno())


def opened(path: Path) -> Opened:
    """Return what a package holds. Nothing is raised for what is wrong with it."""
    return _opened_folder(path) if path.is_dir() else _opened_zip(path)


def _opened_folder(path: Path) -> Opened:
    parts, wrong = {}, ""
    for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
        if entry.name in NAMES and entry.is_file(follow_symlinks=False):
            parts[entry.name] = Part(entry.name, Path(entry.path), 0, entry.stat().st_size)
        elif not wrong:
            wrong = f"holds {entry.name[:60]!r}, which belongs to no package"
    return Opened(parts, wrong)


def _opened_zip(path: Path) -> Opened:
    """Read a ZIP by its directory and by its heads; go by whichever is whole, and compare all that is not content with it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        by_directory, by_heads = _by_directory(path, file, size), _by_heads(path, file, size)
        parts = by_directory if by_directory is not None else by_heads
        if parts is None:
            return Opened({}, "is no package: neither its heads nor its directory can be read")
        wrong = _differs(parts, file, size)
    return Opened({part.name: part for part in parts}, wrong)


def _differs(parts: Sequence[Part], file: object, size: int) -> str:
    end = parts[-1].offset + parts[-1].length_bytes if parts else 0
    for part in parts:
        head = _head(part.name, part.length_bytes, part.crc)
        if _bytes_at(file, part.offset - len(head), len(head)) != head:
            return f"was altered in the head of {part.name}"
    if _bytes_at(file, end, size - end) != _directory(parts, end):
        return "was altered in its directory"
    return ""


def _by_directory(path: Path, file: object, size: int) -> list[Part] | None:
    found = _bytes_at(file, size - _END.size, _END.size)
    if len(found) < _END.size:
        return None
    mark, _, _, count, _, length, start, _ = _END.unpack(found)
    if mark != b"PK\5\6" or not 0 < count <= len(NAMES) or length > 64 * 1024:
        return None
    table, parts, at = _bytes_at(file, start, length), [], 0
    for _ in range(count):
        if at + _ENTRY.size > len(table):
            return None
        entry = _ENTRY.unpack_from(table, at)
        name = table[at + _ENTRY.size : at + _ENTRY.size + entry[10]].decode("latin-1")
        parts.append(Part(name, path, entry[16] + _HEAD.size + entry[10], entry[9], entry[7]))
        at += _ENTRY.size + entry[10]
    return parts if _is_whole(parts, start) else None


def _by_heads(path: Path, file: object, size: int) -> list[Part] | None:
    parts: list[Part] = []
    at = 0
    while (found := _bytes_at(file, at, _HEAD.size)) and found[:4] == b"PK\3\4" and len(parts) < len(NAMES):
        if len(found) < _HEAD.size:
            return None
        head = _HEAD.unpack(found)
        name = _bytes_at(file, at + _HEAD.size, min(head[9], 64)).decode("latin-1")
        parts.append(Part(name, path, at + _HEAD.size + head[9], head[8], head[6]))
        at = parts[-1].offset + head[8]
    return parts if parts and _is_whole(parts, at) and at < size else None


def _is_whole(parts: Sequence[Part], end: int) -> bool:
    """Say whether these are files of a package, each once, one after another without a gap."""
    at = 0
    for part in parts:
        if part.name not in NAMES or part.offset != at + _HEAD.size + len(part.name):
            return False
        at = part.offset + part.length_bytes
    return at == end and len({part.name for part in parts}) == len(parts)


def _bytes_at(file: object, offset: int, length: int) -> bytes:
    if offset < 0 or length <= 0:
        return b""
    file.seek(offset)  # type: ignore[attr-defined]
    return bytes(file.read(min(length, 1 << 20)))  # type: ignore[attr-defined]


def _head(name: str, length_bytes: int, crc: int) -> bytes:
    time, date = _DATE_1980
    raw = name.encode()
    return _HEAD.pack(b"PK\3\4", _VERSION, 0, 0, time, date, crc, length_bytes, length_bytes, len(raw), 0) + raw


def _directory(parts: Sequence[Part], start: int) -> bytes:
    time, date = _DATE_1980
    table = b""
    for part in parts:
        raw = part.name.encode()
        head_at = part.offset - _HEAD.size - len(raw)
        size = part.length_bytes
        table += _ENTRY.pack(
            b"PK\1\2", _VERSION, _VERSION, 0, 0, time, date, part.crc, size, size, len(raw), 0, 0, 0, 0, 0, head_at
        )
        table += raw
    return table + _END.pack(b"PK\5\6", 0, 0, len(parts), len(parts), len(table), start, 0)


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            crc = zlib.crc32(block, crc)
    return crc
