"""Where agencies' systems want to be told (administrators), and what did not reach them (operators)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from sharing_hub import couriers
from sharing_hub.api import callers, dependencies, problems
from sharing_hub.domain import ledger, viewers
from sharing_hub.errors import Refused
from sharing_hub.services import deliveries, endpoints
from sharing_hub.store import delivery_tables

ROUTER = APIRouter(prefix="/v1", tags=["delivery to agencies"], responses=problems.documented(401, 403, 422))
Words = Annotated[str, Field(min_length=1, max_length=300)]


class EndpointWanted(BaseModel):
    """Where an agency's system wants to be told."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [
        {"agency_id": "fire-119", "url": "https://119.example.kr/jikimi", "form": "cloudevents"}
    ]})  # fmt: skip

    agency_id: Annotated[str, Field(min_length=1, max_length=40)]
    url: Annotated[str, Field(min_length=1, max_length=500)]
    form: Annotated[str, Field(max_length=20, description="cloudevents or cap")] = "cloudevents"


class EndpointView(BaseModel):
    """An endpoint, without its secret."""

    endpoint_id: UUID
    agency_id: str
    url: str
    form: str
    generation: int
    added_at: datetime
    added_by: str


class EndpointSecret(EndpointView):
    """An endpoint with the secret that its messages are signed with (Standard Webhooks, `whsec_`), shown when it is made or made anew."""

    secret: str


class Reason(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")

    why: Words


class UndeliveredView(BaseModel):
    """A message that did not reach an agency's system within 10 s, or was given up: somebody should phone."""

    message_id: UUID
    incident_id: UUID
    agency_id: str
    url: str
    state: str
    attempts: int
    made_at: datetime
    fault: str


@ROUTER.get("/endpoints", operation_id="listEndpoints")
def list_endpoints(hub: dependencies.HubHere, _: callers.TheAdmin) -> list[EndpointView]:
    """Return where agencies' systems want to be told."""
    with hub.database.reading() as session:
        return [EndpointView(**_shown(row)) for row in endpoints.listed(session)]


@ROUTER.post("/endpoints", operation_id="addEndpoint", status_code=201, responses=problems.documented(404, 409))
def add_endpoint(hub: dependencies.HubHere, admin: callers.TheAdmin, wanted: EndpointWanted) -> EndpointSecret:
    """Register where an agency's system wants to be told."""
    by, networks = _actor(admin), couriers.networks(hub)
    with hub.database.writing() as session:
        row = endpoints.add(session, wanted.agency_id, wanted.url, wanted.form, networks, by, hub.clock())
        return EndpointSecret(**_shown(row), secret=hub.webhook_key.secret_of(row.endpoint_id, row.generation))


@ROUTER.post("/endpoints/{endpoint_id}/rotate", operation_id="rotateEndpoint", responses=problems.documented(404))
def rotate_endpoint(hub: dependencies.HubHere, admin: callers.TheAdmin, endpoint_id: UUID) -> EndpointSecret:
    """Give an endpoint a new secret; the old one signs nothing more."""
    with hub.database.writing() as session:
        row = endpoints.rotate(session, endpoint_id, _actor(admin), hub.clock())
        return EndpointSecret(**_shown(row), secret=hub.webhook_key.secret_of(row.endpoint_id, row.generation))


@ROUTER.post(
    "/endpoints/{endpoint_id}/disable", operation_id="disableEndpoint", status_code=204, response_class=Response,
    responses=problems.documented(404),
)  # fmt: skip
def disable_endpoint(hub: dependencies.HubHere, admin: callers.TheAdmin, endpoint_id: UUID, reason: Reason) -> None:
    """Send nothing more to an endpoint."""
    with hub.database.writing() as session:
        endpoints.disable(session, endpoint_id, _actor(admin), reason.why, hub.clock())


@ROUTER.get("/undelivered", operation_id="listUndelivered")
def list_undelivered(hub: dependencies.HubHere, viewer: callers.TheViewer) -> list[UndeliveredView]:
    """Return what did not reach an agency within 10 s, or was given up in the last day: somebody should phone."""
    if not viewers.sees_rows(viewer):
        raise Refused(f"the role {viewer.role} does not read deliveries")
    with hub.database.reading() as session:
        return [
            UndeliveredView(
                message_id=one.message_id,
                incident_id=one.incident_id,
                agency_id=one.agency_id,
                url=one.url,
                state=one.state,
                attempts=one.attempts,
                made_at=one.made_at,
                fault=one.last_fault,
            )
            for one in deliveries.late(session, hub.clock())
        ]


def _shown(row: delivery_tables.Endpoint) -> dict[str, object]:
    return {
        "endpoint_id": row.endpoint_id, "agency_id": row.agency_id, "url": row.url, "form": row.form,
        "generation": row.generation, "added_at": row.added_at, "added_by": row.added_by_name,
    }  # fmt: skip


def _actor(admin: viewers.Viewer) -> ledger.Actor:
    return ledger.Actor("operator", admin.name, str(admin.operator_id), admin.role)
