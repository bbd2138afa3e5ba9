"""The policies' door: who could see a camera, and why."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from sharing_hub.api import callers, dependencies, pages, problems
from sharing_hub.domain import actions
from sharing_hub.services import simulation, views
from sharing_hub.wire import v1

ROUTER = APIRouter(prefix="/v1/policy", tags=["access rules"], responses=problems.documented(401, 403, 404, 422))
Code = Annotated[str | None, Query(max_length=40)]


@ROUTER.get("/simulate", operation_id="simulateAccess")
def simulate(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    camera_id: Annotated[v1.CameraId, Query()],
    action: Annotated[actions.Action, Query()] = "ViewLive",
    agency_id: Code = None,
    role: Code = None,
    incident_id: UUID | None = None,
    purpose: Code = None,
    legal_basis: Code = None,
    masked: Annotated[actions.MaskLevel, Query()] = "none",
    recorded_at: Annotated[pages.Time | None, Query(description="When the recording was made.")] = None,
    proved: Annotated[
        Literal["true", "false"], Query(description="Second factor and training are taken as given.")
    ] = "true",
    at: Annotated[pages.Time | None, Query(description="Default: now.")] = None,
) -> views.Page[simulation.SimulatedView]:
    """Say for each agency and role whether it could, and by which policies; for administrators, privacy officers and auditors."""
    who = simulation.Who(agency_id, role, proved=proved == "true")
    what = simulation.What(camera_id, action, incident_id, None, purpose, legal_basis, masked, recorded_at)
    with hub.database.reading() as session:
        simulation.require_reader(session, hub.access, viewer, hub.clock())
        found = simulation.run(session, hub.access, who, what, at or hub.clock())
    return views.Page[simulation.SimulatedView](items=found)
