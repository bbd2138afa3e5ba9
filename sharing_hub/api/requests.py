"""Doors for requests for video, their decision, and emergency looks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, pages, problems, streams
from sharing_hub.domain import actions, requests, viewers
from sharing_hub.services import break_glass, grants, recordings, video_requests
from sharing_hub.store import request_tables
from sharing_hub.wire import v1

ROUTER = APIRouter(prefix="/v1", tags=["requests for video"], responses=problems.documented(401, 403, 422))
Words = Annotated[str, Field(min_length=1, max_length=500)]
Code = Annotated[str, Field(min_length=1, max_length=40)]


class RequestWanted(BaseModel):
    """What is asked for: an agency's own request, the district's own export (`internal`), or a person's own recordings (`citizen`)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "camera_ids": ["lawn"], "starts_at": "2026-11-28T11:58:00Z", "ends_at": "2026-11-28T12:03:00Z",
                    "purpose": "crime_response", "legal_basis": "18-2-7", "letter": "수사과-2026-1182",
                    "why": "assault on the lawn, case 2026-4711", "mask_level": "none", "export_mode": "original",
                }
            ]
        },
    )  # fmt: skip

    kind: requests.Kind | None = None
    camera_ids: Annotated[list[v1.CameraId], Field(min_length=1, max_length=requests.MAX_CAMERAS)]
    starts_at: pages.Time
    ends_at: pages.Time
    purpose: Code
    legal_basis: Code
    why: Words
    letter: Annotated[str | None, Field(max_length=100)] = None
    incident_id: UUID | None = None
    mask_level: actions.MaskLevel = "people_and_plates"
    export_mode: actions.ExportMode = "masked"
    reference: Annotated[str | None, Field(max_length=80)] = None


class RecordingState(BaseModel):
    """How far one of a request's recordings is."""

    recording_id: UUID
    camera_id: str
    state: str
    reason: str
    held: bool
    picked: int
    """How many points were picked of who stays clear."""


class RequestView(BaseModel):
    """A request and how far it is."""

    model_config = ConfigDict(from_attributes=True)

    request_id: UUID
    kind: str
    state: str
    agency_id: str
    camera_ids: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    purpose: str
    legal_basis: str
    letter: str | None
    incident_id: UUID | None
    why: str
    mask_level: str
    export_mode: str
    asked_by_name: str
    asked_at: datetime
    due_at: datetime | None
    reference: str | None
    decided_by_name: str | None
    decided_at: datetime | None
    decision_why: str | None
    grant_id: UUID | None
    fault: str
    recordings: list[RecordingState] = []
    progress: float | None = None
    """While it is prepared: how much of the recording under way is done, 0 to 1."""


class DecisionWanted(BaseModel):
    """Approve or refuse, and why; optionally with more masked than was asked for."""

    model_config = ConfigDict(extra="forbid")

    approve: bool
    why: Words
    mask_level: actions.MaskLevel | None = None


class EmergencyWanted(BaseModel):
    """An emergency look: which cameras, where, what happens."""

    model_config = ConfigDict(extra="forbid")

    camera_ids: Annotated[list[v1.CameraId], Field(min_length=1, max_length=5)]
    reason: Code
    sentence: Words
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    incident_id: UUID | None = None


class GlassView(BaseModel):
    """An emergency look and its review. `looks`: how often its taker looked at pictures by it."""

    grant_id: UUID
    camera_ids: tuple[str, ...]
    ends_at: datetime
    revoked_at: datetime | None
    looks: int
    person_name: str
    agency_id: str
    reason: str
    sentence: str
    broken_at: datetime
    review_due_at: datetime
    letter_due_at: datetime
    letter: str | None
    verdict: str | None
    reviewed_by_name: str | None
    reviewed_at: datetime | None
    review_note: str | None


class ReviewWanted(BaseModel):
    """What the review of an emergency look found."""

    model_config = ConfigDict(extra="forbid")

    justified: bool
    note: Words


class LetterWanted(BaseModel):
    """The number of the official letter."""

    model_config = ConfigDict(extra="forbid")

    letter: Annotated[str, Field(min_length=1, max_length=100)]


@ROUTER.post("/requests", operation_id="requestVideo", status_code=201, responses=problems.documented(404))
async def request_video(
    hub: dependencies.HubHere, open_streams: streams.Here, viewer: callers.TheCaller, wanted: RequestWanted
) -> RequestView:
    """Ask for recorded video; the recordings are asked of the agents at once, so that they are not lost before the decision."""
    view, commands = await run_in_threadpool(_ask, hub, viewer, wanted)
    for agent_id, command in commands:
        open_streams.channels.send(agent_id, command)
    return view


@ROUTER.get("/requests", operation_id="listRequests")
def list_requests(hub: dependencies.HubHere, viewer: callers.TheCaller) -> list[RequestView]:
    """Return the requests that the caller may read, the newest first."""
    with hub.database.reading() as session:
        return [RequestView.model_validate(row) for row in video_requests.visible(session, viewer)]


