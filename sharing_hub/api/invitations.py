"""Invitations: made by who manages people, accepted by whoever holds the link, once.

The secret stands behind the `#` of the link: browsers send that to nobody, so that no proxy's log has it.
"""

import secrets
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sharing_hub import address, errors
from sharing_hub.api import callers, dependencies, people, problems, streams
from sharing_hub.domain import district
from sharing_hub.services import invitations, operators, passwords, sessions, views

ROUTER = APIRouter(prefix="/v1/invitations", tags=["people"], responses=problems.documented(401, 403, 422))
_ANYBODY = ""
"""The name under which attempts of people without one are counted."""

log = structlog.get_logger(__name__)


class InvitationWanted(BaseModel):
    """Whom to invite: of which agency, with which role. `trained_until`: the last day of a valid training, where there was one."""

    model_config = ConfigDict(extra="forbid")

    agency_id: people.AgencyId = district.OWNER
    role: people.RoleName
    unit: people.UnitName = ""
    trained_until: Annotated[date | None, Field(ge=date(1970, 1, 1), lt=date(2100, 1, 1))] = None


class Link(BaseModel):
    """The link to hand on; shown once."""

    invitation_id: UUID
    url: str
    expires_at: datetime


class Acceptance(BaseModel):
    """The link's secret, and the name and password that the person chooses."""

    model_config = ConfigDict(extra="forbid")

    secret: Annotated[str, Field(min_length=1, max_length=invitations.MAX_SECRET_CHARACTERS)]
    name: Annotated[str, Field(min_length=1, max_length=operators.MAX_NAME_CHARACTERS)]
    password: Annotated[str, Field(min_length=passwords.MIN_CHARACTERS, max_length=passwords.MAX_CHARACTERS)]


@ROUTER.post("", operation_id="invite", status_code=201)
def invite(hub: dependencies.HubHere, viewer: callers.TheViewer, wanted: InvitationWanted) -> Link:
    """Make a link with which one person makes an account within seven days."""
    secret = secrets.token_urlsafe(invitations.SECRET_BYTES)
    place = operators.Place(wanted.agency_id, wanted.role, wanted.unit)
    with hub.database.writing() as session:
        made = invitations.make(session, viewer, place, secret, hub.clock(), wanted.trained_until)
    url = f"{address.public_url(hub.settings)}/#/invitation/{secret}"
    return Link(invitation_id=made.invitation_id, url=url, expires_at=made.expires_at)


@ROUTER.get("", operation_id="listInvitations")
def list_invitations(hub: dependencies.HubHere, viewer: callers.TheViewer) -> views.Page[invitations.InvitationView]:
    """Return the invitations of the people that the caller manages."""
    with hub.database.reading() as session:
        return views.Page(items=invitations.listed(session, viewer))


@ROUTER.delete(
    "/{invitation_id}",
    operation_id="withdrawInvitation",
    status_code=204,
    response_class=Response,
    responses=problems.documented(404, 409),
)
def withdraw(hub: dependencies.HubHere, viewer: callers.TheViewer, invitation_id: UUID) -> None:
    """Let an invitation work no more."""
    with hub.database.writing() as session:
        invitations.withdraw(session, viewer, invitation_id, hub.clock())


@ROUTER.post("/accept", operation_id="acceptInvitation", status_code=201, responses=problems.documented(409, 429))
def accept(
    hub: dependencies.HubHere, open_streams: streams.Here, request: Request, response: Response, acceptance: Acceptance
) -> views.SessionView:
    """Make the account of an invitation, and log in as its person."""
    callers.require_own_page(hub, request)
    source, now = dependencies.source_address(request), hub.clock()
    open_streams.attempts.admit(_ANYBODY, source, now)
    with hub.database.reading() as session:  # before a hash is made: it is dear
        invitations.require_good(session, acceptance.secret, now)
    if acceptance.password == acceptance.name:
        raise errors.Unprocessable("choose a password that is not your name")
    password_hash = passwords.hashed(acceptance.password)
    browser = request.headers.get("user-agent", "")
    with hub.database.writing() as session:
        person = invitations.accept(session, acceptance.secret, acceptance.name, password_hash, now, source)
        secret, active = sessions.begin(session, person, callers.lifetime(hub), (source, browser), now)
    hub.counters.add("invitations", "accepted")
    log.info("an invitation was accepted", operator=active.viewer.name, source_address=source)
    callers.give_cookie(hub, response, secret)
    return views.session_of(active)
