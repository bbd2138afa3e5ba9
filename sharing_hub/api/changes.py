"""Changes as browsers hear of them: what the bus told by id, read anew for the viewer's role and written out once for all who listen."""

import asyncio
import collections
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from sharing_hub import bus as buses
from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import reading, views
from sharing_hub.domain import viewers
from sharing_hub.store import queries, tables

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
        key = (change.number, viewer.role)
        task = self._kept.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(run_in_threadpool(self._read, change, viewer))
            self._kept[key] = task
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return await asyncio.shield(task)

    def _read(self, change: buses.Change, viewer: viewers.Viewer) -> str | None:
        with self._hub.database.reading() as session:
            if change.topic == "incident":
                try:
                    return reading.incident(session, viewer, UUID(change.key)).model_dump_json()
                except errors.NotFound:
                    return None
            if change.topic == "camera":
                found = reading.cameras(session, viewer, change.key)
                return found[0].model_dump_json() if found else None
            row = session.scalar(queries.visible_to(viewer).media().where(tables.Media.media_id == UUID(change.key)))
            if row is None:
                return None
            incident_id = reading.incident_of_event(session, viewer, row.event_id)
            return MediaArrived(
                media_id=row.media_id,
                form=row.form,
                camera_id=row.camera_id,
                event_id=row.event_id,
                incident_id=incident_id,
                request_id=row.request_id,
            ).model_dump_json()