@ROUTER.get("/requests/{request_id}", operation_id="getRequest", responses=problems.documented(404))
def get_request(
    hub: dependencies.HubHere, viewer: callers.TheCaller, request: Request, request_id: UUID
) -> RequestView:
    """Return one request and how far each of its recordings is."""
    progress = request.app.state.exporter.progress.get(request_id)
    with hub.database.reading() as session:
        row = video_requests.seen_by(session, viewer, request_id)
        found = video_requests.recordings_of(session, request_id)
        states = [
            RecordingState(
                recording_id=part.recording_id,
                camera_id=r.camera_id,
                state=r.state,
                reason=r.reason,
                held=part.held,
                picked=len((part.keep_clear or "").split(";")) if part.keep_clear else 0,
            )
            for part, r in found
        ]
        return RequestView.model_validate(row).model_copy(update={"recordings": states, "progress": progress})


@ROUTER.post("/requests/{request_id}/decide", operation_id="decideRequest", responses=problems.documented(404, 409))
def decide_request(
    hub: dependencies.HubHere, viewer: callers.TheViewer, request_id: UUID, decision: DecisionWanted
) -> RequestView:
    """Approve a request, which gives a grant, or refuse it; never one's own."""
    with hub.database.writing() as session:
        row = video_requests.decide(
            session, viewer, request_id, decision.approve, decision.why, hub.clock(), decision.mask_level
        )
        return RequestView.model_validate(row)


@ROUTER.post("/requests/{request_id}/withdraw", operation_id="withdrawRequest", responses=problems.documented(404, 409))
def withdraw_request(hub: dependencies.HubHere, viewer: callers.TheCaller, request_id: UUID) -> RequestView:
    """Take a request of one's own agency back."""
    with hub.database.writing() as session:
        return RequestView.model_validate(video_requests.withdraw(session, viewer, request_id, hub.clock()))


@ROUTER.post("/emergency-looks", operation_id="breakGlass", status_code=201, responses=problems.documented(404))
def break_the_glass(hub: dependencies.HubHere, viewer: callers.TheViewer, wanted: EmergencyWanted) -> GlassView:
    """Look in an emergency without approval: 20 minutes, near the place; the privacy officer is told at once and reviews it."""
    emergency = break_glass.Emergency(
        tuple(wanted.camera_ids), wanted.reason, wanted.sentence, wanted.latitude, wanted.longitude, wanted.incident_id
    )
    with hub.database.writing() as session:
        grant = break_glass.smash(session, viewer, emergency, hub.clock())
        return _glass(session, session.get_one(request_tables.BrokenGlass, grant.grant_id))


@ROUTER.get("/emergency-looks", operation_id="listEmergencyLooks")
def list_emergency_looks(hub: dependencies.HubHere, viewer: callers.TheViewer) -> list[GlassView]:
    """Return the emergency looks that the caller may read, those due for review first."""
    with hub.database.reading() as session:
        return [_glass(session, row) for row in break_glass.listed(session, viewer)]


@ROUTER.post(
    "/emergency-looks/{grant_id}/review", operation_id="reviewEmergencyLook", responses=problems.documented(404, 409)
)
def review_emergency_look(
    hub: dependencies.HubHere, viewer: callers.TheViewer, grant_id: UUID, wanted: ReviewWanted
) -> GlassView:
    """Keep what the review found; a rejected look ends at once and suspends its taker."""
    with hub.database.writing() as session:
        row = break_glass.review(session, viewer, grant_id, wanted.justified, wanted.note, hub.clock())
        return _glass(session, row)


@ROUTER.post(
    "/emergency-looks/{grant_id}/letter", operation_id="addEmergencyLetter", responses=problems.documented(404)
)
def add_letter(hub: dependencies.HubHere, viewer: callers.TheViewer, grant_id: UUID, wanted: LetterWanted) -> GlassView:
    """Keep the number of the official letter that follows."""
    with hub.database.writing() as session:
        return _glass(session, break_glass.add_letter(session, viewer, grant_id, wanted.letter, hub.clock()))


def _glass(session: Session, row: request_tables.BrokenGlass) -> GlassView:
    grant = grants.find(session, row.grant_id)
    kept = {name: getattr(row, name) for name in GlassView.model_fields if hasattr(row, name)}
    return GlassView(
        camera_ids=tuple(sorted(grant.camera_ids)), ends_at=grant.ends_at, revoked_at=grant.revoked_at,
        looks=break_glass.looks_by(session, grant), **kept,
    )  # fmt: skip


def _ask(
    hub: hubs.Hub, viewer: viewers.Viewer, wanted: RequestWanted
) -> tuple[RequestView, list[tuple[UUID, v1.RangeRequest]]]:
    kind: requests.Kind = wanted.kind or ("agency" if viewers.is_partner(viewer) else "internal")
    asked = video_requests.Wanted(
        kind=kind, camera_ids=tuple(wanted.camera_ids), span=(wanted.starts_at, wanted.ends_at), purpose=wanted.purpose,
        legal_basis=wanted.legal_basis, why=wanted.why, letter=wanted.letter, incident_id=wanted.incident_id,
        mask_level=wanted.mask_level, export_mode=wanted.export_mode, reference=wanted.reference,
    )  # fmt: skip
    with hub.database.writing() as session:
        row = video_requests.ask(session, viewer, asked, hub.clock())
        found = video_requests.recordings_of(session, row.request_id)
        return RequestView.model_validate(row), [(r.agent_id, recordings.command(r)) for _, r in found]
