"""What operators get to read, as it stands in the API: rows of the store without what only the hub needs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from sharing_hub.domain import viewers
from sharing_hub.services import sessions
from sharing_hub.store import tables
from sharing_hub.wire import v1

T = TypeVar("T")


class View(BaseModel):
    """What every view has in common."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Page(BaseModel, Generic[T]):
    """Some rows, newest first, and the cursor of the next page where there is one."""

    items: Sequence[T]
    next: str | None = None


class OperatorView(View):
    """Who is logged in."""

    operator_id: UUID
    name: str
    role: str
    must_change_password: bool
    agency_id: str
    unit: str
    second_factor: bool
    trained: bool
    on_shift: bool


class SessionView(View):
    """A login, and the token that changes must carry. `second_factor`: a passkey was confirmed within it. `may`: what the role opens."""

    operator: OperatorView
    csrf: str
    may: tuple[str, ...]


class CameraView(View):
    """A camera as its agent told it last; never its address."""

    camera_id: str
    name: str
    site: str
    agent_id: UUID
    state: str
    detail: str
    decode_mode: str
    codec: str
    width_px: int
    height_px: int
    fps_in: float
    fps_analysed: float
    look_interval_s: float
    last_frame_age_s: float | None
    last_heartbeat_at: datetime | None
    recording: bool
    kinds: tuple[str, ...]
    zones: tuple[v1.Zone, ...]
    latitude: float | None
    longitude: float | None
    dropped: dict[str, int]
    clock_offset_s: float | None
    coverage: tuple[v1.Coverage, ...]


class CameraNear(View):
    """A camera around a place. `sees`: the place lies in the sector that the book says it looks into."""

    camera_id: str
    name: str
    distance_m: float
    sees: bool


class MediaView(View):
    """A media file of an event; its bytes are at /v1/media/{media_id}."""

    media_id: UUID
    form: str
    mime: str
    length_bytes: int
    starts_at: datetime
    ends_at: datetime
    cut: str | None
    masking: str | None
    gaps: tuple[v1.Gap, ...]
    deleted_at: datetime | None
    chain_state: str | None = None
    chain_detail: str | None = None


class EventView(View):
    """Something that happened at one camera, and why it was raised."""

    event_id: UUID
    camera_id: str
    kind: str
    started_at: datetime
    raised_at: datetime
    ended_at: datetime | None
    received_at: datetime
    score: float
    explanation: v1.Explanation
    camera_clock: v1.CameraClock | None
    look_interval_s: float | None
    software: str
    media: Sequence[MediaView]


class IncidentView(View):
    """Alarms and calls handled as one occurrence; one that an agency or a bell opened has a place instead of a camera. `None` for names that are the
    district's own matter."""

    incident_id: UUID
    kind: str
    severity: int
    state: str
    camera_id: str | None
    camera_name: str
    site: str
    latitude: float | None
    longitude: float | None
    opened_by_agency: str | None
    agency_class: str | None
    description: str | None
    opened_at: datetime
    last_alarm_at: datetime
    alarm_count: int
    digest: bool
    escalation_level: int
    shelved_until: datetime | None
    merged_into: UUID | None
    lease_holder: str | None
    lease_until: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    note: str | None
    disposition: str | None
    closed_at: datetime | None
    first_event_id: UUID | None
    latest_event_id: UUID | None
    version: int


OWN_MATTER = (
    "lease_holder",
    "lease_until",
    "acknowledged_by",
    "decided_by",
    "note",
    "escalation_level",
    "digest",
    "shelved_until",
)
"""What another agency does not read of an incident."""


class IncidentPage(Page[IncidentView]):
    """A page of incidents.

    Attributes:
        flood: so many alarms are new that severity 3 waits in the digest; nothing is left out of the list.
    """

    flood: bool


class ShareView(View):
    """Which agency knows of an incident, since when and on what terms, and what it said."""

    agency_id: str
    how: str
    media: str
    purpose: str
    legal_basis: str
    case_number: str | None
    shared_at: datetime
    withdrawn_at: datetime | None
    accepted_at: datetime | None
    arrived_at: datetime | None
    finished_at: datetime | None
    reported_wrong_at: datetime | None


