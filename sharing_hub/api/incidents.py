"""Incidents: the alarm list, and what operators decide about them."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, pages, problems
from sharing_hub.domain import incidents as domain
from sharing_hub.domain import viewers
from sharing_hub.services import incidents, media_lists, occurrences, views

ROUTER = APIRouter(prefix="/v1", tags=["incidents"], responses=problems.documented(401, 403, 422))
Version = Annotated[int | None, Field(ge=1, description="What the operator saw; a newer one is a conflict.")]
Note = Annotated[str, Field(max_length=incidents.MAX_NOTE_CHARACTERS)]


class Change(BaseModel):
    """A change that needs no words."""

    model_config = ConfigDict(extra="forbid")

    version: Version = None


class Confirmation(Change):
    """It is real."""

    note: Note = ""


class FalseAlarm(Change):
    """It is not, and why."""

    reason: Annotated[str, Field(min_length=1, max_length=60)]
    note: Note = ""


class Ending(Change):
    """It is done with, and how it ended."""

    disposition: Annotated[str, Field(min_length=1, max_length=60)]
    note: Note = ""


class ReasonView(BaseModel):
    """A word that an operator picks."""

    code: str
    ko: str
    en: str


@ROUTER.get("/incidents", operation_id="listIncidents", response_model=views.IncidentPage)
def list_incidents(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    request: Request,
    state: Annotated[occurrences.Which, Query()] = "open",
    limit: pages.Limit = 50,
    before: pages.Before = None,
) -> Response:
    """Return incidents, the latest opened first, and whether alarms flood in (severity 3 then opens with `digest`)."""
    with hub.database.reading() as session:
        return pages.answer(request, occurrences.incidents(session, viewer, state, before, limit, hub.clock()))


@ROUTER.get("/incidents/{incident_id}", operation_id="getIncident", responses=problems.documented(404))
def get_incident(hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID) -> views.IncidentDetail:
    """Return one incident with its newest alarms, their explanations and media, and its history."""
    with hub.database.reading() as session:
        shown = occurrences.incident_detail(session, viewer, incident_id)
        events = [alarm.event for alarm in shown.alarms]
        kept = media_lists.only_permitted(session, hub.access, viewer, events, incident_id, hub.clock())
        alarms = [alarm.model_copy(update={"event": one}) for alarm, one in zip(shown.alarms, kept, strict=True)]
        return shown.model_copy(update={"alarms": alarms})


@ROUTER.post(
    "/incidents/{incident_id}/acknowledge",
    operation_id="acknowledgeIncident",
    responses=problems.documented(404, 409),
)
def acknowledge(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, change: Change | None = None
) -> views.IncidentView:
    """Say that somebody looks at it: it stops sounding."""
    version = change.version if change else None
    return changed(
        hub, viewer, incident_id, lambda db: incidents.acknowledge(db, incident_id, viewer, hub.clock(), version)
    )


@ROUTER.post("/incidents/{incident_id}/verify", operation_id="verifyIncident", responses=problems.documented(404, 409))
def verify(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, change: Change | None = None
) -> views.IncidentView:
    """Say that it is being found out whether it is real."""
    version = change.version if change else None
    return changed(hub, viewer, incident_id, lambda db: incidents.verify(db, incident_id, viewer, hub.clock(), version))


@ROUTER.post(
    "/incidents/{incident_id}/resolve", operation_id="resolveIncident", responses=problems.documented(404, 409)
)
def resolve(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, change: Confirmation | None = None
) -> views.IncidentView:
    """Say that it is over on the spot."""
    said = change or Confirmation()
    return changed(
        hub,
        viewer,
        incident_id,
        lambda db: incidents.resolve(db, incident_id, viewer, said.note, hub.clock(), said.version),
    )


@ROUTER.post("/incidents/{incident_id}/close", operation_id="closeIncident", responses=problems.documented(404, 409))
def close(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, change: Ending
) -> views.IncidentView:
    """Say that it is done with, and how it ended (a code of GET /v1/dispositions); its grants end a few minutes later."""
    return changed(
        hub,
        viewer,
        incident_id,
        lambda db: incidents.close(
            db, incident_id, viewer, change.disposition, change.note, hub.clock(), change.version
        ),
    )


@ROUTER.post(
    "/incidents/{incident_id}/confirm", operation_id="confirmIncident", responses=problems.documented(404, 409)
)
def confirm(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, change: Confirmation | None = None
) -> views.IncidentView:
    """Say that it is real."""
    said = change or Confirmation()
    return changed(
        hub,
        viewer,
        incident_id,
        lambda db: incidents.confirm(db, incident_id, viewer, said.note, hub.clock(), said.version),
    )


@ROUTER.post(
    "/incidents/{incident_id}/false-alarm", operation_id="dismissIncident", responses=problems.documented(404, 409)
)
def mark_false(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, change: FalseAlarm
) -> views.IncidentView:
    """Say that it is a false alarm, and why (a code of GET /v1/reasons)."""
    return changed(
        hub,
        viewer,
        incident_id,
        lambda db: incidents.mark_false(
            db, incident_id, viewer, change.reason, change.note, hub.clock(), change.version
        ),
    )


@ROUTER.post("/incidents/{incident_id}/reopen", operation_id="reopenIncident", responses=problems.documented(404, 409))
def reopen(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, change: Change | None = None
) -> views.IncidentView:
    """Undo a decision."""
    version = change.version if change else None
    return changed(hub, viewer, incident_id, lambda db: incidents.reopen(db, incident_id, viewer, hub.clock(), version))


@ROUTER.get("/reasons", operation_id="listReasons")
def list_reasons(viewer: callers.TheViewer) -> views.Page[ReasonView]:
    """Return the reasons for a false alarm, in the order of their keys."""
    reasons = [ReasonView(code=one.code, ko=one.ko, en=one.en) for one in domain.FALSE_REASONS]
    return views.Page[ReasonView](items=reasons)


@ROUTER.get("/dispositions", operation_id="listDispositions")
def list_dispositions(viewer: callers.TheViewer) -> views.Page[ReasonView]:
    """Return how an incident can end, in the order of their keys."""
    found = [ReasonView(code=one.code, ko=one.ko, en=one.en) for one in domain.DISPOSITIONS]
    return views.Page[ReasonView](items=found)


def changed(
    hub: hubs.Hub, viewer: viewers.Viewer, incident_id: UUID, change: Callable[[Session], Any]
) -> views.IncidentView:
    """Change an incident in one transaction and return it as it is then."""
    with hub.database.writing() as session:
        change(session)
        session.flush()
        return occurrences.incident(session, viewer, incident_id)
