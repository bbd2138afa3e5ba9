"""Who calls: the operator of a request, proved by the session cookie.

Invariants: a request that changes something carries the session's CSRF token and comes from the hub's own page; with a one-time password
nothing is allowed but changing it.
"""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from starlette.requests import HTTPConnection

from sharing_hub import errors, settings
from sharing_hub import hub as hubs
from sharing_hub.api import dependencies
from sharing_hub.domain import viewers
from sharing_hub.services import sessions

COOKIE = "jikimi_session"
SECURE_COOKIE = "__Host-jikimi_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_PAGE = frozenset({"same-origin", "none"})


def idle(hub: hubs.Hub) -> timedelta:
    """Return how long a session lasts without a request."""
    return timedelta(minutes=hub.settings.login.idle_minutes)


def lifetime(hub: hubs.Hub) -> timedelta:
    """Return how long a session lasts at most."""
    return timedelta(hours=hub.settings.login.session_hours)


def the_session(hub: dependencies.HubHere, request: Request) -> sessions.Active:
    """Return the session of a request, also one that must change its password first.

    Raises:
        Unauthenticated: there is none, or it has ended.
        Refused: a change without the session's CSRF token, or from another site's page.
    """
    secret = request.cookies.get(cookie_name(hub))
    if not secret:
        raise errors.Unauthenticated("log in: the request has no session")
    now = hub.clock()
    with hub.database.reading() as session:
        active = sessions.resolve(session, secret, idle(hub), now)
    if request.method not in _SAFE_METHODS:
        require_own_page(hub, request)
        if not sessions.is_token(active, request.headers.get(CSRF_HEADER, "")):
            hub.counters.add("requests_refused", "csrf token")
            raise errors.Refused(f"the request lacks the session's {CSRF_HEADER}; read it from GET /v1/session")
    if active.untouched:
        with hub.database.writing() as session:
            sessions.touch(session, active.session_id, now)
    return active


def the_viewer(active: Annotated[sessions.Active, Depends(the_session)]) -> viewers.Viewer:
    """Return the operator of a request.

    Raises:
        PasswordChangeNeeded: a one-time password must be changed first.
    """
    if active.must_change_password:
        raise errors.PasswordChangeNeeded("choose a password of your own first: POST /v1/session/password")
    return active.viewer


def the_admin(viewer: Annotated[viewers.Viewer, Depends(the_viewer)]) -> viewers.Viewer:
    """Return the operator, who is an administrator.

    Raises:
        Refused: the role is another.
    """
    if viewer.role != "admin":
        raise errors.Refused(f"this is for administrators, not for the role {viewer.role}")
    return viewer


TheSession = Annotated[sessions.Active, Depends(the_session)]
TheViewer = Annotated[viewers.Viewer, Depends(the_viewer)]
TheAdmin = Annotated[viewers.Viewer, Depends(the_admin)]


def require_own_page(hub: hubs.Hub, request: HTTPConnection) -> None:
    """Refuse a change that another site's page makes a browser send.

    Raises:
        Refused: `Origin` or `Sec-Fetch-Site` names another site.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    own = {request.headers.get("host", ""), urlsplit(hub.settings.server.public_url or "").netloc} - {""}
    if (origin is not None and _place(origin) not in own) or (site is not None and site not in _OWN_PAGE):
        hub.counters.add("requests_refused", "other site")
        raise errors.Refused("the request comes from another site's page")


def _place(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # not an address: nobody's own
        return ""


def is_secure(hub: hubs.Hub) -> bool:
    """Say whether browsers reach the hub by TLS (its own, or a proxy's that `public_url` names)."""
    return settings.tls_mode(hub.settings) != "off" or (hub.settings.server.public_url or "").startswith("https:")


def cookie_name(hub: hubs.Hub) -> str:
    """Return the cookie's name: with `__Host-` a browser takes it only from this host, by TLS, for every path."""
    return SECURE_COOKIE if is_secure(hub) else COOKIE


def give_cookie(hub: hubs.Hub, response: Response, secret: str) -> None:
    """Put the session into the answer."""
    response.set_cookie(
        cookie_name(hub),
        secret,
        max_age=int(lifetime(hub).total_seconds()),
        path="/",
        secure=is_secure(hub),
        httponly=True,
        samesite="strict",
    )


def take_cookie(hub: hubs.Hub, response: Response) -> None:
    """Remove the session from the browser."""
    response.delete_cookie(cookie_name(hub), path="/", secure=is_secure(hub), httponly=True, samesite="strict")
