"""Export packages of approved requests: fetched by who may, on record before the first byte."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from sharing_hub import errors, exporter
from sharing_hub import hub as hubs
from sharing_hub.api import callers, dependencies, problems
from sharing_hub.domain import actions, ledger, viewers
from sharing_hub.media import plan
from sharing_hub.services import access, exports, video_requests
from sharing_hub.services import ledger as records

ROUTER = APIRouter(
    prefix="/v1/requests", tags=["requests for video"], responses=problems.documented(401, 403, 404, 409)
)


class Point(BaseModel):
    """Somebody, as picked on the picture: seconds from its begin, and where, 0 to 1."""

    model_config = ConfigDict(extra="forbid")

    time_s: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
    x: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    y: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Picks(BaseModel):
    """Who stays clear in a person's own copy."""

    model_config = ConfigDict(extra="forbid")

    points: Annotated[list[Point], Field(max_length=8)]


@ROUTER.get(
    "/{request_id}/recordings/{recording_id}/package",
    operation_id="getPackage",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
def get_package(
    hub: dependencies.HubHere, caller: callers.TheCaller, request: Request, request_id: UUID, recording_id: UUID
) -> Response:
    """Return the package of one recording: video, manifest, signatures, the ledger's proof and a verifier."""
    with hub.database.reading() as session:
        row = video_requests.seen_by(session, caller, request_id)
        state, level = row.state, row.mask_level if row.export_mode == "masked" else "none"
        cameras = {
            r.request_id: (r.camera_id, r.starts_at) for _, r in video_requests.recordings_of(session, request_id)
        }
    if state not in exports.PREPARED_STATES:
        raise errors.Conflict(f"the request is {state}; its packages are there when it is ready")
    path = exporter.package_of(exporter.folder_of(hub, request_id), recording_id)
    if recording_id not in cameras or not path.is_file():
        raise errors.NotFound(f"no package of recording {recording_id}")
    camera_id, starts_at = cameras[recording_id]
    masked = next(known for known in actions.MASK_LEVELS if known == level)
    asked = access.Asked(
        caller, "Export", camera_id, request_id=request_id, masked=masked, recorded_at=starts_at, download=True  # type: ignore[arg-type]
    )  # fmt: skip
    _require(hub, asked, dependencies.source_address(request))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = f"jikimi-{request_id.hex[:8]}-{camera_id}.zip"
    with hub.database.writing() as session:  # on record, durably, before the first byte
        exports.hand_over(session, request_id, recording_id, name, digest, _actor(caller), hub.clock())
    return FileResponse(
        path, media_type="application/zip", filename=name, headers={"Cache-Control": "private, no-store"}
    )


@ROUTER.put(
    "/{request_id}/recordings/{recording_id}/keep-clear",
    operation_id="pickWhoStaysClear",
    status_code=204,
    response_class=Response,
    responses=problems.documented(422),
)
def pick(
    hub: dependencies.HubHere, viewer: callers.TheViewer, request_id: UUID, recording_id: UUID, picks: Picks
) -> None:
    """Say who stays clear in a person's own copy, before it is prepared; everybody else is masked."""
    if not viewers.asks_for_video(viewer) or not viewers.is_of_district(viewer):
        raise errors.Refused(f"the role {viewer.role} does not prepare persons' own copies")
    chosen = tuple(plan.Pick(one.time_s, one.x, one.y) for one in picks.points)
    with hub.database.writing() as session:
        exports.pick(session, request_id, recording_id, chosen, _actor(viewer), hub.clock())


def _require(hub: hubs.Hub, asked: access.Asked, source_address: str) -> None:
    """Ask the policies; a denial is on record.

    Raises:
        Refused: they deny it.
    """
    with hub.database.writing() as session:
        decided = hub.access.decide(session, asked, hub.clock())
        about, decision = decided.question.circumstances, decided.decision
        entry = ledger.Entry(
            at=hub.clock(), action="export.decided", actor=_actor(asked.viewer), camera_id=asked.camera_id,
            subject=ledger.Subject("request", str(asked.request_id)), purpose=about.purpose, legal_basis=about.legal_basis,
            decision="permit" if decision.permitted else "deny", rule_ids=decision.rule_ids, source_address=source_address,
            details={"policy_version": decision.policy_version, "agency_id": asked.viewer.agency_id},
        )  # fmt: skip
        records.append(session, entry)
    if not decision.permitted:
        raise errors.LookDenied(decision.rule_ids, decision.reasons)


def _actor(viewer: viewers.Viewer) -> ledger.Actor:
    kind = "client" if viewer.system else "operator"
    return ledger.Actor(kind, viewer.name, str(viewer.operator_id), viewer.role)
