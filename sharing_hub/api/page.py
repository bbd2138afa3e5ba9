"""The operators' page: static files, under a policy that lets a browser run nothing but them."""

import json
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from sharing_hub.domain import kind_words

STATIC = Path(__file__).parents[1] / "static"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"}

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/")
def page() -> FileResponse:
    """Return the page."""
    return FileResponse(STATIC / "index.html", headers=_HEADERS)


@ROUTER.get("/static/js/kinds.js")
def kinds() -> Response:
    """Return the words of each kind of event as the module that the page's words import: they stand in one place."""
    text = f"export const KINDS = {json.dumps(dict(kind_words.WORDS), ensure_ascii=False)};\n"
    return Response(text, headers=_HEADERS, media_type="text/javascript")


def mount(app: FastAPI) -> None:
    """Serve the page's files."""
    app.mount("/static", _Files(directory=STATIC))


class _Files(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, to be asked for again each time: a new version of the hub is a new page at once."""
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        return response
