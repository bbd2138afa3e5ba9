"""Logging in and out, and changing one's password.

A login takes the same time and the same words for a name that is not known, and is limited per name and per address.
"""

import dataclasses
from typing import Annotated

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, problems, streams
from sharing_hub.services import operators, passwords, people, sessions, views

ROUTER = APIRouter(prefix="/v1/session", tags=["session"], responses=problems.documented(401, 403, 422))
_WRONG = "the name or the password is wrong"
Secret = Annotated[str, Field(min_length=1, max_length=passwords.MAX_CHARACTERS)]

log = structlog.get_logger(__name__)


class Login(BaseModel):
    """Who somebody says to be."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=operators.MAX_NAME_CHARACTERS)]
    password: Secret


class PasswordChange(BaseModel):
    """A password to be replaced, and the new one."""

    model_config = ConfigDict(extra="forbid")

    old: Secret
    new: Annotated[str, Field(min_length=passwords.MIN_CHARACTERS, max_length=passwords.MAX_CHARACTERS)]


class Shift(BaseModel):
    """Going on duty for some hours, or off duty."""

    model_config = ConfigDict(extra="forbid")

    on: bool
    hours: Annotated[float, Field(gt=0, le=24)] = 8.0


@ROUTER.post("", operation_id="logIn", responses=problems.documented(429))
def log_in(
    hub: dependencies.HubHere, open_streams: streams.Here, request: Request, response: Response, login: Login
) -> views.SessionView:
    """Log in; the session is in the cookie, and changes carry the answer's `csrf` as X-CSRF-Token."""
    callers.require_own_page(hub, request)
    address, now = dependencies.source_address(request), hub.clock()
    try:
        open_streams.attempts.admit(login.name, address, now)
    except errors.TooMany:
        hub.counters.add("logins", "too many")
        raise
    operator = _proved(hub, open_streams, login, address)
    source = (address, request.headers.get("user-agent", ""))
    with hub.database.writing() as session:
        operators.note_login(session, operator.operator_id, True, now)
        secret, active = sessions.begin(session, operator.operator_id, callers.lifetime(hub), source, now)
    hub.counters.add("logins", "succeeded")
    log.info("logged in", operator=operator.name, source_address=address)
    callers.give_cookie(hub, response, secret)
    return views.session_of(active)


@ROUTER.get("", operation_id="getSession")
def get_session(active: callers.TheSession) -> views.SessionView:
    """Return who is logged in."""
    return views.session_of(active)


@ROUTER.delete("", operation_id="logOut", status_code=204, response_class=Response)
async def log_out(hub: dependencies.HubHere, open_streams: streams.Here, active: callers.TheSession) -> Response:
    """Log out; what the session was watching ends at once."""
    await run_in_threadpool(_end, hub, active)
    await open_streams.end_session(active.session_id, "logged out")
    response = Response(status_code=204)
    callers.take_cookie(hub, response)
    return response


@ROUTER.post("/password", operation_id="changePassword", responses=problems.documented(429))
async def change_password(
    hub: dependencies.HubHere,
    open_streams: streams.Here,
    active: callers.TheSession,
    request: Request,
    response: Response,
    change: PasswordChange,
) -> views.SessionView:
    """Change the password; every session of the operator ends, and this answer begins a new one."""
    source = (dependencies.source_address(request), request.headers.get("user-agent", ""))
    secret, renewed = await run_in_threadpool(_change, hub, open_streams, active, change, source)
    await open_streams.end_session(active.session_id, "the password was changed")
    callers.give_cookie(hub, response, secret)
    return views.session_of(renewed)


@ROUTER.post("/shift", operation_id="setOwnShift")
def set_shift(
    hub: dependencies.HubHere, active: callers.TheSession, viewer: callers.TheViewer, shift: Shift
) -> views.SessionView:
    """Go on duty, or off duty."""
    now = hub.clock()
    with hub.database.writing() as session:
        if shift.on:
            people.sign_on(session, viewer, shift.hours, now)
        else:
            people.sign_off(session, viewer, now)
    on_duty = dataclasses.replace(active, viewer=dataclasses.replace(viewer, on_shift=shift.on))
    return views.session_of(on_duty)


def _proved(hub: hubs.Hub, open_streams: streams.OpenStreams, login: Login, address: str) -> operators.Credentials:
    with hub.database.reading() as session:
        operator = operators.credentials(session, login.name)
    if passwords.matches(login.password, operator.password_hash if operator else None) and operator is not None:
        open_streams.attempts.succeeded(login.name, address)
        return operator
    now = hub.clock()
    wait_s = open_streams.attempts.failed(login.name, address, now)
    hub.counters.add("logins", "wrong name or password")
    if operator is not None:
        with hub.database.writing() as session:
            operators.note_login(session, operator.operator_id, False, now)
            if wait_s:
                operators.note_lock_out(session, operator.operator_id, wait_s, address, now)
    raise errors.Unauthenticated(_WRONG)


def _change(
    hub: hubs.Hub,
    open_streams: streams.OpenStreams,
    active: sessions.Active,
    change: PasswordChange,
    source: tuple[str, str],
) -> tuple[str, sessions.Active]:
    name, now = active.viewer.name, hub.clock()
    open_streams.attempts.admit(name, source[0], now)
    with hub.database.reading() as session:
        operator = operators.credentials(session, name)
    if operator is None or not passwords.matches(change.old, operator.password_hash):
        wait_s = open_streams.attempts.failed(name, source[0], now)
        if wait_s:
            with hub.database.writing() as session:
                operators.note_lock_out(session, active.viewer.operator_id, wait_s, source[0], now)
        raise errors.Refused("the old password is wrong")
    if change.new in (change.old, name):
        raise errors.Unprocessable("choose a password that is neither the old one nor your name")
    new_hash = passwords.hashed(change.new)
    with hub.database.writing() as session:
        operators.change_password(session, operator.operator_id, new_hash, now)
        return sessions.begin(session, operator.operator_id, callers.lifetime(hub), source, now)


def _end(hub: hubs.Hub, active: sessions.Active) -> None:
    with hub.database.writing() as session:
        sessions.end(session, active.session_id, hub.clock())
