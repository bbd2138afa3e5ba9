"""The district's book: read by the district's people, changed by two of them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, problems
from sharing_hub.domain import district, viewers
from sharing_hub.services import book, views

ROUTER = APIRouter(prefix="/v1/book", tags=["district's book"], responses=problems.documented(401, 403, 404))
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


class BookView(views.View):
    """A version of the book, whole."""

    version: int
    book: district.District


class ListsView(views.View):
    """The book's lists that a page chooses from; without matrix and cameras, of which there are thousands."""

    version: int
    agencies: tuple[district.Agency, ...]
    purposes: tuple[district.Purpose, ...]
    legal_bases: tuple[district.LegalBasis, ...]
    own_use: tuple[district.OwnUse, ...]
    limits: district.Limits


class ProposedView(views.View):
    """A version that waits."""

    version: int


@ROUTER.get("", operation_id="getBook")
def get_book(hub: dependencies.HubHere, viewer: callers.TheViewer) -> BookView:
    """Return the book in force."""
    with hub.database.reading() as session:
        version, found = book.readable(session, viewer)
    return BookView(version=version, book=found)


@ROUTER.get("/lists", operation_id="getBookLists")
def get_lists(hub: dependencies.HubHere, viewer: callers.TheViewer) -> ListsView:
    """Return agencies, purposes, legal bases and limits of the book in force."""
    with hub.database.reading() as session:
        version, found = book.readable(session, viewer)
    return ListsView(
        version=version, agencies=found.agencies, purposes=found.purposes, legal_bases=found.legal_bases,
        own_use=found.own_use, limits=found.limits,
    )  # fmt: skip


@ROUTER.get("/versions", operation_id="listBookVersions")
def list_versions(hub: dependencies.HubHere, viewer: callers.TheViewer) -> views.Page[views.BookVersionView]:
    """Return who proposed and who decided which version, the newest first (the last hundred)."""
    with hub.database.reading() as session:
        return views.Page[views.BookVersionView](items=book.versions(session, viewer))


@ROUTER.get("/versions/{version}", operation_id="getBookVersion")
def get_version(hub: dependencies.HubHere, viewer: callers.TheViewer, version: Version) -> BookView:
    """Return one version, in force, waiting or past."""
    with hub.database.reading() as session:
        return BookView(version=version, book=book.readable(session, viewer, version)[1])


@ROUTER.put(
    "",
    operation_id="proposeBook",
    status_code=202,
    responses=problems.documented(409, 413, 422),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def propose(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    request: Request,
    on_top_of: Annotated[int, Query(ge=1, le=2**31 - 1, description="The version that was changed.")],
    why: Annotated[str, Query(min_length=1, max_length=book.MAX_WHY_CHARACTERS)],
) -> ProposedView:
    """Propose a changed book (the body: the whole book); it comes into force when somebody else approves it."""
    raw = await request.body()  # after the caller was proved
    return ProposedView(version=await run_in_threadpool(_propose, hub, viewer, raw, on_top_of, why))


@ROUTER.post("/versions/{version}/approve", operation_id="approveBook", responses=problems.documented(409))
def approve(hub: dependencies.HubHere, viewer: callers.TheViewer, version: Version) -> ProposedView:
    """Put a proposed version into force; not by who proposed it."""
    return _decide(hub, viewer, version, True, hub.clock())


@ROUTER.post("/versions/{version}/reject", operation_id="rejectBook", responses=problems.documented(409))
def reject(hub: dependencies.HubHere, viewer: callers.TheViewer, version: Version) -> ProposedView:
    """Reject a proposed version, or take one's own back."""
    return _decide(hub, viewer, version, False, hub.clock())


def _propose(hub: hubs.Hub, viewer: viewers.Viewer, raw: bytes, on_top_of: int, why: str) -> int:
    changed = book.read(raw)
    with hub.database.writing() as session:
        return book.propose(session, viewer, changed, on_top_of, why, hub.clock())


def _decide(hub: hubs.Hub, viewer: viewers.Viewer, version: int, permitted: bool, now: datetime) -> ProposedView:
    with hub.database.writing() as session:
        book.decide(session, viewer, version, permitted, now)
    return ProposedView(version=version)