class AlarmView(View):
    """An alarm of an incident, with its event."""

    alarm_id: UUID
    event: EventView


class HistoryView(View):
    """What somebody did to an incident."""

    at: datetime
    operator_name: str
    agency_id: str | None
    change: str
    from_state: str
    to_state: str
    reason: str | None
    note: str | None
    version: int


class IncidentDetail(IncidentView):
    """An incident with its newest alarms and its history."""

    alarms: Sequence[AlarmView]
    cameras: Sequence[str]
    history: Sequence[HistoryView]
    shares: Sequence[ShareView]


class RecordingView(View):
    """Recorded video that somebody asked for."""

    request_id: UUID
    camera_id: str
    starts_at: datetime
    ends_at: datetime
    why: str
    requested_by_name: str
    requested_at: datetime
    state: str
    reason: str
    media_id: UUID | None


class LookView(View):
    """A row of the record of looks; never a picture."""

    look_id: UUID
    at: datetime
    operator_id: UUID
    operator_name: str
    role: str
    action: str
    camera_id: str
    subject: str
    subject_id: str
    incident_id: UUID | None
    why: str
    source_address: str
    decision: str
    rule: str
    agency_id: str | None
    purpose: str | None
    legal_basis: str | None
    policy_version: str | None
    grant_id: UUID | None


class BookVersionView(View):
    """Who proposed and who decided a version of the district's book."""

    version: int
    state: str
    why: str
    proposed_by_name: str
    proposed_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None


class AgentView(View):
    """A site's agent, as it told of itself last."""

    agent_id: UUID
    site: str
    software: str
    enrolled_at: datetime
    started_at: datetime | None
    last_heartbeat_at: datetime | None
    silent_since: datetime | None
    revoked_at: datetime | None
    clock_ahead_s: float | None
    disk: v1.Disk | None
    backlog: v1.Backlog | None
    connected: bool
    cameras: int


def session_of(active: sessions.Active) -> SessionView:
    """Return a login as it is shown to its operator."""
    viewer: viewers.Viewer = active.viewer
    operator = OperatorView(
        operator_id=viewer.operator_id,
        name=viewer.name,
        role=viewer.role,
        must_change_password=active.must_change_password,
        agency_id=viewer.agency_id,
        unit=viewer.unit,
        second_factor=viewer.second_factor,
        trained=viewer.trained,
        on_shift=viewer.on_shift,
    )
    return SessionView(operator=operator, csrf=active.csrf, may=viewers.may(viewer))


def camera_of(row: tables.Camera, site: str) -> CameraView:
    """Return a camera with the name of its site."""
    return CameraView(site=site, **_columns(row, CameraView, leaving=("site",)))


def incident_of(
    row: tables.Incident, camera_name: str | None, site: str | None, viewer: viewers.Viewer
) -> IncidentView:
    """Return an incident with its camera's name and site where it has a camera; another agency does not read what is the district's own matter."""
    columns = _columns(row, IncidentView, leaving=("camera_name", "site"))
    if not viewers.is_of_district(viewer):
        columns |= dict.fromkeys(OWN_MATTER) | {"escalation_level": 0, "digest": False}
    return IncidentView.model_validate({**columns, "camera_name": camera_name or "", "site": site or ""})


def event_of(row: tables.Event, media: Sequence[tables.Media]) -> EventView:
    """Return an event with its media."""
    shown = [MediaView.model_validate(file) for file in media]
    return EventView(media=shown, **_columns(row, EventView, leaving=("media",)))


def look_of(row: tables.Look) -> LookView:
    """Return a look with its subject in words."""
    return LookView(subject=f"{row.action} {row.camera_id}", **_columns(row, LookView, leaving=("subject",)))


def agent_of(row: tables.Agent, connected: bool, cameras: int) -> AgentView:
    """Return an agent with how many cameras it has, and whether its channel is open."""
    columns = _columns(row, AgentView, leaving=("connected", "cameras"))
    return AgentView(connected=connected, cameras=cameras, **columns)


def _columns(row: tables.Table, view: type[View], leaving: tuple[str, ...]) -> dict[str, object]:
    return {name: getattr(row, name) for name in view.model_fields if name not in leaving}
