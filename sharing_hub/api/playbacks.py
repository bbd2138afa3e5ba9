"""Playbacks: a player fetches one clip in many ranges, and that is one look.

The same session asking for the same file with the same reason within ten minutes of the look continues it; anything else is a new row. The
viewer's session is checked, and the policies are asked, at each request all the same.
"""

import collections
import threading
from datetime import datetime, timedelta
from uuid import UUID

from sharing_hub.domain import viewers
from sharing_hub.services import looks

LENGTH = timedelta(minutes=10)
MAX_PLAYBACKS = 10_000
_Key = tuple[UUID, UUID | None, str, str, str | None, str | None]


class Playbacks:
    """Looks that go on: who plays what, and until when further ranges belong to the same look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: collections.OrderedDict[_Key, datetime] = collections.OrderedDict()

    def goes_on(self, viewer: viewers.Viewer, subject: looks.Subject, reason: looks.Reason, now: datetime) -> bool:
        """Say whether the look is on record already and not older than a playback."""
        with self._lock:
            return now < self._until.get(_key(viewer, subject, reason), now)

    def began(self, viewer: viewers.Viewer, subject: looks.Subject, reason: looks.Reason, now: datetime) -> None:
        """Remember a look that was just put on record."""
        with self._lock:
            self._until[_key(viewer, subject, reason)] = now + LENGTH
            while len(self._until) > MAX_PLAYBACKS:
                self._until.popitem(last=False)


def _key(viewer: viewers.Viewer, subject: looks.Subject, reason: looks.Reason) -> _Key:
    who = viewer.operator_id, viewer.session_id
    return (*who, subject.subject_id, reason.why, reason.purpose, reason.legal_basis)
