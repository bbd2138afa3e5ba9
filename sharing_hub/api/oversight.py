"""Oversight for privacy officers, administrators and auditors: cues of misuse and the monthly review of the access record."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from sharing_hub.api import callers, dependencies, problems
from sharing_hub.domain import misuse
from sharing_hub.services import oversight

ROUTER = APIRouter(prefix="/v1/oversight", tags=["oversight"], responses=problems.documented(401, 403, 422))
_PATTERN = r"^20\d\d-(0[1-9]|1[0-2])$"
Month = Annotated[str, Query(pattern=_PATTERN, description="YYYY-MM, Korean time.")]


class CueView(BaseModel):
    """Something to ask about; a question, not a verdict."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    person: str
    name: str
    camera_id: str | None
    count: int
    first_at: datetime
    last_at: datetime
    title_ko: str
    title_en: str


class ReviewView(BaseModel):
    """A month's review."""

    model_config = ConfigDict(from_attributes=True)

    month: str
    opened_at: datetime
    due_at: datetime
    looks: int
    cues: int
    signed_by_name: str | None
    signed_at: datetime | None
    note: str | None


class Signature(BaseModel):
    """What the review found."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(min_length=1, max_length=500)]


@ROUTER.get("/cues", operation_id="listCues")
def list_cues(hub: dependencies.HubHere, viewer: callers.TheViewer, month: Month) -> list[CueView]:
    """Return what to ask about in a month's looks: repeated, without an incident, off shift, denied."""
    with hub.database.reading() as session:
        found = oversight.cues(session, viewer, month, misuse.Limits())
    return [
        CueView(
            kind=cue.kind, person=cue.person, name=cue.name, camera_id=cue.camera_id, count=cue.count,
            first_at=cue.first_at, last_at=cue.last_at, title_ko=misuse.TITLES[cue.kind][0], title_en=misuse.TITLES[cue.kind][1],
        )
        for cue in found
    ]  # fmt: skip


@ROUTER.get("/reviews", operation_id="listReviews")
def list_reviews(hub: dependencies.HubHere, viewer: callers.TheViewer) -> list[ReviewView]:
    """Return the monthly reviews, the newest first."""
    with hub.database.reading() as session:
        return [ReviewView.model_validate(row) for row in oversight.reviews(session, viewer)]


@ROUTER.post("/reviews/{month}/sign", operation_id="signReview", responses=problems.documented(404, 409))
def sign_review(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    month: Annotated[str, Path(pattern=_PATTERN)],
    signature: Signature,
) -> ReviewView:
    """Sign a month's review."""
    with hub.database.writing() as session:
        return ReviewView.model_validate(oversight.sign(session, viewer, month, signature.note, hub.clock()))
