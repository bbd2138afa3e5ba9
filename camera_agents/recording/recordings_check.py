"""Verifies what is recorded against its index. It reads and changes nothing, and can run beside an agent that records and removes.

A segment that is not closed is no finding: it is being written, or a kill left it and the next start closes it.
"""

from collections.abc import Iterator
from pathlib import Path

from camera_agents import check, errors
from camera_agents.recording import recordings, segments


def find(index_path: Path, folder: Path, thorough: bool = False) -> Iterator[check.Finding]:
    """Yield what is wrong: files that are gone, of another length, or not whole.

    Args:
        thorough: read every byte and compare the checksums too; without it only the structure is read. Of what has a link, `chain_check` finds
            what is gone, and reads every byte.
    """
    if not index_path.exists():
        return
    try:
        index = recordings.Recordings(index_path)
    except errors.RecordingsError as e:
        yield check.Finding(index_path.name, str(e), "Move it aside: the segment files stay readable one by one")
        return
    try:
        for segment in index.closed():
            what = _fault(folder / segment.path, segment, thorough)
            if what and index.is_listed(segment):  # retention may have removed it meanwhile
                yield check.Finding(f"segment {segment.path}", what, "What it held is lost; the index can forget it")
    finally:
        index.close()


def _fault(path: Path, segment: recordings.Segment, thorough: bool) -> str:
    try:
        length_bytes = path.stat().st_size
        if length_bytes != segment.length_bytes:
            return f"is {length_bytes} bytes and should be {segment.length_bytes}"
        with segments.SegmentReader(path) as reader:
            end = reader.whole()[1] if thorough and segment.sequence is None else reader.structure_end()
    except FileNotFoundError:
        return "is missing" if segment.sequence is None else ""
    except (OSError, errors.SegmentDamaged) as e:
        return f"cannot be read ({e})"
    return "" if end == length_bytes else f"is damaged at byte {end}"
