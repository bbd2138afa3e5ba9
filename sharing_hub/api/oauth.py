"""The token endpoint for agencies' systems (OAuth 2.0 client credentials with private_key_jwt), and what says so to their libraries.

Source: RFC 6749 sections 4.4 and 5, RFC 7523 section 2.2, RFC 8414.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from sharing_hub import address, errors, settings
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, problems
from sharing_hub.services import client_keys, client_tokens, clients, views

ROUTER = APIRouter(tags=["agencies' systems"])
TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
GRANT_TYPE = "client_credentials"
FORM = "application/x-www-form-urlencoded"
_MAX_FIELDS = 20
_LOCAL = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")
_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_FIELDS: dict[str, Any] = {
    "grant_type": {"type": "string", "enum": [GRANT_TYPE]},
    "client_assertion_type": {"type": "string", "enum": [client_tokens.ASSERTION_TYPE]},
    "client_assertion": {"type": "string", "maxLength": client_tokens.MAX_ASSERTION_CHARACTERS},
    "client_id": {"type": "string"},
    "scope": {"type": "string", "examples": [" ".join(clients.SCOPES)]},
}
_BODY = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "properties": _FIELDS,
                "required": ["grant_type", "client_assertion_type", "client_assertion"],
            }
        }
    },
}

log = structlog.get_logger(__name__)


class TokenAnswer(BaseModel):
    """An access token (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Annotated[str, Field(examples=["Bearer"])]
    expires_in: int
    scope: str


class TokenProblem(BaseModel):
    """Why there is none (RFC 6749, section 5.2)."""

    error: Annotated[str, Field(examples=["invalid_client"])]
    error_description: str


class CallerView(views.View):
    """A person or system, and what of it is proved."""

    operator_id: UUID
    name: str
    role: str
    agency_id: str
    unit: str
    system: bool
    second_factor: bool
    trained: bool
    on_shift: bool


@ROUTER.post(
    TOKEN_PATH,
    operation_id="requestToken",
    response_model=TokenAnswer,
    responses={400: {"model": TokenProblem}, 401: {"model": TokenProblem}},
    openapi_extra={"requestBody": _BODY},
)
async def token(hub: dependencies.HubHere, request: Request) -> JSONResponse:
    """Give a system an access token of ten minutes for an assertion signed with its key."""
    try:
        asked = _asked(hub, request, _form(request, await request.body()))
        answer = await run_in_threadpool(_issue, hub, asked)
    except errors.TokenNotIssued as e:
        hub.counters.add("client_tokens", e.code)
        log.warning("no token was issued", reason=e.detail, source_address=dependencies.source_address(request))
        problem = TokenProblem(error=e.code, error_description=e.detail)
        return JSONResponse(problem.model_dump(), 401 if e.code == "invalid_client" else 400, _NOT_KEPT)
    hub.counters.add("client_tokens", "issued")
    return JSONResponse(answer.model_dump(), headers=_NOT_KEPT)


@ROUTER.get("/.well-known/oauth-authorization-server", operation_id="getTokenEndpoint")
def metadata(hub: dependencies.HubHere) -> dict[str, Any]:
    """Say where tokens are asked for, and how (RFC 8414)."""
    issuer = address.public_url(hub.settings)
    return {
        "issuer": issuer,
        "token_endpoint": issuer + TOKEN_PATH,
        "grant_types_supported": [GRANT_TYPE],
        "response_types_supported": [],
        "scopes_supported": list(clients.SCOPES),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(client_keys.ALL_ALGORITHMS),
        "tls_client_certificate_bound_access_tokens": hub.settings.server.client_certificate_header is not None,
    }


@ROUTER.get("/v1/caller", operation_id="getCaller", responses=problems.documented(401, 403))
def get_caller(caller: callers.TheCaller) -> CallerView:
    """Return who calls, as the agencies' doors see it: a system by its token, a person by the session."""
    return CallerView.model_validate(caller)


def _issue(hub: hubs.Hub, asked: client_tokens.Request) -> TokenAnswer:
    made = secrets.token_urlsafe(client_tokens.TOKEN_BYTES)
    with hub.database.writing() as session:
        scopes = client_tokens.issue(session, asked, made, hub.clock())
    seconds = int(client_tokens.LIFETIME.total_seconds())
    return TokenAnswer(access_token=made, token_type="Bearer", expires_in=seconds, scope=" ".join(scopes))  # noqa: S106


def _form(request: Request, body: bytes) -> Mapping[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise errors.TokenNotIssued("invalid_request", f"send the fields as {FORM}")
    try:
        fields = parse_qsl(body.decode("ascii"), strict_parsing=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError as e:
        raise errors.TokenNotIssued("invalid_request", "the body is not a form") from e
    if len(dict(fields)) != len(fields):
        raise errors.TokenNotIssued("invalid_request", "a field is there twice")
    return dict(fields)


def _asked(hub: hubs.Hub, request: Request, form: Mapping[str, str]) -> client_tokens.Request:
    if form.get("grant_type") != GRANT_TYPE:
        raise errors.TokenNotIssued("unsupported_grant_type", f"grant_type is {GRANT_TYPE}")
    if form.get("client_assertion_type") != client_tokens.ASSERTION_TYPE or "client_assertion" not in form:
        raise errors.TokenNotIssued(
            "invalid_client", f"a client proves itself by client_assertion of type {client_tokens.ASSERTION_TYPE}"
        )
    return client_tokens.Request(
        form["client_assertion"],
        _audiences(hub, request),
        form.get("scope", ""),
        form.get("client_id"),
        dependencies.source_address(request),
    )


def _audiences(hub: hubs.Hub, request: Request) -> tuple[str, ...]:
    """Return by which names this hub may be meant: its public address; for a trial, which only this machine can reach, also the one that was asked."""
    issuers = [address.public_url(hub.settings)]
    server = hub.settings.server
    asked = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if server.public_url is None and settings.is_loopback(server.host) and _LOCAL.fullmatch(asked):
        issuers.append(asked)
    return tuple(name for issuer in issuers for name in (issuer, issuer + TOKEN_PATH))
