"""The record of looks: rows for administrators and auditors, never a picture."""

from fastapi import APIRouter

from sharing_hub import errors
from sharing_hub.api import callers, cursors, dependencies, problems, views
from sharing_hub.domain import viewers
from sharing_hub.store import queries, tables

ROUTER = APIRouter(prefix="/v1/looks", tags=["looks"], responses=problems.documented(401, 403, 422))


@ROUTER.get("", operation_id="listLooks")
def list_looks(
    hub: dependencies.HubHere, viewer: callers.TheViewer, limit: cursors.Limit = 100, before: cursors.Before = None
) -> views.Page[views.LookView]:
    """Return who looked at what, when, why and from where, newest first."""
    if not viewers.reads_looks(viewer):
        raise errors.Refused(f"the record of looks is for administrators and auditors, not for the role {viewer.role}")
    table = tables.Look
    statement = cursors.page(queries.visible_to(viewer).looks(), table.at, table.look_id, before, limit)
    with hub.database.reading() as session:
        rows = session.scalars(statement).all()
    items = [views.look_of(row) for row in rows[:limit]]
    following = cursors.after_row(items[-1].at, items[-1].look_id) if len(rows) > limit else None
    return views.Page[views.LookView](items=items, next=following)
