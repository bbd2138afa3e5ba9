"""When delivered media leave the agent's disk. Invariant: a file that is not settled at the hub is never removed.

Delivered files are kept for some hours within some bytes (a second copy while the hub's is young), parked ones for days; on a disk nearly full both go at once.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from camera_agents.sending import delivery, mediastore


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long settled things are kept.

    Attributes:
        sent: delivered files and rows.
        sent_bytes: of delivered files at most.
        parked: what was given up, for somebody to look into.
    """

    sent: datetime.timedelta = datetime.timedelta(hours=24)
    sent_bytes: int = 2 * 1024**3
    parked: datetime.timedelta = datetime.timedelta(days=14)


def expired(
    spent: Iterable[delivery.SpentFile], keeping: Keeping, now: datetime.datetime, disk_low: bool
) -> list[delivery.SpentFile]:
    """Return the files to remove, the oldest first: those beyond their time, and delivered ones beyond the bytes."""
    newest_first = sorted(spent, key=lambda file: file.settled_at, reverse=True)
    removed: list[delivery.SpentFile] = []
    kept_bytes = 0
    for file in newest_first:
        too_old = now - file.settled_at > (keeping.parked if file.parked else keeping.sent)
        kept_bytes += 0 if file.parked else file.length_bytes
        if disk_low or too_old or (not file.parked and kept_bytes > keeping.sent_bytes):
            removed.append(file)
    return removed[::-1]


def tidy(
    sender: delivery.Delivery, store: mediastore.MediaStore, keeping: Keeping, now: datetime.datetime
) -> tuple[int, int]:
    """Remove expired files, then the rows that are done with; return how many of each. Steps T1 to T3 are in DESIGN.md."""
    files = 0
    for file in expired(sender.spent_files(), keeping, now, store.low()):
        files += sender.remove_file(file.sha256, lambda path=file.path: store.remove(path))  # type: ignore[misc]
    store.remove_unlisted(sender.listed_files(), now.timestamp())
    return files, sender.prune(now - keeping.sent, now - keeping.parked)
