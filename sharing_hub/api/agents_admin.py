"""Agents as administrators see them: which sites are enrolled, one-time tokens for new ones, revocation."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from sharing_hub import address
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, problems, streams
from sharing_hub.domain import ledger
from sharing_hub.services import agents, browsing, recordings, views
from sharing_hub.wire import v1

ROUTER = APIRouter(prefix="/v1/agents", tags=["agents' administration"], responses=problems.documented(401, 403, 422))


class TokenWanted(BaseModel):
    """For which site."""

    model_config = ConfigDict(extra="forbid")

    site: v1.Name


class TokenView(BaseModel):
    """The line to give to `jikimi-agent enroll`; shown once."""

    token: Annotated[str, "jk1.…"]


@ROUTER.get("", operation_id="listAgents")
def list_agents(
    hub: dependencies.HubHere, open_streams: streams.Here, viewer: callers.TheViewer
) -> views.Page[views.AgentView]:
    """Return every agent, by site."""
    with hub.database.reading() as session:
        return browsing.agents(session, viewer, open_streams.channels.connected)


@ROUTER.post("/tokens", operation_id="issueEnrolmentToken", status_code=201)
def issue_token(hub: dependencies.HubHere, admin: callers.TheAdmin, wanted: TokenWanted) -> TokenView:
    """Make a one-time token with which a site's agent can enrol."""
    hours = timedelta(hours=hub.settings.agents.token_hours)
    with hub.database.writing() as session:
        secret = agents.issue_token(session, wanted.site, admin.name, hub.clock(), hours)
    return TokenView(token=address.enrolment_token(hub.settings, secret).text())


@ROUTER.post(
    "/{agent_id}/revoke",
    operation_id="revokeAgent",
    status_code=204,
    response_class=Response,
    responses=problems.documented(404),
)
async def revoke(
    hub: dependencies.HubHere, open_streams: streams.Here, admin: callers.TheAdmin, agent_id: UUID
) -> None:
    """Refuse an agent from now on; its channel ends at once, its events and media stay."""
    by = ledger.Actor("operator", admin.name, str(admin.operator_id), admin.role)
    await run_in_threadpool(_revoke, hub, agent_id, by)
    await open_streams.channels.end(agent_id, "the agent was revoked")


def _revoke(hub: hubs.Hub, agent_id: UUID, by: ledger.Actor) -> None:
    now = hub.clock()
    with hub.database.writing() as session:
        agents.revoke(session, agent_id, now, by)
        recordings.forget_agent(session, agent_id, now)
