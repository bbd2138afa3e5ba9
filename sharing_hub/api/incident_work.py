"""Working on incidents: who works on one, putting it aside, merging it, and sharing it with an agency by hand."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from sharing_hub.api import callers, dependencies, incidents, pages, problems
from sharing_hub.domain import district
from sharing_hub.services import deliveries, escalation, leases, merging, sharing_by_hand, shelving, views

ROUTER = APIRouter(
    prefix="/v1/incidents/{incident_id}", tags=["incidents"], responses=problems.documented(401, 403, 404, 409, 422)
)
Why = Annotated[str, Field(min_length=1, max_length=sharing_by_hand.MAX_WHY_CHARACTERS)]
Code = Annotated[str, Field(min_length=1, max_length=40)]


class Lease(BaseModel):
    """Whether to take the incident from whoever works on it."""

    model_config = ConfigDict(extra="forbid")

    take_over: bool = False


class Shelving(incidents.Change):
    """Until when it is put aside, and why."""

    until: pages.Time
    why: Why


class Merge(incidents.Change):
    """The incident that gets the alarms."""

    into: UUID


class Share(BaseModel):
    """With whom, what, for what, on which basis and why; `letter` where the basis needs one."""

    model_config = ConfigDict(extra="forbid")

    agency_id: Code
    media: Literal["none", "masked_still", "still", "still_and_live"] = "still_and_live"
    purpose: Code
    legal_basis: Code
    why: Why
    letter: Annotated[str | None, Field(max_length=100)] = None

    def wish(self) -> sharing_by_hand.Wish:
        """Return it as the service takes it."""
        media: district.Media = self.media
        return sharing_by_hand.Wish(self.agency_id, media, self.purpose, self.legal_basis, self.why, self.letter)


class Said(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")

    why: Why


@ROUTER.post("/lease", operation_id="takeIncident")
def take(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, lease: Lease | None = None
) -> views.IncidentView:
    """Work on an incident, or let it last; with `take_over` also where somebody else does."""
    over = lease is not None and lease.take_over
    return incidents.changed(
        hub, viewer, incident_id, lambda db: leases.take(db, incident_id, viewer, over, hub.clock())
    )


@ROUTER.delete("/lease", operation_id="releaseIncident")
def release(hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID) -> views.IncidentView:
    """Work on an incident no longer."""
    return incidents.changed(hub, viewer, incident_id, lambda db: leases.release(db, incident_id, viewer, hub.clock()))


@ROUTER.post("/shelve", operation_id="shelveIncident")
def shelve(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, change: Shelving
) -> views.IncidentView:
    """Put an incident aside until a time; it comes back by itself."""
    return incidents.changed(
        hub,
        viewer,
        incident_id,
        lambda db: shelving.shelve(db, incident_id, viewer, change.until, change.why, hub.clock(), change.version),
    )


@ROUTER.post("/unshelve", operation_id="unshelveIncident")
def unshelve(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, change: incidents.Change | None = None
) -> views.IncidentView:
    """Take an incident back before its time."""
    version = change.version if change else None
    return incidents.changed(
        hub, viewer, incident_id, lambda db: shelving.unshelve(db, incident_id, viewer, hub.clock(), version)
    )


@ROUTER.post("/merge", operation_id="mergeIncident")
def merge(hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, change: Merge) -> views.IncidentView:
    """Let the alarms of this incident be the other's, and return the other."""
    return incidents.changed(
        hub,
        viewer,
        change.into,
        lambda db: merging.merge(db, incident_id, change.into, viewer, hub.clock(), change.version),
    )


@ROUTER.post("/escalate", operation_id="escalateIncident")
def escalate(hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, said: Said) -> views.IncidentView:
    """Call the shift leader now, and at the next time the posted police, who learn of it on the matrix' terms."""
    return incidents.changed(
        hub, viewer, incident_id, lambda db: escalation.by_hand(db, incident_id, viewer, said.why, hub.clock())
    )


@ROUTER.get("/deliveries", operation_id="listIncidentDeliveries")
def list_deliveries(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID
) -> views.Page[deliveries.Told]:
    """Return what agencies were told of an incident and how far that is, the newest first; `host` is null where an agency fetches its messages itself."""
    with hub.database.reading() as session:
        found = deliveries.of_incident(session, viewer, incident_id, hub.clock())
        return views.Page[deliveries.Told](items=found)


@ROUTER.post("/share", operation_id="shareIncident")
def share(hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, wanted: Share) -> views.IncidentView:
    """Let an agency know of an incident, and with `still_and_live` open the cameras near it for a while."""
    return incidents.changed(
        hub, viewer, incident_id, lambda db: sharing_by_hand.share(db, incident_id, viewer, wanted.wish(), hub.clock())
    )


@ROUTER.post("/shares/{agency_id}/tell", operation_id="tellAgencyAgain")
def tell_again(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, agency_id: Code, said: Said
) -> views.IncidentView:
    """Tell an agency once more, as things stand now: where a message was given up, or somebody on the phone asks for it."""
    return incidents.changed(
        hub,
        viewer,
        incident_id,
        lambda db: sharing_by_hand.tell_again(db, incident_id, agency_id, viewer, said.why, hub.clock()),
    )


@ROUTER.post("/shares/{agency_id}/withdraw", operation_id="withdrawShare")
def withdraw(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, agency_id: Code, said: Said
) -> views.IncidentView:
    """Let an agency know of an incident no longer; what it watches stops."""
    return incidents.changed(
        hub,
        viewer,
        incident_id,
        lambda db: sharing_by_hand.withdraw(db, incident_id, agency_id, viewer, said.why, hub.clock()),
    )
