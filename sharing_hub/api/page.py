"""The operators' page: static files, under a policy that lets a browser run nothing but them."""

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

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


def mount(app: FastAPI) -> None:
    """Serve the page's files."""
    app.mount("/static", _Files(directory=STATIC))


class _Files(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, to be asked for again each time: a new version of the hub is a new page at once."""
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        return response
