"""Who calls: the operator of a request, proved by the session cookie; at agencies' doors also a system, proved by its access token.

Invariants: a request that changes something carries the session's CSRF token and comes from the hub's own page; with a one-time password
nothing is allowed but changing it. A request with an Authorization header is a system's or nobody's, whatever cookie it carries besides; a system's
token reads with one scope and changes with another, and opens no door that asks for `TheViewer`.
"""

import re
from datetime import timedelta
from typing import Annotated
from urllib.parse import unquote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from fastapi import Depends, Request, Response
from starlette.requests import HTTPConnection

from sharing_hub import errors, settings
from sharing_hub import hub as hubs
from sharing_hub.api import dependencies
from sharing_hub.domain import viewers
from sharing_hub.services import client_tokens, clients, sessions

COOKIE = "jikimi_session"
SECURE_COOKIE = "__Host-jikimi_session"
CSRF_HEADER = "X-CSRF-Token"
READING_SCOPE, WRITING_SCOPE = clients.SCOPES
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{64}")
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


def the_viewer(hub: dependencies.HubHere, active: Annotated[sessions.Active, Depends(the_session)]) -> viewers.Viewer:
    """Return the operator of a request.

    Raises:
        PasswordChangeNeeded: a one-time password must be changed first.
        Refused: the operator's agency is active no more.
    """
    if active.must_change_password:
        raise errors.PasswordChangeNeeded("choose a password of your own first: POST /v1/session/password")
    if not _is_active(hub, active.viewer):
        raise errors.Refused("your agency is not active in the district's book; ask the district's administrator")
    return active.viewer


def _is_active(hub: hubs.Hub, viewer: viewers.Viewer) -> bool:
    """Say whether the viewer's agency is one of the book in force; the district is always."""
    if viewers.is_of_district(viewer):
        return True
    with hub.database.reading() as session:
        return hub.access.book(session)[1].agency(viewer.agency_id) is not None


def the_admin(viewer: Annotated[viewers.Viewer, Depends(the_viewer)]) -> viewers.Viewer:
    """Return the operator, who is an administrator.

    Raises:
        Refused: the role is another.
    """
    if viewer.role != "admin" or not viewers.is_of_district(viewer):
        raise errors.Refused(f"this is for administrators, not for the role {viewer.role}")
    return viewer


def the_caller(hub: dependencies.HubHere, request: Request) -> viewers.Viewer:
    """Return the person or the agency's system of a request: what the agencies' doors ask for.

    Raises:
        TokenRefused: there is an Authorization header, and its token is not good.
        ScopeMissing: the token is good, and not for this.
        Unauthenticated, Refused: as `the_session` and `the_viewer`, where there is no such header.
    """
    header = request.headers.get("authorization")
    if header is None:
        return the_viewer(hub, the_session(hub, request))
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise errors.TokenRefused("a system shows its access token: Authorization: Bearer …")
    with hub.database.reading() as session:
        caller = client_tokens.resolve(session, token.strip(), hub.clock(), client_certificate(hub, request))
    if not _is_active(hub, caller.viewer):
        raise errors.TokenRefused("the system's agency is not active in the district's book any more")
    needed = READING_SCOPE if request.method in _SAFE_METHODS else WRITING_SCOPE
    if needed not in caller.scopes:
        raise errors.ScopeMissing(needed)
    return caller.viewer


def client_certificate(hub: hubs.Hub, request: HTTPConnection) -> str | None:
    """Return the SHA-256 (hexadecimal) of the client certificate that the proxy in front proved; None where none is told, or nothing is believed."""
    name = hub.settings.server.client_certificate_header
    told = request.headers.get(name, "") if name else ""
    if _FINGERPRINT.fullmatch(told):
        return told.lower()
    try:
        return x509.load_pem_x509_certificate(unquote(told).encode()).fingerprint(hashes.SHA256()).hex()
    except ValueError:  # no certificate: nothing was proved
        return None


TheCaller = Annotated[viewers.Viewer, Depends(the_caller)]
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
