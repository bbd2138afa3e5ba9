"""What the agencies' API answers, as values. Fields that a newer hub adds are ignored, so that an older client goes on."""

from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """What every answer has in common."""

    model_config = ConfigDict(extra="ignore", frozen=True)


T = TypeVar("T")


class Page(Answer, Generic[T]):
    """A page of a list; `next` is what asks for the one after it."""

    items: tuple[T, ...]
    next: str | None = None


class Incident(Answer):
    """An incident as an agency sees it."""

    incident_id: UUID
    kind: str
    severity: int
    state: str
    camera_id: str | None
    camera_name: str
    latitude: float | None
    longitude: float | None
    opened_at: datetime
    last_alarm_at: datetime
    alarm_count: int


class Share(Answer):
    """On what terms the agency knows of an incident."""

    agency_id: str
    how: str
    media: str
    purpose: str
    legal_basis: str
    case_number: str | None
    shared_at: datetime
    accepted_at: datetime | None
    arrived_at: datetime | None
    finished_at: datetime | None


class SharedIncident(Answer):
    """An incident and its terms."""

    incident: Incident
    share: Share


class Camera(Answer):
    """A camera near an agency's own case; `granted`: it may be opened now."""

    camera_id: str
    name: str
    latitude: float
    longitude: float
    distance_m: float
    sees: bool
    granted: bool


class Case(SharedIncident):
    """An agency's own case, with the cameras near it."""

    cameras: tuple[Camera, ...]
    grant_id: UUID | None
    grant_ends_at: datetime | None


class Grant(Answer):
    """What the agency may do, to which cameras, until when."""

    grant_id: UUID
    camera_ids: tuple[str, ...]
    actions: tuple[str, ...]
    purpose: str
    legal_basis: str
    incident_id: UUID | None
    request_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    mask_level: str
    export_mode: str


class Media(Answer):
    """A still, clip or range that the agency may look at now; its bytes are asked for one by one, each on record."""

    media_id: UUID
    camera_id: str
    incident_id: UUID | None
    form: str
    masking: str | None
    starts_at: datetime


class Message(Answer):
    """What the agency was told, in the order it was written; `event` is the CloudEvent."""

    position: int
    message_id: UUID
    incident_id: UUID
    occasion: str
    number: int
    made_at: datetime
    event: dict[str, Any]
