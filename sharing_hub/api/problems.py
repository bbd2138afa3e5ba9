"""Every error as application/problem+json (RFC 9457): what happened and what to do, never a stack trace, nor the caller's input: what must
be named of it (a field) is cut short, and what cannot be printed is spelled out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pydantic
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from sharing_hub import errors
from sharing_hub.wire import v1

MAX_ERRORS = 20
MAX_STEP_CHARACTERS, MAX_STEPS = 60, 12
MAX_DETAIL_CHARACTERS = 2000
MEDIA_TYPE = "application/problem+json"

_MEANINGS = {
    400: "The body cannot be read as what it says it is",
    401: "Not logged in",
    403: "Not allowed, or a password change is needed first",
    404: "No such thing, or not for this caller",
    408: "The body did not arrive in time",
    409: "It is in another state",
    413: "Larger than the bound",
    416: "The range is not in the file",
    422: "The request is not valid",
    429: "Too many attempts; see Retry-After",
    503: "Come back later; see Retry-After",
}

log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""
    app.add_exception_handler(errors.HubError, _hub_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(pydantic.ValidationError, _invalid_message)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(OperationalError, _store_fails)


def answer(
    status: int, title: str, detail: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Return a problem as a response; `more` are its extension members."""
    body = v1.Problem(title=title, status=status, detail=told(detail, MAX_DETAIL_CHARACTERS), **more)
    return JSONResponse(body.model_dump(mode="json"), status, dict(headers or {}), MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what tells OpenAPI that these statuses are answered with a problem."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"model": v1.Problem, "description": _MEANINGS[status], "content": content} for status in statuses}


def document_bodies(app: FastAPI) -> None:
    """Let OpenAPI say what is answered to every body that cannot be read, is too large or does not arrive, wherever there is one."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        document = original()
        for operation in (one for methods in document["paths"].values() for one in methods.values()):
            if "requestBody" in operation:
                for status, response in documented(400, 408, 413).items():
                    known = {"description": response["description"], "content": response["content"]}
                    operation["responses"].setdefault(str(status), known)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def faults(found: Sequence[Any]) -> list[dict[str, str]]:
    """Return validation errors as field, message: without the input, which may hold secrets."""
    return [{"field": _field(e["loc"]), "message": told(e["msg"], MAX_DETAIL_CHARACTERS)} for e in found[:MAX_ERRORS]]


def told(text: str, most: int) -> str:
    """Return text that is safe to show: what cannot be printed (control, direction and half characters) spelled out, and no more than `most`."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def _field(steps: Sequence[object]) -> str:
    """Return where in a message something is wrong; a step may be a name that the caller made up."""
    shown = [told(str(step), MAX_STEP_CHARACTERS) for step in steps[:MAX_STEPS]]
    return ".".join([*shown, "…"] if len(steps) > MAX_STEPS else shown)


async def _hub_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.HubError)  # noqa: S101 - the framework's signature is wider than what it sends
    if error.status >= 500:
        log.warning("request failed", path=request.url.path, status=error.status, detail=error.detail)
    return answer(error.status, error.title, error.detail, error.headers(), **error.members())


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    found = faults(error.errors())
    first = f"{found[0]['field']}: {found[0]['message']}" if found else ""
    return answer(422, "The request is not valid", first, errors=found)


async def _invalid_message(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, pydantic.ValidationError)  # noqa: S101
    found = faults(error.errors(include_input=False, include_url=False))
    return answer(422, "The message is not valid", f"{found[0]['field']}: {found[0]['message']}", errors=found)


async def _store_fails(request: Request, error: Exception) -> JSONResponse:
    log.error("the database could not be used", path=request.url.path, error=str(getattr(error, "orig", error)))
    return answer(503, "Busy", "the hub's database cannot be used now", {"Retry-After": "5"})


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    return answer(error.status_code, str(error.detail), headers=error.headers)


def mistake() -> JSONResponse:
    """Return the answer to what nobody foresaw."""
    return answer(500, "The hub made a mistake", "It is in the hub's log under this request's id.")
