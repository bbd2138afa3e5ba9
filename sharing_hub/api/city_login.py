"""Logging in at the city's own login (OpenID Connect): sent there, and come back.

The second factor stays the hub's own: whoever comes back confirms a passkey as everybody does.
"""

from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from sharing_hub import address, errors
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, problems, streams
from sharing_hub.gateway import city_login as city
from sharing_hub.services import city_login, sessions

ROUTER = APIRouter(prefix="/v1/session", tags=["session"], responses=problems.documented(403, 404, 409, 422, 503))
COOKIE = "jikimi_city_login"
CALLBACK = "/v1/session/city/callback"
Word = Annotated[str, Query(min_length=1, max_length=2000)]

log = structlog.get_logger(__name__)


class Ways(BaseModel):
    """How people log in here besides name and password: what the button for the city's login says, where there is one."""

    city_ko: str | None
    city_en: str | None


@ROUTER.get("/ways", operation_id="getWaysToLogIn")
def ways(hub: dependencies.HubHere) -> Ways:
    """Say how people log in here."""
    chosen = hub.settings.city_login
    return Ways(city_ko=chosen.name_ko, city_en=chosen.name_en) if chosen.issuer else Ways(city_ko=None, city_en=None)


@ROUTER.get("/city", operation_id="beginCityLogin", status_code=303, response_class=RedirectResponse)
def begin(hub: dependencies.HubHere, open_streams: streams.Here, request: Request) -> RedirectResponse:
    """Send the browser to the city's login."""
    provider = _provider(open_streams)
    open_streams.attempts.admit("", dependencies.source_address(request), hub.clock())
    browser, begun = open_streams.city_logins.begin(hub.clock())
    url = provider.address(_redirect_uri(hub), begun.state, begun.nonce, begun.verifier, hub.clock())
    answer = RedirectResponse(url, 303, {"Cache-Control": "no-store"})
    # Lax: it must come back with the browser from the city's page, which a strict one would not.
    answer.set_cookie(
        COOKIE,
        browser,
        max_age=int(city_login.LIFETIME.total_seconds()),
        path=CALLBACK,
        secure=callers.is_secure(hub),
        httponly=True,
        samesite="lax",
    )
    return answer


@ROUTER.get("/city/callback", operation_id="finishCityLogin", status_code=303, response_class=RedirectResponse)
def finish(
    hub: dependencies.HubHere,
    open_streams: streams.Here,
    request: Request,
    state: Word,
    code: Word | None = None,
    error: Word | None = None,
) -> RedirectResponse:
    """Take who comes back from the city's login, and begin a session."""
    provider, now = _provider(open_streams), hub.clock()
    begun = open_streams.city_logins.finish(state, request.cookies.get(COOKIE, ""), now)
    if code is None or error is not None:
        raise errors.Refused("the city's login let nobody in; begin again")
    claims = provider.claims(code, _redirect_uri(hub), begun.nonce, begun.verifier, now)
    chosen = hub.settings.city_login
    groups = tuple(city.texts(claims.get(chosen.groups_claim)))
    person = city_login.Person(provider.issuer, str(claims["sub"]), str(claims.get(chosen.name_claim, "")), groups)
    source = (dependencies.source_address(request), request.headers.get("user-agent", ""))
    with hub.database.writing() as session:
        who = city_login.arrive(session, person, open_streams.city_places, now, source[0])
        secret = sessions.begin(session, who, callers.lifetime(hub), source, now)[0] if who is not None else None
    if secret is None:
        hub.counters.add("logins", "no group")
        raise errors.Refused(
            "none of your groups at the city's login has a role here; ask the district's administrator"
        )
    hub.counters.add("logins", "city")
    log.info("logged in at the city's login", operator=person.name, source_address=source[0])
    answer = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
    callers.give_cookie(hub, answer, secret)
    answer.delete_cookie(COOKIE, path=CALLBACK)
    return answer


def _provider(open_streams: streams.OpenStreams) -> city.CityLogin:
    if open_streams.city is None:
        raise errors.NotFound("this hub has no city login")
    return open_streams.city


def _redirect_uri(hub: hubs.Hub) -> str:
    return address.public_url(hub.settings) + CALLBACK
