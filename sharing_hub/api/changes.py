"""Changes as browsers hear of them: what the bus told by id, read anew for the viewer's role and written out once for all who listen."""

import asyncio
import collections
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from sharing_hub import bus as buses
from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import viewers
from sharing_hub.services import browsing, occurrences, views

MAX_KEPT = 2000


class MediaArrived(views.View):
    """A media file is here: of an event, or of a recording request."""

    media_id: UUID
    form: str
    camera_id: str
    event_id: UUID | None
    incident_id: UUID | None
    request_id: UUID | None


class Changes:
    """Reads a change once per role however many listen; bounded; used on the event loop."""

    def __init__(self, hub: hubs.Hub) -> None:
        self._hub = hub
        self._kept: collections.OrderedDict[tuple[int, str], asyncio.Task[str | None]] = collections.OrderedDict()

    async def text(self, change: buses.Change, viewer: viewers.Viewer) -> str | None:
        """Return the change as JSON, or None where it is not (any more) for this viewer."""
        # A role of the district sees what every other of it sees; somebody of an agency what nobody else does.
        key = (change.number, viewer.role if viewers.is_of_district(viewer) else str(viewer.operator_id))
        task = self._kept.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            # A failure is not kept: a browser that comes again asks for the change at which its stream broke.
            task = asyncio.get_running_loop().create_task(run_in_threadpool(self._read, change, viewer))
            self._kept[key] = task
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return await asyncio.shield(task)

    def _read(self, change: buses.Change, viewer: viewers.Viewer) -> str | None:
        with self._hub.database.reading() as session:
            try:
                return _view(session, viewer, change, self._hub.clock()).model_dump_json()
            except errors.NotFound:
                return None


def _view(session: Session, viewer: viewers.Viewer, change: buses.Change, now: datetime) -> BaseModel:
    if change.topic == "incident":
        return occurrences.incident(session, viewer, UUID(change.key))
    if change.topic == "camera":
        return browsing.camera(session, viewer, change.key, now)
    if change.topic != "media":
        raise errors.NotFound(f"{change.topic} is not told here")
    return MediaArrived.model_validate(browsing.file(session, viewer, UUID(change.key)))
