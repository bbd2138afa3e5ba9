"""Grants as the control room sees them: what every agency may look at now, and ending one at once."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.api import callers, dependencies, problems
from sharing_hub.domain import ledger, viewers
from sharing_hub.services import agency_feed, grants
from sharing_hub.store import queries, sharing_tables

ROUTER = APIRouter(prefix="/v1/grants", tags=["grants"], responses=problems.documented(401, 403, 422))


class HeldGrant(agency_feed.GrantView):
    """A grant in force, and whose it is."""

    agency_id: str


class Revocation(BaseModel):
    """Why a grant ends."""

    model_config = ConfigDict(extra="forbid")

    why: Annotated[str, Field(min_length=1, max_length=300)]


@ROUTER.get("", operation_id="listAllGrants")
def list_grants(hub: dependencies.HubHere, viewer: callers.TheViewer) -> list[HeldGrant]:
    """Return every grant in force, the one that ends last first."""
    _require_district(viewer)
    with hub.database.reading() as session:
        return [_held(session, grant_id) for grant_id in _in_force(session, viewer, hub.clock())]


@ROUTER.post(
    "/{grant_id}/revoke",
    operation_id="revokeGrant",
    status_code=204,
    response_class=Response,
    responses=problems.documented(404),
)
def revoke_grant(hub: dependencies.HubHere, viewer: callers.TheViewer, grant_id: UUID, revocation: Revocation) -> None:
    """End a grant at once; a stream that leans on it stops within two seconds. A repeat does nothing."""
    _require_district(viewer)
    if not viewers.decides_incidents(viewer) and not viewers.approves(viewer):
        raise errors.Refused(f"the role {viewer.role} does not end grants")
    by = ledger.Actor("operator", viewer.name, str(viewer.operator_id), viewer.role)
    with hub.database.writing() as session:
        grants.revoke(session, grant_id, by, revocation.why, hub.clock())


def _require_district(viewer: viewers.Viewer) -> None:
    if not viewers.sees_rows(viewer):
        raise errors.Refused(f"the role {viewer.role} does not read every agency's grants")


def _in_force(session: Session, viewer: viewers.Viewer, now: datetime) -> list[UUID]:
    table = sharing_tables.Grant
    wanted = queries.visible_to(viewer, now).grants()
    found = wanted.where(table.starts_at <= now, table.ends_at > now, table.revoked_at.is_(None))
    return [row.grant_id for row in session.scalars(found.order_by(table.ends_at.desc()).limit(500))]


def _held(session: Session, grant_id: UUID) -> HeldGrant:
    grant = grants.find(session, grant_id)
    return HeldGrant(agency_id=grant.agency_id, **agency_feed.grant_view(grant).model_dump())
