"""The hand-over between shifts: how things stand, and the leader's note."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from sharing_hub.api import callers, dependencies, problems
from sharing_hub.services import handover, sharing_views

ROUTER = APIRouter(prefix="/v1/handover", tags=["incidents"], responses=problems.documented(401, 403, 422))


class Note(BaseModel):
    """What the next shift is to know."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(min_length=1, max_length=handover.MAX_NOTE_CHARACTERS)]


@ROUTER.get("", operation_id="getHandover")
def read(hub: dependencies.HubHere, viewer: callers.TheViewer) -> sharing_views.HandoverView:
    """Return what is open, put aside, due for review, down and undelivered (100 of each at most), and the last note."""
    with hub.database.reading() as session:
        return handover.read(session, viewer, hub.clock())


@ROUTER.post("", operation_id="signHandover", status_code=201)
def sign_off(hub: dependencies.HubHere, viewer: callers.TheViewer, said: Note) -> sharing_views.HandoverNote:
    """Sign the shift off, with a note."""
    with hub.database.writing() as session:
        return handover.sign_off(session, viewer, said.note, hub.clock())
