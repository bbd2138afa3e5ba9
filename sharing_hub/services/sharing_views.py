"""What agencies read of the incidents that are shared with them, and what a shift hands over, as it stands in the API."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sharing_hub.domain import viewers
from sharing_hub.services import views
from sharing_hub.store import sharing_tables, tables


class SharedIncident(views.View):
    """An incident as an agency sees it, and on what terms."""

    incident: views.IncidentView
    share: views.ShareView


class NearCamera(views.View):
    """A camera near an incident that an agency opened.

    Attributes:
        sees: the place lies in the sector it looks into; False also where the sector is not known.
        granted: the agency may open it now; otherwise it asks (a video request).
    """

    camera_id: str
    name: str
    latitude: float
    longitude: float
    distance_m: float
    sees: bool
    granted: bool


class CaseView(SharedIncident):
    """An agency's own case: its incident, the cameras near it, and until when it may look."""

    cameras: Sequence[NearCamera]
    grant_id: UUID | None
    grant_ends_at: datetime | None


class BreakGlassView(views.View):
    """An emergency look that somebody must review."""

    grant_id: UUID
    agency_id: str
    person_name: str
    reason: str
    broken_at: datetime
    review_due_at: datetime


class LateView(views.View):
    """A message that an agency did not get yet: phone instead."""

    message_id: UUID
    incident_id: UUID
    agency_id: str
    state: str
    attempts: int
    made_at: datetime
    last_fault: str


class HandoverNote(views.View):
    """How things stood when a leader signed a shift off, and what the next one was to know."""

    at: datetime
    leader_name: str
    note: str
    counts: dict[str, int]


class HandoverView(views.View):
    """How things stand between two shifts."""

    at: datetime
    unfinished: Sequence[views.IncidentView]
    shelved: Sequence[views.IncidentView]
    break_glass: Sequence[BreakGlassView]
    cameras_down: Sequence[views.CameraView]
    undelivered: Sequence[LateView]
    last: HandoverNote | None


def shared_of(
    share: sharing_tables.IncidentShare, row: tables.Incident, camera: tables.Camera | None, viewer: viewers.Viewer
) -> SharedIncident:
    """Return an incident with the terms on which an agency knows of it; its place is where its opener said, else where its camera stands."""
    shown = views.incident_of(row, camera.name if camera else None, None, viewer)
    if shown.latitude is None and camera is not None:
        shown = shown.model_copy(update={"latitude": camera.latitude, "longitude": camera.longitude})
    return SharedIncident(incident=shown, share=views.ShareView.model_validate(share))
