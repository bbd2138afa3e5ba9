"""Agencies' systems: registered by the district's administrator, given new keys by the agency's lead too."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from sharing_hub.api import callers, dependencies, people, problems
from sharing_hub.services import client_keys, clients, views
from sharing_hub.services import people as peoples

ROUTER = APIRouter(
    prefix="/v1/clients", tags=["agencies' systems"], responses=problems.documented(401, 403, 404, 409, 422)
)
KeySet = Annotated[
    dict[str, Any], Field(max_length=20, description="A JWK set of public keys (RFC 7517): Ed25519, P-256 or RSA.")
]


class ClientWanted(BaseModel):
    """A system to be registered, with its public keys and the agreement that its agency answers under."""

    model_config = ConfigDict(extra="forbid")

    agency_id: people.AgencyId
    name: Annotated[str, Field(min_length=1, max_length=clients.MAX_NAME_CHARACTERS)]
    jwks: KeySet
    agreement: Annotated[str, Field(min_length=1, max_length=clients.MAX_AGREEMENT_CHARACTERS)]
    agreement_until: Annotated[date, Field(ge=date(1970, 1, 1), lt=date(2100, 1, 1))]
    scopes: Annotated[tuple[str, ...], Field(max_length=len(clients.SCOPES))] = clients.SCOPES
    certificate_sha256: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None


class KeysWanted(BaseModel):
    """New keys, and for how long the old ones go on."""

    model_config = ConfigDict(extra="forbid")

    jwks: KeySet
    keep_old_hours: Annotated[float, Field(ge=0, le=clients.LONGEST_OVERLAP / timedelta(hours=1))] = 24.0


@ROUTER.get("", operation_id="listClients")
def list_clients(hub: dependencies.HubHere, viewer: callers.TheViewer) -> views.Page[clients.ClientView]:
    """Return the agencies' systems that the caller may read of."""
    with hub.database.reading() as session:
        return views.Page(items=clients.listed(session, viewer))


@ROUTER.post("", operation_id="addClient", status_code=201)
def add_client(hub: dependencies.HubHere, admin: callers.TheAdmin, wanted: ClientWanted) -> clients.ClientView:
    """Register a system of an agency."""
    asked = clients.Wanted(
        wanted.agency_id, wanted.name, _keys(wanted.jwks), wanted.agreement, wanted.agreement_until,
        wanted.scopes, wanted.certificate_sha256,
    )  # fmt: skip
    with hub.database.writing() as session:
        peoples.require_proof(session, admin)
        return clients.add(session, asked, hub.clock(), peoples.actor_of(admin))


@ROUTER.post("/{client_id}/keys", operation_id="rotateClientKeys")
def rotate(
    hub: dependencies.HubHere, viewer: callers.TheViewer, client_id: UUID, wanted: KeysWanted
) -> clients.ClientView:
    """Give a system new keys; its old ones go on for some hours."""
    keys, overlap = _keys(wanted.jwks), timedelta(hours=wanted.keep_old_hours)
    with hub.database.writing() as session:
        clients.require_manager(session, viewer, client_id)
        return clients.rotate(session, client_id, keys, overlap, hub.clock(), peoples.actor_of(viewer))


@ROUTER.delete("/{client_id}/keys/{key_id}", operation_id="retireClientKey")
def retire_key(
    hub: dependencies.HubHere, viewer: callers.TheViewer, client_id: UUID, key_id: UUID
) -> clients.ClientView:
    """Take a key out of use at once, and every token that it asked for."""
    with hub.database.writing() as session:
        clients.require_manager(session, viewer, client_id)
        return clients.retire_key(session, client_id, key_id, hub.clock(), peoples.actor_of(viewer))


@ROUTER.post("/{client_id}/disable", operation_id="disableClient", status_code=204, response_class=Response)
def disable(hub: dependencies.HubHere, viewer: callers.TheViewer, client_id: UUID) -> None:
    """Refuse a system from now on."""
    with hub.database.writing() as session:
        clients.require_manager(session, viewer, client_id)
        clients.disable(session, client_id, hub.clock(), peoples.actor_of(viewer))


def _keys(jwks: Mapping[str, Any]) -> tuple[client_keys.PublicKey, ...]:
    return client_keys.read(jwks)
