"""Playbacks: a player fetches one clip in many ranges, and that is one look.

The same session asking for the same file with the same reason within ten minutes of the look continues it; anything else is a new row. The
viewer's session and role are checked at each request all the same.
"""

import collections
import threading
from datetime import datetime, timedelta
from uuid import UUID

from sharing_hub.domain import viewers

LENGTH = timedelta(minutes=10)
MAX_PLAYBACKS = 10_000


class Playbacks:
    """Looks that go on: who plays what, and until when further ranges belong to the same look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: collections.OrderedDict[tuple[UUID | None, UUID, str], datetime] = collections.OrderedDict()

    def goes_on(self, viewer: viewers.Viewer, media_id: UUID, why: str, now: datetime) -> bool:
        """Say whether the look is on record already and not older than a playback."""
        with self._lock:
            return now < self._until.get((viewer.session_id, media_id, why), now)

    def began(self, viewer: viewers.Viewer, media_id: UUID, why: str, now: datetime) -> None:
        """Remember a look that was just put on record."""
        with self._lock:
            self._until[viewer.session_id, media_id, why] = now + LENGTH
            while len(self._until) > MAX_PLAYBACKS:
                self._until.popitem(last=False)
