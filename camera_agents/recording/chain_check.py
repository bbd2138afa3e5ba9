"""Verifies the chains: every link's hash and signature, that none is missing, that every segment has its link and its link's hash, and that every
second from the first link to the last is accounted for. It reads and changes nothing, and can run beside an agent that records and removes.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pydantic

from camera_agents import check, errors
from camera_agents.recording import recordings, segments
from camera_agents.sending import identity
from sharing_hub.wire import chain as wire
from sharing_hub.wire import v1

_KEEP = "Keep the disk as it is and copy it: somebody or something changed what was recorded"
_MAX_HOLES = 20


@dataclass(slots=True)
class _Seen:
    """What was read of one camera's chain.

    Attributes:
        files: of segments, by sequence.
        removed: the sequences, first and last, that links and waiting removals tell of.
        kept: segments of the index by sequence; `unlinked`: those without one.
    """

    camera_id: str
    first: v1.ChainLink | None = None
    last: v1.ChainLink | None = None
    files: dict[int, v1.ChainFile] = field(default_factory=dict)
    explained: list[wire.Span] = field(default_factory=list)
    removed: list[tuple[int, int]] = field(default_factory=list)
    pruned: list[v1.Pruned] = field(default_factory=list)
    kept: dict[int, recordings.Segment] = field(default_factory=dict)
    unlinked: list[recordings.Segment] = field(default_factory=list)


def find(index_path: Path, folder: Path, state_dir: Path, thorough: bool = False) -> Iterator[check.Finding]:
    """Yield what is wrong with the chains.

    Args:
        folder: the recordings.
        state_dir: holds the identity whose key signed the links.
        thorough: hash every segment's file too, so that one changed byte is found.
    """
    if not index_path.exists():
        return
    try:
        me = identity.Identity.load(state_dir)
        index = recordings.Recordings(index_path)
    except (errors.IdentityError, errors.RecordingsError):
        return  # found by the checks of these
    try:
        for camera_id in _cameras(index):
            yield from _check_camera(index, camera_id, me, folder, thorough)
    except errors.RecordingsError as e:
        yield check.Finding(index_path.name, str(e), _KEEP)
    finally:
        index.close()


def _cameras(index: recordings.Recordings) -> list[str]:
    with index.snapshot() as db:
        rows = db.execute("SELECT DISTINCT camera_id FROM link UNION SELECT DISTINCT camera_id FROM segment ORDER BY 1")
        return [camera_id for (camera_id,) in rows]


def _check_camera(
    index: recordings.Recordings, camera_id: str, me: identity.Identity, folder: Path, thorough: bool
) -> Iterator[check.Finding]:
    seen = _Seen(camera_id)
    with index.snapshot() as db:
        findings = list(_read_links(db, seen, me))
        _read_rows(db, seen)
    yield from findings
    yield from _beginning(seen)
    yield from _segments(seen)
    yield from _gone(index, seen, folder)
    yield from _time(seen)
    if thorough:
        yield from _files(index, seen, folder)


def _read_links(db: sqlite3.Connection, seen: _Seen, me: identity.Identity) -> Iterator[check.Finding]:
    rows = db.execute(
        "SELECT sequence, body, signature FROM link WHERE camera_id = ? ORDER BY sequence", (seen.camera_id,)
    )
    for sequence, body, signature in rows:
        where = f"chain of {seen.camera_id}, link {sequence}"
        try:
            link = v1.ChainLink.model_validate_json(body)
        except pydantic.ValidationError:
            yield check.Finding(where, "cannot be read", _KEEP)
            seen.last = None
            continue
        if link.file is not None and link.file.name:
            where += f" (segment {link.file.name})"
        if link.signed_bytes() != body.encode() or not me.signed(body.encode(), signature):
            yield check.Finding(where, "was altered: the signature is not this agent's", _KEEP)
        if (link.camera_id, link.sequence) != (seen.camera_id, sequence):
            yield check.Finding(where, f"is link {link.sequence} of {link.camera_id}", _KEEP)
        if seen.last is not None and not wire.follows(link, seen.last):
            yield check.Finding(
                where, f"does not follow on link {seen.last.sequence}: links were removed or altered", _KEEP
            )
        _take(seen, link)


def _take(seen: _Seen, link: v1.ChainLink) -> None:
    seen.first = seen.first or link
    seen.last = link
    seen.explained += wire.explained([link])
    seen.removed += [(one.first, one.last) for one in link.removed]
    if link.what == "segment" and link.file is not None:
        seen.files[link.sequence] = link.file
    if link.pruned is not None:
        seen.pruned.append(link.pruned)


def _read_rows(db: sqlite3.Connection, seen: _Seen) -> None:
    rows = db.execute("SELECT sequence FROM removal WHERE camera_id = ?", (seen.camera_id,))
    seen.removed += [(sequence, sequence) for (sequence,) in rows]
    for segment in recordings.closed_in(db, seen.camera_id):
        if segment.sequence is None:
            seen.unlinked.append(segment)
        else:
            seen.kept[segment.sequence] = segment


def _beginning(seen: _Seen) -> Iterator[check.Finding]:
    first = seen.first
    if first is None or (first.sequence == 0 and first.previous == wire.FIRST):
        return
    named = [one for one in seen.pruned if one.sequence == first.sequence - 1 and one.sha256 == first.previous]
    if not named:
        where = f"chain of {seen.camera_id}"
        yield check.Finding(
            where, f"its first {first.sequence} links are missing, and no link says that they were pruned", _KEEP
        )


def _segments(seen: _Seen) -> Iterator[check.Finding]:
    """Find segments without their link, and links whose segments went without a word."""
    removed = _removed(seen)
    begins_us = min((segment.start_us for segment in seen.kept.values()), default=None)
    for segment in seen.unlinked:
        if begins_us is not None and segment.start_us > begins_us:
            yield check.Finding(f"segment {segment.path}", "has no link in its camera's chain", _KEEP)
    for sequence, segment in seen.kept.items():
        file = seen.files.get(sequence)
        if file is None or file.name != segment.path:
            yield check.Finding(f"segment {segment.path}", f"is not what link {sequence} is of", _KEEP)
        elif file.length_bytes != segment.length_bytes:
            what = f"is {segment.length_bytes} bytes and its link says {file.length_bytes}"
            yield check.Finding(f"segment {segment.path}", what, _KEEP)
    for sequence, file in seen.files.items():
        if sequence not in seen.kept and sequence not in removed:
            yield check.Finding(f"segment {file.name}", "is gone, and no link says that it was removed", _KEEP)


def _gone(index: recordings.Recordings, seen: _Seen, folder: Path) -> Iterator[check.Finding]:
    """Find files that are not there; where it was written down that they leave, a kill came before their row left too."""
    removed = _removed(seen)
    for sequence, segment in seen.kept.items():
        if sequence not in removed and not (folder / segment.path).exists() and index.is_listed(segment):
            yield check.Finding(f"segment {segment.path}", "is missing", "What it held is lost; its link stays")


def _removed(seen: _Seen) -> set[int]:
    return set().union(*(range(first, last + 1) for first, last in seen.removed))


def _time(seen: _Seen) -> Iterator[check.Finding]:
    """Find seconds for which nothing is recorded and no reason is given."""
    if not seen.files:
        return
    spans = [(file.starts_at, file.ends_at) for file in seen.files.values()]
    slowest = min((file.stream.fps for file in seen.files.values() if file.stream.fps > 0), default=0.0)
    span = (next(iter(seen.files.values())).starts_at, max(end for _, end in spans))
    holes = wire.uncovered(span, [*spans, *seen.explained], wire.longest_step(slowest))
    for begin, end in holes[:_MAX_HOLES]:
        what = f"{_seconds(end - begin)} from {_text(begin)} are in no segment and in no gap with a reason"
        yield check.Finding(f"chain of {seen.camera_id}", what, _KEEP)
    if len(holes) > _MAX_HOLES:
        yield check.Finding(f"chain of {seen.camera_id}", f"{len(holes) - _MAX_HOLES} more such spans", _KEEP)


def _files(index: recordings.Recordings, seen: _Seen, folder: Path) -> Iterator[check.Finding]:
    for sequence, segment in seen.kept.items():
        file = seen.files.get(sequence)
        if file is None:
            continue
        path = folder / segment.path
        try:
            if segments.sha256_of(path) == file.sha256:
                continue
            what = f"does not have the hash of its link{_damage(path)}"
        except FileNotFoundError:
            continue  # found above, unless it left meanwhile
        except OSError as e:
            what = f"cannot be read ({e})"
        if index.is_listed(segment):
            yield check.Finding(f"segment {segment.path}", what, _KEEP)


def _damage(path: Path) -> str:
    try:
        with segments.SegmentReader(path) as reader:
            end = reader.whole()[1]
    except errors.SegmentDamaged as e:
        return f" ({e})"
    return f": it is damaged at byte {end}" if end != path.stat().st_size else ": it was changed and its checksums too"


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.1f} s"


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
