"""What agencies do with incidents: open, update and end their own; read those shared with them, and say what they do about them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, pages, problems
from sharing_hub.domain import inbound, sight, viewers
from sharing_hub.services import agency_incidents, agency_marks, sharing_by_hand, sharing_views, views

ROUTER = APIRouter(
    prefix="/v1/agency/incidents", tags=["agencies"], responses=problems.documented(401, 403, 404, 409, 422)
)
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
CaseNumber = Annotated[str, Field(min_length=1, max_length=inbound.MAX_CASE_CHARACTERS)]
TheCase = Annotated[
    str, Path(min_length=1, max_length=inbound.MAX_CASE_CHARACTERS, description="The agency's own case number.")
]
Words = Annotated[str | None, Field(max_length=inbound.MAX_DESCRIPTION_CHARACTERS)]


class Opening(BaseModel):
    """An incident of the agency's own. `kind`: one of the district's; left out, what this kind of agency usually opens."""

    model_config = ConfigDict(extra="forbid")

    case_number: CaseNumber
    latitude: Degrees
    longitude: Degrees
    kind: Annotated[str | None, Field(max_length=30)] = None
    agency_class: Annotated[str | None, Field(max_length=inbound.MAX_CLASS_CHARACTERS)] = None
    description: Words = None
    severity: Annotated[int | None, Field(ge=1, le=3)] = None


class Place(BaseModel):
    """Degrees of WGS 84."""

    model_config = ConfigDict(extra="forbid")

    latitude: Degrees
    longitude: Degrees


class Update(BaseModel):
    """Where it is now, and what is known: one of them at least."""

    model_config = ConfigDict(extra="forbid")

    place: Place | None = None
    note: Words = None


class Note(BaseModel):
    """What is to be said."""

    model_config = ConfigDict(extra="forbid")

    note: Words = None


class Report(BaseModel):
    """Why the agency should not have been told."""

    model_config = ConfigDict(extra="forbid")

    why: Annotated[str, Field(min_length=1, max_length=sharing_by_hand.MAX_WHY_CHARACTERS)]


@ROUTER.post(
    "", operation_id="openCase", status_code=201, responses={200: {"description": "The case was open already"}}
)
def open_case(
    hub: dependencies.HubHere, viewer: callers.TheCaller, said: Opening, response: Response
) -> sharing_views.CaseView:
    """Open an incident; the answer names the cameras near it and until when they may be looked at. A repeat of the case number opens nothing new."""
    case = opened(hub, viewer, said)
    response.status_code = 201 if case[1] else 200
    return case[0]


@ROUTER.get("", operation_id="listSharedIncidents", response_model=views.Page[sharing_views.SharedIncident])
def list_shared(
    hub: dependencies.HubHere,
    viewer: callers.TheCaller,
    request: Request,
    unfinished: Annotated[bool, Query(description="Only what is not closed or false.")] = False,
    limit: pages.Limit = 50,
    before: pages.Before = None,
) -> Response:
    """Return the incidents that are shared with the agency, the latest shared first."""
    require_partner(viewer)
    with hub.database.reading() as session:
        return pages.answer(request, agency_marks.listed(session, viewer, unfinished, before, limit))


@ROUTER.get("/{incident_id}", operation_id="getSharedIncident")
def get_shared(hub: dependencies.HubHere, viewer: callers.TheCaller, incident_id: UUID) -> sharing_views.SharedIncident:
    """Return one incident that is shared with the agency."""
    require_partner(viewer)
    with hub.database.reading() as session:
        return agency_marks.one(session, viewer, incident_id)


@ROUTER.post("/{case_number}/update", operation_id="updateCase")
def update_case(
    hub: dependencies.HubHere, viewer: callers.TheCaller, case_number: TheCase, said: Update
) -> sharing_views.CaseView:
    """Say where the case is now, or what is known: the cameras follow."""
    require_partner(viewer)
    place = None if said.place is None else sight.Point(said.place.latitude, said.place.longitude)
    if place is not None and not sight.is_possible(place):
        raise errors.Unprocessable(
            "the place is not in Korea: degrees of WGS 84, latitude 32 to 44, longitude 123 to 133"
        )
    note = inbound.text(said.note, inbound.MAX_DESCRIPTION_CHARACTERS)
    with hub.database.writing() as session:
        case = agency_incidents.update_case(session, viewer, case_number, place, note, hub.clock())
        session.flush()
        return _view(case, viewer)


@ROUTER.post("/{case_number}/end", operation_id="endCase")
def end_case(
    hub: dependencies.HubHere,
    viewer: callers.TheCaller,
    case_number: TheCase,
    said: Annotated[Note | None, Body()] = None,
) -> sharing_views.SharedIncident:
    """Say that the case is over; what may be looked at ends a few minutes later. A repeat changes nothing."""
    require_partner(viewer)
    note = inbound.text(said.note if said else None, inbound.MAX_DESCRIPTION_CHARACTERS)
    with hub.database.writing() as session:
        row = agency_incidents.end_case(session, viewer, case_number, note, hub.clock())
        session.flush()
        return agency_marks.one(session, viewer, row.incident_id)


@ROUTER.post("/{incident_id}/accept", operation_id="acceptIncident")
def accept(hub: dependencies.HubHere, viewer: callers.TheCaller, incident_id: UUID) -> sharing_views.SharedIncident:
    """Say that the agency takes it on."""
    return _marked(hub, viewer, incident_id, "accept")


@ROUTER.post("/{incident_id}/arrived", operation_id="arrivedAtIncident")
def arrived(hub: dependencies.HubHere, viewer: callers.TheCaller, incident_id: UUID) -> sharing_views.SharedIncident:
    """Say that somebody is on the spot."""
    return _marked(hub, viewer, incident_id, "arrive")


@ROUTER.post("/{incident_id}/finished", operation_id="finishedIncident")
def finished(hub: dependencies.HubHere, viewer: callers.TheCaller, incident_id: UUID) -> sharing_views.SharedIncident:
    """Say that the agency is done with it."""
    return _marked(hub, viewer, incident_id, "finish")


@ROUTER.post("/{incident_id}/report-wrong", operation_id="reportWrongShare", status_code=204)
def report_wrong(hub: dependencies.HubHere, viewer: callers.TheCaller, incident_id: UUID, report: Report) -> None:
    """Say that the agency should not have been told: the incident is taken from its list, and what it may look at ends at once."""
    require_partner(viewer)
    with hub.database.writing() as session:
        agency_marks.report_wrong(session, viewer, incident_id, report.why, hub.clock())


def opened(hub: hubs.Hub, viewer: viewers.Viewer, said: Opening) -> tuple[sharing_views.CaseView, bool]:
    """Open a case in one transaction; return it, and whether it is new.

    Raises:
        Unprocessable: what was said cannot be.
        HubError: as `agency_incidents.open_case`.
    """
    require_partner(viewer)
    try:
        call = inbound.Call(
            said.case_number, sight.Point(said.latitude, said.longitude), said.kind,
            inbound.text(said.agency_class, inbound.MAX_CLASS_CHARACTERS),
            inbound.text(said.description, inbound.MAX_DESCRIPTION_CHARACTERS), said.severity,
        )  # fmt: skip
    except ValueError as e:
        raise errors.Unprocessable(str(e)) from e
    with hub.database.writing() as session:
        case = agency_incidents.open_case(session, viewer, call, hub.rules, hub.clock())
        session.flush()
        return _view(case, viewer), case.fresh


def require_partner(viewer: viewers.Viewer) -> None:
    """Refuse whoever is of no agency.

    Raises:
        Refused: the district's own people have doors of their own.
    """
    if not viewers.is_partner(viewer):
        raise errors.Refused("this is for agencies' people and systems")


def _marked(
    hub: hubs.Hub, viewer: viewers.Viewer, incident_id: UUID, said: agency_marks.Mark
) -> sharing_views.SharedIncident:
    require_partner(viewer)
    with hub.database.writing() as session:
        return agency_marks.mark(session, viewer, incident_id, said, hub.clock())


def _view(case: agency_incidents.Case, viewer: viewers.Viewer) -> sharing_views.CaseView:
    shared, covered = (
        sharing_views.shared_of(case.share, case.incident, None, viewer),
        case.grant.camera_ids if case.grant else (),
    )
    cameras = [
        sharing_views.NearCamera(
            camera_id=one.camera_id, name=one.name, latitude=one.place.latitude, longitude=one.place.longitude,
            distance_m=one.distance_m, sees=one.sees, granted=one.camera_id in covered,
        )
        for one in case.cameras
    ]  # fmt: skip
    return sharing_views.CaseView(
        incident=shared.incident, share=shared.share, cameras=cameras,
        grant_id=case.grant.grant_id if case.grant else None, grant_ends_at=case.grant.ends_at if case.grant else None,
    )  # fmt: skip
