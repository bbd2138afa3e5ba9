"""Passkeys: registering one, confirming one as the session's second factor, listing and removing them.

Browsers offer passkeys to a page with a name and TLS, and by plain HTTP to http://localhost only.
"""

import ipaddress
import secrets
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sharing_hub import address, errors
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, problems
from sharing_hub.domain import viewers
from sharing_hub.services import passkeys, sessions, views

ROUTER = APIRouter(prefix="/v1/session/passkeys", tags=["passkeys"], responses=problems.documented(401, 403, 409, 422))
CHALLENGE_BYTES = 32

log = structlog.get_logger(__name__)


class Options(BaseModel):
    """What the page gives to `navigator.credentials`, as PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON."""

    options: Annotated[dict[str, Any], Field(json_schema_extra={"additionalProperties": True})]


class Registration(BaseModel):
    """A new passkey, and what its owner calls it."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, Field(min_length=1, max_length=60)]
    credential: passkeys.CredentialAnswer


class Confirmation(BaseModel):
    """An answer of a passkey that was registered before."""

    model_config = ConfigDict(extra="forbid")

    credential: passkeys.CredentialAnswer


@ROUTER.get("", operation_id="listPasskeys")
def list_passkeys(hub: dependencies.HubHere, viewer: callers.TheViewer) -> views.Page[passkeys.PasskeyView]:
    """Return the passkeys of whoever is logged in."""
    with hub.database.reading() as session:
        return views.Page(items=passkeys.listed(session, viewer.operator_id))


@ROUTER.post("/registration/options", operation_id="askPasskeyRegistration")
def registration_options(hub: dependencies.HubHere, viewer: callers.TheViewer, request: Request) -> Options:
    """Ask for a challenge to register a passkey with; it is good for five minutes, once."""
    party = relying_party(hub, request)
    with hub.database.writing() as session:
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        return Options(options=passkeys.registration_options(session, viewer, party, challenge, hub.clock()))


@ROUTER.post("/registration", operation_id="registerPasskey", status_code=201)
def register(
    hub: dependencies.HubHere, viewer: callers.TheViewer, request: Request, registration: Registration
) -> passkeys.PasskeyView:
    """Register a passkey. The session has its second factor only once the passkey was confirmed."""
    party = relying_party(hub, request)
    challenge = _spent(hub, viewer, "register", registration.credential)
    with hub.database.writing() as session:
        return passkeys.register(
            session, viewer, party, registration.credential, challenge, registration.label, hub.clock()
        )


@ROUTER.post("/confirmation/options", operation_id="askPasskeyConfirmation")
def confirmation_options(hub: dependencies.HubHere, viewer: callers.TheViewer, request: Request) -> Options:
    """Ask for a challenge that one of the caller's passkeys signs; it is good for five minutes, once."""
    party = relying_party(hub, request)
    with hub.database.writing() as session:
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        return Options(options=passkeys.confirmation_options(session, viewer, party, challenge, hub.clock()))


@ROUTER.post("/confirmation", operation_id="confirmPasskey")
def confirm(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    request: Request,
    response: Response,
    confirmation: Confirmation,
) -> views.SessionView:
    """Confirm a passkey: the session has its second factor from now on, and a new cookie."""
    party = relying_party(hub, request)
    challenge = _spent(hub, viewer, "confirm", confirmation.credential)
    try:
        with hub.database.writing() as session:
            secret, active = passkeys.confirm(session, viewer, party, confirmation.credential, challenge, hub.clock())
    except errors.Unauthenticated as e:
        hub.counters.add("passkeys", "refused")
        log.warning("a passkey was refused", operator=viewer.name, reason=e.detail)
        raise
    hub.counters.add("passkeys", "confirmed")
    return _renewed(hub, response, secret, active)


@ROUTER.delete(
    "/{passkey_id}",
    operation_id="removePasskey",
    status_code=204,
    response_class=Response,
    responses=problems.documented(404),
)
def remove(hub: dependencies.HubHere, viewer: callers.TheViewer, passkey_id: UUID) -> None:
    """Remove one of the caller's passkeys: after confirming one, and never the last."""
    with hub.database.writing() as session:
        passkeys.remove(session, viewer, passkey_id, hub.clock())


def relying_party(hub: hubs.Hub, request: Request) -> passkeys.RelyingParty:
    """Return the hub as authenticators know it: by `public_url`, or as localhost where the page was opened there.

    Raises:
        Conflict: browsers would offer no passkey at this address.
    """
    public = _parts(address.public_url(hub.settings))
    asked = _parts(f"{request.url.scheme}://{request.headers.get('host', '')}")
    if hub.settings.server.public_url is None and asked is not None and asked.hostname == "localhost":
        public = asked
    host = ((public.hostname if public else None) or "").lower()
    if public is None or _is_number(host) or (public.scheme != "https" and host != "localhost"):
        raise errors.Conflict(
            "passkeys need an address with a name and TLS: set [server] public_url (for a trial, open the page at http://localhost)"
        )
    port = "" if public.port in (None, {"https": 443, "http": 80}[public.scheme]) else f":{public.port}"
    return passkeys.RelyingParty(host, f"{public.scheme}://{host}{port}")


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:  # no address, or no port
        return None


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _spent(
    hub: hubs.Hub, viewer: viewers.Viewer, purpose: passkeys.Purpose, answer: passkeys.CredentialAnswer
) -> bytes:
    with hub.database.writing() as session:
        return passkeys.spend(session, viewer, purpose, answer, hub.clock())


def _renewed(hub: hubs.Hub, response: Response, secret: str, active: sessions.Active) -> views.SessionView:
    callers.give_cookie(hub, response, secret)
    return views.session_of(active)
